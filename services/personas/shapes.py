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
from typing import Any, Final

from services.errors import InvalidPersonaError
from services.personas.validation import check_persona

MOST_FLAWS = 20  # that are told of one persona
_LARGEST_AMOUNT = 2**53  # the last whole number before which floats leave none out
_LARGEST_OFFSET = 2**31 - 1  # code points; a text of Postgres has at most 2**30 bytes

Path = tuple[str | int, ...]
Tell = Callable[[Path, str], None]
Shape = Callable[[Any, Path, Tell], Any]  # the readable part of a value, _NOTHING if there is none
_NOTHING: Final = object()


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
            read[name] = _EMPTY[name]() if found is _NOTHING else found
    return read, flaws


def _refuse(path: Path, problem: str) -> None:
    raise InvalidPersonaError(f"{_spoken(path)} {problem}.", _ADVICE[str(path[0])])


def _spoken(path: Path) -> str:
    parts = [f"[{part}]" if isinstance(part, int) else f".{part[:60]}" for part in path]
    return "".join(parts).removeprefix(".")


# ------------------------------------------------------------------ what shapes are made of


def _value(fits: Callable[[Any], bool], problem: str) -> Shape:
    def read(value: Any, path: Path, tell: Tell) -> Any:
        if fits(value):
            return value
        tell(path, problem)
        return _NOTHING

    return read


def _list_of(item: Shape) -> Shape:
    """A list; items that cannot be read are left out."""

    def read(value: Any, path: Path, tell: Tell) -> Any:
        if not isinstance(value, list):
            tell(path, "must be a list")
            return _NOTHING
        found = [item(one, (*path, index), tell) for index, one in enumerate(value)]
        return [one for one in found if one is not _NOTHING]

    return read


def _object(required: Mapping[str, Shape], optional: Mapping[str, Shape]) -> Shape:
    """An object; it cannot be read without what is required, but without the rest."""
    known = required.keys() | optional.keys()

    def read(value: Any, path: Path, tell: Tell) -> Any:
        if not isinstance(value, dict):
            tell(path, "must be an object")
            return _NOTHING
        kept = value
        for name, shape in required.items():
            if name not in value:
                tell((*path, name), "is missing")
                return _NOTHING
            if shape(value[name], (*path, name), tell) is _NOTHING:
                return _NOTHING
        for name, shape in optional.items():
            given = value.get(name)
            if given is None:
                continue
            found = shape(given, (*path, name), tell)
            if found is _NOTHING:
                kept = {key: one for key, one in kept.items() if key != name}
            elif found is not given:
                kept = {**kept, name: found}
        return _with_what_can_be_kept(kept, kept.keys() - known, path, tell)

    return read


def _with_what_can_be_kept(
    value: dict[str, Any], unknown: set[str], path: Path, tell: Tell
) -> dict[str, Any]:
    """The object, without those unknown entries that could not be stored again."""
    for name in unknown:
        if isinstance(value[name], str | bool | None):
            continue
        try:
            check_persona({name: value[name]}, path)
        except InvalidPersonaError as error:
            tell((*path, name), f"cannot be kept: {error.problem.removesuffix('.')}")
            value = {key: one for key, one in value.items() if key != name}
    return value


def _map_of(item: Shape) -> Shape:
    """An object with any names; values that cannot be read are left out."""

    def read(value: Any, path: Path, tell: Tell) -> Any:
        if not isinstance(value, dict):
            tell(path, "must be an object")
            return _NOTHING
        found = {name: item(one, (*path, name), tell) for name, one in value.items()}
        return {name: one for name, one in found.items() if one is not _NOTHING}

    return read


def _span(shape: Shape) -> Shape:
    """An object with `start` and `end`: both or none, and the end behind the start."""

    def read(value: Any, path: Path, tell: Tell) -> Any:
        found = shape(value, path, tell)
        if found is _NOTHING:
            return found
        start, end = found.get("start"), found.get("end")
        if (start is None) is (end is None) and (start is None or start < end):
            return found
        tell((*path, "end"), "must be larger than start")
        return _NOTHING

    return read


def _is_offset(value: Any) -> bool:
    return type(value) is int and 0 <= value <= _LARGEST_OFFSET


def _is_amount(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value <= _LARGEST_AMOUNT


_TEXT = _value(lambda value: isinstance(value, str), "must be text")
_POINTER = _value(
    lambda value: isinstance(value, str) and value[:1] in ("", "/"),
    "must be a JSON Pointer such as “/skills/0”",
)
_OFFSET = _value(_is_offset, "must be a whole number from 0 on")
_AMOUNT = _value(_is_amount, "must be a number from 0 on")
_FLAG = _value(lambda value: isinstance(value, bool), "must be true or false")
_WHO = _value(lambda value: value in ("model", "human"), "must be “model” or “human”")
_SUPPORT = _value(lambda value: value in ("stated", "inferred"), "must be “stated” or “inferred”")
_PERSONA = _value(lambda value: isinstance(value, dict), "must be an object")

_EVIDENCE = _object(
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
_SOURCE = _object({"label": _TEXT, "start": _OFFSET, "end": _OFFSET}, {"added_at": _TEXT})
_REJECTED = _object(
    {"field": _TEXT, "value": _TEXT, "quote": _TEXT, "reason": _TEXT},
    {"start": _OFFSET, "end": _OFFSET},
)
_USAGE = _object(
    {"input_tokens": _OFFSET, "output_tokens": _OFFSET},
    {
        "cached_input_tokens": _OFFSET,
        "reasoning_tokens": _OFFSET,
        "batch_input_tokens": _OFFSET,
        "batch_output_tokens": _OFFSET,
    },
)
_NOT_READ = _object({"start": _OFFSET, "end": _OFFSET}, {"reason": _TEXT})
_SECOND_LOOK = _object({"checked": _OFFSET, "doubted": _OFFSET}, {})
_GENERATION = _object(
    {},
    {
        "engine": _TEXT,
        "model": _TEXT,
        "prompt_version": _TEXT,
        "usage": _USAGE,
        "cost": _AMOUNT,
        "seconds": _AMOUNT,
        "chunks": _OFFSET,
        "notes": _list_of(_TEXT),
        "rejected": _list_of(_REJECTED),
        "not_read": _list_of(_span(_NOT_READ)),
        "about": _TEXT,
        "second_look": _SECOND_LOOK,
        "key": _TEXT,
        "taken_over_from": _TEXT,
    },
)

SHAPES: Mapping[str, Shape] = {
    "persona": _PERSONA,
    "evidence": _list_of(_span(_EVIDENCE)),
    "sources": _list_of(_span(_SOURCE)),
    "origins": _map_of(_WHO),
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
