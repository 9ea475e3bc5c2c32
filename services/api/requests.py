"""Generation requests as operations take and give them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from services.api.models.work import BatchTextIn, GenerationOut
from services.errors import FetchError, InvalidInputError
from services.generation.requests import GenerationRequest
from services.generation.runner import GenerationRunner
from services.personas.models import check_raw_text
from services.sources.fetch import FetchedPage, fetch_url

Fetch = Callable[[str], FetchedPage]
FETCH_SECONDS = 60.0  # for all pages of a batch: the API has few threads
_FETCHED_AT_ONCE = 4


def text_of(text: str | None, url: str | None, fetch: Fetch = fetch_url) -> str:
    """The text that was given, or that stands at the address.

    Raises InvalidInputError for neither or both, FetchError, InvalidTextError.
    """
    if (text is None) is (url is None):
        raise InvalidInputError("This needs a text or a web address.", "Give text, or url.")
    return check_raw_text(text if url is None else fetch(url).text)  # type: ignore[arg-type]


def texts_of(
    items: Sequence[BatchTextIn], fetch: Fetch = fetch_url, seconds: float = FETCH_SECONDS
) -> list[str]:
    """The texts of a batch; pages are fetched some at once, and begun within `seconds`.

    Raises what text_of does, with the place of the item.
    """
    until = time.monotonic() + seconds

    def fetched_in_time(url: str) -> FetchedPage:
        if time.monotonic() > until:
            raise FetchError(
                f"The pages of this batch did not arrive within {seconds:g} seconds.",
                "Give fewer addresses at once.",
            )
        return fetch(url)

    def text(place: int) -> str:
        try:
            return text_of(items[place].text, items[place].url, fetched_in_time)
        except InvalidInputError as error:
            raise type(error)(f"items[{place}]: {error.problem}", error.advice) from None

    pool = ThreadPoolExecutor(_FETCHED_AT_ONCE)
    try:
        asked = [pool.submit(text, place) for place in range(len(items))]
        return [one.result() for one in asked]
    finally:
        pool.shutdown(cancel_futures=True)  # one fault is enough


def chosen(engine: str | None, engines: tuple[str, ...]) -> str:
    """The engine that was asked for, the default if none was. Raises InvalidInputError."""
    if engine is None:
        return engines[0]
    if engine not in engines:
        raise InvalidInputError("There is no such engine.", f"There are: {', '.join(engines)}.")
    return engine


def generation_out(request: GenerationRequest, runner: GenerationRunner) -> GenerationOut:
    """The request without its text, and how far it is where this process works on it."""
    progress = runner.progress(request.id)
    return GenerationOut(
        id=request.id,
        kind=request.kind,
        status=request.status,
        interrupted=request.is_interrupted,
        engine=request.engine,
        persona_id=request.persona_id,
        error_kind=request.error_kind,
        error=request.error,
        progress=progress.chunks_done / max(1, progress.chunks) if progress else None,
        created_at=request.created_at,
        updated_at=request.updated_at,
    )
