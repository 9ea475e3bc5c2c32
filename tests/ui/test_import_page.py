"""The Import page: what it says of a file before anything is stored, and of an import later on."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

from services import cached
from services.importing.jobs import get_import_jobs
from tests.ui.conftest import button, open_page, run_until, store, stored_personas, text_of
from tests.workbooks import workbook_of

FILE = "import-file"


def given(content: str | bytes, name: str = "interviews.csv") -> AppTest:
    """The page with this file."""
    data = content.encode() if isinstance(content, str) else content
    at = open_page("import_")
    return at.file_uploader(key=FILE).set_value((name, data, "text/csv")).run()


def checked(at: AppTest) -> AppTest:
    button(at, "Check the file").click().run()
    return run_until(at, lambda at: "Stored already" in metrics(at))


def metrics(at: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in at.metric}


def saved(at: AppTest) -> AppTest:
    (save,) = (found for found in at.button if re.match(r"Import \d+ persona", found.label))
    save.click().run()
    return run_until(at, lambda at: re.search(r"\d personas? saved\.", text_of(at)) is not None)


def test_without_a_file_nothing_is_asked() -> None:
    at = open_page("import_")
    assert not at.exception
    assert [found.label for found in at.button] == []


def test_the_columns_are_guessed_with_their_first_values_beside() -> None:
    at = given("Interview,Role,Room\nAda keeps bees.,baker,12\n")
    assert at.selectbox(key="target-Interview").value == "raw_text"
    assert at.selectbox(key="target-Role").value == "persona.role"
    assert at.selectbox(key="target-Room").value == ""
    assert "Ada keeps bees." in text_of(at)
    saved(checked(at))
    (persona,) = stored_personas()
    assert (persona.raw_text, persona.persona) == ("Ada keeps bees.", {"role": "baker"})


def test_a_column_can_become_something_else() -> None:
    at = given("What,Who\nAda keeps bees.,Ada\n")
    assert "Choose the column that holds the text about the person." in text_of(at)
    at.selectbox(key="target-What").set_value("raw_text").run()
    at.selectbox(key="target-Who").set_value("persona.name").run()
    saved(checked(at))
    (persona,) = stored_personas()
    assert (persona.raw_text, persona.persona) == ("Ada keeps bees.", {"name": "Ada"})


def test_two_columns_cannot_become_one() -> None:
    at = given("Text,More\nAda,bees\n")
    at.selectbox(key="target-More").set_value("raw_text").run()
    assert "Two columns become raw_text: choose one." in text_of(at)
    assert button(at, "Check the file").disabled


def test_problems_are_named_and_stored_texts_counted_before_anything_is_saved() -> None:
    store({"name": "Ada"}, raw_text="Ada keeps bees.")
    at = checked(
        given('text,persona\nAda keeps bees.,{}\nBo bakes.,"{""name"": ""Bo""}"\n,{}\nC,{\n')
    )
    assert metrics(at) == {"Rows": "4", "Good": "2", "Stored already": "1", "With problems": "2"}
    shown = text_of(at)
    assert "The text is empty." in shown
    assert "Download all problems" in shown
    assert len(stored_personas()) == 1
    saved(at)
    assert sorted(one.raw_text for one in stored_personas()) == ["Ada keeps bees.", "Bo bakes."]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "empty.csv"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "picture.csv"),
        (b"no zip", "broken.xlsx"),
        (b"no parquet", "broken.parquet"),
        (b"{not json\n", "broken.jsonl"),
    ],
)
def test_a_file_that_is_none_says_so_and_what_to_do(content: bytes, name: str) -> None:
    at = given(content, name)
    if "Check the file" in text_of(at):  # one whose rows are broken, not the file
        at = checked(at)
        assert metrics(at)["Good"] == "0"
    else:
        assert at.error
    assert not at.exception
    assert stored_personas() == []


def test_a_text_that_was_read_as_the_head_is_shown() -> None:
    at = given("My name is Ada and I keep bees.\nI am Bo.\n")
    assert "read as the head" not in text_of(at)
    at.selectbox(key="target-My name is Ada and I keep bees.").set_value("raw_text").run()
    assert "The first row was read as the head: “My name is Ada and I keep bees.”." in text_of(at)


@pytest.mark.parametrize(
    ("content", "is_narrow"),
    [
        ("Interviews 2026\n\ntext,name\nAda keeps bees.,Ada\n", True),
        ("Interviews 2026,,\ntext,name,role\nAda keeps bees.,Ada,baker\n", True),
        ("text\nAda keeps bees, and bakes.\n", True),
        ("text,name\nAda keeps bees.,Ada\nBo, who bakes, sings.,Bo\n", False),
        ("text,,\nAda keeps bees.,,\n", False),
        (",text\n0,Ada keeps bees.\n", False),
        ("text\n", False),
    ],
)
def test_a_title_above_the_head_is_asked_about(content: str, is_narrow: bool) -> None:
    assert ("Is the head in the first row?" in text_of(given(content))) is is_narrow


def test_sheets_that_are_not_read_are_named() -> None:
    rows = [["Text"], ["Ada keeps bees."]]
    only = given(workbook_of({"Interviews": rows}), "one.xlsx")
    assert "Only the sheet" not in text_of(only)
    at = given(workbook_of({"Interviews": rows, "Wave _2_": rows, "Notes": []}), "several.xlsx")
    told = "Only the sheet “Interviews” is read. The file also has: “Wave _2_”, “Notes”."
    assert told in text_of(at)
    titled = given(
        workbook_of({"A": [["Interviews 2026"], [], ["Text", "Name"], ["A", "B"]]}), "t.xlsx"
    )
    assert "Is the head in the first row?" in text_of(titled)
    covered = given(workbook_of({"Cover": [], "Interviews": rows}), "covered.xlsx")
    assert "Put the sheet with the rows first" in text_of(covered)


def test_an_import_is_found_again_in_the_list_and_by_its_address() -> None:
    at = saved(checked(given("text\nAda keeps bees.\n", "bees.csv")))
    (job,) = [one for one in get_import_jobs().recent() if one.file_name == "bees.csv"]
    again = open_page("import_", job=str(job.id))
    assert "1 persona saved." in text_of(again)
    button(at, "Import another file").click().run()
    assert "bees.csv · Saved · 1 saved" in text_of(at).replace("**", "")
    button(at, "Open").click().run()
    assert "1 persona saved." in text_of(at)


def changed(name: str, more: str = "") -> AppTest:
    """A file with another age of Ada, applied."""
    (ada,) = store({"name": "Ada", "age": 36}, raw_text="Ada is 36.")
    rows = f"id,raw_text,persona.name,persona.age\n{ada.id},Ada is 36.,Ada,37\n{more}"
    at = checked(given(rows, name))
    button(at, "Apply 1 value to 1 persona").click().run()
    return run_until(at, lambda at: "1 persona updated, each as a new version." in text_of(at))


def test_an_applied_update_is_listed_as_applied_also_after_a_restart() -> None:
    at = changed("update.csv")
    assert stored_personas()[0].persona["age"] == 37
    button(at, "Import another file").click().run()
    listed = "update.csv · Applied · 1 updated"
    run_until(at, lambda at: listed in text_of(at).replace("**", ""))
    cached.stop_runner()
    again = open_page("import_")
    assert listed in text_of(again).replace("**", "")
    button(again, "Open").click().run()
    assert "1 persona updated, each as a new version." in text_of(again)


def test_a_text_that_would_take_the_place_of_a_list_is_said_before_it_is_applied() -> None:
    ada, bo = store({"name": "Ada", "skills": ["SQL"]}, {"name": "Bo", "skills": ["SQL"]})
    rows = f"""{ada.id},{ada.raw_text},"SQL, Excel"\n{bo.id},{bo.raw_text},"[""SQL"", ""R""]"\n"""
    at = checked(given(f"id,raw_text,persona.skills\n{rows}", "skills.csv"))
    assert "1 value would become one text where a list is stored." in text_of(at)
    assert text_of(at).count("A list is stored, the file holds one text") == 1
    button(at, "Apply 2 values to 2 personas").click().run()
    run_until(at, lambda at: "2 personas updated, each as a new version." in text_of(at))
    skills = {one.persona["name"]: one.persona["skills"] for one in stored_personas()}
    assert skills == {"Ada": "SQL, Excel", "Bo": ["SQL", "R"]}


def test_an_update_beside_new_rows_leaves_them_to_be_saved() -> None:
    at = changed("mixed.csv", more=",Bo bakes.,Bo,\n")
    assert button(at, "Import 1 persona")
    button(at, "Import another file").click().run()
    assert "mixed.csv · Checked, not saved · 0 saved · 1 updated" in text_of(at).replace("**", "")


@pytest.mark.parametrize("address", [str(UUID(int=7)), "nonsense", str(UUID(int=0))])
def test_an_address_that_leads_nowhere_says_so(address: str) -> None:
    at = open_page("import_", job=address)
    assert at.error or at.warning
    assert not at.exception
