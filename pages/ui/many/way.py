"""In which way a model is asked about many texts: one by one, or in files."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from pages.ui.numbers import money
from services import cached
from services.importing.texts.estimate import Range

_FILES, _CALLS, _REUSE = "in-files", "calls-after-files", "reuse"


@dataclass(frozen=True)
class Way:
    """`in_files`: at a lower price, within a day; `calls_after_files`: what those do not bring is
    asked one by one; `reuse`: a text that was drafted in the same way before gets that draft."""

    in_files: bool = False
    calls_after_files: bool = True
    reuse: bool = True


def choose_way(engine: str, estimate: Range | None) -> Way:
    """Draw the choice, where the engine has one."""
    reuse = estimate is None or _choose_reuse()  # without an estimate nothing is paid for
    share = cached.price_in_files(engine)
    if share is None:
        return Way(reuse=reuse)
    in_files = st.toggle(
        "Ask in files, within a day",
        key=_FILES,
        help="The Batch API of OpenAI, Azure and some other servers (docs/models.md). The texts go "
        "there in files, and are answered when the server has time. Where it takes none, they are "
        "asked one by one.",
    )
    if not in_files:
        return Way(reuse=reuse)
    if estimate and estimate.cost:
        low, high = (one * share for one in estimate.cost)
        st.caption(
            f"In files: about {money(low)} to {money(high)} USD. All texts are under way at once, "
            "each with the most that it can cost set aside: with less allowed than proposed, they "
            "go in several files, one after the other."
        )
    after = st.toggle(
        "Ask one by one for what the files do not bring",
        value=True,
        key=_CALLS,
        help="Otherwise those texts have failed, and you can run them again in files.",
    )
    return Way(in_files, after, reuse)


def _choose_reuse() -> bool:
    return st.toggle(
        "Use earlier drafts of the same texts",
        value=True,
        key=_REUSE,
        help="What the same model was asked about the same text before is not paid for again.",
    )
