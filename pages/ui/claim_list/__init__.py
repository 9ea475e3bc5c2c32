"""The claims of a persona, each with how it is supported; chosen, accepted, taken out by hand.

Keys, while the list has the focus: arrow down and up (or j and k) for the next and the previous
claim, a to accept it, r to take it out. The browser keeps which claim is chosen, and sends one
action at a time: the next one goes when `claim_list_done` has told that the page is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
    """What the analyst did to the claim at `path`, whose value was shown as `value`.

    `next` is the claim that is chosen after it; `number` is for `claim_list_done`.
    """

    kind: Literal["choose", "accept", "take_out"]
    path: str
    value: str
    next: str
    number: int


def claim_list(
    rows: Sequence[ClaimRow],
    *,
    text: str,
    active: str | None,
    on_action: Callable[[ClaimAction], None],
    key: str,
    height: int,
    take_focus: bool = False,
) -> None:
    """Draw the claims by field, in the order given.

    `text` is the key of the evidence view that shows their words; `active` is chosen at first. The
    list is at most `height` pixels high, and lower on a small screen. With `take_focus` it has the
    keyboard when it appears, unless something else has.
    """

    def acted() -> None:
        if told := st.session_state[key].acted:
            path = told["path"]
            on_action(
                ClaimAction(
                    told["kind"],
                    path,
                    told.get("value", ""),
                    told.get("next", path),
                    told["number"],
                )
            )

    data = {
        "list": key,
        "text": text,
        "rows": [asdict(row) for row in rows],
        "active": active,
        "height": height,
        "takeFocus": take_focus,
    }
    _render(key=key, data=data, on_acted_change=acted, height="content")


def claim_list_done(key: str, number: int) -> None:
    """Tell the list `key` that all is drawn that follows from its action `number`: draw it last."""
    _render(key=f"{key}_done", data={"list": key, "done": number}, height="content")
