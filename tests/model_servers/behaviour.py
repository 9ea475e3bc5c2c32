"""How a documented server behaves: rules, tried in order, from a request to what it answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from services.errors import GenerationError
from tests.llm_double import persona_answer

Json = dict[str, Any]
TEXT = (
    "I am Ana Ruiz and I keep the depot of a small brewery. I write SQL when the reports run late."
)
ANSWER = persona_answer(name=("Ana Ruiz", "I am Ana Ruiz"), skills=[("SQL", "I write SQL")])
CLAIMS = {("name", "Ana Ruiz", "I am Ana Ruiz"), ("skills", "SQL", "I write SQL")}
NOTHING = persona_answer()
LONG_TEXT = f"{TEXT}\n" + "The count of the barrels was late again, and nobody knew why.\n" * 180
FLAGGED = "Nobody may know what was in the cellar."
THREE_PARTS = f"{LONG_TEXT}\n{LONG_TEXT[:6000]}\n{FLAGGED}\n{LONG_TEXT}"
JSON_TYPE = {"content-type": "application/json"}


@dataclass(frozen=True)
class Request:
    """One request as the server sees it."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Json

    @property
    def prompt_tokens(self) -> int:
        """As a tokenizer of English counts: four characters each."""
        return sum(len(message["content"]) for message in self.body["messages"]) // 4

    @property
    def limit(self) -> int:
        return int(self.body.get("max_tokens") or self.body.get("max_completion_tokens") or 0)

    def option(self, dotted: str) -> Any:
        value: Any = self.body
        for name in dotted.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        return value


@dataclass(frozen=True)
class Answer:
    """What goes over the wire: the body in pieces."""

    status: int = 200
    pieces: tuple[str, ...] = ()
    headers: Json = field(default_factory=lambda: dict(JSON_TYPE))


Rule = Callable[[Request], Answer | None]


@dataclass(frozen=True)
class Row:
    """One behaviour of a server, and what an analyst gets: an answer, or a fault with advice."""

    title: str
    rules: tuple[Rule, ...]
    fault: type[GenerationError] | None = None
    advice: str = ""
    """Words that the fault has to say."""
    text: str = TEXT
    path: str = "/v1"
    key: str | None = "key"
    requests: int | None = None
    """How many requests it may take, where that matters."""
    settings: Json = field(default_factory=dict)


# --- refusals -----------------------------------------------------------------------------------


def says(status: int, body: object, **headers: str) -> Answer:
    """A refusal with this body: JSON, or text as it is (a web page)."""
    if isinstance(body, str) and body.startswith("<"):
        return Answer(status, (body,), {"content-type": "text/html", **headers})
    return Answer(status, (json.dumps(body),), {**JSON_TYPE, **headers})


def always(answer: Answer) -> tuple[Rule, ...]:
    return (lambda _: answer,)


def first_time(answer: Answer) -> Rule:
    """Answer so once, then let the other rules speak."""
    left = [answer]
    return lambda _: left.pop() if left else None


def where(option: str, answer: Answer, *values: object) -> Rule:
    """Refuse requests that have this option, or have it with one of these values."""

    def rule(request: Request) -> Answer | None:
        given = request.option(option)
        hit = given is not None and (not values or given in values)
        return answer if hit else None

    return rule


def larger_than(context: int, refusal: Callable[[int, int, int], Answer]) -> Rule:
    """Refuse what does not fit: `refusal` is told context, prompt tokens and output limit."""

    def rule(request: Request) -> Answer | None:
        prompt, limit = request.prompt_tokens, request.limit
        return refusal(context, prompt, limit) if prompt + limit > context else None

    return rule


def prompt_over(context: int, refusal: Callable[[int, int], Answer]) -> Rule:
    """Refuse only a prompt that does not fit by itself."""
    return lambda request: (
        refusal(context, request.prompt_tokens) if request.prompt_tokens >= context else None
    )


def that_says(words: str, refusal: Answer) -> Rule:
    """Refuse a prompt that holds these words."""
    return lambda request: refusal if words in request.body["messages"][-1]["content"] else None


def output_over(most: int, refusal: Answer) -> Rule:
    return lambda request: refusal if request.limit > most else None


# --- answers ------------------------------------------------------------------------------------


def usage_of(request: Request, content: str, **more: Any) -> Json:
    tokens = len(content) // 4
    return {
        "prompt_tokens": request.prompt_tokens,
        "completion_tokens": tokens,
        "total_tokens": request.prompt_tokens + tokens,
        **more,
    }


def events(*datas: object, done: bool = True, event: str = "") -> Answer:
    head = f"event: {event}\n" if event else ""
    pieces = [f"{head}data: {json.dumps(data)}\n\n" for data in datas]
    return Answer(
        200,
        (*pieces, *(["data: [DONE]\n\n"] if done else [])),
        {"content-type": "text/event-stream"},
    )


def chunk(finish: str | None = None, **delta: Any) -> Json:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "c", "object": "chat.completion.chunk", "model": "m", "choices": [choice]}


def answers(
    content: Any = ANSWER,
    *,
    finish: str = "stop",
    streams: bool = True,
    usage: Json | None = None,
    **message: Any,
) -> Rule:
    """The answer, streamed if asked for and `streams`; `message` goes along (reasoning_content)."""
    said = json.dumps(content) if isinstance(content, dict) else content

    def rule(request: Request) -> Answer:
        counted = usage_of(request, str(said)) if usage is None else usage
        if request.body.get("stream") and streams:
            return events(*_streamed(request, said, finish, counted, message))
        whole = {
            "id": "c",
            "object": "chat.completion",
            "created": 1,
            "model": "m",
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": said, **message},
                    "finish_reason": finish,
                }
            ],
            "usage": counted,
        }
        return Answer(200, (json.dumps(whole),))

    return rule


def _streamed(request: Request, said: Any, finish: str, counted: Json, message: Json) -> list[Json]:
    found = [chunk(role="assistant", content="")]
    found += [chunk(**{name: value}) for name, value in message.items()]
    if isinstance(said, str):
        cuts = range(0, len(said), 40)
        found += [chunk(content=said[cut : cut + 40]) for cut in cuts]
    elif said is not None:
        found += [chunk(content=[part]) for part in said]
    found.append(chunk(finish=finish))
    if request.option("stream_options.include_usage"):
        found.append({"id": "c", "choices": [], "usage": counted})
    return found


def cuts_silently(context: int) -> Rule:
    """A prompt over the context is cut at its beginning: the instructions and the person go."""

    def rule(request: Request) -> Answer | None:
        if request.prompt_tokens <= context:
            return None
        usage = usage_of(request, "x" * 400) | {"prompt_tokens": context}
        return answers(NOTHING, usage=usage)(request)

    return rule
