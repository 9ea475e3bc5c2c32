"""A line of a file of questions, and a line of a file of answers."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Iterator
from typing import Any

import httpx2

from services.engines.batches import BatchAnswer
from services.engines.model.answer import Form, persona_form, storable
from services.engines.model.faults.advice import fault_of
from services.engines.model.faults.complaint import read_complaint
from services.engines.model.faults.translation import translated_faults
from services.engines.model.server import ModelServer
from services.engines.model.stream import StreamedAnswer
from services.errors import GenerationError, InvalidOutputError
from services.evidence.schema import Claim, claims_of

log = logging.getLogger(__name__)

CALL = "/v1/chat/completions"
_LONGEST_LINE = 32_000_000  # bytes
_ID = re.compile(rb'"custom_id"\s*:\s*"([\w-]{1,64})"')
_REQUEST = httpx2.Request("POST", "http://batch/")  # answers in a file come without one


def question_line(id: str, body: dict[str, Any]) -> bytes:
    """A question, as a line with its end."""
    asked = {"custom_id": id, "method": "POST", "url": CALL, "body": body}
    return json.dumps(asked, ensure_ascii=False).encode() + b"\n"


def file_lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a file; one that is far too long is left out.

    Ended by LF alone: answers may hold the other characters that end a line elsewhere.
    """
    begun: list[bytes] = []
    size = 0
    for piece in pieces:
        *ends, rest = piece.split(b"\n")
        for end in ends:
            if size + len(end) <= _LONGEST_LINE:
                yield b"".join([*begun, end])
            begun, size = [], 0
        size += len(rest)
        if size <= _LONGEST_LINE:
            begun.append(rest)
        else:
            begun = []
    if size <= _LONGEST_LINE:
        yield b"".join(begun)


def read_line(line: bytes, server: ModelServer, made_by: str) -> BatchAnswer | None:
    """What a line of an output or error file says; None if it does not say of which question."""
    told = _json(line)
    id = told.get("custom_id") if isinstance(told, dict) else None
    if not isinstance(told, dict) or not isinstance(id, str):
        return _broken(line) if line.strip() else None
    answer = StreamedAnswer(server.max_output_tokens, lambda _: None)
    claims: tuple[Claim, ...] = ()
    fault: GenerationError | None = None
    try:
        with translated_faults(server.asked()):
            claims = claims_of(_answer_in(told, server, answer, persona_form()))
    except GenerationError as error:
        fault = error
    return BatchAnswer(id, tuple(map(storable, claims)), fault, answer.usage.in_batch(), made_by)


def _answer_in(
    told: dict[str, Any], server: ModelServer, answer: StreamedAnswer, form: Form
) -> Any:
    """The answer that a line holds. Raises GenerationError for one that holds none."""
    response = told.get("response")
    response = response if isinstance(response, dict) else {}
    status, body = response.get("status_code"), response.get("body")
    status = status if type(status) is int else None
    if body and (status is None or status < 300):
        content = json.dumps(body).encode()
        return form.parse(
            answer.read_whole(httpx2.Response(200, content=content, request=_REQUEST))
        )
    raise fault_of(read_complaint(told.get("error") or body, status), server.asked(), None)


def _broken(line: bytes) -> BatchAnswer | None:
    """A line that was damaged on its way: what it says was answered, and paid for."""
    log.warning("A line of a batch's file could not be read")
    named = _ID.search(line)
    fault = InvalidOutputError("The line with the model's answer arrived damaged.")
    return BatchAnswer(named[1].decode(), fault=fault, usage=None) if named else None


def _json(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
