"""Reads that are cached for FRESH_SECONDS, and what forgets them when something is written.

A fault is never cached, because the repositories raise it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from uuid import UUID

import streamlit as st

from services.database import get_supabase_client
from services.errors import DashboardError
from services.exports.options import columns_of
from services.generation.batches import Batch, Failures, get_batches
from services.generation.batches.quality import Quality, quality_of
from services.generation.requests import GenerationRequest, get_generation_requests
from services.personas import Persona, get_persona_repository
from services.personas.finding.beginnings import read_beginnings
from services.personas.finding.finder import FoundPage, Total, get_persona_finder
from services.personas.finding.previews import PreviewedPersona, read_previews
from services.personas.finding.query import PersonaQuery, Position
from services.personas.history import PersonaVersion, VersionSummary, get_history
from services.personas.reviewing.comments import Comment, get_comments
from services.personas.reviewing.workflow import COUNTED, Place, QueueItem, Status, get_reviewing
from services.personas.trash import TrashedPersona, get_trash
from services.personas.typed_drafts import TypedDraft, box_subject, get_drafts

FRESH_SECONDS = 5
_SAMPLE = 200  # personas whose columns are offered for an export


def database_answers() -> bool:
    """Whether the personas can be read now. Never raises."""
    try:
        return get_supabase_client().is_connected()
    except DashboardError:  # the local Supabase does not start
        return False


@st.cache_data(ttl=FRESH_SECONDS, max_entries=200, show_spinner=False)
def found_page(query: PersonaQuery, position: Position, size: int) -> FoundPage:
    """One page of the personas that match. Raises SearchTimeoutError, DatabaseError."""
    return get_persona_finder().page(query, position, size)


@st.cache_data(ttl=FRESH_SECONDS, max_entries=200, show_spinner=False)
def found_total(query: PersonaQuery) -> Total:
    """How many personas match, perhaps estimated. Raises SearchTimeoutError, DatabaseError."""
    return get_persona_finder().count(query)


@st.cache_data(ttl=FRESH_SECONDS, max_entries=50, show_spinner=False)
def beginnings(ids: tuple[UUID, ...]) -> dict[UUID, str]:
    """What tells these personas apart, if they have no name. Raises DatabaseError."""
    return read_beginnings(ids)


@st.cache_data(ttl=FRESH_SECONDS, max_entries=50, show_spinner=False)
def previews(ids: tuple[UUID, ...]) -> list[PreviewedPersona]:
    """What these personas hold, without their texts. Raises DatabaseError."""
    return read_previews(ids)


def neighbour(query: PersonaQuery, persona_id: str, *, backwards: bool) -> str | None:
    """The persona before or after one in a list. Raises NotFoundError, SearchTimeoutError."""
    found = get_persona_finder().neighbour(query, persona_id, backwards=backwards)
    return str(found) if found else None


@st.cache_data(ttl=FRESH_SECONDS, max_entries=200, show_spinner=False)
def persona(persona_id: str) -> Persona:
    """A stored persona. Raises NotFoundError, InvalidIdError, DatabaseError."""
    return get_persona_repository().read(persona_id)


@st.cache_data(ttl=FRESH_SECONDS, max_entries=1000, show_spinner=False)
def newest_version(persona_id: str) -> int:
    """The number of the newest version. Raises NotFoundError."""
    return get_persona_repository().version(persona_id)


@st.cache_data(ttl=FRESH_SECONDS, max_entries=200, show_spinner=False)
def versions(persona_id: str, limit: int, before: int | None = None) -> list[VersionSummary]:
    """Up to `limit` versions, newest first, those before version `before`."""
    return get_history().versions(persona_id, limit, before)


@st.cache_data(ttl=FRESH_SECONDS, max_entries=100, show_spinner=False)
def version(persona_id: str, number: int) -> PersonaVersion:
    """A version, whole. Raises NotFoundError."""
    return get_history().version(persona_id, number)


@st.cache_data(ttl=FRESH_SECONDS, max_entries=50, show_spinner=False)
def trash_page(limit: int, name: str) -> list[TrashedPersona]:
    """Up to `limit` personas of the trash, last deleted first, those with such a name."""
    return get_trash().list(limit, name)


@st.cache_data(ttl=FRESH_SECONDS, max_entries=50, show_spinner=False)
def trash_count(name: str) -> int:
    """How many personas in the trash have such a name; "" for all."""
    return get_trash().count(name)


@st.cache_data(ttl=FRESH_SECONDS, show_spinner=False)
def unfinished_requests() -> list[GenerationRequest]:
    """Generation requests without a persona, newest first, without their texts."""
    return get_generation_requests().unfinished()


@st.cache_data(ttl=FRESH_SECONDS, show_spinner=False)
def recent_batches(most: int) -> list[Batch]:
    """The newest batches first."""
    return get_batches().recent(most)


@st.cache_data(ttl=FRESH_SECONDS, max_entries=50, show_spinner=False)
def batch_failures(batch_id: str, failed: int) -> list[Failures]:
    """Why texts of a batch failed, the most frequent reason first; `failed`: how many did."""
    del failed  # read anew when it is another number
    return get_batches().failures(batch_id)


@st.cache_data(ttl=FRESH_SECONDS, max_entries=50, show_spinner=False)
def batch_quality(batch_id: str, drafted: int) -> Quality:
    """How good the drafts of a batch are; `drafted`: how many there are, perhaps roughly."""
    del drafted  # read anew when it is another number
    return quality_of(batch_id)


@st.cache_data(ttl=FRESH_SECONDS, max_entries=200, show_spinner=False)
def drafts(owner: str, kind: str) -> list[TypedDraft]:
    """What this owner has typed and not saved, the latest first."""
    return get_drafts().read_all(owner, kind)


@st.cache_data(ttl=FRESH_SECONDS, max_entries=200, show_spinner=False)
def drafts_about(owner: str, subject: str) -> list[TypedDraft]:
    """What this owner has typed into boxes with this subject and not saved, the latest first."""
    return get_drafts().about(owner, subject)


def drafts_of(owner: str, kind: str, subject: str) -> list[TypedDraft]:
    """Those of one box. A page has several about one persona: they are read in one request."""
    return [draft for draft in drafts_about(owner, subject) if draft.kind == kind]


@st.cache_data(ttl=FRESH_SECONDS, max_entries=200, show_spinner=False)
def review_queue(
    statuses: tuple[Status, ...],
    size: int,
    after: str = "",
    *,
    backwards: bool = False,
    batch: str = "",
) -> list[QueueItem]:
    """Waiting personas (of a batch), the riskiest first; after a Place as text. Raises
    InvalidInputError."""
    place = Place.from_text(after) if after else None
    return get_reviewing().queue(statuses, size, place, backwards=backwards, batch=batch)


@st.cache_data(ttl=FRESH_SECONDS, show_spinner=False)
def review_queue_length(statuses: tuple[Status, ...], batch: str = "") -> int:
    """How many wait (of a batch), counted up to reviewing.COUNTED."""
    return get_reviewing().queue_length(statuses, COUNTED, batch)


@st.cache_data(ttl=FRESH_SECONDS, max_entries=200, show_spinner=False)
def comments(persona_id: str) -> list[Comment]:
    """The comments on a persona, what is open first."""
    return get_comments().of(persona_id)


@st.cache_data(ttl=FRESH_SECONDS, show_spinner=False)
def export_columns() -> list[str]:
    """The columns to choose from: those of the newest personas. Raises DatabaseError."""
    return columns_of(islice(get_persona_repository().iterate(_SAMPLE), _SAMPLE))


@contextmanager
def forgetting(forget: Callable[..., None], *key: str) -> Iterator[None]:
    """Around a write. It forgets also after a time-out, when nobody knows what was stored."""
    try:
        yield
    finally:
        forget(*key)


def forget_persona(persona_id: str) -> None:
    persona.clear(persona_id)  # only this one
    newest_version.clear(persona_id)
    versions.clear()
    trash_page.clear()
    trash_count.clear()
    forget_list()


def forget_all() -> None:
    persona.clear()
    newest_version.clear()
    versions.clear()
    trash_page.clear()
    trash_count.clear()
    forget_list()


def forget_list() -> None:
    found_page.clear()
    previews.clear()
    beginnings.clear()
    found_total.clear()
    review_queue.clear()
    review_queue_length.clear()


def forget_lists() -> None:
    forget_list()
    unfinished_requests.clear()


def forget_batches() -> None:
    recent_batches.clear()
    batch_failures.clear()
    batch_quality.clear()


def forget_comments(persona_id: str) -> None:
    comments.clear(persona_id)
    review_queue.clear()


def forget_draft(owner: str, kind: str, subject: str) -> None:
    drafts.clear(owner, kind)
    drafts_about.clear(owner, box_subject(subject))
