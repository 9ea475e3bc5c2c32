"""Dotted paths: how people name a place in a persona, in filters and as heads of columns.

Dots and backslashes inside a name are escaped by a backslash.
"""

from __future__ import annotations

import re
from collections.abc import Iterable


def split_path(path: str) -> list[str]:
    """The names in a dotted path. A backslash at its end stands for itself."""
    names = [""]
    for part in re.findall(r"\\.|.", path, re.DOTALL):
        if part == ".":
            names.append("")
        else:
            names[-1] += part[-1]
    return names


def join_path(names: Iterable[str]) -> str:
    """The dotted path of these names."""
    return ".".join(re.sub(r"([\\.])", r"\\\1", name) for name in names)
