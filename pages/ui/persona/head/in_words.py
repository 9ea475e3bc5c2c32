"""A persona as text and as Markdown, its fields in their order."""

from __future__ import annotations

import re
from typing import Any

from pages.ui.wording import as_text, label, name_of
from services.evidence.schema import SUMMARY, in_field_order

Persona = dict[str, Any]
_MARKS = re.compile(r"([\\`*_{}\[\]<>#|])")


def as_plain_text(persona: Persona) -> str:
    """One field a line, items of lists below it."""
    lines = [name_of(persona)]
    for key, value in _fields(persona):
        if isinstance(value, list):
            lines += [f"{label(key)}:", *(f"  - {_words(item)}" for item in value)]
        else:
            lines.append(f"{label(key)}: {_words(value)}")
    return "\n".join(lines)


def as_markdown(persona: Persona) -> str:
    """The name as a heading, the summary below it, then the fields; inert as Markdown."""
    lines = [f"# {_escaped(name_of(persona))}", ""]
    if summary := persona.get(SUMMARY):
        lines += [_escaped(_words(summary)), ""]
    for key, value in _fields(persona):
        if key == SUMMARY:
            continue
        if isinstance(value, list):
            lines += [f"**{_escaped(label(key))}**", ""]
            lines += [*(f"- {_escaped(_words(item))}" for item in value), ""]
        else:
            lines += [f"**{_escaped(label(key))}:** {_escaped(_words(value))}", ""]
    return "\n".join(lines).strip() + "\n"


def _fields(persona: Persona) -> list[tuple[str, Any]]:
    return [pair for pair in in_field_order(persona).items() if pair[0] != "name"]


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{label(key)}: {_words(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return ", ".join(map(_words, value))
    return as_text(value)


def _escaped(text: str) -> str:
    return _MARKS.sub(r"\\\1", " ".join(text.split()))
