"""The claims of a persona, each with how it is supported; chosen, accepted, taken out by hand.

Keys, while the list has the focus: arrow down and up (or j and k) for the next and the previous
claim, a to accept it, r to take it out. The browser keeps which claim is chosen, and sends what is
to be stored until `claim_list_done` has told that it is done.
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
    html='<div class="claims"></div><p class="why" role="status"></p>',
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
    """What the analyst did to the claim at `path`, whose value was shown as `value`."""

    kind: Literal["accept", "take_out"]
    path: str
    value: str
    number: int


@dataclass(frozen=True)
class ClaimMessage:
    """What the list tells: the actions that are not confirmed, in their order, and the choice.

    Numbers only grow. An action may come again: what has a number up to that of the last message
    is done. `active` is the claim that is chosen now.
    """

    number: int
    actions: tuple[ClaimAction, ...]
    active: str | None


def claim_list(
    rows: Sequence[ClaimRow],
    *,
    text: str,
    active: str | None,
    on_message: Callable[[ClaimMessage], None],
    key: str,
    height: int,
    take_focus: bool = False,
    refusal: str = "",
) -> None:
    """Draw the claims by field, in the order given.

    `text` is the key of the evidence view that shows their words; `active` is chosen at first. The
    list is at most `height` pixels high, and lower on a small screen. With `take_focus` it has the
    keyboard when it appears, unless something else has. With a `refusal` it is for reading only:
    what would store something says that instead.
    """

    def heard() -> None:
        told = (st.session_state.get(key) or {}).get("acted")
        if told:
            actions = tuple(ClaimAction(**action) for action in told["actions"])
            on_message(ClaimMessage(told["number"], actions, told["active"]))

    data = {
        "list": key,
        "text": text,
        "rows": [asdict(row) for row in rows],
        "active": active,
        "height": height,
        "takeFocus": take_focus,
        "refusal": refusal,
    }
    _render(key=key, data=data, on_acted_change=heard, height="content")


def claim_list_done(key: str, number: int) -> None:
    """Tell the list `key` that what follows from its message `number` is drawn: draw it last."""
    _render(key=f"{key}_done", data={"list": key, "done": number}, height="content")
