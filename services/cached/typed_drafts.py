"""What is typed and not saved."""

from __future__ import annotations

from datetime import datetime

from services.access.needs import needs
from services.access.roles import Role
from services.cached.reads import drafts, drafts_about, forget_draft, forgetting
from services.personas.typed_drafts import TypedDraft, get_drafts


@needs(Role.ANALYST)
def keep_draft(
    owner: str, kind: str, subject: str, body: str, base_version: int | None = None
) -> TypedDraft:
    """Keep what stands in a box. Raises InvalidTextError if it cannot be kept."""
    with forgetting(forget_draft, owner, kind, subject):
        return get_drafts().save(owner, kind, subject, body, base_version)


@needs(Role.ANALYST)
def dismiss_draft(owner: str, kind: str, subject: str, until: datetime) -> None:
    """Forget what was kept of a box until then; what another tab kept later stays."""
    get_drafts().dismiss(owner, kind, subject, until)
    forget_draft(owner, kind, subject)


@needs(Role.ANALYST)
def adopt_drafts(browser: str, member: str) -> None:
    """Give a member what was typed in their browser before they signed in."""
    if get_drafts().adopt(browser, member):
        drafts.clear()
        drafts_about.clear()
