"""What was given: how much of it there is, what cannot be read, and how it begins."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import streamlit as st

from pages.ui.csv_file import csv_file
from pages.ui.faults import show_fault
from pages.ui.inert import plain
from pages.ui.many.state import also_wanted, choose_many, want_also
from pages.ui.wording import counted
from services import cached
from services.importing.texts.intake import Intake

_POLL_SECONDS = 0.7
_SHOWN_TEXTS, _SHOWN_PROBLEMS = 3, 200


@st.fragment(run_every=_POLL_SECONDS)
def follow_reading(intake_id: UUID) -> None:
    """Draw how far the reading is."""
    given = cached.intake(intake_id)
    if not given.is_open:
        st.rerun()
    share = given.done / max(given.files, 1)
    problems = f", {len(given.problems):,} cannot be read" if given.problems else ""
    st.progress(share, text=f"Reading: {counted(len(given.held), 'text')} so far{problems} …")
    st.caption("You can close this page: its address leads back here.")
    st.button("Stop reading", on_click=cached.stop_reading, args=(intake_id,), key="stop-reading")


def show_numbers(given: Intake) -> None:
    """How much was read, and how the reading ended."""
    if given.fault:
        show_fault(given.fault)
    elif given.state == "stopped":
        st.warning("Stopped. What was read by then is here.", icon=":material/pause_circle:")
    lines = given.held.lines
    numbers = {
        "Texts": len(lines),
        "Characters": given.held.characters(range(len(lines))),
        "Stored already": len(given.held.stored),
        "Duplicates": sum(line.again for line in lines),
        "Cannot be read": len(given.problems),
    }
    with st.container(horizontal=True, gap="large"):
        for label, number in numbers.items():
            st.metric(label, f"{number:,}", width="content")


def chosen_texts(given: Intake) -> list[int]:
    """Draw what can be drafted beside the new texts; the numbers of all that are chosen."""
    stored = len(given.held.stored)
    again = sum(line.again for line in given.held.lines)
    if stored:
        _also("stored", f"Include texts that are stored already, or wait in a batch ({stored:,})")
    if again:
        _also("equal", f"Include duplicates ({again:,})")
    also = also_wanted()
    return given.held.chosen(stored="stored" in also, again="equal" in also)


def _also(what: str, label: str) -> None:
    key = f"also-{what}"
    if key not in st.session_state:
        st.session_state[key] = what in also_wanted()
    st.checkbox(label, key=key, on_change=lambda: want_also(what, st.session_state[key]))


def show_beginnings(given: Intake, numbers: Sequence[int]) -> None:
    """How the first of them begin."""
    if not numbers:
        return
    st.header("How they begin", anchor=False)
    for number, text in given.held.texts(numbers[:_SHOWN_TEXTS]):
        with st.container(border=True, gap="xsmall"):
            length = given.held.lines[number].characters
            about = f" · about {plain(text.about, 60)}" if text.about else ""
            st.markdown(f"**{plain(text.label, 100)}** · {length:,} characters{about}")
            st.caption(plain(text.text[:1000], 180))
    if len(numbers) > _SHOWN_TEXTS:
        st.caption(f"and {counted(len(numbers) - _SHOWN_TEXTS, 'text')} more")


def show_duplicates(given: Intake) -> None:
    """Which texts are the same as one before them, and as which."""
    if not (found := _duplicates(given)):
        return
    st.header("Duplicates", anchor=False)
    shown = found[:_SHOWN_PROBLEMS]
    st.dataframe(
        {"Text": [one for one, _ in shown], "The same as": [first for _, first in shown]},
        hide_index=True,
        height="content" if len(shown) < 8 else 280,
    )
    if len(found) > len(shown):
        st.caption(f"The first {len(shown):,} of {len(found):,}.")


def _duplicates(given: Intake) -> list[tuple[str, str]]:
    lines = given.held.lines
    first = {line.md5: line.label for line in reversed(lines)}
    return [(line.label, first[line.md5]) for line in lines if line.again]


def show_problems(given: Intake) -> None:
    """What cannot be read, and why; all of it as a file."""
    if not given.problems:
        return
    st.header("What cannot be read", anchor=False)
    found = given.problems[:_SHOWN_PROBLEMS]
    st.dataframe(
        {"Given": [one.name for one in found], "Problem": [one.reason for one in found]},
        hide_index=True,
        height="content" if len(found) < 8 else 280,
    )
    if len(given.problems) > len(found):
        st.caption(f"The first {len(found):,} of {len(given.problems):,}; the file holds all.")
    st.download_button(
        "Download all problems",
        lambda: csv_file(("given", "problem"), [(one.name, one.reason) for one in given.problems]),
        file_name="unread-texts.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key="download-unread",
    )


def give_others(intake_id: UUID) -> None:
    """On click: let go of these, back to the beginning."""
    cached.forget_texts(intake_id)
    choose_many(True)
