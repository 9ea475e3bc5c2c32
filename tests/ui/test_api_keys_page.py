"""The page API keys: a key is made, shown once, and revoked."""

from __future__ import annotations

from services.access.keys.stored import PREFIX, get_api_keys, hashed
from tests.ui.conftest import button, open_page, text_of


def test_a_key_is_shown_once_works_and_is_revoked() -> None:
    at = open_page("api_keys")
    assert "No keys yet" in text_of(at)
    at.text_input(key="key-name").set_value("Nightly <b>export</b>")
    at.selectbox(key="key-role").set_value(at.selectbox(key="key-role").options[1])
    button(at, "Make a key").click().run()
    text = at.code[0].value
    assert text.startswith(PREFIX)
    (key,) = get_api_keys().list()
    assert key.role == "analyst"
    assert key.name == "Nightly <b>export</b>"
    found = get_api_keys().use(text)
    assert found is not None and found.id == key.id
    assert text not in text_of(open_page("api_keys"))  # another session
    assert hashed(text) not in text_of(at)
    button(at, "Revoke").click().run()
    assert get_api_keys().use(text) is None
    assert not at.code
    assert "revoked" in text_of(at)


def test_a_name_that_cannot_be_used_says_what_to_do() -> None:
    at = open_page("api_keys")
    button(at, "Make a key").click().run()
    assert "Name the program that will use it" in text_of(at)
    assert get_api_keys().list() == []
