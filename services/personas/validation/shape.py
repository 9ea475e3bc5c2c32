"""What shapes of JSON are made of. A shape reads what it can of a value, and tells of the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from services.errors import InvalidPersonaError
from services.personas.validation.values import check_persona

Path = tuple[str | int, ...]
Tell = Callable[[Path, str], None]
Shape = Callable[[Any, Path, Tell], Any]  # the readable part of a value, NOTHING if there is none
NOTHING: Final = object()


def value_that(fits: Callable[[Any], bool], problem: str) -> Shape:
    def read(value: Any, path: Path, tell: Tell) -> Any:
        if fits(value):
            return value
        tell(path, problem)
        return NOTHING

    return read


def list_of(item: Shape) -> Shape:
    """A list; items that cannot be read are left out."""

    def read(value: Any, path: Path, tell: Tell) -> Any:
        if not isinstance(value, list):
            tell(path, "must be a list")
            return NOTHING
        found = [item(one, (*path, index), tell) for index, one in enumerate(value)]
        return [one for one in found if one is not NOTHING]

    return read


def object_of(required: Mapping[str, Shape], optional: Mapping[str, Shape]) -> Shape:
    """An object; it cannot be read without what is required, but without the rest."""
    known = required.keys() | optional.keys()

    def read(value: Any, path: Path, tell: Tell) -> Any:
        if not isinstance(value, dict):
            tell(path, "must be an object")
            return NOTHING
        kept = value
        for name, shape in required.items():
            if name not in value:
                tell((*path, name), "is missing")
                return NOTHING
            if shape(value[name], (*path, name), tell) is NOTHING:
                return NOTHING
        for name, shape in optional.items():
            given = value.get(name)
            if given is None:
                continue
            found = shape(given, (*path, name), tell)
            if found is NOTHING:
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


def map_of(item: Shape) -> Shape:
    """An object with any names; values that cannot be read are left out."""

    def read(value: Any, path: Path, tell: Tell) -> Any:
        if not isinstance(value, dict):
            tell(path, "must be an object")
            return NOTHING
        found = {name: item(one, (*path, name), tell) for name, one in value.items()}
        return {name: one for name, one in found.items() if one is not NOTHING}

    return read


def span_of(shape: Shape) -> Shape:
    """An object with `start` and `end`: both or none, and the end behind the start."""

    def read(value: Any, path: Path, tell: Tell) -> Any:
        found = shape(value, path, tell)
        if found is NOTHING:
            return found
        start, end = found.get("start"), found.get("end")
        if (start is None) is (end is None) and (start is None or start < end):
            return found
        tell((*path, "end"), "must be larger than start")
        return NOTHING

    return read
