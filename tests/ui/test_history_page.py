"""The history view and the trash, by what is stored afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from services import cached
from services.errors import NotFoundError
from services.personas import Persona, PersonaUpdate, get_persona_repository
from services.personas.history import get_history
from services.personas.trash import get_trash
from tests.ui.conftest import button, open_page, store, stored_personas, text_of

ADA = {"name": "Ada Byron", "role": "analyst", "goals": ["fewer meetings", "more maths"]}


def save(stored: Persona, author: str, **fields: Any) -> Persona:
    change = PersonaUpdate(persona={**stored.persona, **fields})
    saved = get_persona_repository().save(stored.id, change, stored.version, author)
    cached.persona.clear()
    return saved


def history_of(stored: Persona) -> AppTest:
    at = open_page("persona", id=str(stored.id))
    at.get("button_group")[0].set_value("History")
    return at.run()


@pytest.fixture
def ada() -> Persona:
    """Ada at version 3: ann wrote the role, bob the goals."""
    (first,) = store(ADA)
    return save(save(first, "ann", role="countess"), "bob", goals=["more maths", "rest"])


def test_the_timeline_tells_who_and_how_and_compares_with_the_version_before(
    ada: Persona,
) -> None:
    at = history_of(ada)
    assert not at.exception
    assert [option.split(" · ")[0] for option in at.radio[0].options] == [
        "Version 3",
        "Version 2",
        "Version 1",
    ]
    assert at.selectbox[0].value == 2
    shown = text_of(at)
    for words in ("Goals", "• fewer meetings", "• rest"):
        assert words in shown
    assert "countess" not in shown  # equal in both


def test_any_two_versions_are_compared(ada: Persona) -> None:
    at = history_of(ada)
    at.radio[0].set_value(1).run()
    at.selectbox[0].set_value(3).run()
    shown = text_of(at)
    for words in ("Role", "analyst", "countess", "Goals", "• rest"):
        assert words in shown


def test_a_version_is_restored_as_a_new_one(ada: Persona) -> None:
    at = history_of(ada)
    at.radio[0].set_value(1).run()
    button(at, "Restore version 1").click().run()
    assert get_persona_repository().read(ada.id).persona == ADA
    newest = get_history().versions(ada.id)[0]
    assert (newest.version, newest.origin) == (4, {"kind": "restored", "version": 1})
    assert at.radio[0].value == 4
    assert "Restored from version 1" in at.radio[0].options[0]


def test_one_value_is_restored(ada: Persona) -> None:
    at = history_of(ada)
    at.radio[0].set_value(2).run()
    assert at.selectbox[0].value == 1
    at.button(key="restore-1-/role").click().run()
    persona = get_persona_repository().read(ada.id).persona
    assert persona == {**ADA, "goals": ["more maths", "rest"]}
    assert "Role restored from version 1" in at.radio[0].options[0]


def test_a_persona_with_one_version_has_nothing_to_compare() -> None:
    (ada,) = store(ADA)
    at = history_of(ada)
    assert not at.exception
    assert "There is only this version" in text_of(at)


def test_difficult_values_are_shown_as_they_are() -> None:
    evil = "<script>alert(1)</script> **bold** $x$"
    (first,) = store({"name": evil, "deep": {"a/b": [{"x": evil}]}})
    at = history_of(save(first, evil, name=None, deep={"a/b": [1, None, True]}))
    assert not at.exception
    assert evil in text_of(at)
    assert "<script" not in "".join(element.proto.body for element in at.get("html"))
    assert "**bold**" not in "".join(at.radio[0].options)


# ------------------------------------------------------------------ trash


def test_an_empty_trash_says_so() -> None:
    assert "The trash is empty" in text_of(open_page("trash"))


def test_restore_from_the_trash() -> None:
    ada, bo = store(ADA, {"name": "Bo"})
    for one in (ada, bo):
        get_persona_repository().delete(one.id, author="cy")
    at = open_page("trash")
    assert "Ada Byron" in text_of(at)
    assert "by cy" in text_of(at)
    at.button(key=f"restore-{ada.id}").click().run()
    assert [one.id for one in stored_personas()] == [ada.id]
    assert f"restore-{ada.id}" not in [one.key for one in at.button]
    assert [one.id for one in get_trash().list()] == [bo.id]


def test_all_that_a_name_is_looked_for_come_back_at_once() -> None:
    for one in store(ADA, {"name": "Ada Kay"}, {"name": "Bo"}):
        get_persona_repository().delete(one.id)
    at = open_page("trash")
    assert "Restore all 3" in text_of(at)
    at.text_input(key="trash-name").set_value("ada").run()
    assert "Bo" not in text_of(at)
    at.button(key="restore-all").click().run()
    assert "2 personas whose names hold “ada”" in text_of(at).replace("**", "")
    # AppTest runs the whole page, where a browser runs the dialog alone: so both are clicked.
    at.button(key="restore-all").click()
    at.button(key="confirm-restore-all").click().run()
    assert {one.persona["name"] for one in stored_personas()} == {"Ada Byron", "Ada Kay"}
    assert [one.name for one in get_trash().list()] == ["Bo"]
    at.text_input(key="trash-name").set_value("zzz").run()
    assert "No such name in the trash" in text_of(at)


@pytest.mark.parametrize(
    ("typed", "erased"), [("", False), ("Ada", False), ("Ada Byron", True), ("Erase ", True)]
)
def test_erasing_needs_the_name_or_the_word(typed: str, erased: bool) -> None:
    (ada,) = store(ADA)
    get_persona_repository().delete(ada.id)
    at = open_page("trash")
    at.button(key=f"erase-{ada.id}").click().run()
    # AppTest runs the whole page, where a browser runs the dialog alone: so both are clicked.
    at.text_input(key=f"erase-word-{ada.id}").set_value(typed)
    at.button(key=f"erase-{ada.id}").click()
    at.button(key="confirm-erase").click().run()
    if erased:
        assert get_history().versions(ada.id) == []
        assert get_trash().list() == []
    else:
        assert "Nothing was erased" in text_of(at)
        assert [one.id for one in get_trash().list()] == [ada.id]


def test_without_a_name_the_first_words_tell_them_apart_and_only_the_word_erases() -> None:
    (one,) = store({}, raw_text="A nurse in Leeds.")
    (other,) = store({"age": 36, "summary": "A baker of 36."}, raw_text="I am 36 and bake.")
    for gone in (one, other):
        get_persona_repository().delete(gone.id)
    at = open_page("trash")
    assert "A nurse in Leeds." in text_of(at)
    assert "A baker of 36." in text_of(at)
    at.button(key=f"erase-{one.id}").click().run()
    assert text_of(at).count("A nurse in Leeds.") == 2
    assert at.text_input(key=f"erase-word-{one.id}").label == "Type the word erase"
    at.text_input(key=f"erase-word-{one.id}").set_value("No name")
    at.button(key=f"erase-{one.id}").click()
    at.button(key="confirm-erase").click().run()
    assert "Nothing was erased: type the word erase first." in text_of(at)


def test_the_address_of_a_trashed_persona_offers_to_restore_it() -> None:
    (ada,) = store(ADA)
    get_persona_repository().delete(ada.id)
    at = open_page("persona", id=str(ada.id))
    assert at.title[0].value == "In the trash"
    assert "Ada" not in text_of(at)
    button(at, "Restore").click().run()
    assert at.title[0].value == "Ada Byron"
    assert [one.id for one in stored_personas()] == [ada.id]


def test_deleting_what_somebody_changed_meanwhile_is_refused(ada: Persona) -> None:
    at = open_page("persona", id=str(ada.id))
    button(at, "Delete").click().run()
    stale = cached.persona(str(ada.id))
    get_persona_repository().update(ada.id, PersonaUpdate(persona={"name": "Ada King"}))
    assert cached.persona(str(ada.id)).version == stale.version  # the page has not seen it
    button(at, "Delete").click()
    button(at, "Delete persona").click().run()
    assert "Somebody changed this persona after you opened it." in text_of(at)
    assert get_persona_repository().read(ada.id).persona == {"name": "Ada King"}


def test_an_erased_persona_is_not_there(ada: Persona) -> None:
    get_persona_repository().delete(ada.id)
    get_trash().purge(ada.id, "cy")
    with pytest.raises(NotFoundError):
        get_persona_repository().read(ada.id)
    assert "does not exist (any more)" in text_of(open_page("persona", id=str(ada.id)))
