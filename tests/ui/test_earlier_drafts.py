"""A text that was drafted before: its draft is taken over, or made anew on somebody's word."""

from __future__ import annotations

import streamlit as st

from tests.ui.conftest import open_page, run_until, stored_personas, text_of
from tests.ui.test_generate_page import TEXT, is_saved, submit, typed

NOTICE = "drafted before in the same way: **Ana Ruiz**"


def test_an_earlier_draft_is_taken_over_unless_a_new_one_is_wished() -> None:
    at = typed(TEXT)
    assert NOTICE not in text_of(at)
    run_until(submit(at), is_saved)
    st.cache_data.clear()  # the page keeps what it found of a text for some seconds
    at = typed(TEXT.replace(" ", "\n"))
    assert NOTICE in text_of(at)
    run_until(submit(at), is_saved)
    anew = typed(TEXT)
    anew.checkbox(key="ask-anew").check().run()
    run_until(submit(anew), is_saved)
    first, copy, third = sorted(stored_personas(), key=lambda one: one.created_at)
    told = [(one.generation or {}).get("taken_over_from") for one in (first, copy, third)]
    assert told == [None, str(first.id), None]
    assert copy.persona == first.persona == third.persona
    page = open_page("persona", id=str(copy.id))
    assert "taken over from an earlier draft of the same text" in text_of(page)
