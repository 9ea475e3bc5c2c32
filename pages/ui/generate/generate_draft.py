"""The draft of the Generate page: the text in the box, as long as no request holds it.

Every text that is begun in a session has a draft of its own, so that two tabs, or a text that took
another one's place in the box, never overwrite each other.
"""

from __future__ import annotations

from pages.ui.generate.source_text import BOX, LABEL, replace_text, source_text
from pages.ui.generate.state import GenerateState
from pages.ui.typed_drafts import MOST_SHOWN, forget, keep, kept_drafts, show_draft, watch_typing
from services.generation.requests import GenerationRequest
from services.personas.typed_drafts import TypedDraft, box_subject

KIND = "source_text"


def offer_drafts(state: GenerateState) -> None:
    """Above the box: what was typed before and is not in it. Draw it before the box."""
    now = source_text()
    others = [draft for draft in kept_drafts(KIND) if _is_elsewhere(draft, state, now)]
    for draft in others[:MOST_SHOWN]:
        show_draft(draft, lambda draft=draft: _continue(state, draft))  # type: ignore[misc]


def keep_text(state: GenerateState, request: GenerationRequest | None) -> None:
    """Below the box: keep what stands in it, unless the request in the address holds it."""
    text = source_text()
    if text != state.seen:
        state.seen = text
        # After a restart of the server the box still holds the text of a draft: the same draft.
        same = next((draft for draft in kept_drafts(KIND) if draft.body == text), None)
        if same:
            state.draft = box_subject(same.subject)
        if not (request and text == request.raw_text):
            keep(KIND, state.draft, text, resumed=same is not None)
    watch_typing(LABEL, KIND, state.draft, BOX)


def forget_text(state: GenerateState) -> None:
    """The text is stored with a request. Only in a callback."""
    forget(KIND, state.draft)
    state.new_draft()


def _is_elsewhere(draft: TypedDraft, state: GenerateState, now: str) -> bool:
    if draft.body == now:
        return False
    return box_subject(draft.subject) != state.draft or now == state.seen


def _continue(state: GenerateState, draft: TypedDraft) -> None:
    replace_text(state, draft.body)
    state.draft, state.seen = box_subject(draft.subject), draft.body
