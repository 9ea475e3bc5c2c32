"""A persona as a form shows it, and what was typed into the form as a persona again.

A value that nobody touched stays as it is, to the letter. What is typed becomes a number, true or
false where such a value stood, or where the field usually holds a number; text otherwise. An
emptied field is taken out; so is an emptied item.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal

from services.evidence.schema import FIELD_BY_NAME, FIELDS, SUMMARY, in_field_order

Typed = str | list[str] | None  # one value, the items of a list, or taken out
NUMBERS = ("age", "years_experience")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,6})?")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_PREVIEW = 300  # characters of a value that is only shown


@dataclass(frozen=True)
class FormField:
    """One field of the form. `value` is its text, or the texts of its items; of kind "json" it is
    only a preview: such a value is edited as JSON."""

    name: str
    kind: Literal["one", "list", "json"]
    value: str | list[str]

    @property
    def is_known(self) -> bool:
        """Whether the field set names it: then it is shown empty, too."""
        return self.name in FIELD_BY_NAME or self.name == SUMMARY


def form_fields(persona: Mapping[str, Any]) -> list[FormField]:
    """Every field that the form shows, the known ones first, in the order of the field set."""
    empty: dict[str, Any] = {SUMMARY: ""}
    empty |= {spec.name: [] if spec.kind == "list" else "" for spec in FIELDS}
    return [_field(name, value) for name, value in in_field_order({**empty, **persona}).items()]


def edited(base: dict[str, Any], edits: Iterable[tuple[str, Typed]]) -> dict[str, Any]:
    """`base` with what was typed: for each field that was touched, all that stands in it now."""
    persona = deepcopy(base)
    for name, typed in edits:
        name = _clean(name)
        shown = _field(name, base[name]) if name in base else None
        if shown and (shown.kind == "json" or shown.value == typed):
            continue
        value = _value(name, typed, base.get(name))
        if value in (None, "", []):
            persona.pop(name, None)
        else:
            persona[name] = value
    return in_field_order(persona)


def _field(name: str, value: Any) -> FormField:
    if value is None:
        value = [] if _is_list(name) else ""
    if isinstance(value, list):
        if all(isinstance(item, str | int | float) and item != "" for item in value):
            return FormField(name, "list", [_text(item) for item in value])
    elif not isinstance(value, dict):
        return FormField(name, "one", _text(value))
    preview = json.dumps(value, ensure_ascii=False)
    return FormField(name, "json", preview[:_PREVIEW])


def _value(name: str, typed: Typed, before: Any) -> Any:
    if typed is None:
        return None
    if isinstance(typed, str):
        return _typed(typed, before, number=name in NUMBERS)
    items = before if isinstance(before, list) else []
    known = {_text(item): item for item in items}
    found = (_clean(text) for text in typed)
    return [known.get(text, text) for text in found if text.strip()]


def _typed(text: str, before: Any, *, number: bool) -> Any:
    text = _clean(text)
    if isinstance(before, bool):
        return {"true": True, "false": False}.get(text.strip(), text)
    was_text = isinstance(before, str) and _NUMBER.fullmatch(before)  # "36": stays text
    if (isinstance(before, int | float) or (number and not was_text)) and _NUMBER.fullmatch(
        text.strip()
    ):
        return json.loads(text)
    return text if text.strip() else ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _clean(text: str) -> str:
    """Without what no persona can hold: nobody sees it in a box."""
    return _UNSTORABLE.sub("", text)


def _is_list(name: str) -> bool:
    return name in FIELD_BY_NAME and FIELD_BY_NAME[name].kind == "list"
