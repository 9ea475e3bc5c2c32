"""One persona: read, edited as JSON, saved, deleted; what the page says is what is stored.

The JSON editor's script cannot run here, so these tests edit in the plain text box that takes its
place where the script is not installed; tests/browser edits in the real one.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.components.json_editor import route
from services.errors import ConflictError
from services.evidence.picked_words import PickedWords
from services.personas import Persona, PersonaUpdate, get_persona_repository
from tests.ui.conftest import button, component_data, open_page, store, stored_personas, text_of

ADA = {"name": "Ada Byron", "role": "analyst", "goals": ["fewer meetings", "more maths"]}


@pytest.fixture
def plain_editor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As on a machine where the editor's script could not be installed."""
    monkeypatch.setattr(route, "_PACKAGE", tmp_path)


def read_page(persona: Persona) -> AppTest:
    return open_page("persona", id=str(persona.id))


def edit_page(persona: Persona, how: str = "JSON") -> AppTest:
    at = read_page(persona)
    at.get("button_group")[0].set_value("Edit")
    at.run().get("button_group")[1].set_value(how)
    return at.run()


def write(at: AppTest, persona: Persona, text: str) -> AppTest:
    return at.text_area(key=f"editor-{persona.id}").set_value(text).run()


def reread(persona: Persona) -> dict[str, Any]:
    return get_persona_repository().read(persona.id).persona


def test_every_field_and_the_source_text_are_shown() -> None:
    (ada,) = store(ADA, raw_text="Ada said: fewer meetings, please.")
    at = read_page(ada)
    assert at.title[0].value == "Ada Byron"
    shown = text_of(at)
    for words in ("analyst", "fewer meetings", "more maths", "Ada said: ", ", please."):
        assert words in shown
    assert reread(ada) == ADA


@pytest.mark.parametrize(
    "persona",
    [{}, {"name": None}, {"name": 5}, {"name": ["a", {"b": None}]}, {"deep": {"er": [[1], True]}}],
    ids=str,
)
def test_any_json_object_can_be_read_and_edited(persona: dict[str, Any]) -> None:
    (stored,) = store(persona)
    for at in (read_page(stored), edit_page(stored)):
        assert not at.exception
        assert not at.error
    assert reread(stored) == persona


def test_the_editor_is_given_the_stored_persona() -> None:
    (ada,) = store(ADA)
    given = component_data(edit_page(ada), "editor-")
    assert json.loads(given["text"]) == ADA


