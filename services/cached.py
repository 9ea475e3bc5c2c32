"""What the pages call: reads that are cached for a moment, writes that clear what they change.

The only file in services/ that knows streamlit. A write by any session of this process clears
the entry, so every session sees it at its next run; a write by another process shows after
FRESH_SECONDS. A fault is never cached, because the repository raises it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

import streamlit as st

from services.exports.export import Progress as ExportProgress
from services.exports.links import export_id, make_link
from services.exports.options import ExportOptions, columns_of
from services.exports.routes import exports
from services.generation.claims import Rejected
from services.generation.engines import build_generators
from services.generation.generator import Estimate, Progress, Usage
from services.generation.prices import Prices
from services.generation.review import Review
from services.generation.runner import GenerationRunner
from services.personas import Persona, PersonaCreate, PersonaUpdate, get_persona_repository
from services.personas.bulk import OnProgress, Outcome, Selection, move_all, trash_all
from services.personas.comments import Comment, get_comments
from services.personas.drafts import Draft, get_drafts
from services.personas.finding import FoundPage, Total, get_persona_finder
from services.personas.generation_requests import (
    GenerationRequest,
    NewRequest,
    get_generation_requests,
)
from services.personas.history import PersonaVersion, VersionSummary, get_history
from services.personas.importing.checking import Problem
from services.personas.importing.jobs import ImportJob, get_import_jobs
from services.personas.importing.mapping import Mapping
from services.personas.importing.reading import Table
from services.personas.importing.runner import ImportRunner
from services.personas.models import check_raw_text
from services.personas.query import PersonaQuery, Position
from services.personas.regenerating import (
    columns_taken,
    columns_with_source,
    draft_of,
    request_for,
)
from services.personas.reviewing import COUNTED, Move, Place, QueueItem, Status, get_reviewing
from services.personas.trash import TrashedPersona, get_trash
from services.settings import get_settings
from services.sources.plain_text import check_length

FRESH_SECONDS = 5
_SAMPLE = 200  # personas whose columns are offered for an export

ReviewChange = Callable[[Review], Review]
ProposalChange = Callable[[Review, Rejected], Review]

_lock = threading.Lock()
_runner: GenerationRunner | None = None
_imports: ImportRunner | None = None


# ---------------------------------------------------------------- reads


@st.cache_data(ttl=FRESH_SECONDS, max_entries=200, show_spinner=False)
def found_page(query: PersonaQuery, position: Position, size: int) -> FoundPage:
    """One page of the personas that match. Raises SearchTimeoutError, DatabaseError."""
    return get_persona_finder().page(query, position, size)


@st.cache_data(ttl=FRESH_SECONDS, max_entries=200, show_spinner=False)
def found_total(query: PersonaQuery) -> Total:
    """How many personas match, perhaps estimated. Raises SearchTimeoutError, DatabaseError."""
    return get_persona_finder().count(query)


@st.cache_data(ttl=FRESH_SECONDS, max_entries=200, show_spinner=False)
def persona(persona_id: str) -> Persona:
    """A stored persona. Raises NotFoundError, InvalidIdError, DatabaseError."""
    return get_persona_repository().read(persona_id)


@st.cache_data(ttl=FRESH_SECONDS, show_spinner=False)
def unfinished_requests() -> list[GenerationRequest]:
    """Generation requests without a persona, newest first, without their texts."""
    return get_generation_requests().unfinished()


@st.cache_data(ttl=FRESH_SECONDS, show_spinner=False)
def export_columns() -> list[str]:
    """The columns to choose from: those of the newest personas. Raises DatabaseError."""
    personas, _ = get_persona_repository().read_all(_SAMPLE)
    return columns_of(personas)


def export_link(options: ExportOptions, browser: str | None) -> str:
    """A token for an address that gives the file, for minutes and for this browser."""
    return make_link(options, browser)


def export_progress(token: str) -> ExportProgress:
    """How far the export of this token is."""
    return exports.progress(export_id(token))


def generation_request(request_id: str) -> GenerationRequest:
    """The request as it is now, with its text; never cached, because pages follow it."""
    return get_generation_requests().read(request_id)


def generation_progress(request_id: UUID) -> Progress | None:
    """How far a request of this process is; None if another process holds it, or none does."""
    return get_runner().progress(request_id)


def engine_names() -> tuple[str, ...]:
    """The engines to choose from, the default first."""
    return get_runner().engines


def cost(usage: Usage) -> float | None:
    """USD, None unless the settings name both prices."""
    return Prices.from_settings(get_settings()).cost(usage)


@st.cache_data(max_entries=50, show_spinner=False)
def generation_estimate(raw_text: str, engine: str) -> Estimate | None:
    """Tokens the text will take at this engine, None if it takes none. Raises TextTooLongError."""
    return get_runner().estimate(raw_text, engine)


# ---------------------------------------------------------------- writes


def create_persona(new: PersonaCreate) -> Persona:
    """Store a persona."""
    created = get_persona_repository().create(new)
    _forget_list()
    return created


def update_persona(persona_id: str, change: PersonaUpdate, author: str | None = None) -> Persona:
    """Change a persona."""
    try:
        return get_persona_repository().update(persona_id, change, author)
    finally:  # after a time-out nobody knows whether it was stored
        _forget(persona_id)


def review_persona(persona_id: str, change: ReviewChange, author: str | None = None) -> Persona:
    """Store what a reviewer did to a claim. Raises InvalidInputError if the claim is gone."""

    def columns(stored: Persona) -> dict[str, Any]:
        review = Review.of(stored.raw_text, stored.persona, stored.evidence, stored.generation)
        return change(review).columns()

    try:
        return get_persona_repository().revise(persona_id, columns, author)
    finally:
        _forget(persona_id)


def delete_persona(
    persona_id: str, expected_version: int | None = None, author: str | None = None
) -> None:
    """Move a persona to the trash. Raises ConflictError if `expected_version` is not the newest."""
    try:
        get_persona_repository().delete(persona_id, expected_version, author)
    finally:
        _forget(persona_id)


def submit_generation(
    request_id: UUID, raw_text: str, engine: str, author: str | None = None
) -> GenerationRequest:
    """Store a request and start it in the background; the same id again is the same request.

    Raises InvalidTextError for a text that is blank, too long or cannot be stored.
    """
    check_raw_text(raw_text)
    check_length(raw_text, get_settings().generation_max_characters)
    new = NewRequest(
        id=request_id, raw_text=check_raw_text(raw_text), engine=engine, created_by=author
    )
    request = get_runner().submit(new)
    unfinished_requests.clear()
    return request


def run_generation_again(request_id: UUID) -> None:
    """Start a request that ended without a persona once more."""
    get_runner().run_again(request_id)
    unfinished_requests.clear()


def cancel_generation(request_id: UUID) -> None:
    """Stop a running request; its text stays."""
    get_runner().cancel(request_id)
    unfinished_requests.clear()


def forget_generation(request_id: UUID) -> None:
    """Delete a request and its text."""
    get_generation_requests().delete(request_id)
    unfinished_requests.clear()


# ---------------------------------------------------------------- drafts


@st.cache_data(ttl=FRESH_SECONDS, max_entries=200, show_spinner=False)
def drafts(owner: str, kind: str) -> list[Draft]:
    """What this owner has typed and not saved, the latest first."""
    return get_drafts().read_all(owner, kind)


@st.cache_data(ttl=FRESH_SECONDS, max_entries=200, show_spinner=False)
def draft(owner: str, kind: str, subject: str) -> Draft | None:
    """What this owner has typed into one box and not saved."""
    return get_drafts().read(owner, kind, subject)


def keep_draft(
    owner: str, kind: str, subject: str, body: str, base_version: int | None = None
) -> Draft:
    """Keep what stands in a box. Raises InvalidTextError if it cannot be kept."""
    try:
        return get_drafts().save(owner, kind, subject, body, base_version)
    finally:
        _forget_draft(owner, kind, subject)


def dismiss_draft(owner: str, kind: str, subject: str) -> None:
    """Forget what was kept of a box."""
    get_drafts().dismiss(owner, kind, subject)
    _forget_draft(owner, kind, subject)


# ---------------------------------------------------------------- drafting anew, more texts


def regeneration(persona_id: str) -> GenerationRequest | None:
    """The latest request to draft this persona anew; never cached, because pages follow it."""
    return get_generation_requests().regeneration(persona_id)


def regenerate_persona(
    persona_id: str, request_id: UUID, engine: str, author: str | None = None
) -> GenerationRequest:
    """Draft a persona anew in the background; it changes nothing until it is taken over.

    The same id again is the same request; if it ended without a draft, it is run again.
    """
    stored = get_persona_repository().read(persona_id)
    request = get_runner().submit(request_for(stored, request_id, engine, author))
    if request.status in ("failed", "cancelled") or request.is_interrupted:
        get_runner().run_again(request.id)
    return request


def take_over(
    persona_id: str, request: GenerationRequest, taken: Collection[str], author: str | None = None
) -> Persona:
    """Store the differences whose keys are in `taken` as one new version; the request is done."""
    proposed = draft_of(request)

    def columns(stored: Persona) -> dict[str, Any]:
        return columns_taken(stored, proposed, taken)

    try:
        written = get_persona_repository().revise(persona_id, columns, author)
    finally:
        _forget(persona_id)
    get_generation_requests().delete_regenerations(request)
    return written


def dismiss_regeneration(request: GenerationRequest) -> None:
    """Forget a new draft of a persona; the persona stays as it is."""
    get_generation_requests().delete_regenerations(request)


def add_source(persona_id: str, text: str, label: str, on: date, author: str | None) -> Persona:
    """Append one more text about the person. Raises InvalidTextError, InvalidInputError."""

    def columns(stored: Persona) -> dict[str, Any]:
        added = columns_with_source(stored, text, label, on)
        check_length(added["raw_text"], get_settings().generation_max_characters)
        return added

    try:
        return get_persona_repository().revise(persona_id, columns, author)
    finally:
        _forget(persona_id)


# ---------------------------------------------------------------- versions and the trash


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


def save_persona(
    persona_id: str,
    change: PersonaUpdate,
    expected_version: int,
    author: str | None,
    origin: dict[str, Any] | None = None,
) -> Persona:
    """Change the version that was opened. Raises ConflictError if somebody was faster."""
    repository = get_persona_repository()
    try:
        return repository.save(persona_id, change, expected_version, author, origin)
    finally:
        _forget(persona_id)


def restore_version(persona_id: str, number: int, author: str) -> Persona:
    """Make a version the newest again."""
    try:
        return get_history().restore(persona_id, number, author)
    finally:
        _forget(persona_id)


def restore_field(persona_id: str, number: int, path: str, author: str) -> Persona:
    """Give one field the value it had in a version."""
    try:
        return get_history().restore_field(persona_id, number, path, author)
    finally:
        _forget(persona_id)


@st.cache_data(ttl=FRESH_SECONDS, max_entries=50, show_spinner=False)
def trash_page(limit: int, before: datetime | None = None) -> list[TrashedPersona]:
    """Up to `limit` personas of the trash, last deleted first, those before `before`."""
    return get_trash().list(limit, before)


def restore_from_trash(persona_id: str, author: str) -> Persona:
    """Take a persona out of the trash."""
    try:
        return get_trash().restore(persona_id, author)
    finally:
        _forget(persona_id)


def purge_persona(persona_id: str, author: str) -> None:
    """Erase a persona with everything that was kept of it."""
    try:
        get_trash().purge(persona_id, author)
    finally:
        _forget(persona_id)
        version.clear()
        unfinished_requests.clear()


# ---------------------------------------------------------------- many at once


def trash_many(selection: Selection, author: str, on_progress: OnProgress) -> Outcome:
    """Move some, or all that match a query, to the trash."""
    try:
        return trash_all(selection, author, on_progress)
    finally:
        _forget_all()


def move_many(
    selection: Selection, status: Status, author: str, on_progress: OnProgress
) -> Outcome:
    """Move some, or all that match a query, to a status."""
    try:
        return move_all(selection, status, author, on_progress)
    finally:
        _forget_all()


# ---------------------------------------------------------------- review


@st.cache_data(ttl=FRESH_SECONDS, max_entries=200, show_spinner=False)
def review_queue(
    statuses: tuple[Status, ...], size: int, after: str = "", *, backwards: bool = False
) -> list[QueueItem]:
    """Waiting personas, the riskiest first; after a Place as text. Raises InvalidInputError."""
    place = Place.from_text(after) if after else None
    return get_reviewing().queue(statuses, size, place, backwards=backwards)


@st.cache_data(ttl=FRESH_SECONDS, show_spinner=False)
def review_queue_length(statuses: tuple[Status, ...]) -> int:
    """How many wait, counted up to reviewing.COUNTED."""
    return get_reviewing().queue_length(statuses, COUNTED)


def set_status(
    persona_id: str, new: Status, expected_version: int, author: str, note: str = ""
) -> Move:
    """Move a persona in review. Raises RefusedMoveError, ConflictError, NotFoundError."""
    try:
        return get_reviewing().set_status(persona_id, new, expected_version, author, note)
    finally:
        _forget(persona_id)


@st.cache_data(ttl=FRESH_SECONDS, max_entries=200, show_spinner=False)
def comments(persona_id: str) -> list[Comment]:
    """The comments on a persona, what is open first."""
    return get_comments().of(persona_id)


def add_comment(persona_id: str, text: str, author: str, path: str = "") -> Comment:
    """Comment on a field, or on the whole persona. Raises InvalidInputError, NotFoundError."""
    try:
        return get_comments().add(persona_id, text, author, path)
    finally:
        _forget_comments(persona_id)


def resolve_comment(comment: Comment, author: str) -> None:
    """Mark a comment as dealt with. Raises NotFoundError."""
    try:
        get_comments().resolve(comment.id, author)
    finally:
        _forget_comments(str(comment.persona_id))


def reopen_comment(comment: Comment) -> None:
    """Take that mark away again. Raises NotFoundError."""
    try:
        get_comments().reopen(comment.id)
    finally:
        _forget_comments(str(comment.persona_id))


def delete_comment(comment: Comment, author: str) -> None:
    """Delete a comment of this author. Raises NotFoundError."""
    try:
        get_comments().delete(comment.id, author)
    finally:
        _forget_comments(str(comment.persona_id))


# ---------------------------------------------------------------- files given for import


def take_import(job_id: UUID, name: str, content: bytes | memoryview) -> Table:
    """Keep a file for this import and open it. Raises ImportFileError."""
    return get_imports().take(job_id, name, content)


def check_import(job_id: UUID, mapping: Mapping, author: str) -> ImportJob:
    """Look at every row in the background. Raises InvalidInputError, DatabaseError."""
    return get_imports().check(job_id, mapping, author)


def save_import(job_id: UUID) -> None:
    """Store the good rows in the background. Raises InvalidInputError if the file is gone."""
    get_imports().save(job_id)


def cancel_import(job_id: UUID) -> None:
    """Stop after the batch in hand."""
    get_imports().cancel(job_id)


def holds_import(job_id: UUID) -> bool:
    """Whether this process still has the file."""
    return get_imports().holds(job_id)


def import_job(job_id: str) -> ImportJob:
    """How far the import is now; never cached, because pages follow it. Raises NotFoundError."""
    return get_import_jobs().read(job_id)


def recent_imports() -> list[ImportJob]:
    """The newest imports first."""
    return get_import_jobs().recent()


def import_problems(job_id: UUID) -> Iterator[Problem]:
    """Every problem of the file's rows, in their order."""
    return get_import_jobs().problems(job_id)


