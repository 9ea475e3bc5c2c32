"""The way of many texts on Generate: give, look, start."""

from __future__ import annotations

from uuid import UUID

import streamlit as st

from pages.ui.faults import show_fault
from pages.ui.inert import plain
from pages.ui.many.give import give_texts
from pages.ui.many.preview import (
    chosen_texts,
    follow_reading,
    give_others,
    show_beginnings,
    show_duplicates,
    show_numbers,
    show_problems,
)
from pages.ui.many.start import follow_started, start_panel
from pages.ui.many.state import choose_many, given_id
from pages.ui.navigation import BATCH
from services import cached
from services.errors import InvalidInputError
from services.importing.texts.intake import Intake


def many_texts() -> None:
    """Draw what comes next; a batch that was just made is followed on its own page."""
    follow_started()
    try:
        intake_id = given_id()
        if intake_id and _is_batch(intake_id):
            return
        given = cached.intake(intake_id) if intake_id else None
    except InvalidInputError as error:
        show_fault(error)
        st.button("Start again", on_click=choose_many, args=(True,), key="give-anew")
        return
    if given is None:
        give_texts()
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plain(given.name, 120)}**", width="content")
        st.button(
            "Choose other files",
            icon=":material/arrow_back:",
            type="tertiary",
            on_click=give_others,
            args=(given.id,),
            key="give-others",
        )
    if given.is_open:
        follow_reading(given.id)
    else:
        _look_and_start(given)


def _is_batch(intake_id: UUID) -> bool:
    """Say so if these texts have become a batch."""
    if not cached.is_batch(intake_id):
        return False
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        st.markdown(":material/stacks: **These texts are a batch now.**")
        st.page_link(BATCH, label="Open it", query_params={"id": str(intake_id)})
        st.space("stretch")
        st.button("Choose other files", on_click=choose_many, args=(True,), key="give-more")
    return True


def _look_and_start(given: Intake) -> None:
    show_numbers(given)
    if not given.held.lines:
        show_problems(given)
        return
    left, right = st.columns([3, 2], gap="large")
    with left:
        numbers = chosen_texts(given)
        show_beginnings(given, numbers)
        show_duplicates(given)
        show_problems(given)
    with right, st.container(key="generate-actions"):
        start_panel(given, numbers)