@pytest.mark.usefixtures("plain_editor")
class TestEditing:
    def test_nothing_changed_is_nothing_to_save(self) -> None:
        (ada,) = store(ADA)
        at = edit_page(ada)
        assert button(at, "Save changes").disabled
        assert "No changes against the stored version." in text_of(at)
        assert get_persona_repository().read(ada.id).updated_at == ada.updated_at

    def test_save_stores_the_edited_persona(self) -> None:
        (ada,) = store(ADA)
        changed = {**ADA, "role": "countess", "age": 36}
        at = write(edit_page(ada), ada, json.dumps(changed))
        assert "**2 unsaved changes**" in text_of(at)
        assert reread(ada) == ADA
        button(at, "Save changes").click().run()
        assert reread(ada) == changed
        assert "No changes against the stored version." in text_of(at)
        assert button(at, "Save changes").disabled
        assert get_persona_repository().read(ada.id).updated_at > ada.updated_at

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ('{\n  "name": "Ada",\n  "role": analyst\n}', "line 3"),
            ('{"name": "Ada"', "line 1"),
            ('{\n"name": "Ada",\n"name": "Bo"\n}', "twice"),
            ("[]", "object"),
            ("", "empty"),
            ('{"age": NaN}', "NaN"),
            ('{"name": "a\\u0000"}', "NUL"),
        ],
    )
    def test_invalid_json_cannot_be_saved_and_says_where(self, text: str, reason: str) -> None:
        (ada,) = store(ADA)
        at = write(edit_page(ada), ada, text)
        assert button(at, "Save changes").disabled
        (error,) = at.error
        assert "Not saved" in error.value
        assert reason.lower() in text_of(at).lower()
        assert reread(ada) == ADA

    def test_corrected_json_can_be_saved(self) -> None:
        (ada,) = store(ADA)
        at = write(edit_page(ada), ada, '{"name": }')
        write(at, ada, '{"name": "Ada King"}')
        assert not at.error
        button(at, "Save changes").click().run()
        assert reread(ada) == {"name": "Ada King"}
        assert at.title[0].value == "Ada King"

    def test_a_draft_survives_another_view(self) -> None:
        (ada,) = store(ADA)
        at = write(edit_page(ada), ada, '{"name": "Ada Lovelace"}')
        at.get("button_group")[0].set_value("History")
        at.run()
        at.get("button_group")[0].set_value("Edit")
        at.run()
        assert at.text_area(key=f"editor-{ada.id}").value == '{"name": "Ada Lovelace"}'
        button(at, "Save changes").click().run()
        assert reread(ada) == {"name": "Ada Lovelace"}

    def test_a_persona_deleted_meanwhile_is_a_message(self) -> None:
        (ada,) = store(ADA)
        at = write(edit_page(ada), ada, '{"name": "Ada King"}')
        get_persona_repository().delete(ada.id)
        button(at, "Save changes").click().run()
        assert "This persona is in the trash." in text_of(at)
        assert not at.exception
        assert stored_personas() == []
        button(at, "Restore").click().run()
        at.get("button_group")[0].set_value("Edit")
        assert at.run().text_area(key=f"editor-{ada.id}").value == '{"name": "Ada King"}'
        button(at, "Save changes").click().run()
        assert reread(ada) == {"name": "Ada King"}

    def test_a_version_saved_meanwhile_is_shown_at_the_next_run(self) -> None:
        (ada,) = store(ADA)
        at = read_page(ada)
        get_persona_repository().update(ada.id, PersonaUpdate(persona={"name": "Ada King"}))
        from services import cached

        cached.persona.clear()
        assert at.run().title[0].value == "Ada King"


def test_the_form_has_every_field_in_order_with_its_words_and_hints() -> None:
    (ada,) = store({**ADA, "age": "old", "team": {"a": 1}}, raw_text="Ada is an analyst.")
    given = component_data(edit_page(ada, "Form"), "editor-")
    rows = {row["name"]: row for row in given["rows"]}
    assert list(rows)[:3] == ["name", "age", "role"]
    assert rows["goals"]["value"] == ADA["goals"]
    assert rows["team"]["kind"] == "json"
    assert given["hints"] == {"age": "Age usually holds a number"}
    assert [(one["path"], one["quote"]) for one in given["words"]] == [("/role", "analyst")]


@pytest.mark.usefixtures("plain_editor")
def test_json_that_cannot_be_read_is_no_form() -> None:
    (ada,) = store(ADA)
    at = write(edit_page(ada), ada, '{"name": ')
    assert at.get("button_group")[1].disabled
    at.query_params = {"id": str(ada.id), "view": "edit"}  # the address of the form
    assert at.run().text_area(key=f"editor-{ada.id}").value == '{"name": '
    write(at, ada, '{"name": "Ada King"}')
    form = component_data(at.run(), f"editor-{ada.id}-form")
    assert form["rows"][0]["value"] == "Ada King"


@pytest.mark.usefixtures("plain_editor")
def test_picked_words_follow_their_value_into_a_merge() -> None:
    raw_text = "Ada is an analyst who counts everything."
    (ada,) = store({**ADA, "role": "countess"}, raw_text=raw_text)
    at = edit_page(ada)
    words = PickedWords("/goals/1", raw_text.index("counts"), "counts everything")
    at.session_state[f"persona-state-{ada.id}"].picked = (words,)
    write(at, ada, json.dumps({**ada.persona, "goals": ["more maths"]}))
    assert "New evidence of Goals › 0" in text_of(at).replace("**", "")
    theirs = {**ada.persona, "role": "analyst"}
    get_persona_repository().update(ada.id, PersonaUpdate(persona=theirs), "bo")
    button(at, "Save changes").click().run()
    saved = get_persona_repository().read(ada.id)
    assert saved.persona == {**theirs, "goals": ["more maths"]}
    told = {item["path"]: item["quote"] for item in saved.evidence}
    assert told == {"/role": "analyst", "/goals/0": "counts everything"}


