"""Moves in review, and comments."""

from __future__ import annotations

from services.cached.reads import forget_comments, forget_persona
from services.personas.comments import Comment, get_comments
from services.personas.reviewing import Move, Status, get_reviewing


def set_status(
    persona_id: str, new: Status, expected_version: int, author: str, note: str = ""
) -> Move:
    """Move a persona in review. Raises RefusedMoveError, ConflictError, NotFoundError."""
    try:
        return get_reviewing().set_status(persona_id, new, expected_version, author, note)
    finally:
        forget_persona(persona_id)


def add_comment(persona_id: str, text: str, author: str, path: str = "") -> Comment:
    """Comment on a field, or on the whole persona. Raises InvalidInputError, NotFoundError."""
    try:
        return get_comments().add(persona_id, text, author, path)
    finally:
        forget_comments(persona_id)


def resolve_comment(comment: Comment, author: str) -> None:
    """Mark a comment as dealt with. Raises NotFoundError."""
    try:
        get_comments().resolve(comment.id, author)
    finally:
        forget_comments(str(comment.persona_id))


def reopen_comment(comment: Comment) -> None:
    """Take that mark away again. Raises NotFoundError."""
    try:
        get_comments().reopen(comment.id)
    finally:
        forget_comments(str(comment.persona_id))


def delete_comment(comment: Comment, author: str) -> None:
    """Delete a comment of this author. Raises NotFoundError."""
    try:
        get_comments().delete(comment.id, author)
    finally:
        forget_comments(str(comment.persona_id))
