"""A prompt on its way to one model: the dialect its server takes, patience, and what it costs."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import httpx2
import openai
from pydantic import BaseModel

from services import errors
from services.engines.model.answer import Form
from services.engines.model.dialect import Dialect
from services.engines.model.faults.advice import (
    fault_of,
    is_about_context,
    is_about_output_limit,
)
from services.engines.model.faults.complaint import Complaint, complaint_of
from services.engines.model.faults.limits import Limits, limits_in
from services.engines.model.faults.table import MALFORMED
from services.engines.model.faults.translation import translated_faults
from services.engines.model.http.watch import current_exchange
from services.engines.model.prompts import Prompt, most_tokens
from services.engines.model.room import LIKELY, OutputRoom
from services.engines.model.server import ModelServer
from services.engines.model.stream import OutputListener, StreamedAnswer
from services.engines.spending import UNLIMITED, Spending
from services.engines.stopping import Stop
from services.engines.usage import Usage
from services.evidence.text.chunking import estimate_tokens

_ADAPTABLE = (400, 404, 415, 422, 500, 501, None)  # some servers answer 500 to an unknown option
_UNEXPLAINED = (400, 415, 422, 501)
_PASSING = (
    errors.RateLimitedError,
    errors.ModelServerError,
    errors.ModelTimeoutError,
    errors.ModelUnreachableError,
)
_CALL = "/chat/completions"
_FIRST_PAUSE = 0.5  # seconds; doubles
_LONGEST_PAUSE = 120.0  # who asks for more is not waited for
_TOO_MUCH = re.compile(r"too (?:large|high|big|long|many)|exceed|greater than|at most|maximum")
_UNSTREAMED = 4  # times the longest silence: there is nothing to hear before the answer's end
_REFUSALS = 24  # of one question; every one of them teaches something, so this is never reached


def question_body(
    model: str, prompt: Prompt, form: Form, dialect: Dialect, limit: int
) -> dict[str, Any]:
    """A question as it is sent: for an answer of this form, of at most `limit` tokens."""
    messages = prompt.messages(
        with_answer_form=not dialect.enforces_schema, with_system=dialect.has_system
    )
    return {
        "model": model,
        "messages": messages,
        **dialect.options(form.name, form.schema, limit),
    }


def prompt_tokens(prompt: Prompt, dialect: Dialect) -> int:
    """Tokens of a question: on the safe side by about a third."""
    form = "" if dialect.enforces_schema else prompt.answer_form
    return estimate_tokens(prompt.system + form + prompt.user)


class Question:
    """A prompt on its way to the server: finds the dialect, adds up what it takes."""

    def __init__(
        self,
        client: openai.OpenAI,
        server: ModelServer,
        prompt: Prompt,
        listen: OutputListener,
        dialect: Dialect,
        stop: Stop,
        pay: Callable[[Usage], object],
        form: Form,
        spending: Spending = UNLIMITED,
    ) -> None:
        self.dialect = dialect
        self.usage = Usage()
        self.prompt_tokens = 0
        self.first_seconds = 0.0
        self._client = client
        self._server = server
        self._prompt = prompt
        self._listen = listen
        self._stop = stop
        self._pay = pay
        self._form = form
        self._spending = spending
        self._answered = False
        self._began = False
        self._room = OutputRoom(server.max_output_tokens)

    def put(self) -> BaseModel:
        """Ask, patiently, and check the answer. Raises GenerationError."""
        return self._form.parse(self._patiently())

    def expect_less(self) -> None:
        """After an answer of the wrong form: a server that enforced the schema gives none."""
        if self._answered:
            self.dialect = self.dialect.after_malformed()

    def _patiently(self) -> str:
        """Try again what passes by itself, unless an answer had begun: it is paid for."""
        pause = _FIRST_PAUSE
        for retries_left in range(self._server.max_retries, -1, -1):
            try:
                with translated_faults(self._server.asked(self._limit), self._stop):
                    return self._in_a_known_dialect()
            except _PASSING as fault:
                wait = max(pause, fault.retry_after or 0)
                if self._began or not retries_left or wait > _LONGEST_PAUSE:
                    raise
                self._stop.wait(wait)
                self._stop.check()
                pause *= 2
        raise AssertionError("the last try returns or raises")

    def _in_a_known_dialect(self) -> str:
        for _ in range(_REFUSALS):
            try:
                return self._exchange()
            except openai.APIError as error:
                complaint = complaint_of(error)
                if complaint is None or self._began or not self._adapts(complaint):
                    raise
        raise errors.ModelRequestError

    def _adapts(self, complaint: Complaint) -> bool:
        """Whether there is another way to ask, after a refusal."""
        if complaint.status not in _ADAPTABLE and not is_about_context(complaint):
            return False
        if MALFORMED.fits(complaint):
            self._answered = True
            return False
        other = self._after(complaint)
        if other is None:
            return False
        self.dialect = other
        return True

    def _after(self, complaint: Complaint) -> Dialect | None:
        limits = limits_in(complaint.words)
        if limits.output or is_about_context(complaint):
            if complaint.status == 413 and limits == Limits():
                return None  # too many bytes: a shorter answer does not help
            return self._room.lowered(self.dialect, limits, self.estimated_tokens)
        if is_about_output_limit(complaint) and _TOO_MUCH.search(complaint.words):
            return self._room.halved(self.dialect, self.estimated_tokens)
        if named := self.dialect.after_refusal(complaint):
            return named
        fault = fault_of(complaint, self._server.asked(), None)
        unexplained = type(fault) is errors.ModelRequestError
        return self.dialect.barer() if unexplained and complaint.status in _UNEXPLAINED else None

    @property
    def estimated_tokens(self) -> int:
        """Tokens of what is sent: on the safe side by about a third."""
        return prompt_tokens(self._prompt, self.dialect)

    @property
    def _limit(self) -> int:
        return self._room.limit(self.dialect, self.estimated_tokens)

    def _exchange(self) -> str:
        limit = self._limit
        is_lowered = limit < self._server.max_output_tokens
        collected = StreamedAnswer(limit, self._listen, is_lowered)
        self._stop.check()
        settle = self._spending.begin(Usage(most_tokens(self._prompt), limit), self._stop)
        began = time.monotonic()
        content = ""
        refused = False
        exchange = current_exchange()
        exchange.is_sent = False
        try:
            body = question_body(self._server.model, self._prompt, self._form, self.dialect, limit)
            content = self._received(collected, body)
            self._answered = True
            return content
        except openai.APIStatusError:
            refused = True
            raise
        finally:
            self._began = collected.began
            self.first_seconds = (collected.first_at or time.monotonic()) - began
            self.prompt_tokens = collected.usage.input_tokens
            took = collected.usage
            if collected.began and took == Usage() and not content:
                took = collected.likely_usage(int(self.estimated_tokens * LIKELY))
            counted = collected.usage != Usage()  # else the server does not tell, or was cut off
            settle(took if counted or refused or not exchange.is_sent else None)
            self.usage += took
            self._pay(took)

    def _received(self, collected: StreamedAnswer, body: dict[str, Any]) -> str:
        """The answer to `body`; sent again while it meets connections the server has closed."""
        while True:
            try:
                return self._sent(collected, body)
            except openai.APITimeoutError:
                raise
            except openai.APIConnectionError:
                if not current_exchange().was_stale:
                    raise
                self._stop.check()

    def _sent(self, collected: StreamedAnswer, body: dict[str, Any]) -> str:
        if not body["stream"]:
            patience = self._server.timeout_seconds * _UNSTREAMED
            return collected.read_whole(
                self._client.post(
                    _CALL, cast_to=httpx2.Response, body=body, options={"timeout": patience}
                )
            )
        with self._client.post(
            _CALL, cast_to=object, body=body, stream=True, stream_cls=openai.Stream[object]
        ) as stream:
            return collected.read(stream.response)
