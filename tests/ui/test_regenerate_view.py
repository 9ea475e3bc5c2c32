"""Drafting anew on the persona page: what people set stays, texts are added and compared."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from services import cached
from services.generation.regenerating import contradictions_of
from services.personas import Persona, PersonaUpdate, get_persona_repository
from tests.ui.conftest import button, component_data, open_page, run_until, text_of

TEXT = "Ana Ruiz is a nurse in Leeds. She uses Excel. She wants shorter handovers."
MORE = "Ana Ruiz is a nurse in York. She uses Tableau."


def generated() -> Persona:
    request = cached.submit_generation(uuid4(), TEXT, "offline")
    while cached.generation_request(str(request.id)).status != "saved":
        pass
    st.cache_data.clear()
    return reread(str(cached.generation_request(str(request.id)).persona_id))


def reread(persona_id: Any) -> Persona:
    return get_persona_repository().read(persona_id)


def edited(persona: Persona, **fields: Any) -> Persona:
    changed = PersonaUpdate(persona={**persona.persona, **fields})
    written = get_persona_repository().update(persona.id, changed, "ann")
    st.cache_data.clear()
    return written


def view(persona: Persona, name: str = "Regenerate") -> AppTest:
    at = open_page("persona", id=str(persona.id))
    at.get("button_group")[0].set_value(name)
    return at.run()


def add_text(at: AppTest, persona: Persona, text: str = MORE, label: str = "Call") -> AppTest:
    at.text_input(key=f"more-label-{persona.id}").set_value(label)
    at.text_area(key=f"more-text-{persona.id}").set_value(text)
    return button(at, "Add text").click().run()


def regenerate(at: AppTest) -> AppTest:
    button(at, "Regenerate").click().run()
    return run_until(at, lambda at: "Drafted by the offline engine" in text_of(at))


def choice(at: AppTest, words: str) -> Any:
    (found,) = [box for box in at.checkbox if words in box.label]
    return found


def test_two_edited_fields_stay_and_the_rest_is_taken_over() -> None:
    persona = edited(generated(), role="ward sister", name="Ana R.")
    at = view(persona)
    at = regenerate(add_text(at, persona))
    assert "set by a person" in text_of(at)
    assert not choice(at, "Role").value
    assert not choice(at, "Name").value
    assert choice(at, "Skills").value
    before = reread(persona.id)
    button(at, "Apply 1 of 3 changes").click().run()
    after = reread(persona.id)
    assert after.version == before.version + 1
    assert (after.persona["name"], after.persona["role"]) == ("Ana R.", "ward sister")
    assert set(after.persona["skills"]) == {"Excel", "Tableau"}
    assert cached.regeneration(str(persona.id)) is None


def test_a_person_s_field_can_be_given_to_the_new_draft() -> None:
    persona = edited(generated(), role="ward sister")
    at = regenerate(view(persona))
    choice(at, "Role").check().run()
    button(at, "Apply 1 of 1 change").click().run()
    after = reread(persona.id)
    assert (after.persona["role"], after.origins["/role"]) == ("nurse", "model")


def test_a_new_draft_survives_a_reload_and_can_be_dismissed() -> None:
    persona = edited(generated(), role="ward sister")
    regenerate(view(persona))
    again = view(persona)
    assert "**1 difference" in text_of(again)
    button(again, "Dismiss this draft").click().run()
    assert button(again, "Regenerate")
    assert reread(persona.id) == persona


def test_a_draft_that_a_later_text_is_not_in_says_so_and_is_made_anew() -> None:
    persona = edited(generated(), role="ward sister")
    at = regenerate(view(persona))
    assert "made before the texts changed" not in text_of(at)
    at = add_text(at, persona)
    assert "made before the texts changed" in text_of(at)
    assert "Tableau" not in text_of(at).partition("New draft")[2]
    button(at, "Regenerate").click().run()
    at = run_until(at, lambda at: "Tableau" in text_of(at).partition("New draft")[2])
    assert "made before the texts changed" not in text_of(at)


def test_contradicting_texts_are_shown_with_both_quotes_and_settled() -> None:
    persona = generated()
    at = regenerate(add_text(view(persona), persona))
    for words in ("Location: the texts disagree", "in Leeds.", "in York.", "First text", "Call"):
        assert words in text_of(at).replace("**", "")
    button(at, "Apply 1 of 1 change").click().run()
    at = view(persona, "Review")
    assert "the texts disagree" in text_of(at)
    rows = component_data(at, "claims-")["rows"]
    (skill,) = [row for row in rows if row["value"] == "Tableau"]
    assert skill["label"] == "stated · Call"
    button(at, "Take York").click().run()
    assert reread(persona.id).persona["location"] == "York"
    assert "the texts disagree" not in text_of(at)


@pytest.mark.parametrize(
    ("decision", "location"),
    [("Take York", "York"), ("Keep Leeds", "Leeds"), ("Keep both", "Leeds; York")],
)
def test_a_contradiction_is_decided_with_the_take_over_in_one_version(
    decision: str, location: str
) -> None:
    persona = generated()
    at = regenerate(add_text(view(persona), persona))
    (choice,) = [one for one in at.radio if decision in one.options]
    choice.set_value(decision).run()
    before = reread(persona.id)
    button(at, "Apply 1 of 1 change and 1 decision").click().run()
    after = reread(persona.id)
    assert after.version == before.version + 1
    assert (after.persona["location"], after.persona["skills"]) == (location, ["Excel", "Tableau"])
    told_by = {item["quote"] for item in after.evidence if item["path"] == "/location"}
    assert len(told_by) == (2 if decision == "Keep both" else 1)
    assert contradictions_of(after) == []
    assert after.origins["/location"] == ("model" if decision == "Keep Leeds" else "human")


def test_a_contradiction_of_a_value_that_is_not_taken_is_not_asked_about() -> None:
    persona = edited(generated(), location="Bath")
    at = regenerate(add_text(view(persona), persona))
    assert "Location: the texts disagree" not in text_of(at).replace("**", "")
    choice(at, "Location").check().run()
    assert "Location: the texts disagree" in text_of(at).replace("**", "")


def test_keeping_the_first_value_settles_it_too() -> None:
    persona = generated()
    at = regenerate(add_text(view(persona), persona))
    button(at, "Apply 1 of 1 change").click().run()
    at = view(persona, "Review")
    button(at, "Keep Leeds").click().run()
    assert reread(persona.id).persona["location"] == "Leeds"
    assert "the texts disagree" not in text_of(at)
    assert "Left out: Location" in view(persona, "History").radio[0].options[0]


def test_the_queue_shows_the_contradiction_too() -> None:
    persona = generated()
    at = regenerate(add_text(view(persona), persona))
    button(at, "Apply 1 of 1 change").click().run()
    at = open_page("review", id=str(persona.id))
    assert "the texts disagree" in text_of(at)
    button(at, "Keep Leeds").click().run()
    assert "the texts disagree" not in text_of(at)


def test_a_text_without_a_label_is_refused_and_kept() -> None:
    persona = generated()
    at = add_text(view(persona), persona, label=" ")
    assert "Say what this text is." in text_of(at)
    assert at.text_area(key=f"more-text-{persona.id}").value == MORE
    assert reread(persona.id).raw_text == TEXT


def test_a_text_that_is_not_added_yet_is_not_passed_over() -> None:
    persona = generated()
    at = add_text(view(persona), persona, label=" ")
    button(at, "Regenerate").click().run()
    assert "The new text is not added yet" in text_of(at)
    assert at.text_area(key=f"more-text-{persona.id}").value == MORE
    assert "Add text" in text_of(at)


def test_a_file_goes_into_the_box() -> None:
    persona = generated()
    at = view(persona)
    at.file_uploader(key=f"more-file-{persona.id}").upload("m.txt", MORE.encode(), "text/plain")
    at.run()
    assert at.text_area(key=f"more-text-{persona.id}").value == MORE


def test_the_review_says_which_values_a_person_set() -> None:
    persona = edited(generated(), role="ward sister")
    rows = {row["field"]: row for row in component_data(view(persona, "Review"), "claims-")["rows"]}
    assert rows["Role"]["label"] == "no source · set by a person"
    assert rows["Name"]["label"] == "stated"