# ---------------------------------------------------------------- background work


def get_runner() -> GenerationRunner:
    """The runner of this process, made at first use."""
    global _runner
    with _lock:
        if _runner is None:
            settings = get_settings()
            _runner = GenerationRunner(
                get_generation_requests(),
                build_generators(settings),
                settings.generation_workers,
                settings.generation_max_characters,
                on_finished=_forget_lists,
            )
        return _runner


def get_imports() -> ImportRunner:
    """The imports of this process, made at first use."""
    global _imports
    with _lock:
        if _imports is None:
            _imports = ImportRunner(get_import_jobs(), on_saved=_forget_all)
        return _imports


def stop_runner() -> None:
    """Stop what runs in the background, if anything does."""
    global _runner, _imports
    with _lock:
        if _imports is not None:
            _imports.stop()
        _imports = None
        if _runner is not None:
            _runner.stop()
        _runner = None


def _forget_draft(owner: str, kind: str, subject: str) -> None:
    drafts.clear(owner, kind)
    draft.clear(owner, kind, subject)


def _forget(persona_id: str) -> None:
    persona.clear(persona_id)  # only this one
    newest_version.clear(persona_id)
    versions.clear()
    trash_page.clear()
    _forget_list()


def _forget_all() -> None:
    persona.clear()
    newest_version.clear()
    versions.clear()
    trash_page.clear()
    _forget_list()


def _forget_comments(persona_id: str) -> None:
    comments.clear(persona_id)
    review_queue.clear()


def _forget_list() -> None:
    found_page.clear()
    found_total.clear()
    review_queue.clear()
    review_queue_length.clear()


def _forget_lists() -> None:
    _forget_list()
    unfinished_requests.clear()
