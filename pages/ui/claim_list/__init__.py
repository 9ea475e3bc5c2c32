"""The claims of a persona, each with how it is supported; chosen, accepted, taken out by hand.

Keys, while the list has the focus: arrow down and up (or j and k) for the next and the previous
claim, a to accept it, r to take it out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import streamlit as st

_HERE = Path(__file__).parent
_render = st.components.v2.component(
    "claim_list",
    html='<div class="claims"></div>',
    css=(_HERE / "style.css").read_text("utf-8"),
    js=(_HERE / "frontend.js").read_text("utf-8"),
)


@dataclass(frozen=True)
class ClaimRow:
    """One claim as it is listed. `path` is its JSON Pointer, `support` a word of SUPPORTS."""

    path: str
    field: str
    value: str
    support: str
    label: str
    accepted: bool = False


@dataclass(frozen=True)
class ClaimAction:
    """What the analyst did to the claim at `path`."""

    kind: Literal["choose", "accept", "take_out"]
    path: str


def claim_list(
    rows: Sequence[ClaimRow],
    *,
    active: str | None,
    key: str,
    height: int,
    take_focus: bool = False,
) -> ClaimAction | None:
    """Draw the claims by field, in the order given; what was just done to one, else None.

    The list is at most `height` pixels high, and lower on a small screen. With `take_focus` it has
    the keyboard when it appears, unless something else has.
    """
    data = {
        "rows": [asdict(row) for row in rows],
        "active": active,
        "height": height,
        "takeFocus": take_focus,
    }
    result = _render(key=key, data=data, on_acted_change=lambda: None, height="content")
    return ClaimAction(**result.acted) if result.acted else None
