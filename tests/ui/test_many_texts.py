"""Many texts on Generate: given, looked at, and made a batch."""

from __future__ import annotations

import re

from streamlit.testing.v1 import AppTest

from services.generation.batches import Batch, get_batches
from services.generation.requests import GenerationRequest
from tests.ui.conftest import button, go_to, open_page, run_until, store, text_of
from tests.workbooks import workbook_of
from tests.zips import zip_of

FILES = "many-files"
TABLE = "Ticket,Body\nT-1,Ann bakes bread in Leeds.\nT-2,\nT-3,Bo drives a lorry.\n"


def given(*files: tuple[str, str | bytes]) -> AppTest:
    """The page with these files."""
    at = open_page("generate", many="1")
    content = [(name, c.encode() if isinstance(c, str) else c, "text/plain") for name, c in files]
    return at.file_uploader(key=FILES).set_value(content).run()


def read(at: AppTest) -> AppTest:
    next(one for one in at.button if one.label.startswith("Read ")).click().run()
    return run_until(at, lambda at: "Cannot be read" in metrics(at))


def address(at: AppTest) -> dict[str, str]:
    """The parameters of the page's address."""
    found = dict(at.query_params)
    return {name: one if isinstance(one, str) else one[-1] for name, one in found.items()}


def metrics(at: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in at.metric}


def started(at: AppTest) -> Batch:
    """The batch of the button Draft, once all its texts are stored."""
    next(one for one in at.button if re.match(r"Draft \d+ text", one.label)).click().run()
    run_until(at, lambda _: all(one.state != "preparing" for one in get_batches().recent()))
    (batch,) = get_batches().recent()
    return batch


def items(batch: Batch) -> list[GenerationRequest]:
    return get_batches().items(batch.id)


def test_an_archive_is_read_looked_at_and_made_a_batch() -> None:
    store({"name": "Ann"}, raw_text="Ann bakes bread in Leeds.")
    archive = zip_of(
        {
            "a.txt": "Ann bakes bread in Leeds.",
            "b.txt": "Bo drives a lorry.",
            "again.txt": "Bo drives a lorry.",
            "c.txt": "Cy mends lifts in Graz.",
            "picture.png": b"\x89PNG",
        }
    )
    at = read(given(("interviews.zip", archive)))
    shown = text_of(at)
    assert metrics(at) == {
        "Texts": "4",
        "Characters": "84",
        "Stored already": "1",
        "Duplicates": "1",
        "Cannot be read": "1",
    }
    assert "Files of this kind cannot be read." in shown
    assert re.search(r"Text\s+The same as\s+0\s+again\.txt\s+b\.txt", shown)
    assert "Bo drives a lorry." in shown
    again = open_page("generate", **address(at))
    assert button(again, "Draft 2 texts")  # the same after a reload
    at.checkbox(key="also-stored").check().run()
    at.text_input[0].set_value("First round").run()
    reloaded = open_page("generate", **address(at))
    assert button(reloaded, "Draft 3 texts")
    assert reloaded.text_input[0].value == "First round"
    batch = started(at)
    assert (batch.name, batch.total, batch.engine) == ("First round", 3, "offline")
    assert [one.label for one in items(batch)] == ["a.txt", "b.txt", "c.txt"]
    same = metrics(read(given(("again.zip", archive))))
    assert same["Stored already"] == "4"  # as a persona, or waiting in the batch
    back = open_page("generate", **address(reloaded))
    assert "These texts are a batch now." in text_of(back)


def test_a_table_is_asked_for_its_column() -> None:
    at = given(("tickets.csv", TABLE), ("note.txt", "Cy mends lifts."))
    assert [box.value for box in at.selectbox] == ["Body", "Ticket", ""]
    at.selectbox[0].set_value("").run()
    assert button(at, "Read 2 files").disabled
    at.selectbox[0].set_value("Body").run()
    at = read(at)
    assert metrics(at)["Texts"] == "3"
    assert "tickets.csv, row 3" in text_of(at)
    assert [one.label for one in items(started(at))] == ["T-1", "T-3", "note.txt"]


def test_a_choice_of_columns_shows_them_as_they_are_called() -> None:
    at = given(("odd.csv", '"Notes, first_call *draft*",Body\nCy,Cy mends lifts.\n'))
    assert "Notes, first_call *draft*" in at.selectbox[0].options


def test_sheets_that_are_not_read_are_named() -> None:
    rows = [["Text"], ["Cy mends lifts."]]
    shown = text_of(given(("rounds.xlsx", workbook_of({"First": rows, "Second": rows}))))
    assert "Only the sheet “First” is read. The file also has: “Second”." in shown


def test_a_text_that_was_read_as_the_head_is_shown() -> None:
    ann = "My name is Ann and I bake bread in Leeds."
    shown = text_of(given(("bare.csv", f'"{ann}"\n"My name is Bo."\n')))
    assert f"The first row was read as the head: “{ann}”. If it is a text, put a head" in shown
    assert "read as the head" not in text_of(given(("tickets.csv", TABLE)))


def test_stored_texts_without_a_persona_are_drafted_where_they_are() -> None:
    (stored,) = store({}, raw_text="Ann bakes bread in Leeds.")
    at = open_page("generate", many="1")
    assert "stored and not drafted yet" in text_of(at)
    button(at, "Draft them").click().run()
    run_until(at, lambda at: "Cannot be read" in metrics(at))
    (item,) = items(started(at))
    assert (item.kind, item.persona_id) == ("fill", stored.id)


def test_nothing_to_draft_and_what_is_not_held_say_so() -> None:
    at = read(given(("blank.txt", " ")))
    assert metrics(at)["Texts"] == "0"
    assert "This file is empty." in text_of(at)
    empty = text_of(read(given(("interviews.zip", zip_of({})), ("head.csv", "text\n"))))
    assert "It holds no files. Pack the files" in empty
    assert "It has no rows below its head." in empty
    button(at, "Choose other files").click().run()
    assert not at.exception
    assert address(at) == {"many": "1"}
    for lost_id in ("6a1f9c1e-0000-4000-8000-0000000000aa", "nonsense"):
        lost = open_page("generate", given=lost_id)
        assert lost.error
        button(lost, "Start again").click().run()
        assert not lost.error


def test_an_import_of_texts_offers_to_draft_them() -> None:
    at = open_page("import_")
    at.file_uploader(key="import-file").set_value(("t.csv", TABLE.encode(), "text/csv")).run()
    button(at, "Check the file").click().run()
    run_until(at, lambda at: any(one.label == "Import 2 personas" for one in at.button))
    button(at, "Import 2 personas").click().run()
    run_until(at, lambda at: any("as a batch" in one.label for one in at.button))
    job = address(at)["job"]
    button(at, "Draft these 2 texts as a batch").click().run()
    at = go_to(at, "generate", given=job)
    run_until(at, lambda at: "Cannot be read" in metrics(at))
    assert {item.kind for item in items(started(at))} == {"fill"}
