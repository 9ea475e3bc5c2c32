"""The files and batches of a server with OpenAI's Batch API (/files, /batches)."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any, BinaryIO, cast

import httpx2
import openai

from services.engines.batches import BatchAnswer, ServerBatch, State
from services.engines.model.batches.lines import CALL, file_lines, read_line
from services.engines.model.faults.advice import fault_of
from services.engines.model.faults.complaint import read_complaint
from services.engines.model.faults.translation import translated_faults
from services.engines.model.http.watch import Exchange
from services.engines.model.server import ModelServer
from services.engines.stopping import Stop
from services.errors import GenerationError, NoBatchesError

log = logging.getLogger(__name__)

_TAG = "persona_dashboard"  # the key of our own in what a server keeps with a batch
_STATES = frozenset(State.__args__)  # type: ignore[attr-defined]
_NOT_THERE = (404, 405, 501)
_FILE_SECONDS = 3600.0  # to send or fetch the largest one
_FILE_BYTES = 8_000_000_000
_A_PAGE, _PAGES = 100, 50
Json = Mapping[str, Any]


class OpenAIBatches:
    """Files of questions at one server. Used by one thread, within `open_batches`."""

    def __init__(self, server: ModelServer, client: openai.OpenAI, made_by: str) -> None:
        self._server = server
        self._client = client
        self._made_by = made_by

    def send_file(self, tag: str, content: BinaryIO) -> str:
        """Send a file of lines; its id. Raises NoBatchesError, GenerationError."""
        patience = httpx2.Timeout(self._server.timeout_seconds, read=_FILE_SECONDS)
        with _served():
            sent = self._client.post(
                "/files",
                cast_to=object,
                body={"purpose": "batch"},
                files=[("file", (_name(tag), content, "application/jsonl"))],
                options={
                    "headers": {"Content-Type": "multipart/form-data"},
                    "timeout": patience,
                },
            )
        return _id_of(sent)

    def sent_file(self, tag: str) -> str | None:
        """The id of a file that was sent with this tag."""
        found = self._listed("/files", {"purpose": "batch"})
        return next((_id_of(one) for one in found if one.get("filename") == _name(tag)), None)

    def begin(self, tag: str, file: str) -> ServerBatch:
        """Have the file answered. Raises NoBatchesError, GenerationError."""
        body = {
            "input_file_id": file,
            "endpoint": CALL,
            "completion_window": "24h",
            "metadata": {_TAG: tag},
        }
        with _served():
            return self._batch(self._client.post("/batches", cast_to=object, body=body))

    def begun(self, tag: str) -> ServerBatch | None:
        """What was begun with this tag."""
        for one in self._listed("/batches", {}):
            kept = one.get("metadata")
            if isinstance(kept, dict) and kept.get(_TAG) == tag:
                return self._batch(one)
        return None

    def look(self, batch: str) -> ServerBatch:
        """How far it is."""
        return self._batch(self._client.get(f"/batches/{batch}", cast_to=object))

    def cancel(self, batch: str) -> ServerBatch:
        """Answer no more of it."""
        with suppress(openai.BadRequestError, openai.ConflictError):  # it has ended by itself
            path = f"/batches/{batch}/cancel"
            return self._batch(self._client.post(path, cast_to=object))
        return self.look(batch)

    def answers(self, file: str) -> Iterator[BatchAnswer]:
        """What a file of answers says, line by line."""
        files = self._client.files.with_streaming_response
        with files.content(file, timeout=self._server.timeout_seconds) as response:
            for line in file_lines(response.iter_bytes()):
                if answer := read_line(line, self._server, self._made_by):
                    yield answer

    def forget(self, files: Iterable[str]) -> None:
        """Delete the files at the server: they hold people's texts."""
        for file in files:
            try:
                with translated_faults():
                    self._client.delete(f"/files/{file}", cast_to=object)
            except GenerationError as fault:
                log.warning("A file of a batch stays at the model server: %s", fault.kind)

    def _listed(self, path: str, query: Json) -> Iterator[Json]:
        """What the server lists, the newest first, as far back as makes sense."""
        after: dict[str, Any] = {}
        for _ in range(_PAGES):
            options = {"params": {"limit": _A_PAGE, **query, **after}}
            with _served():
                page = self._client.get(path, cast_to=object, options=cast(Any, options))
            found = page.get("data") if isinstance(page, dict) else None
            entries = [one for one in found or () if isinstance(one, dict)]
            yield from entries
            if not entries or not (isinstance(page, dict) and page.get("has_more")):
                return
            after = {"after": _id_of(entries[-1])}

    def _batch(self, told: object) -> ServerBatch:
        """As the server tells of it: any field may be missing, or of another type."""
        one: Json = told if isinstance(told, dict) else {}
        state = str(one.get("status", "")).lower()
        counts = one.get("request_counts")
        counted = counts if isinstance(counts, dict) else {}
        batch = ServerBatch(
            id=_id_of(one),
            state=cast(State, state) if state in _STATES else "in_progress",
            input_file=_text(one.get("input_file_id")),
            output_file=_text(one.get("output_file_id")),
            error_file=_text(one.get("error_file_id")),
            total=_count(counted.get("total")),
            completed=_count(counted.get("completed")),
            failed=_count(counted.get("failed")),
        )
        if batch.state != "failed":
            return batch
        said = one.get("errors")
        complaint = read_complaint(said.get("data") if isinstance(said, dict) else said, 400)
        return replace(batch, fault=fault_of(complaint, self._server.asked(), None))


@contextmanager
def open_batches(server: ModelServer, made_by: str, stop: Stop) -> Iterator[OpenAIBatches]:
    """The files of this server. Within, faults are raised as our own; a stop ends what waits."""
    exchange = Exchange(_FILE_SECONDS)
    with (
        translated_faults(server.asked(), stop),
        exchange.here(),
        stop.waking(exchange.shut),
        server.client(max_bytes=_FILE_BYTES) as client,
    ):
        yield OpenAIBatches(server, client, made_by)


@contextmanager
def _served() -> Iterator[None]:
    """A server that does not know the address has no batches. Raises NoBatchesError."""
    try:
        yield
    except openai.APIStatusError as error:
        if error.status_code in _NOT_THERE:
            raise NoBatchesError from None
        raise


def _name(tag: str) -> str:
    return f"persona-dashboard-{tag}.jsonl"


def _id_of(told: object) -> str:
    found = told.get("id") if isinstance(told, dict) else None
    if not isinstance(found, str) or not found:
        raise NoBatchesError
    return found


def _text(value: object) -> str | None:
    """None for an empty text too: some servers write that for a file that is not there."""
    return value if isinstance(value, str) and value else None


def _count(value: object) -> int:
    return value if type(value) is int and value > 0 else 0
