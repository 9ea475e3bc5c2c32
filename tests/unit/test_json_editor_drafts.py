"""Drafts of the JSON editor, typed into its plain text area (AppTest runs no JavaScript)."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def script() -> None:
    import streamlit as st

    from pages.ui.components.draft_buffer import (
        Buffer,
        discard_draft,
        draft,
        has_draft,
        replace_draft,
    )
    from pages.ui.components.json_editor import json_editor

    version = st.session_state.get("version", "1")
    stored = st.session_state.get("stored", "{}")
    if st.button("Discard"):
        discard_draft("editor", version)
    if st.button("Replace"):
        replace_draft("editor", version, "[replaced]")
    if not st.checkbox("Away"):
        st.session_state.got = json_editor(Buffer("editor", version, stored), script_url=None)
    st.session_state.unsaved = has_draft("editor", version)
    st.session_state.draft = draft("editor", version)
    st.session_state.token = Buffer("editor", version, stored).token


def opened() -> AppTest:
    return AppTest.from_function(script).run()


def state(app: AppTest) -> tuple[str, bool, str | None]:
    assert not app.exception
    return app.session_state.got, app.session_state.unsaved, app.session_state.draft


def typed(app: AppTest, text: str) -> AppTest:
    return app.text_area(key="editor").set_value(text).run()


def test_the_stored_text_is_no_draft() -> None:
    assert state(opened()) == ("{}", False, None)


def test_what_is_typed_comes_back_as_it_is() -> None:
    app = typed(opened(), '{"a": ')
    assert state(app) == ('{"a": ', True, '{"a": ')
    assert state(app.run()) == ('{"a": ', True, '{"a": ')


def test_another_editor_takes_what_was_typed_into_the_plain_one() -> None:
    before = opened().session_state.token
    app = typed(opened(), "x")
    assert app.session_state.token != before, "in the browser the form would go on with its own"
    assert app.run().session_state.token == app.session_state.token


def test_typing_the_stored_text_again_leaves_nothing_unsaved() -> None:
    assert state(typed(typed(opened(), "x"), "{}")) == ("{}", False, None)


def test_an_emptied_buffer_is_a_draft_too() -> None:
    assert state(typed(opened(), "")) == ("", True, "")


def test_a_draft_survives_being_away() -> None:
    app = typed(opened(), "mine")
    app.checkbox[0].check().run()
    assert not app.text_area
    app.checkbox[0].uncheck().run()
    assert app.text_area(key="editor").value == "mine"
    assert state(app) == ("mine", True, "mine")


def test_a_new_version_takes_the_buffer_and_the_old_draft_is_kept() -> None:
    app = typed(opened(), "mine")
    app.session_state.version, app.session_state.stored = "2", "theirs"
    assert state(app.run()) == ("theirs", False, None)
    assert app.text_area(key="editor").value == "theirs"
    app.session_state.version, app.session_state.stored = "1", "{}"
    assert state(app.run()) == ("mine", True, "mine")


def test_discard_and_replace() -> None:
    app = typed(opened(), "mine")
    app.button[0].click().run()
    assert state(app) == ("{}", False, None)
    assert app.text_area(key="editor").value == "{}"
    app.button[1].click().run()
    assert state(app) == ("[replaced]", True, "[replaced]")
    assert app.text_area(key="editor").value == "[replaced]"
    assert state(typed(app, "more")) == ("more", True, "more")


def test_a_session_keeps_only_the_latest_drafts() -> None:
    app = opened()
    for number in range(40):
        app.session_state.version = str(number)
        typed(app.run(), "mine")
    assert len(app.session_state.document_drafts.texts) == 32
