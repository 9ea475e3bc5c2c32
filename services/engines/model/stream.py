"""One streamed answer, put together piece by piece."""

from __future__ import annotations

from collections.abc import Callable

import openai
from openai.types import CompletionUsage
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from services import errors
from services.engines.generator import Usage
from services.engines.model.answer import live_view

OutputListener = Callable[[str], None]
_CHUNKS_PER_VIEW = 20
_VIEW_GROWTH = 1.05  # views get rarer as the answer grows: each one reads the whole of it again
_CHARACTERS_PER_TOKEN = 16


class StreamedAnswer:
    """The answer so far. `listen` gets a view of it about every 20 chunks."""

    def __init__(self, max_tokens: int, listen: OutputListener) -> None:
        self.usage = Usage()
        self._listen = listen
        self._pieces: list[str] = []
        self._chunks = 0
        self._next_view: float = _CHUNKS_PER_VIEW
        self._characters_left = max_tokens * _CHARACTERS_PER_TOKEN
        self._finish: str | None = None
        self._refused = False
        self._answered = False

    def read(self, stream: openai.Stream[ChatCompletionChunk]) -> str:
        """Read to the end and give the content.

        Raises GenerationError for a refused, filtered, limited, cut or wrong kind of answer;
        faults of the connection come through as the client's own.
        """
        kind = stream.response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "application/json":  # the server does not stream, and answered in one piece
            self._take_whole(stream.response.read())
        else:
            for chunk in stream:
                self._take(chunk)
                self._show()
        self._check_end(kind)
        return "".join(self._pieces)

    def _take_whole(self, body: bytes) -> None:
        try:
            whole = ChatCompletion.model_validate_json(body)
        except ValueError:
            raise errors.InvalidOutputError from None
        self._count(whole.usage)
        for choice in whole.choices[:1]:
            self._answered = True
            self._finish = choice.finish_reason
            self._refused = bool(choice.message.refusal)
            self._add(choice.message.content)

    def _take(self, chunk: ChatCompletionChunk) -> None:
        # The client does not check what it was sent: any field may be missing or of another type.
        self._count(getattr(chunk, "usage", None))
        choices = getattr(chunk, "choices", None)
        if not isinstance(choices, list) or not choices:
            return
        self._answered = True
        delta = getattr(choices[0], "delta", None)
        self._finish = getattr(choices[0], "finish_reason", None) or self._finish
        self._refused = self._refused or bool(getattr(delta, "refusal", None))
        self._add(getattr(delta, "content", None))

    def _add(self, content: object) -> None:
        if not isinstance(content, str) or not content:
            return
        self._pieces.append(content)
        self._characters_left -= len(content)
        if self._characters_left < 0:
            raise errors.OutputTruncatedError(
                "The model's answer is far longer than was asked for."
            )

    def _show(self) -> None:
        """Also while nothing but thoughts arrives: the listener may want to stop."""
        self._chunks += 1
        if self._chunks >= self._next_view:
            self._next_view = max(self._chunks + _CHUNKS_PER_VIEW, self._chunks * _VIEW_GROWTH)
            self._listen(live_view("".join(self._pieces)))

    def _count(self, usage: CompletionUsage | None) -> None:
        if usage is None:
            return
        details = getattr(usage, "prompt_tokens_details", None)
        self.usage = Usage(
            input_tokens=_tokens(getattr(usage, "prompt_tokens", 0)),
            output_tokens=_tokens(getattr(usage, "completion_tokens", 0)),
            cached_input_tokens=_tokens(getattr(details, "cached_tokens", 0)),
        )

    def _check_end(self, content_type: str) -> None:
        if not self._answered:
            raise _no_answer(content_type)
        if self._refused or self._finish == "content_filter":
            raise errors.ModelRefusedError
        if self._finish == "length":
            raise errors.OutputTruncatedError
        if self._finish is None:
            raise errors.ModelUnreachableError


def _no_answer(content_type: str) -> errors.GenerationError:
    if content_type == "text/html":
        return errors.ModelNotFoundError("The model server answered with a web page.")
    return errors.InvalidOutputError("The model server answered without an answer in it.")


def _tokens(count: object) -> int:
    return count if isinstance(count, int) and count > 0 else 0
