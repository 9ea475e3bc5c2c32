"""Moves in review, and comments."""

from __future__ import annotations

from services.access.needs import needs, require
from services.access.roles import Role
from services.cached.reads import forget_comments, forget_persona, forgetting
from services.personas.reviewing.comments import Comment, get_comments
from services.personas.reviewing.workflow import Move, Status, get_reviewing

VERDICTS = (Status.APPROVED, Status.REJECTED)


def require_verdict(new: Status) -> None:
    """Raises RoleError if this status takes a reviewer, and who acts is none."""
    if new in VERDICTS:
        require(Role.REVIEWER)


@needs(Role.ANALYST)
def set_status(
    persona_id: str, new: Status, expected_version: int, author: str, note: str = ""
) -> Move:
    """Move a persona in review. Raises RefusedMoveError, ConflictError, NotFoundError."""
    require_verdict(new)
    with forgetting(forget_persona, persona_id):
        return get_reviewing().set_status(persona_id, new, expected_version, author, note)


@needs(Role.ANALYST)
def add_comment(persona_id: str, text: str, author: str, path: str = "") -> Comment:
    """Comment on a field, or on the whole persona. Raises InvalidInputError, NotFoundError."""
    with forgetting(forget_comments, persona_id):
        return get_comments().add(persona_id, text, author, path)


@needs(Role.ANALYST)
def resolve_comment(comment: Comment, author: str) -> None:
    """Mark a comment as dealt with. Raises NotFoundError."""
    with forgetting(forget_comments, str(comment.persona_id)):
        get_comments().resolve(comment.id, author)


@needs(Role.ANALYST)
def reopen_comment(comment: Comment) -> None:
    """Take that mark away again. Raises NotFoundError."""
    with forgetting(forget_comments, str(comment.persona_id)):
        get_comments().reopen(comment.id)


@needs(Role.ANALYST)
def delete_comment(comment: Comment, author: str) -> None:
    """Delete a comment of this author. Raises NotFoundError."""
    with forgetting(forget_comments, str(comment.persona_id)):
        get_comments().delete(comment.id, author)
