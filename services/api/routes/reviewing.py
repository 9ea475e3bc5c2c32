"""Where a persona stands in review, what waits for it, and comments."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from services.access.roles import Role
from services.api.answers import etag
from services.api.given import ONCE, Asking, Author, Expected, PersonaId, require_role
from services.api.handling.operation import Operation, needs, reads
from services.api.models.claims import CommentIn, CommentOut
from services.api.models.personas import MoveOut, QueueOut, QueuePage, StatusIn
from services.personas import get_persona_repository
from services.personas.reviewing.comments import get_comments
from services.personas.reviewing.workflow import WAITING, Place, Status, get_reviewing

router = APIRouter(route_class=Operation, tags=["Review and comments"])
CommentId = Annotated[UUID, Path(description="The id of a comment")]
_DECIDES = (Status.APPROVED, Status.REJECTED)


@router.put(
    "/personas/{persona_id}/status",
    summary="Move a persona in review",
    **needs(Role.ANALYST, 404, 409, 412, 413, 428),
)
def set_status(
    persona_id: PersonaId,
    wanted: StatusIn,
    expected: Expected,
    caller: Asking,
    author: Author,
    response: Response,
) -> MoveOut:
    """To approve or reject needs the role reviewer. 409 says which moves there are."""
    if wanted.status in _DECIDES:
        require_role(caller, Role.REVIEWER)
    move = get_reviewing().set_status(persona_id, wanted.status, expected, author, wanted.note)
    version = move.version or get_persona_repository().version(persona_id)
    response.headers["ETag"] = etag(version)
    return MoveOut(id=move.id, status=move.status or wanted.status, version=version)


@router.get("/review-queue", summary="What waits for review", **reads(Role.VIEWER))
def review_queue(
    after: Annotated[str, Query(max_length=100, description="`next` of another page")] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 25,
) -> QueuePage:
    """Drafts and personas in review, the riskiest first; a long wait counts too."""
    place = Place.from_text(after) if after else None
    found = get_reviewing().queue(WAITING, limit + 1, place)
    items = found[:limit]
    more = len(found) > limit
    return QueuePage(
        items=[QueueOut.model_validate(one) for one in items],
        next=items[-1].place.to_text() if more else None,
    )


@router.get("/personas/{persona_id}/comments", summary="List comments", **reads(Role.VIEWER, 404))
def list_comments(persona_id: PersonaId) -> list[CommentOut]:
    """Up to 200: what is open first, then the latest first."""
    get_persona_repository().version(persona_id)
    return [CommentOut.model_validate(one) for one in get_comments().of(persona_id)]


@router.post(
    "/personas/{persona_id}/comments",
    summary="Write a comment",
    status_code=201,
    dependencies=[ONCE],
    **needs(Role.ANALYST, 404, 409, 413),
)
def add_comment(persona_id: PersonaId, comment: CommentIn, author: Author) -> CommentOut:
    """On the persona as a whole, or on one field of it."""
    added = get_comments().add(persona_id, comment.text, author, comment.path)
    return CommentOut.model_validate(added)


@router.post(
    "/comments/{comment_id}/resolve",
    summary="Resolve a comment",
    dependencies=[ONCE],
    **needs(Role.ANALYST, 404, 409, 413, repeatable=True),
)
def resolve_comment(comment_id: CommentId, author: Author) -> CommentOut:
    """Mark it as dealt with."""
    return CommentOut.model_validate(get_comments().resolve(comment_id, author))


@router.post(
    "/comments/{comment_id}/reopen",
    summary="Open a comment again",
    dependencies=[ONCE],
    **needs(Role.ANALYST, 404, 409, 413, repeatable=True),
)
def reopen_comment(comment_id: CommentId) -> CommentOut:
    """Take that mark away again."""
    return CommentOut.model_validate(get_comments().reopen(comment_id))


@router.delete(
    "/comments/{comment_id}",
    summary="Delete a comment",
    status_code=204,
    **needs(Role.ANALYST, 404),
)
def delete_comment(comment_id: CommentId, author: Author, caller: Asking) -> None:
    """Only one that was written with this key."""
    # A key of the same name may have ended before this one was made; two do not live at once.
    get_comments().delete(comment_id, author, caller.key.created_at if caller.key else None)
