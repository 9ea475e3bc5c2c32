"""A persona as a form shows it, and what was typed into the form as a persona again.

A value that nobody touched stays as it is, to the letter, also beside others of its list. What is
typed becomes a number, true or false where such a value stood, or where the field usually holds a
number, unless that would not keep it exactly; text otherwise. An emptied field is taken out; so is
an emptied item.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal

from services.evidence.schema import FIELD_BY_NAME, FIELDS, SUMMARY, in_field_order
from services.personas.validation.values import is_exact

Typed = str | list[str] | None  # one value, the items of a list, or taken out
NUMBERS = ("age", "years_experience")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,99})(?:\.[0-9]{1,99})?(?:[eE][+-]?[0-9]{1,3})?")
_BLANK = re.compile(r"[\s\ufeff]*")  # to Python or to a browser
_LINE_ENDS = re.compile("\r\n?")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_PREVIEW = 300  # characters of a value that is only shown
_MOST_ITEMS = 500  # that a browser has boxes for without stopping


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
        if len(value) <= _MOST_ITEMS and all(
            isinstance(item, str | int | float) and not _is_blank(item) for item in value
        ):
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
    return _items([one for text in typed if not _is_blank(one := _clean(text))], before)


def _items(typed: list[str], before: Any) -> list[Any]:
    """Each item that stands there as before is that very item."""
    known: dict[str, deque[Any]] = defaultdict(deque)
    for item in before if isinstance(before, list) else []:
        known[_text(item)].append(item)
    return [_next(known[text]) if text in known else text for text in typed]


def _next(items: deque[Any]) -> Any:
    return items.popleft() if len(items) > 1 else items[0]


def _typed(text: str, before: Any, *, number: bool) -> Any:
    text = _clean(text)
    bare = text.strip()
    if isinstance(before, bool):
        return {"true": True, "false": False}.get(bare, text)
    was_text = isinstance(before, str) and _is_number(before)  # "36": stays text
    if (isinstance(before, int | float) or (number and not was_text)) and _is_number(bare):
        return json.loads(bare)
    return "" if _is_blank(text) else text


def _is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None and is_exact(text)


def _is_blank(item: Any) -> bool:
    return isinstance(item, str) and _BLANK.fullmatch(item) is not None


def _text(value: Any) -> str:
    """As it stands in a box, which knows one kind of line end."""
    return _LINE_ENDS.sub("\n", value) if isinstance(value, str) else json.dumps(value)


def _clean(text: str) -> str:
    """Without what no persona can hold: nobody sees it in a box."""
    return _UNSTORABLE.sub("", text)


def _is_list(name: str) -> bool:
    return name in FIELD_BY_NAME and FIELD_BY_NAME[name].kind == "list"
