"""Workbooks: any text in a cell, further sheets when one is full, long texts in pieces; and what
LibreOffice makes of them, where it is installed."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.exports.workbook import MAX_CELL, Workbook, column_letters
from services.importing.reading import open_table

HEAD = ["id", "text"]
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1)
SPECIAL = ["=1+1", "+1", "@x", "-2", "'x", "5", "1e5", "TRUE", "2026-01-02", " lead", "tab\tx",
           "a\nb", "<b>&amp;", "_x0041_", "Zoë 👩‍🔬 שלום", '"q"', "00123"]  # fmt: skip


def written(
    rows: list[list[str]], max_rows: int = 1_000, head: list[str] = HEAD, times: str = ""
) -> bytes:
    workbook = Workbook(head, max_rows, times=[times])
    workbook.write(rows)
    workbook.finish()
    content = workbook.taken()
    workbook.close()
    return content


def read(content: bytes, folder: Path) -> list[list[str]]:
    path = folder / "book"
    path.write_bytes(content)
    table = open_table(path.open("rb"), "a.xlsx")
    return [[row.cells.get(head, "") for head in HEAD] for row in table.rows()]


@given(st.lists(st.tuples(texts, texts).map(list), max_size=5))
def test_any_text_comes_back_equal(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    assert read(written(rows), tmp_path_factory.mktemp("book")) == rows


def test_a_full_sheet_goes_on_on_the_next(tmp_path: Path) -> None:
    rows = [[str(number), "x" * 40_000] for number in range(7)]
    assert read(written(rows, max_rows=4), tmp_path) == rows
    table = open_table((tmp_path / "book").open("rb"), "a.xlsx")
    assert (table.sheets, table.unread) == (["personas", "personas 2", "personas 3"], [])


@pytest.mark.parametrize("text", ["x" * MAX_CELL, "x" * (MAX_CELL + 1), "x" * 99_999, "😀" * 40_000,
                                  "x" + "😀" * 40_000])  # fmt: skip
def test_long_texts_lose_nothing(tmp_path: Path, text: str) -> None:
    assert read(written([["1", text]]), tmp_path) == [["1", text]]


def test_columns_are_called_as_in_excel() -> None:
    assert [column_letters(n) for n in (0, 25, 26, 701, 702, 16_383)] == [
        "A", "Z", "AA", "ZZ", "AAA", "XFD"
    ]  # fmt: skip


TIMED = ["text", "updated_at"]
moments = st.datetimes(datetime(1970, 1, 1), datetime(2150, 1, 1)).map(  # noqa: DTZ001
    lambda at: at.replace(tzinfo=UTC)
)


@given(st.lists(moments, min_size=1, max_size=20))
def test_times_are_dates_and_come_back_to_the_microsecond(
    tmp_path_factory: pytest.TempPathFactory, times: list[datetime]
) -> None:
    given_rows = [["x", at.isoformat()] for at in times]
    content = written(given_rows, head=TIMED, times="updated_at")
    path = tmp_path_factory.mktemp("book") / "book"
    path.write_bytes(content)
    found = [row.cells["updated_at"] for row in open_table(path.open("rb"), "a.xlsx").rows()]
    assert [at if isinstance(at, datetime) else datetime.fromisoformat(at) for at in found] == times
    _, *cells = openpyxl.load_workbook(path.open("rb"))["personas"]["B"]
    for cell, at in zip(cells, times, strict=True):
        if at.year < 2079:  # later a workbook cannot hold every microsecond: a text, if need be
            assert cell.is_date
            assert abs(cell.value.replace(tzinfo=UTC) - at) <= timedelta(milliseconds=1)
            assert cell.number_format == 'yyyy-mm-dd hh:mm:ss "UTC"'


@pytest.mark.parametrize(
    "text",
    [
        "", "=1+1", "2026-01-02", "2026-01-02T03:04:05", "never", "infinity",
        "1900-02-28T00:00:00+00:00", "0001-01-01T00:00:00+14:00", "10000-01-01T00:00:00+00:00",
        "9999-12-31T23:59:59.999999+00:00",
    ],
)  # fmt: skip
def test_what_is_no_exact_time_stays_a_text(tmp_path: Path, text: str) -> None:
    path = tmp_path / "book"
    path.write_bytes(written([["x", text]], head=TIMED, times="updated_at"))
    (row,) = open_table(path.open("rb"), "a.xlsx").rows()
    assert row.cells.get("updated_at", "") == text


def test_libreoffice_reads_the_same_texts(tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed; openpyxl reads the same files above.")
    rows = [[str(number), text] for number, text in enumerate(SPECIAL)]
    (tmp_path / "book.xlsx").write_bytes(written(rows))
    subprocess.run(
        [
            office,
            f"-env:UserInstallation=file://{tmp_path}/profile",
            "--headless",
            "--convert-to",
            "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,1",
            "book.xlsx",
        ],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        timeout=300,
    )
    (converted,) = tmp_path.glob("*.csv")
    found = list(csv.reader(io.StringIO(converted.read_text("utf-8"), newline="")))
    assert found == [HEAD, *rows]
