"""The differences between a persona and its new draft, each with a box to take the new value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from pages.ui.inert import plain
from pages.ui.wording import as_text, label
from services.evidence.redraft import Difference

_LONG = 400  # characters of a value or a quote worth showing
_WHY_KEPT = {
    "human": ":violet-badge[set by a person]",
    "accepted": ":green-badge[accepted in review]",
    "removed": ":violet-badge[taken away by a person]",
    "list": ":violet-badge[a person changed this list]",
}


def difference_list(found: Sequence[Difference], draft: str) -> None:
    """Draw one row a difference. `draft` names the draft, so that each has choices of its own."""
    for difference in found:
        with st.container(border=True):
            _row(difference, draft)


def chosen_keys(found: Sequence[Difference], draft: str) -> frozenset[str]:
    """The keys of the differences whose box is ticked."""
    return frozenset(
        difference.key
        for difference in found
        if st.session_state.get(_box(difference, draft), difference.preselected)
    )


def _row(difference: Difference, draft: str) -> None:
    left, now, new = st.columns([3, 4, 4], gap="medium")
    with left, st.container(gap=None):
        st.checkbox(
            _action(difference),
            value=difference.preselected,
            key=_box(difference, draft),
            persist_state="session",
        )
        if why := _WHY_KEPT.get(difference.kept):
            st.markdown(why)
    with now, st.container(gap=None):
        _side("Now", difference.current, "not in the list" if difference.item else "nothing")
    with new, st.container(gap=None):
        _side("New draft", difference.proposed, "nothing")
        for quote in difference.quotes[:2]:
            st.caption(f"“{plain(quote, _LONG)}”")


def _action(difference: Difference) -> str:
    field = plain(label(difference.field))
    if difference.proposed is None:
        return f"{field}: take out"
    return f"{field}: add" if difference.current is None else f"{field}: take new"


def _side(heading: str, value: Any, without: str) -> None:
    st.caption(heading)
    st.markdown(plain(_in_words(value), _LONG) if value is not None else f":gray[{without}]")


def _in_words(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{label(key)}: {_in_words(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return ", ".join(map(_in_words, value))
    return as_text(value)


def _box(difference: Difference, draft: str) -> str:
    return f"take-{draft}-{difference.key}"
