"""The figures in a complaint: the context, the prompt, what may come out."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBER = r"`?(\d[\d,]*)`?"
_CONTEXT = (
    rf"(?:maximum |max |available |model'?s? |loaded with )*context (?:length|window|size)"
    rf"(?: (?:is|of|only|allowed|limit|for this model|exceeded|maximum))*[ :=(<>]*{_NUMBER}",
    rf"{_NUMBER} (?:tokens? )?maximum context length",
    rf"n_ctx[ :=>]*{_NUMBER}",
    rf"tokens \+ `?max_new_tokens`? must be <= {_NUMBER}",
    rf"must have less than {_NUMBER} tokens",
    rf"tokens > {_NUMBER} maximum",
    rf"maximum number of (?:input )?tokens allowed \({_NUMBER}\)",
    rf"\((?:tpm|itpm)\): limit {_NUMBER}",
    rf"max_model_len[^\d]{{0,20}}{_NUMBER}",
    rf"maximum input length (?:is|of) {_NUMBER}",
)
_PROMPT = (
    rf"{_NUMBER} (?:in the messages|of text input|input tokens|in the prompt|`inputs` tokens)",
    rf"(?:messages|prompt) resulted in {_NUMBER} tokens",
    rf"n_prompt_tokens[ :=]*{_NUMBER}",
    rf"request \({_NUMBER} tokens\)",
    rf"requested tokens \({_NUMBER}\)",
    rf"keep the first {_NUMBER} tokens",
    rf"n_keep[ :=]*{_NUMBER}",
    rf"input token count \({_NUMBER}\)",
    rf"prompt contains {_NUMBER} tokens",
    rf"prompt is too long: {_NUMBER} tokens",
    rf"prompt \(length {_NUMBER}\)",
)
_OUTPUT = (
    rf"less than or equal to {_NUMBER}",
    rf"at most {_NUMBER} (?:completion|output) tokens",
    rf"range (?:of|for) [`']?max_(?:completion_)?tokens[`']? (?:is|should be) \[\d+, ?{_NUMBER}\]",
    rf"\d > {_NUMBER}, which is the maximum allowed number of output tokens",
    rf"max(?:imum)?[ _](?:allowed )?(?:output|completion)[ _]tokens (?:is|of|:|=) ?{_NUMBER}",
    rf"max_tokens[`']? (?:must be|should be|is limited to|cannot exceed)[^\d.]{{0,30}}{_NUMBER}",
)
_EXCLUSIVE = rf"supported range is from 1 \(inclusive\) to {_NUMBER} \(exclusive\)"
_AFFORDABLE = rf"can only afford {_NUMBER}"
_AT_LEAST = re.compile(r"must be (?:at least|greater than|>=?|positive)")


@dataclass(frozen=True)
class Limits:
    """Tokens, each None where the server does not say. `affordable`: output the credit covers."""

    context: int | None = None
    prompt: int | None = None
    output: int | None = None
    affordable: int | None = None


def limits_in(words: str) -> Limits:
    """The figures in the words of a complaint (lower case)."""
    exclusive = _first((_EXCLUSIVE,), words)
    output = exclusive - 1 if exclusive else _first(_OUTPUT, words)
    return Limits(
        context=_first(_CONTEXT, words),
        prompt=_first(_PROMPT, words),
        output=None if _AT_LEAST.search(words) else output,
        affordable=_first((_AFFORDABLE,), words),
    )


def _first(patterns: tuple[str, ...], words: str) -> int | None:
    for pattern in patterns:
        if found := re.search(pattern, words):
            return int(found[1].replace(",", "")[:9])
    return None
