"""Who a text speaks of: people of whom something is told, not those who are only mentioned."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from time import process_time

import pytest

from services.engines.generator import Task
from services.engines.offline.generator import OfflineGenerator
from services.engines.offline.several_people import others_than, people_in

TEXTS = Path(__file__).parents[1] / "texts"
SAMPLE = Path(__file__).parents[2] / "pages" / "samples" / "interview.txt"
SEVERAL = {
    "11_two_people.txt": ("Beatriz Quental", "Rui Salgado"),
    "people/several_sections.txt": ("Priya Nair", "Tom Okello"),
    "people/several_sisters.txt": ("Helen Marsh", "Ruth Marsh"),
    "people/several_transcript.txt": ("Jonas Weber", "Marta Silva"),
    "people/several_bold_labels.txt": ("Participant 11", "Participant 12"),
    "people/several_couple_interviewers.txt": ("Participant 2", "Participant 1"),
    "people/several_focus_group.txt": ("Participant 1", "Participant 2"),
    "people/several_letters.txt": ("Participant B", "Participant A"),
    "people/several_participants_notes.txt": ("Participant 4", "Participant 5"),
    "people/several_speakers_machine.txt": ("Participant 3", "Participant 2"),
}
ABOUT_ONE = sorted(
    path
    for path in (*TEXTS.glob("*.txt"), *TEXTS.glob("people/one_*.txt"), SAMPLE)
    if path.name not in SEVERAL
)


def drafted(name: str, about: str) -> dict[str, list[str]]:
    text = (TEXTS / name).read_text("utf-8")
    values: dict[str, list[str]] = {}
    for claim in OfflineGenerator().generate(text, task=Task(about=about)).claims:
        values.setdefault(claim.field, []).append(claim.value)
    return values


@pytest.mark.parametrize(("name", "people"), SEVERAL.items())
def test_several_people_are_noticed(name: str, people: tuple[str, ...]) -> None:
    assert people_in((TEXTS / name).read_text("utf-8")) == people


@pytest.mark.parametrize("path", ABOUT_ONE, ids=lambda path: path.stem)
def test_a_text_about_one_is_not_said_to_speak_of_several(path: Path) -> None:
    assert len(people_in(path.read_text("utf-8"))) <= 1


def test_the_other_is_drafted_from_what_is_told_of_them() -> None:
    rui = drafted("11_two_people.txt", "Rui Salgado")
    assert (rui["name"], rui["age"], rui["role"]) == (["Rui Salgado"], ["39"], ["truck driver"])
    assert rui["goals"] == ["buy a bigger boat"]
    assert "Coimbra" not in rui["location"]
    marta = drafted("people/several_transcript.txt", "marta silva")
    assert marta["name"] == ["Marta Silva"]
    assert all("delivery" not in one for one in marta.get("role", ()))


def test_a_participant_without_a_name_is_drafted_from_their_own_words() -> None:
    first = drafted("people/several_focus_group.txt", "Participant 1")
    second = drafted("people/several_focus_group.txt", "Participant 2")
    assert (first["name"], second["name"]) == (["P1"], ["P2"])
    assert first["role"] == ["primary school teacher"]
    assert "role" not in second
    assert "stay signed in for a month" in second["goals"]
    assert "stay signed in for a month" not in first["goals"]


def test_who_the_other_participants_are() -> None:
    people = ("Participant 1", "Participant 2", "Participant B")
    assert others_than("P1", people) == ("Participant 2", "Participant B")
    assert others_than("Speaker 2", people) == ("Participant 1", "Participant B")
    assert others_than("B", people) == ("Participant 1", "Participant 2")


def test_a_name_that_the_text_does_not_hold_is_said() -> None:
    text = "Ana Ruiz, 34, is a nurse in Leeds. She wants shorter handovers."
    draft = OfflineGenerator().generate(text, task=Task(about="Bo Tan"))
    assert {claim.value for claim in draft.claims if claim.field == "name"} == {"Ana Ruiz"}
    assert draft.notes == (
        "The text names nobody as “Bo Tan”: the draft is about whom it speaks of first.",
    )


def test_who_the_others_are() -> None:
    people = ("Ann Lee", "Bo Tan")
    assert others_than("Ann", people) == ("Bo Tan",)
    assert others_than("Bo Tan", people) == ("Ann Lee",)
    assert others_than("", people) == ("Bo Tan",)
    assert others_than("Somebody", people[:1]) == ()


def test_thousands_of_names_do_not_take_long() -> None:
    letters = ("BDKLMNRT", "aeio", "dklmnrst", "aeiu", "dklm")
    names = ["".join(name) for name in product(*letters)]
    text = "".join(f"{name} {name[::-1].title()} is.\n" for name in names)
    begun = process_time()
    people_in(text)
    assert process_time() - begun < 5, "10 s where each name was compared with all others"