def test_a_move_that_has_no_way_straight_back_is_undone_over_the_review() -> None:
    (ada,) = store(ADA)
    at = read_page(ada)
    button(at, "Approve").click().run()
    (back,) = [one for one in at.button if one.key == f"move-draft-{ada.id}"]
    back.click().run()
    assert get_persona_repository().read(ada.id).status == "draft"
    at.session_state["notice"].undo()
    assert get_persona_repository().read(ada.id).status == "approved"


def test_restoring_from_the_trash_is_undone() -> None:
    (ada,) = store(ADA)
    get_persona_repository().delete(ada.id)
    at = read_page(ada)
    button(at, "Restore").click().run()
    assert [one.id for one in stored_personas()] == [ada.id]
    at.session_state["notice"].undo()
    assert stored_personas() == []


def test_a_restored_persona_that_somebody_changed_since_is_not_thrown_away_by_undo() -> None:
    (ada,) = store(ADA)
    get_persona_repository().delete(ada.id)
    at = read_page(ada)
    button(at, "Restore").click().run()
    get_persona_repository().update(ada.id, PersonaUpdate(persona={"name": "Ada King"}), "bo")
    with pytest.raises(ConflictError):
        at.session_state["notice"].undo()
    assert reread(ada) == {"name": "Ada King"}


def test_delete_asks_first_and_then_deletes() -> None:
    ada, bo = store(ADA, {"name": "Bo"})
    at = read_page(ada)
    button(at, "Delete").click().run()
    assert "from where it can be restored" in text_of(at)
    assert len(stored_personas()) == 2
    # AppTest runs the whole page, where a browser runs the dialog alone: so both are clicked.
    button(at, "Delete").click()
    button(at, "Delete persona").click().run()
    assert [one.id for one in stored_personas()] == [bo.id]
    assert at.title[0].value == "Personas"
    assert [row["name"] for row in component_data(at, "table-")["rows"]] == ["Bo"]


def test_cancel_keeps() -> None:
    (ada,) = store(ADA)
    at = read_page(ada)
    button(at, "Delete").click().run()
    button(at, "Delete").click()
    button(at, "Cancel").click().run()
    assert [one.id for one in stored_personas()] == [ada.id]
    assert at.title[0].value == "Ada Byron"


@pytest.mark.parametrize("persona_id", ["1", "None", "<script>alert(1)</script>", "' or 1=1 --"])
def test_a_bad_id_is_a_message(persona_id: str) -> None:
    store(ADA)
    at = open_page("persona", id=persona_id)
    assert not at.exception
    assert "This is not a valid id." in text_of(at)
    assert len(stored_personas()) == 1


def test_an_unknown_id_is_a_message() -> None:
    at = open_page("persona", id=str(uuid4()))
    assert not at.exception
    assert "This persona does not exist (any more)." in text_of(at)


def test_no_id_leads_to_the_list() -> None:
    at = open_page("persona")
    assert "No persona chosen" in text_of(at)
    assert "Choose one from the list" in text_of(at)


def test_people_s_text_is_data_never_markup() -> None:
    name = "<script>window.XSS=1</script> **bold** [a](http://x.example) :material/home: $x$"
    (stored,) = store({"name": name, "quotes": [name]}, raw_text=name)
    at = read_page(stored)
    assert "<script" not in "".join(element.proto.body for element in at.get("html"))
    assert "**bold**" not in at.title[0].value  # escaped, so markdown leaves it alone
    assert reread(stored)["name"] == name
