"""The shape of what is stored of a persona as JSON: one description for every way in and out.

    evidence    [{path, quote, start?, end?, support?, score?, engine?, origin?, accepted?}]
    sources     [{label, start, end, added_at?}]
    origins     {JSON Pointer: "model" or "human"}
    generation  {engine?, model?, prompt_version?, usage?, cost?, seconds?, chunks?, rejected?, …}

`check_columns` refuses what is given, `readable_columns` reads what is stored, by any program:
it leaves out what has another shape. What may be absent (?) may also be null, and unknown entries
stay as they are. The database refuses the worst of it by itself (migration 015).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from services.errors import InvalidPersonaError
from services.personas.validation import check_persona
from services.personas.validation.shape import (
    NOTHING,
    Path,
    Shape,
    list_of,
    map_of,
    object_of,
    span_of,
    value_that,
)

MOST_FLAWS = 20  # that are told of one persona
_LARGEST_AMOUNT = 2**53  # the last whole number before which floats leave none out
_LARGEST_OFFSET = 2**31 - 1  # code points; a text of Postgres has at most 2**30 bytes


def check_columns(columns: Mapping[str, Any]) -> None:
    """Raise InvalidPersonaError, with the path, if one of these columns may not be stored so."""
    for name in SHAPES.keys() & columns.keys():
        value = columns[name]
        if value is None and name == "generation":  # written by hand
            continue
        SHAPES[name](value, (name,), _refuse)
        try:
            check_persona(value if name == "persona" else {name: value})
        except InvalidPersonaError as error:
            raise InvalidPersonaError(f"In {name}: {error.problem}", error.advice) from None


def readable_columns(row: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The row with what can be read of it, and what had to be left out: "evidence[0] must be …"."""
    flaws: list[str] = []

    def tell(path: Path, problem: str) -> None:
        if len(flaws) < MOST_FLAWS:
            flaws.append(f"{_spoken(path)} {problem}")

    read = dict(row)
    for name, shape in SHAPES.items():
        if row.get(name) is not None:
            found = shape(row[name], (name,), tell)
            read[name] = _EMPTY[name]() if found is NOTHING else found
    return read, flaws


def _refuse(path: Path, problem: str) -> None:
    raise InvalidPersonaError(f"{_spoken(path)} {problem}.", _ADVICE[str(path[0])])


def _spoken(path: Path) -> str:
    parts = [f"[{part}]" if isinstance(part, int) else f".{part[:60]}" for part in path]
    return "".join(parts).removeprefix(".")


def _is_offset(value: Any) -> bool:
    return type(value) is int and 0 <= value <= _LARGEST_OFFSET


def _is_amount(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value <= _LARGEST_AMOUNT


_TEXT = value_that(lambda value: isinstance(value, str), "must be text")
_POINTER = value_that(
    lambda value: isinstance(value, str) and value[:1] in ("", "/"),
    "must be a JSON Pointer such as “/skills/0”",
)
_OFFSET = value_that(_is_offset, "must be a whole number from 0 on")
_AMOUNT = value_that(_is_amount, "must be a number from 0 on")
_FLAG = value_that(lambda value: isinstance(value, bool), "must be true or false")
_WHO = value_that(lambda value: value in ("model", "human"), "must be “model” or “human”")
_SUPPORT = value_that(
    lambda value: value in ("stated", "inferred"), "must be “stated” or “inferred”"
)
_PERSONA = value_that(lambda value: isinstance(value, dict), "must be an object")

_EVIDENCE = object_of(
    {"path": _POINTER, "quote": _TEXT},
    {
        "start": _OFFSET,
        "end": _OFFSET,
        "support": _SUPPORT,
        "score": _AMOUNT,
        "engine": _TEXT,
        "origin": _WHO,
        "accepted": _FLAG,
    },
)
_SOURCE = object_of({"label": _TEXT, "start": _OFFSET, "end": _OFFSET}, {"added_at": _TEXT})
_REJECTED = object_of(
    {"field": _TEXT, "value": _TEXT, "quote": _TEXT, "reason": _TEXT},
    {"start": _OFFSET, "end": _OFFSET},
)
_USAGE = object_of(
    {"input_tokens": _OFFSET, "output_tokens": _OFFSET},
    {
        "cached_input_tokens": _OFFSET,
        "reasoning_tokens": _OFFSET,
        "batch_input_tokens": _OFFSET,
        "batch_output_tokens": _OFFSET,
    },
)
_NOT_READ = object_of({"start": _OFFSET, "end": _OFFSET}, {"reason": _TEXT})
_SECOND_LOOK = object_of({"checked": _OFFSET, "doubted": _OFFSET}, {})
_GENERATION = object_of(
    {},
    {
        "engine": _TEXT,
        "model": _TEXT,
        "prompt_version": _TEXT,
        "usage": _USAGE,
        "cost": _AMOUNT,
        "seconds": _AMOUNT,
        "chunks": _OFFSET,
        "notes": list_of(_TEXT),
        "rejected": list_of(_REJECTED),
        "not_read": list_of(span_of(_NOT_READ)),
        "about": _TEXT,
        "second_look": _SECOND_LOOK,
        "key": _TEXT,
        "taken_over_from": _TEXT,
    },
)

SHAPES: Mapping[str, Shape] = {
    "persona": _PERSONA,
    "evidence": list_of(span_of(_EVIDENCE)),
    "sources": list_of(span_of(_SOURCE)),
    "origins": map_of(_WHO),
    "generation": _GENERATION,
}
_EMPTY: Mapping[str, Callable[[], Any]] = {
    "persona": dict,
    "evidence": list,
    "sources": list,
    "origins": dict,
    "generation": lambda: None,
}
_ADVICE: Mapping[str, str] = {
    "persona": "Write it as { … } with names and values.",
    "evidence": "Correct the entry or leave it out: each is {path, quote, start, end}.",
    "sources": "Correct the entry or leave it out: each is {label, start, end}.",
    "origins": "Correct the entry or leave it out: names are JSON Pointers into the persona.",
    "generation": "Correct the entry or leave it out: it tells how the persona was drafted.",
}
