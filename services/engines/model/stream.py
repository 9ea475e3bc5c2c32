"""One answer, put together piece by piece, or taken whole where the server does not stream."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import httpx2
import openai

from services import errors
from services.engines.model.faults.table import LARGER_CONTEXT
from services.engines.model.http.events import events
from services.engines.usage import Usage
from services.errors.generation import KEPT

OutputListener = Callable[[str], None]
_CHUNKS_PER_VIEW = 20
_VIEW_GROWTH = 1.05  # views get rarer as the answer grows: each one holds the whole of it
_CHARACTERS_PER_TOKEN = 16  # at most
_CHARACTERS_OF_A_TOKEN = 4  # mostly
_LONGEST = ("length", "max_tokens")
_CONTEXT_FULL = ("model_length", "model_context_window_exceeded", "context_length")
_FILTERED = ("content_filter", "safety", "prohibited_content", "recitation", "blocklist", "refusal")
_BROKEN = ("error", "abort", "insufficient_system_resource", "malformed_function_call")
_THINKING = "The model used up its output limit for thoughts, before it answered."
_NEARLY = 0.95  # servers count the end of an answer differently


class StreamedAnswer:
    """The answer so far, of at most `max_tokens`, which is less than the settings say if
    `is_lowered`. `listen` gets a view of it about every 20 chunks.
    """

    def __init__(self, max_tokens: int, listen: OutputListener, is_lowered: bool = False) -> None:
        self._is_lowered = is_lowered
        self.usage = Usage()
        self.first_at: float | None = None
        """When the first words came, by time.monotonic()."""
        self._max_tokens = max_tokens
        self._listen = listen
        self._pieces: list[str] = []
        self._thoughts: list[str] = []
        self._chunks = 0
        self._next_view: float = _CHUNKS_PER_VIEW
        self._characters_left = max_tokens * _CHARACTERS_PER_TOKEN
        self._finish: str | None = None
        self._refused = False
        self._answered = False

    @property
    def began(self) -> bool:
        """Whether anything arrived that is paid for."""
        return bool(self._pieces or self._thoughts)

    def likely_usage(self, prompt_tokens: int) -> Usage:
        """About what an answer took that ended before the server could count it."""
        characters = sum(map(len, self._pieces)) + sum(map(len, self._thoughts))
        return Usage(prompt_tokens, characters // _CHARACTERS_OF_A_TOKEN)

    def read(self, response: httpx2.Response) -> str:
        """Read to the end and give the content.

        Raises GenerationError for a refused, filtered, limited, cut or wrong kind of answer;
        faults of the connection, and refusals within the answer, come as the client's own.
        """
        kind = _kind(response)
        if kind == "application/json":  # the server does not stream, and answered in one piece
            self._take_body(response.read(), response)
        else:
            for chunk in events(response.iter_raw()):
                self._take(chunk, response)
                self._show()
        return self._end(kind)

    def read_whole(self, response: httpx2.Response) -> str:
        """The same for an answer that was asked for in one piece."""
        self._take_body(response.content, response)
        return self._end("application/json")

    def _take_body(self, body: bytes, response: httpx2.Response) -> None:
        try:
            whole = json.loads(body)
        except ValueError:
            raise _no_answer(_kind(response)) from None
        self._refuse_fault(whole, response)
        self._count(_get(whole, "usage"))
        choices = _get(whole, "choices")
        if not isinstance(choices, list) or not choices:
            raise errors.InvalidOutputError
        self._take_choice(choices[0], "message")

    def _take(self, chunk: object, response: httpx2.Response) -> None:
        # Nobody has checked what was sent: any field may be missing or of another type.
        self._refuse_fault(chunk, response)
        self._count(_get(chunk, "usage"))
        choices = _get(chunk, "choices")
        if isinstance(choices, list) and choices:
            self._take_choice(choices[0], "delta")

    def _take_choice(self, choice: Any, name: str) -> None:
        self._answered = True
        message = _get(choice, name)
        finish = _get(choice, "finish_reason")
        self._finish = finish.lower() if isinstance(finish, str) and finish else self._finish
        self._refused = self._refused or bool(_get(message, "refusal"))
        self._add(_text_of(_get(message, "content")), self._pieces)
        thoughts = _get(message, "reasoning_content") or _get(message, "reasoning")
        self._add(_text_of(thoughts), self._thoughts)

    def _add(self, content: str, pieces: list[str]) -> None:
        if not content:
            return
        self.first_at = self.first_at or time.monotonic()
        pieces.append(content)
        self._characters_left -= len(content)
        if self._characters_left < 0:
            raise errors.OutputTruncatedError(
                "The model's answer is far longer than was asked for."
            )

    def _refuse_fault(self, event: Any, response: httpx2.Response) -> None:
        """Some servers answer 200 and put the error where the answer should be."""
        error = _get(event, "error")
        if not error and _get(event, "object") == "error":
            error = {
                name: _get(event, name) for name in ("message", "detail", "code", "type", "param")
            }
        if error:
            raise openai.APIError("fault within the answer", response.request, body=error)

    def _show(self) -> None:
        self._chunks += 1
        if self._chunks >= self._next_view:
            self._next_view = max(self._chunks + _CHUNKS_PER_VIEW, self._chunks * _VIEW_GROWTH)
            self._listen("".join(self._pieces))

    def _count(self, usage: Any) -> None:
        if usage is None:
            return
        details = _get(usage, "prompt_tokens_details")
        thoughts = _get(_get(usage, "completion_tokens_details"), "reasoning_tokens")
        prompt = _tokens(_get(usage, "prompt_tokens"))
        answer = _tokens(_get(usage, "completion_tokens"))
        thought_as_well = _tokens(_get(usage, "total_tokens")) - prompt  # some count it apart
        self.usage = Usage(
            input_tokens=prompt,
            output_tokens=max(answer, thought_as_well),
            reasoning_tokens=max(_tokens(thoughts), thought_as_well - answer, 0),
            cached_input_tokens=_tokens(
                _get(details, "cached_tokens") or _get(usage, "prompt_cache_hit_tokens")
            ),
        )

    def _end(self, content_type: str) -> str:
        content = "".join(self._pieces).strip()
        finish = self._finish or ""
        if not self._answered:
            raise _no_answer(content_type)
        if self._refused or any(word in finish for word in _FILTERED):
            raise errors.ModelRefusedError
        if finish in _CONTEXT_FULL:
            raise context_full()
        if finish in _LONGEST:
            raise self._truncated(content)
        if finish in _BROKEN:
            raise errors.ModelServerError("The model server broke its answer off.")
        if not finish and content_type != "application/json":
            raise errors.ModelUnreachableError
        return content or "".join(self._thoughts)  # some servers take all of it for thoughts

    def _truncated(self, content: str) -> errors.GenerationError:
        """Cut at the limit we asked for, or before it because the context was full."""
        if 0 < self.usage.output_tokens < self._max_tokens * _NEARLY:
            return context_full()
        if self._is_lowered:
            return errors.TextTooLongError(
                f"The model may answer with {self._max_tokens:,} tokens here, which is too little "
                "for this text.",
                f"{KEPT}Shorten it, {LARGER_CONTEXT}, or set OPENAI_MODEL to one that may answer "
                "longer.",
            )
        if self._thoughts and not content:
            advice = f"{KEPT}Raise OPENAI_MAX_OUTPUT_TOKENS (it was {self._max_tokens:,}), or set "
            return errors.OutputTruncatedError(
                _THINKING, advice + "OPENAI_MODEL to one that thinks less."
            )
        return errors.OutputTruncatedError(
            None,
            f"{KEPT}Raise OPENAI_MAX_OUTPUT_TOKENS (it was {self._max_tokens:,}) or shorten the "
            "text.",
        )


def context_full() -> errors.TextTooLongError:
    return errors.TextTooLongError(
        "The model's context was full before its answer was complete.",
        f"{KEPT}Shorten the text, or {LARGER_CONTEXT}. Raising OPENAI_MAX_OUTPUT_TOKENS does not "
        "help.",
    )


def _kind(response: httpx2.Response) -> str:
    kind: str = response.headers.get("content-type", "").partition(";")[0]
    return kind.strip().lower()


def _no_answer(content_type: str) -> errors.GenerationError:
    if content_type == "text/html":
        return errors.ModelNotFoundError(
            "The model server answered with a web page.",
            f"{KEPT}Correct OPENAI_BASE_URL (mostly it ends in /v1) and restart.",
        )
    return errors.InvalidOutputError("The model server answered without an answer in it.")


def _get(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _text_of(content: Any) -> str:
    """Content is a string or a list of parts; parts of thoughts have no text of their own."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    texts = (part if isinstance(part, str) else _get(part, "text") for part in content)
    return "".join(text for text in texts if isinstance(text, str))


def _tokens(count: object) -> int:
    return count if isinstance(count, int) and count > 0 else 0
