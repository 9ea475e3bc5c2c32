"""Generation requests: followed, started, run again; new drafts of a persona that exists."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

import streamlit as st

from services.access.needs import needs
from services.access.roles import Role
from services.cached.background import cancel_in_worker, get_runner, get_worker
from services.cached.reads import forget_persona, forgetting, unfinished_requests
from services.engines.generator import Estimate, Progress
from services.engines.offline.several_people import others_than, people_in
from services.engines.prices import Prices
from services.engines.usage import Usage
from services.errors import DashboardError
from services.evidence.redraft_choices import Decisions
from services.generation import trial
from services.generation.cancelling import cancel_request
from services.generation.equal_texts.earlier import EarlierDraft
from services.generation.parts import StoredPart, get_parts
from services.generation.regenerating import append_source, redraft, take_over_redraft
from services.generation.requests import (
    GenerationRequest,
    NewRequest,
    get_generation_requests,
)
from services.generation.trial import Trial
from services.personas import Persona
from services.personas.models import check_raw_text
from services.settings import get_settings

_AWAY_SECONDS = 15


def generation_request(request_id: str) -> GenerationRequest:
    """The request as it is now, with its text; never cached, because pages follow it."""
    return get_generation_requests().read(request_id)


def generation_progress(request_id: UUID) -> Progress | None:
    """How far a request of this process is; None if another process holds it, or none does."""
    if progress := get_runner().progress(request_id):
        return progress
    worker = get_worker()
    return worker.progress(request_id) if worker else None


def unsaved_because(request_id: UUID) -> DashboardError | None:
    """Why the finished draft of a request of this process is not saved yet, if something is."""
    return get_runner().unsaved_because(request_id)


def engine_names() -> tuple[str, ...]:
    """The engines to choose from, the default first."""
    return get_runner().engines


def uses_model_server() -> bool:
    """Whether the settings name a model server."""
    return get_settings().uses_model_server


@st.cache_data(ttl=_AWAY_SECONDS, show_spinner=False)
def model_away() -> str | None:
    """Why the configured model server does not answer; None if it does. Of some seconds ago."""
    fault = trial.away(get_settings()) if uses_model_server() else None
    return fault.problem if fault else None


@needs(Role.ANALYST)
def try_model() -> Trial:
    """Ask the configured model one small question, now. Raises no fault: it stands in the trial."""
    return trial.try_model(get_settings())


def cost(usage: Usage) -> float | None:
    """USD, None unless the settings name both prices."""
    return Prices.from_settings(get_settings()).cost(usage)


@st.cache_data(max_entries=50, show_spinner=False)
def generation_estimate(raw_text: str, engine: str) -> Estimate | None:
    """Tokens the text will take at this engine, None if it takes none. Raises TextTooLongError."""
    return get_runner().estimate(raw_text, engine)


@st.cache_data(ttl=10, max_entries=20, show_spinner=False)
def earlier_persona(raw_text: str, engine: str, about: str = "") -> EarlierDraft | None:
    """What the engine has made of an equal text before, if it has."""
    return get_runner().earlier(raw_text, engine, about)


@st.cache_data(max_entries=50, show_spinner=False)
def people_of_text(raw_text: str, name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The people a text speaks of, and those that are not `name`; both empty if it is about one."""
    people = people_in(raw_text)
    others = others_than(name, people)
    return (people, others) if others else ((), ())


@needs(Role.ANALYST)
def submit_generation(
    request_id: UUID,
    raw_text: str,
    engine: str,
    author: str | None = None,
    about: str = "",
    reuse: bool = True,
) -> GenerationRequest:
    """Store a request and start it in the background; the same id again is the same request.

    `about` says whom the persona is to be about, for a text that speaks of several; `reuse`: an
    earlier draft of an equal text is taken over.
    Raises InvalidTextError for a text that is blank, too long or cannot be stored.
    """
    new = NewRequest(
        id=request_id,
        raw_text=check_raw_text(raw_text),
        engine=engine,
        created_by=author,
        about=about,
        reuse=reuse,
    )
    request = get_runner().submit(new)
    unfinished_requests.clear()
    return request


@needs(Role.ANALYST)
def run_generation_again(request_id: UUID) -> None:
    """Start a request that ended without a persona once more."""
    get_runner().run_again(request_id)
    unfinished_requests.clear()


def generation_parts(request_id: UUID) -> list[StoredPart]:
    """The parts of a request's text as far as they are read; never cached, as the request."""
    return get_parts().of(request_id)


@needs(Role.ANALYST)
def finish_without_failed_parts(request_id: UUID) -> None:
    """Run a request again, leaving out the parts of its text that could not be read."""
    get_runner().finish_without_failed_parts(request_id)
    unfinished_requests.clear()


@needs(Role.ANALYST)
def cancel_generation(request_id: UUID) -> None:
    """Stop a request, whether this process works on it or nobody does; its text stays."""
    cancel_request(request_id, get_runner().cancel, cancel_in_worker)
    unfinished_requests.clear()


@needs(Role.ANALYST)
def forget_generation(request_id: UUID) -> None:
    """Delete a request and its text."""
    get_generation_requests().delete(request_id)
    unfinished_requests.clear()


def regeneration(persona_id: str) -> GenerationRequest | None:
    """The latest request to draft this persona anew; never cached, because pages follow it."""
    return get_generation_requests().regeneration(persona_id)


@needs(Role.ANALYST)
def regenerate_persona(
    persona_id: str, request_id: UUID, engine: str, author: str | None = None
) -> GenerationRequest:
    """Draft a persona anew in the background; it changes nothing until it is taken over.

    The same id again is the same request; if it ended without a draft, it is run again.
    """
    return redraft(get_runner(), persona_id, request_id, engine, author)


@needs(Role.ANALYST)
def take_over(
    persona_id: str,
    request: GenerationRequest,
    taken: Collection[str],
    author: str | None = None,
    decisions: Decisions = lambda review: review,
) -> Persona:
    """Store the differences whose keys are in `taken` as one new version; the request is done.

    `decisions` is what was decided about the claims that come of it.
    """
    with forgetting(forget_persona, persona_id):
        return take_over_redraft(persona_id, request, taken, author, decisions=decisions)


@needs(Role.ANALYST)
def dismiss_regeneration(request: GenerationRequest) -> None:
    """Forget a new draft of a persona; the persona stays as it is."""
    get_generation_requests().delete_regenerations(request)


@needs(Role.ANALYST)
def add_source(persona_id: str, text: str, label: str, on: date, author: str | None) -> Persona:
    """Append one more text about the person. Raises InvalidTextError, InvalidInputError."""
    longest = get_settings().generation_max_characters
    with forgetting(forget_persona, persona_id):
        return append_source(persona_id, text, label, on, author, longest)
