"""Generation requests as operations take and give them."""

from __future__ import annotations

from services.api.models.work import GenerationOut
from services.errors import InvalidInputError
from services.generation.requests import GenerationRequest
from services.generation.runner import GenerationRunner
from services.personas.models import check_raw_text
from services.sources.fetch import fetch_url


def text_of(text: str | None, url: str | None) -> str:
    """The text that was given, or that stands at the address.

    Raises InvalidInputError for neither or both, FetchError, InvalidTextError.
    """
    if (text is None) is (url is None):
        raise InvalidInputError("This needs a text or a web address.", "Give text, or url.")
    return check_raw_text(text if url is None else fetch_url(url).text)  # type: ignore[arg-type]


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
