"""Hints at values that a known field does not usually hold. They can be saved all the same."""

from __future__ import annotations

import re
from typing import Any

from pages.ui.wording import label
from services.evidence.schema import FIELD_BY_NAME


def type_hints(persona: dict[str, Any]) -> dict[str, str]:
    """One sentence for each known field whose value is of another kind."""
    found = {name: _hint(name, value) for name, value in persona.items() if name in FIELD_BY_NAME}
    return {name: hint for name, hint in found.items() if hint}


def _hint(name: str, value: Any) -> str:
    if value is None or value == "":
        return ""
    if FIELD_BY_NAME[name].kind == "list":
        return "" if isinstance(value, list) else f"{label(name)} usually holds a list: [ … ]"
    if isinstance(value, list | dict):
        return f"{label(name)} usually holds one value"
    if name == "age" and not re.search(r"\d", str(value)):
        return f"{label(name)} usually holds a number"
    return ""
