"""One small question to the configured model, to show what its server can do and what is wrong."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from services.engines.model.answer import answer_schema
from services.engines.model.chat import ChatModel
from services.engines.model.dialect import PROCESS_MEMORY, STRONGEST, Dialect, DialectMemory
from services.engines.model.faults.translation import translated_faults
from services.engines.model.prompts import build_prompt
from services.engines.model.server import ModelServer
from services.engines.stopping import NEVER
from services.engines.usage import Usage
from services.errors import (
    GenerationError,
    ModelNotFoundError,
    ModelTimeoutError,
    ModelUnreachableError,
    NoClaimsError,
)
from services.evidence.schema import claims_of
from services.settings import Settings

TEXT = (
    "Ines Calloway is head of logistics at Brambleford Dairy in Ludlow. She writes SQL when the "
    "reports run late, and on Sundays she repairs old barometers."
)
_CONTEXT_KEYS = (
    *("loaded_context_length", "max_model_len", "context_length", "context_window"),
    *("max_context_length", "max_input_tokens", "n_ctx", "n_ctx_train"),
)
_NAME = re.compile(r"[\w./:@+-]{1,80}")
_NAMES_SHOWN = 8
_LIST_SECONDS = 5.0


@dataclass(frozen=True)
class Trial:
    """What came of it: a fault, or what the server takes and how fast it is."""

    model: str
    seconds: float
    fault: GenerationError | None = None
    dialect: Dialect = STRONGEST
    first_seconds: float = 0.0
    usage: Usage | None = None
    context: int | None = None
    """Tokens, None if the server does not tell."""
    claims: int = 0
    other_models: tuple[str, ...] = ()
    """Names the server lists, where it does not know ours."""


def try_model(settings: Settings) -> Trial:
    """Ask the configured model about a fictional person. Never raises a GenerationError.

    What was learned of the server before is not used, and replaced by what is learned now.
    """
    server = replace(ModelServer.from_settings(settings), max_retries=0)
    memory = DialectMemory()
    began = time.monotonic()
    try:
        reply = ChatModel(server, memory).ask(
            build_prompt(TEXT, answer_schema()), lambda _: None, NEVER
        )
    except GenerationError as fault:
        seconds = time.monotonic() - began
        known = _listed(server) if isinstance(fault, ModelNotFoundError) else []
        names = tuple(name for entry in known if (name := _name(entry)))
        return Trial(server.model, seconds, fault, other_models=names[:_NAMES_SHOWN])
    seconds = time.monotonic() - began
    PROCESS_MEMORY.remember(server.base_url, server.model, reply.dialect)
    claims = len(claims_of(reply.answer))
    return Trial(
        model=server.model,
        seconds=seconds,
        fault=None if claims else NoClaimsError(),
        dialect=reply.dialect,
        first_seconds=reply.first_seconds,
        usage=reply.usage if reply.usage != Usage() else None,
        context=reply.dialect.context or _context(server),
        claims=claims,
    )


def away(settings: Settings) -> GenerationError | None:
    """Why the configured server does not answer; None if it does, whatever it says.

    Costs nothing: it is asked for its list of models, for some seconds at most.
    """
    try:
        _models(replace(ModelServer.from_settings(settings), max_retries=0))
    except (ModelUnreachableError, ModelTimeoutError) as fault:
        return fault
    except GenerationError:
        pass
    return None


def _listed(server: ModelServer) -> list[Any]:
    """The entries of the server's list of models; empty where it has none."""
    with suppress(GenerationError):
        found = _models(server)
        entries = found.get("data", found.get("models")) if isinstance(found, dict) else found
        return entries if isinstance(entries, list) else []
    return []


def _models(server: ModelServer) -> object:
    """What the server answers, asked for its models. Raises GenerationError."""
    with translated_faults(), server.exchange().here(), server.client() as client:
        return client.get("/models", cast_to=object, options={"timeout": _LIST_SECONDS})


def _name(entry: Any) -> str | None:
    name = entry.get("id", entry.get("name")) if isinstance(entry, dict) else None
    return name if isinstance(name, str) and _NAME.fullmatch(name) else None


def _context(server: ModelServer) -> int | None:
    for entry in _listed(server):
        if _name(entry) == server.model:
            told = {**entry, **(entry["meta"] if isinstance(entry.get("meta"), dict) else {})}
            sizes = (told.get(key) for key in _CONTEXT_KEYS)
            return next((size for size in sizes if isinstance(size, int) and size > 0), None)
    return None
