"""An answer as people may watch it arrive."""

from __future__ import annotations

import json
import re
from typing import Any

import jiter

_THOUGHTS_END = re.compile(
    r"</(?:think|thinking|thought|thoughts|reasoning)>|\[/THINK\]|◁/think▷"
    r"|<\|channel\|>\s*final\s*(?:<\|constrain\|>\s*\w*\s*)?<\|message\|>"
    r"|<\|end_of_thought\|>|<\|begin_of_solution\|>"
)


def live_view(content: str) -> str:
    """What has arrived so far, indented if it is the beginning of a JSON object."""
    start = after_thoughts(content).lstrip()
    if not start.startswith("{"):
        return content
    try:
        value: Any = jiter.from_json(
            start.encode("utf-8", "replace"), partial_mode="trailing-strings"
        )
    except ValueError:
        return content
    return json.dumps(value, ensure_ascii=False, indent=2)


def after_thoughts(content: str) -> str:
    """What follows the last end of thoughts; they need not have a beginning."""
    return _THOUGHTS_END.split(content)[-1]
