"""Reading a model's answer: tolerant of how it is wrapped and written, strict in what it becomes.

Thoughts, fences, wrappers, bare values, numbers, nulls and missing keys are read. What then is a
claim has a value and words, and is checked against the text as every other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, ValidationError

from services.engines.live_view import after_thoughts
from services.engines.model.strict_schema import Schema, strict_schema
from services.errors import InvalidOutputError
from services.evidence.schema import FIELDS, Claim, answer_model

_DECODER = json.JSONDecoder(strict=False)  # line breaks inside strings are common
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_TRIES = 200  # beginnings of objects that are tried in one answer
_DEPTH = 3  # wrappers around the answer
_WORDS_OF_A_QUOTE = 3  # a bare value this long is found in the text, or not, by itself
_KEYS = {re.sub(r"\W|_", "", spec.name.lower()): spec for spec in FIELDS}
_VALUE_KEYS = ("value", "text", "fact", "name", "claim")
_QUOTE_KEYS = ("quote", "evidence", "source", "words")


@dataclass(frozen=True)
class Form:
    """The form of an answer: its name and schema for servers, and how it is read."""

    name: str
    schema: Schema
    parse: Callable[[str], BaseModel]


@lru_cache(maxsize=1)
def persona_form() -> Form:
    """Every field of a persona, each with its words."""
    return Form("persona_facts", answer_schema(), parse_answer)


@lru_cache(maxsize=1)
def answer_schema() -> Schema:
    """The strict schema of the answer. Raises ValueError for fields it cannot express."""
    return strict_schema(answer_model())


def parse_answer(content: str) -> BaseModel:
    """The answer in `content`. Raises InvalidOutputError, without any word of it, if there is none.

    A key that is missing or empty holds no fact; one that is no field of ours is left out.
    """
    try:
        return answer_model().model_validate(_facts(_answer_object(content)))
    except (ValidationError, RecursionError):
        raise InvalidOutputError from None


def storable(claim: Claim) -> Claim:
    """Postgres takes no NUL, and no text holds one: a model may still write it."""
    return replace(claim, value=claim.value.replace("\0", ""), quote=claim.quote.replace("\0", ""))


def _answer_object(content: str) -> dict[str, Any]:
    """The object with most of our keys, looked for behind the thoughts first."""
    for part in dict.fromkeys((after_thoughts(content), content)):
        for text in dict.fromkeys((part, _TRAILING_COMMA.sub(r"\1", part))):
            found = [item for value in json_values(text) for item in _unwrapped(value, 0)]
            if found:
                return max(found, key=_known_keys)
    raise InvalidOutputError


def json_values(text: str) -> Iterator[Any]:
    """Every JSON value in the text that begins as an object, a list, or a string of one."""
    position = 0
    for _ in range(_TRIES):
        start = re.compile(r'[{\[]|"(?=\s*\{)').search(text, position)
        if start is None:
            return
        try:
            value, position = _DECODER.raw_decode(text, start.start())
        except (ValueError, RecursionError):
            position = start.start() + 1
        else:
            yield value


def _unwrapped(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    """Answers in the value: itself, or what it wraps."""
    if depth > _DEPTH:
        return
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            value = _DECODER.decode(value.strip())
        except ValueError:
            return
    if isinstance(value, dict) and _known_keys(value):
        yield value
    if isinstance(value, dict | list):
        children = value.values() if isinstance(value, dict) else value
        for child in list(children)[:_TRIES]:
            if isinstance(child, dict | str):
                yield from _unwrapped(child, depth + 1)


def _known_keys(value: dict[str, Any]) -> int:
    """How many of our fields it has; a single fact, which may have a name, is no answer."""
    if "value" in value and "quote" in value:
        return 0
    return sum(_plain(key) in _KEYS for key in value)


def _plain(key: str) -> str:
    return re.sub(r"\W|_", "", key.lower())


def _facts(answer: dict[str, Any]) -> dict[str, Any]:
    facts: dict[str, list[dict[str, str]]] = {spec.name: [] for spec in FIELDS}
    for key, value in answer.items():
        if spec := _KEYS.get(_plain(key)):
            given = value if isinstance(value, list) else [value]
            facts[spec.name] += [fact for item in given if (fact := _fact(item))]
    return {
        spec.name: facts[spec.name] if spec.kind == "list" else next(iter(facts[spec.name]), None)
        for spec in FIELDS
    }


def _fact(item: Any) -> dict[str, str] | None:
    """Value and quote; None for what says nothing. Without words of its own a fact has no source,

    unless its value is long enough to be looked for in the text itself.
    """
    if not isinstance(item, dict):
        value = _text(item)
        quote = value if len(value.split()) >= _WORDS_OF_A_QUOTE else ""
        return {"value": value, "quote": quote} if value else None
    value, quote = _first_text(item, _VALUE_KEYS), _first_text(item, _QUOTE_KEYS)
    value = value or quote
    return {"value": value, "quote": quote} if value else None


def _first_text(item: dict[str, Any], keys: tuple[str, ...]) -> str:
    return next((text for key in keys if (text := _text(item.get(key)))), "")


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value).strip()
