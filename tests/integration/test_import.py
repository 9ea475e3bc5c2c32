"""Imports: every good row once, every bad row with its reason, whatever is killed in between."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.errors import InvalidInputError
from services.exports.export import Exports
from services.exports.options import ExportOptions
from services.importing import holding
from services.importing.checking import Good, Problem, checked_rows
from services.importing.jobs import ImportJob, get_import_jobs
from services.importing.mapping import guess_mapping
from services.importing.reading import ImportFileError, open_table
from services.importing.runner import ImportRunner
from services.local_supabase.stack import LocalSupabase
from services.personas import PersonaCreate, get_persona_repository
from services.settings import get_settings
from tests.isolated import ROOT, clean_environment, command
from tests.supabase_double import Request, SupabaseDouble, coded
from tests.workbooks import workbook_of

PATIENCE_SECONDS = 240
ROWS, BAD = 6_000, 30  # a dozen times as many as are saved at once
FORMATS = ("csv", "jsonl", "xlsx", "parquet")
ODD = [
    {"name": "Ada", "age": 41, "traits": ["calm", 'a "b"'], "address": {"city": "Delft"}},
    {"value": "=1+1", "text": "'quoted", "number": "5", "list": "[x]", "empty": "", "none": None},
    {"long": "x" * 40_000, "emoji": "😀" * 20_000, "lines": "a\r\nb\u2028c", "code": "_x0041_"},
    {"a.b": {"c\\d": True}, "o": {}, "l": [], "deep": {"list": [{"k": 1.5}]}},
]


@pytest.fixture
def tables(database: LocalSupabase, monkeypatch: pytest.MonkeyPatch) -> LocalSupabase:
    monkeypatch.setenv("SUPABASE_DB_URL", database.db_url)
    get_settings.cache_clear()
    sql(database, "truncate import_jobs cascade")
    return database


@pytest.fixture
def runner(tables: LocalSupabase) -> Iterator[ImportRunner]:
    made = ImportRunner(get_import_jobs())
    yield made
    made.stop()


def sql(database: LocalSupabase, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(database.db_url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def until(job_id: UUID, *states: str) -> ImportJob:
    give_up = monotonic() + PATIENCE_SECONDS
    while True:
        job = get_import_jobs().read(job_id)
        if job.status in states:
            return job
        assert monotonic() < give_up, job
        assert job.status != "failed" or "failed" in states, job.error
        sleep(0.05)


def imported(runner: ImportRunner, name: str, content: bytes, **mapping: str) -> ImportJob:
    job_id = uuid4()
    preview = runner.take(job_id, name, io.BytesIO(content))
    runner.check(job_id, mapping or guess_mapping(preview.columns), "ana@example.org")
    until(job_id, "checked")
    runner.save(job_id)
    return until(job_id, "saved")


def exported(form: str, **options: Any) -> bytes:
    export = Exports().begin("test", ExportOptions(format=form, **options))  # type: ignore[arg-type]
    export.begin()
    content = b"".join(export.pieces())
    export.close()
    return content


def problems(job: ImportJob) -> dict[int, str]:
    return {one.number: one.reason for one in get_import_jobs().problems(job.id)}


def many_texts() -> bytes:
    """A CSV with every 200th row bad, in four ways."""
    faults = ["", "   ", "text\x00", "text"]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["Interview", "Name", "Meta"])
    for number in range(ROWS):
        bad = number % (ROWS // BAD) == 0
        fault = number // (ROWS // BAD) % len(faults)
        text = faults[fault] if bad else f"Text {number} about a person, in one line."
        writer.writerow([text, f"Person {number}", "{broken" if bad else "{}"])
    return out.getvalue().encode()


MAPPING = {"Interview": "raw_text", "Name": "persona.name", "Meta": "generation"}


storable_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
numbers = st.integers(-(2**53), 2**53) | st.integers(-999, 999).map(lambda n: n / 8)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | storable_text,
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(storable_text, children, max_size=3)
    ),
    max_leaves=8,
)
personas = st.dictionaries(storable_text, json_values, max_size=4)


class TestRoundTrip:
    @pytest.mark.parametrize("form", FORMATS)
    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(storable_text.filter(str.strip), personas), min_size=1, max_size=3))
    def test_any_persona_is_read_as_it_was_stored(
        self,
        tables: LocalSupabase,
        tmp_path: Path,
        form: str,
        rows: list[tuple[str, dict[str, Any]]],
    ) -> None:
        sql(tables, "truncate personas, generation_requests cascade")
        with psycopg.connect(tables.db_url, autocommit=True) as connection:
            for text, persona in rows:
                connection.execute(
                    "insert into personas (raw_text, persona) values (%s, %s)",
                    [text, json.dumps(persona)],
                )
        path = tmp_path / "file"
        path.write_bytes(exported(form))
        table = open_table(path.open("rb"), f"file.{form}")
        read = list(checked_rows(table, guess_mapping(table.columns)))
        assert not [one for one in read if isinstance(one, Problem)]
        back = {one.columns["id"]: one.columns for one in read if isinstance(one, Good)}
        stored = sql(tables, "select id::text, raw_text, persona from personas")
        assert {key: (one["raw_text"], one["persona"]) for key, one in back.items()} == {
            key: (text, persona) for key, text, persona in stored
        }

    @pytest.mark.parametrize("form", FORMATS)
    def test_export_import_export_is_identical(
        self, tables: LocalSupabase, runner: ImportRunner, form: str
    ) -> None:
        for number, persona in enumerate(ODD):
            new = PersonaCreate(raw_text=f"=Text {number % 3}\n{'y' * 40_000}", persona=persona)
            get_persona_repository().create(new)  # two of them share a text
        before = exported("csv", evidence=True)
        file = exported(form, evidence=True)
        sql(tables, "truncate personas, generation_requests cascade")
        job = imported(runner, f"personas.{form}", file)
        assert (job.saved, job.faulty, job.known) == (len(ODD), 0, 0), problems(job)
        assert exported("csv", evidence=True) == before
        again = imported(runner, f"personas.{form}", file)
        assert (again.saved, again.skipped, again.known) == (0, len(ODD), len(ODD))
        assert exported("csv", evidence=True) == before

    def test_who_imports_is_the_author_and_the_origin_names_the_file(
        self, tables: LocalSupabase, runner: ImportRunner
    ) -> None:
        imported(runner, "texts.csv", b"text,name\nAda keeps bees,Ada\n")
        ((author, origin, persona),) = sql(
            tables, "select created_by, origin, persona from personas"
        )
        assert (author, origin["kind"], origin["row"]) == ("ana@example.org", "imported", 2)
        assert persona == {"name": "Ada"}

    def test_an_export_of_a_text_that_is_stored_under_another_id_is_skipped(
        self, tables: LocalSupabase, runner: ImportRunner
    ) -> None:
        get_persona_repository().create(PersonaCreate(raw_text="Ada", persona={"a": 1}))
        file = exported("csv")
        sql(tables, "update personas set id = gen_random_uuid()")
        job = imported(runner, "personas.csv", file)
        assert (job.saved, job.skipped) == (0, 1)


class TestForeignFiles:
    def test_semicolons_windows_letters_and_empty_lines(
        self, tables: LocalSupabase, runner: ImportRunner
    ) -> None:
        file = "Text;Rolle\r\nZoë wohnt in Köln;Ärztin\r\n;\r\n\r\n".encode("cp1252")
        imported(runner, "t.csv", file, Text="raw_text", Rolle="persona.role")
        assert sql(tables, "select raw_text, persona from personas") == [
            ("Zoë wohnt in Köln", {"role": "Ärztin"})
        ]

    def test_excel_with_numbers(self, tables: LocalSupabase, runner: ImportRunner) -> None:
        file = workbook_of({"Sheet": [["Notes", "Age"], ["Ada is 41.", 41]]})
        imported(runner, "t.xlsx", file, Notes="raw_text", Age="persona.age")
        assert sql(tables, "select persona from personas") == [({"age": 41},)]

    def test_excel_cells_behind_the_head_are_a_problem_of_their_row(
        self, tables: LocalSupabase, runner: ImportRunner
    ) -> None:
        rows = [["text", "name"], ["Ada bakes.", "Ada", None, "  "], ["Bo bakes.", "Bo", None, 0]]
        rows += [["Cy bakes.", "Cy", "a note"], ["Di bakes."]]
        job = imported(runner, "t.xlsx", workbook_of({"Sheet": rows}))
        assert problems(job) == dict.fromkeys((3, 4), "It has more cells than the head.")
        assert sql(tables, "select raw_text from personas order by 1") == [
            ("Ada bakes.",),
            ("Di bakes.",),
        ]

    def test_times_spans_and_decimals_become_json(
        self, tables: LocalSupabase, runner: ImportRunner
    ) -> None:
        span = timedelta(hours=26, minutes=30)
        cells = ["Ada.", time(9, 30), date(2026, 1, 31), span]
        file = workbook_of({"Sheet": [["text", "at", "day", "span"], cells]})
        heads = {"text": "raw_text"} | {head: f"persona.{head}" for head in ("at", "day", "span")}
        imported(runner, "t.xlsx", file, **heads)
        numbers = [Decimal("1.50"), Decimal("7.00"), Decimal("0.12345678901234567890")]
        columns = {
            "text": ["Bo.", "Cy.", "Di."],
            "at": [time(9, 30), time(9, 30, 1, 5), None],
            "number": pa.array(numbers, pa.decimal128(38, 20)),
            "list": [[Decimal("2.5")], [], None],
        }
        out = io.BytesIO()
        pyarrow.parquet.write_table(pa.table(columns), out)
        heads = {"text": "raw_text"} | {
            head: f"persona.{head}" for head in ("at", "number", "list")
        }
        imported(runner, "t.parquet", out.getvalue(), **heads)
        assert sql(tables, "select persona from personas order by raw_text") == [
            ({"at": "09:30:00", "day": "2026-01-31T00:00:00", "span": "26:30:00"},),
            ({"at": "09:30:00", "number": 1.5, "list": [2.5]},),
            ({"at": "09:30:01.000005", "number": 7, "list": []},),
            ({"number": "0.12345678901234567890"},),
        ]

    @pytest.mark.parametrize(
        ("heads", "named"),
        [
            (["note", "note (2)", "note"], ["note", "note (2)", "note (3)"]),
            (["note", "note", "note (2)"], ["note", "note (3)", "note (2)"]),
            (["a", "a", "a"], ["a", "a (2)", "a (3)"]),
            (["column 2", "", "column 2"], ["column 2", "column 2 (2)", "column 2 (3)"]),
        ],
    )
    def test_every_column_has_a_name_of_its_own(self, heads: list[str], named: list[str]) -> None:
        table = open_table(io.BytesIO(",".join(heads).encode() + b"\n1,2,3\n"), "t.csv")
        assert table.columns == named
        assert [row.cells for row in table.rows()] == [dict(zip(named, "123", strict=True))]

    @pytest.mark.parametrize(
        ("content", "columns", "number"),
        [
            ("\r\n  \r\nid;raw_text\r\n1;a, b\r\n", ["id", "raw_text"], 4),
            ("\ufeffsep=;\r\nid;raw_text\r\n1;a, b\r\n", ["id", "raw_text"], 2),
            ('"SEP=|"\n\nid, more|raw_text\n1|a, b\n', ["id, more", "raw_text"], 3),
            ('"Name, first, last";raw_text\n1;"a, b"\n', ["Name, first, last", "raw_text"], 2),
            ('"Name\n(first, last)";raw_text\n1;"a, b"\n', ["Name\n(first, last)", "raw_text"], 2),
            ('5" pipe;raw_text\n1;"a, b"\n', ['5" pipe', "raw_text"], 2),
        ],
    )
    def test_the_head_of_a_csv_is_found(
        self, content: str, columns: list[str], number: int
    ) -> None:
        table = open_table(io.BytesIO(content.encode()), "t.csv")
        assert table.columns == columns
        (row,) = table.rows()
        assert (row.number, list(row.cells.values())) == (number, ["1", "a, b"])

    def test_every_bad_row_is_listed_with_its_reason(
        self, tables: LocalSupabase, runner: ImportRunner
    ) -> None:
        good = {"raw_text": "Ada", "persona": {"a": 1}}
        lines = [
            json.dumps(good),
            "{broken",
            "[1]",
            json.dumps({"persona": {}}),
            json.dumps({"raw_text": "Bo", "persona": [1]}),
            json.dumps({"raw_text": "Bo", "persona": {"x": "\x00"}}),
            json.dumps({"raw_text": "Bo", "id": "7"}),
            json.dumps({"raw_text": "Bo", "created_at": "yesterday"}),
            json.dumps({"raw_text": "Bo", "evidence": {}}),
            json.dumps({"raw_text": "Ada", "persona": {"b": 2}}),
        ]
        job = imported(runner, "t.jsonl", "\n".join(lines).encode())
        assert list(problems(job)) == [2, 3, 4, 5, 6, 7, 8, 9, 10]
        assert (job.rows, job.good, job.faulty, job.saved, job.skipped) == (10, 1, 9, 1, 1)
        assert not any("Bo" in reason for reason in problems(job).values())

    def test_a_row_that_another_stands_for_is_told_before_anything_is_saved(
        self, tables: LocalSupabase, runner: ImportRunner
    ) -> None:
        one, other = uuid4(), uuid4()
        rows = [",One text.,Ana", ",One text.,Bob", f"{one},One text.,Cy", f"{one},Another.,Di"]
        rows += [f"{other},One text.,Eve", ",A third.,Flo"]
        file = "\n".join(["id,text,who", *rows]).encode()
        heads = {"id": "id", "text": "raw_text", "who": "persona.name"}
        job_id = uuid4()
        runner.take(job_id, "people.csv", io.BytesIO(file))
        runner.check(job_id, heads, "ana")
        job = until(job_id, "checked")
        assert (job.rows, job.good, job.known, job.faulty) == (6, 4, 0, 2)
        assert problems(job) == {
            3: "It has the text of row 2, and only that row is stored. "
            "To store both, give each an id (a UUID).",
            5: "It has the id of row 4, and only that row is stored.",
        }
        runner.save(job_id)
        assert until(job_id, "saved").saved == job.good
        names = "select persona->>'name' from personas order by 1"
        assert sql(tables, names) == [("Ana",), ("Cy",), ("Eve",), ("Flo",)]
        again = imported(runner, "people.csv", file, **heads)
        assert (again.saved, again.faulty, again.known) == (0, 1, 5)

    def test_a_quote_that_is_not_closed_swallows_nobody_silently(
        self, tables: LocalSupabase, runner: ImportRunner
    ) -> None:
        rows = ['"Ann, ""the cook""\nbakes."', '5" pipes', '"Bo likes x', "Cy", "Di"]
        job = imported(runner, "people.csv", "\n".join(["text", *rows]).encode(), text="raw_text")
        assert (job.saved, job.faulty) == (2, 1)
        assert [one.reason for one in get_import_jobs().problems(job.id)] == [
            "A quote begins here and is not closed, so that it runs on into the rows behind it."
        ]
        texts = sql(tables, "select raw_text from personas order by 1")
        assert texts == [('5" pipes',), ('Ann, "the cook"\nbakes.',)]

    def test_a_persona_that_is_a_plain_text_says_what_to_do(
        self, tables: LocalSupabase, runner: ImportRunner
    ) -> None:
        rows = [("a", "A nurse in Leeds"), ("b", '["Ann"]'), ("c", ' {"name": "Cy"}'), ("d", "{x}")]
        file = "\n".join(json.dumps({"raw_text": text, "persona": one}) for text, one in rows)
        job = imported(runner, "a.jsonl", file.encode(), raw_text="raw_text", persona="persona")
        plain, listed, broken = get_import_jobs().problems(job.id)
        for one in (plain, listed):
            assert one.reason.startswith("Its persona is a text and no JSON object: write it as")
            assert "or choose what else its column becomes" in one.reason
        assert broken.reason.startswith("Line 1, column 2")
        assert sql(tables, "select persona ->> 'name' from personas") == [("Cy",)]

    def test_json_lines_drop_nothing_silently(
        self, tables: LocalSupabase, runner: ImportRunner
    ) -> None:
        lines = ['{"text": "a", "text": "b"}', '{"text": "c", "persona.n": NaN}', '{"text": "d"}']
        lines += [json.dumps({"text": f"e {number}"}) for number in range(1000)]
        lines += ['{"text": "f", "persona.name": "Late"}']
        job = imported(runner, "a.jsonl", "\n".join(lines).encode(), text="raw_text")
        assert [(one.number, one.reason) for one in get_import_jobs().problems(job.id)] == [
            (1, "It gives the same entry twice."),
            (2, "It is not JSON."),
            (1004, "It has an entry that the first 1,000 rows have not: persona.name."),
        ]

    def test_a_file_damaged_in_the_middle_says_where(self) -> None:
        content = "text\nAnn\nBo\n".encode("utf-16")[:-1]
        table = open_table(io.BytesIO(content), "cut.csv")
        with pytest.raises(ImportFileError, match=r"damaged behind row \d"):
            list(table.rows())

    @pytest.mark.parametrize("form", FORMATS)
    def test_a_file_of_another_kind_is_refused(self, runner: ImportRunner, form: str) -> None:
        with pytest.raises(ValueError, match=r"is no|is empty|cannot be read"):
            content = b"" if form in ("csv", "jsonl") else b"PK\x03nothing"
            runner.take(uuid4(), f"t.{form}", io.BytesIO(content))


class TestFaultsOfTheDatabase:
    """No row is blamed for what is not its own fault."""

    ROWS = 40

    @pytest.fixture
    def job_id(self, tables: LocalSupabase, double: SupabaseDouble, runner: ImportRunner) -> UUID:
        """An import that is checked, reached through the double."""
        job_id = uuid4()
        rows = [f"Text {number} about a person." for number in range(self.ROWS)]
        runner.take(job_id, "texts.csv", io.BytesIO("\n".join(["text", *rows]).encode()))
        runner.check(job_id, {"text": "raw_text"}, "ana")
        until(job_id, "checked")
        return job_id

    @pytest.mark.parametrize(
        ("status", "body"),
        [
            (521, "<html>Cloudflare</html>"),
            (429, {"message": "no code"}),
            (503, coded("53300")),
            (500, coded("40P01")),
            (500, coded("55P03")),
        ],
    )
    def test_what_passes_is_tried_again(
        self, double: SupabaseDouble, runner: ImportRunner, job_id: UUID, status: int, body: Any
    ) -> None:
        with double.answering("save_import", status, body, times=1):
            runner.save(job_id)
            job = until(job_id, "saved")
        assert (job.saved, job.faulty, problems(job)) == (self.ROWS, 0, {})
        assert len(double.calls("save_import")) == 2

    @pytest.mark.parametrize(
        ("status", "body", "advice"),
        [
            (540, {"message": "Project paused"}, "Resume it"),
            (405, coded("25006"), "read-only"),
            (503, coded("53100"), "disk"),
            (406, coded("PGRST106"), "exposed schemas"),
            (401, {"message": "Legacy API keys are disabled"}, "sb_secret_"),
            (401, {"message": "Unregistered API key"}, "SUPABASE_SECRET_KEY"),
            (403, "<html>blocked</html>", "firewall"),
            (400, coded("P0001"), "code P0001"),
        ],
    )
    def test_what_needs_a_person_stops_it_with_the_advice(
        self,
        double: SupabaseDouble,
        runner: ImportRunner,
        job_id: UUID,
        status: int,
        body: Any,
        advice: str,
    ) -> None:
        with double.answering("save_import", status, body):
            runner.save(job_id)
            job = until(job_id, "failed")
        assert job.error and advice in job.error
        assert (job.saved, job.faulty, problems(job)) == (0, 0, {})
        assert len(double.calls("save_import")) == 1
        runner.save(job_id)
        assert until(job_id, "saved").saved == self.ROWS

    @pytest.mark.parametrize(("status", "code"), [(500, "57014"), (544, None), (524, None)])
    def test_time_outs_halve_the_batch(
        self, double: SupabaseDouble, runner: ImportRunner, job_id: UUID, status: int, code: str
    ) -> None:
        def too_many(request: Request) -> bool:
            return rows_in(request) > 7

        body = coded(code) if code else {"message": "no code"}
        with double.answering("save_import", status, body, fits=too_many):
            runner.save(job_id)
            job = until(job_id, "saved")
        assert (job.saved, job.faulty, problems(job)) == (self.ROWS, 0, {})
        sizes = [rows_in(request) for request in double.calls("save_import")]
        assert sizes == [40, 20, 10, 5, 5, 5, 5, 5, 5, 5, 5]  # what was too much is not asked again

    def test_a_row_that_is_refused_is_the_only_one_blamed(
        self, double: SupabaseDouble, runner: ImportRunner, job_id: UUID
    ) -> None:
        def has_it(request: Request) -> bool:
            return b"Text 17 about" in request.body

        with double.answering("save_import", 400, coded("22007"), fits=has_it):
            runner.save(job_id)
            job = until(job_id, "saved")
        assert (job.saved, job.faulty) == (self.ROWS - 1, 1)
        assert list(problems(job)) == [19]  # the heading is row 1

    def test_the_check_waits_too(
        self, tables: LocalSupabase, double: SupabaseDouble, runner: ImportRunner
    ) -> None:
        with double.answering("known_import_rows", 521, times=1):
            job = imported(runner, "t.csv", b"text\nAda keeps bees.\n", text="raw_text")
        assert (job.saved, job.faulty) == (1, 0)

    def test_can_be_cancelled_while_it_waits(
        self, double: SupabaseDouble, runner: ImportRunner, job_id: UUID
    ) -> None:
        with double.answering("save_import", 503):
            runner.save(job_id)
            while len(double.calls("save_import")) < 2:
                sleep(0.05)
            runner.cancel(job_id)
            assert until(job_id, "cancelled").saved == 0

    def test_whoever_took_it_over_writes_its_end(
        self, tables: LocalSupabase, double: SupabaseDouble, runner: ImportRunner, job_id: UUID
    ) -> None:
        def taken_over(request: Request) -> bool:
            sql(tables, "update import_jobs set worker = 'another dashboard'")
            return True

        with double.answering("save_import", 409, coded("PT409"), fits=taken_over, times=1):
            runner.save(job_id)
            while not double.calls("save_import"):
                sleep(0.05)
            sleep(0.5)
        assert get_import_jobs().read(job_id).status == "saving"

    def test_a_row_that_a_trigger_refuses_with_that_code_ends_the_import_with_its_fault(
        self, double: SupabaseDouble, runner: ImportRunner, job_id: UUID
    ) -> None:
        with double.answering("save_import", 409, coded("PT409"), times=1):
            runner.save(job_id)
            job = until(job_id, "failed")
        assert job.error and "Try again" in job.error
        runner.save(job_id)
        assert until(job_id, "saved").saved == self.ROWS


def rows_in(request: Request) -> int:
    return len(json.loads(json.loads(request.body)["rows"]))


class TestHeldFiles:
    CONTENT = b"text\nAda keeps bees.\n"

    def test_a_file_that_cannot_be_read_is_not_held(self, runner: ImportRunner) -> None:
        before = len(list(Path("/proc/self/fd").iterdir()))
        for number in range(3):
            job_id = uuid4()
            with pytest.raises(ImportFileError):
                runner.take(job_id, f"{number}.parquet", io.BytesIO(b"garbage" * 1000))
            assert not runner.holds(job_id)
        assert len(list(Path("/proc/self/fd").iterdir())) < before + 3

    def test_of_files_that_nobody_checks_the_oldest_go(
        self, tables: LocalSupabase, runner: ImportRunner, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(holding, "_KEPT", 2)
        ids = [uuid4() for _ in range(4)]
        for number, job_id in enumerate(ids):
            runner.take(job_id, "a.csv", io.BytesIO(self.CONTENT))
            if number == 0:
                runner.check(job_id, {"text": "raw_text"}, "ana")
                until(job_id, "checked")
        assert [runner.holds(one) for one in ids] == [True, False, True, True]
        with pytest.raises(InvalidInputError, match="does not have this file any more"):
            runner.check(ids[1], {"text": "raw_text"}, "ana")
        runner.save(ids[0])
        assert until(ids[0], "saved").saved == 1
        monkeypatch.setattr(holding, "_UNCHECKED_SECONDS", 0)
        runner.take(uuid4(), "a.csv", io.BytesIO(self.CONTENT))
        assert not any(map(runner.holds, ids))

    def test_what_was_cancelled_before_its_check_can_be_checked(
        self, tables: LocalSupabase, runner: ImportRunner
    ) -> None:
        job_id = uuid4()
        runner.take(job_id, "a.csv", io.BytesIO(self.CONTENT))
        runner.cancel(job_id)
        runner.check(job_id, {"text": "raw_text"}, "ana")
        assert until(job_id, "checked", "cancelled").status == "checked"

    @pytest.mark.parametrize("target", ["status", "created_by", "deleted_at", "x"])
    def test_no_column_becomes_what_an_import_does_not_set(
        self, tables: LocalSupabase, runner: ImportRunner, target: str
    ) -> None:
        job_id = uuid4()
        runner.take(job_id, "a.csv", io.BytesIO(b"text,more\nAda keeps bees.,Bob\n"))
        with pytest.raises(InvalidInputError, match=f"more cannot become {target}"):
            runner.check(job_id, {"text": "raw_text", "more": target}, "ana")
        with pytest.raises(InvalidInputError, match="no column other"):
            runner.check(job_id, {"text": "raw_text", "other": "persona.name"}, "ana")
        assert sql(tables, "select count(*) from import_jobs") == [(0,)]


class TestManyRows:
    def test_saves_the_good_lists_the_bad_and_can_be_repeated(
        self, tables: LocalSupabase, runner: ImportRunner
    ) -> None:
        file = many_texts()
        job = imported(runner, "texts.csv", file, **MAPPING)
        assert (job.rows, job.good, job.faulty) == (ROWS, ROWS - BAD, BAD)
        assert job.saved == ROWS - BAD
        assert len(problems(job)) == BAD
        again = imported(runner, "texts.csv", file, **MAPPING)
        assert (again.saved, again.skipped, again.known) == (0, ROWS - BAD, ROWS - BAD)
        assert sql(tables, "select count(*) from personas") == [(ROWS - BAD,)]

    def test_killed_half_way_and_started_again(
        self, tables: LocalSupabase, runner: ImportRunner, tmp_path: Path
    ) -> None:
        path = tmp_path / "texts.csv"
        path.write_bytes(many_texts())
        process = subprocess.Popen(
            command("tests.integration.importing_process", str(path), json.dumps(MAPPING)),
            cwd=ROOT,
            env=clean_environment(
                SUPABASE_URL=tables.url, SUPABASE_SECRET_KEY=tables.key.get_secret_value()
            ),
        )
        saved = 0
        while saved <= ROWS // 4:
            assert process.poll() is None, "it ended before it could be killed"
            ((saved,),) = sql(tables, "select count(*) from personas")
            sleep(0.02)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        ((saved,),) = sql(tables, "select count(*) from personas")
        assert 0 < saved < ROWS - BAD
        job = imported(runner, "texts.csv", path.read_bytes(), **MAPPING)
        assert job.saved + job.skipped == ROWS - BAD
        assert (
            job.skipped >= saved
        )  # the batch under way at the kill may have arrived after the count
        assert sql(tables, "select count(*), count(distinct raw_text) from personas") == [
            (ROWS - BAD, ROWS - BAD)
        ]

    def test_cancelled_and_gone_on(self, tables: LocalSupabase, runner: ImportRunner) -> None:
        job_id = uuid4()
        runner.take(job_id, "texts.csv", io.BytesIO(many_texts()))
        runner.check(job_id, MAPPING, "ana")
        until(job_id, "checked")
        runner.save(job_id)
        give_up = monotonic() + PATIENCE_SECONDS
        while not sql(tables, "select 1 from personas limit 1"):
            assert monotonic() < give_up, "nothing was saved"
            sleep(0.01)
        runner.cancel(job_id)
        job = until(job_id, "cancelled")
        assert 0 < job.saved < ROWS - BAD
        runner.save(job_id)
        done = until(job_id, "saved")
        assert done.saved + done.skipped == ROWS - BAD
        assert sql(tables, "select count(*) from personas") == [(ROWS - BAD,)]
