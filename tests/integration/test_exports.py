"""Exports of any format hold exactly the personas, whatever they contain and whoever writes."""

from __future__ import annotations

import csv
import gc
import io
import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import openpyxl
import psycopg
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.errors import DashboardError, InvalidInputError
from services.exports import sources
from services.exports.cells import restored
from services.exports.export import Exports
from services.exports.options import ExportOptions
from services.exports.sources import ApiSource, Source, open_source
from services.exports.workbook import MAX_CELL
from services.importing.checking import checked_rows
from services.importing.mapping import guess_mapping
from services.importing.reading import open_table
from services.local_supabase.stack import LocalSupabase
from services.personas import PersonaCreate, get_persona_repository
from services.settings import get_settings
from tests.csv_personas import from_csv, to_csv

ODD_TEXTS = [
    "5", "true", " null ", "NaN", "-Infinity", '"quoted" and "more"', "[sic] x [y]", "{}", "",
    "=1+1", "+1", "-2", "@x", "'x", "\t=1", "\r=1", "＝1", " \u00a0=1", "\u2028-x", "a,b", 'a"b',
    "a\nb", "a\r\nb", "1e5", "1_000", "٣", "Zoë 👩‍🔬 שלום", "\x07bell", "_x0041_", "true story",
    "\\.", "\ufeffmark", "tab\tinside", "x" * 40_000, "😀" * 20_000,
]  # fmt: skip

storable_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
numbers = st.integers(-(2**53), 2**53) | st.floats(-1e9, 1e9).map(lambda x: round(x, 3))
json_values = st.recursive(
    st.none() | st.booleans() | numbers | storable_text | st.sampled_from(ODD_TEXTS[:30]),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(storable_text, children, max_size=3)
    ),
    max_leaves=8,
)
personas_of_any_kind = st.dictionaries(storable_text, json_values, max_size=5)


@pytest.fixture(params=["snapshot", "pages"])
def way(
    request: pytest.FixtureRequest, database: LocalSupabase, monkeypatch: pytest.MonkeyPatch
) -> str:
    """Exports with a database URL, and without."""
    if request.param == "snapshot":
        monkeypatch.setenv("SUPABASE_DB_URL", database.db_url)
        get_settings.cache_clear()
    return str(request.param)


def exported(**options: Any) -> bytes:
    export = Exports().begin("test", ExportOptions(**options))
    try:
        export.begin()
        content = b"".join(export.pieces())
    finally:
        export.close()
    progress = export.progress
    assert (progress.state, progress.bytes) == ("complete", len(content))
    return content


def store(*personas: dict[str, Any], text: str = "Text") -> None:
    for number, persona in enumerate(personas):
        new = PersonaCreate(raw_text=f"{text} {number}", persona=persona)
        get_persona_repository().create(new)


def insert(database: LocalSupabase, *rows: tuple[str, dict[str, Any]]) -> None:
    with psycopg.connect(database.db_url, autocommit=True) as connection:
        connection.execute("truncate personas, generation_requests cascade")
        for text, persona in rows:
            connection.execute(
                "insert into personas (raw_text, persona) values (%s, %s)",
                [text, json.dumps(persona)],
            )


def stored_rows(database: LocalSupabase) -> list[tuple[str, dict[str, Any]]]:
    with psycopg.connect(database.db_url) as connection:
        return connection.execute("select raw_text, persona from personas").fetchall()


def rows_of(content: bytes) -> list[list[str]]:
    csv.field_size_limit(2**31 - 1)
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def by_id(content: bytes) -> dict[str, list[str]]:
    return {row[0]: row for row in rows_of(content)}


def in_some_order(rows: Iterable[tuple[str, Any]]) -> list[str]:
    """The same list for the same rows, however they and the keys in them are ordered."""
    return sorted(json.dumps(row, sort_keys=True) for row in rows)


class TestCsv:
    def test_equals_the_reference_byte_for_byte(
        self, way: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sources, "PAGE_ROWS", 5)
        monkeypatch.setattr(sources, "SURVEYED_ROWS", 7)
        store({text[:9]: text for text in ODD_TEXTS}, {"a": {"b": {}, "c": {"d": 1}}, "x.y": "z"})
        store(*({"value": text} for text in ODD_TEXTS), text="=More")
        store({"list": [1, "a", {"b": 2}], "a": [5], "n": None, "o": {}, "t": True})
        expected = to_csv(get_persona_repository().iterate()).content
        found = exported()
        assert rows_of(found)[0] == rows_of(expected)[0]
        assert by_id(found) == by_id(expected)
        assert len(found) == len(expected)

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(storable_text, personas_of_any_kind), max_size=3))
    def test_any_persona_comes_back_equal(
        self, way: str, database: LocalSupabase, rows: list[tuple[str, dict[str, Any]]]
    ) -> None:
        insert(database, *rows)
        back = [(one.raw_text, one.persona) for one in from_csv(exported())]
        assert in_some_order(back) == in_some_order(stored_rows(database))

    def test_more_columns_than_a_statement_may_have(self, way: str) -> None:
        wide = {f"field {number}": number for number in range(1800)}
        store(wide)
        (back,) = from_csv(exported())
        assert back.persona == wide

    def test_an_empty_export_has_a_head(self, way: str) -> None:
        assert rows_of(exported()) == [["id", "created_at", "updated_at", "raw_text"]]

    def test_chosen_columns_in_their_order(self, way: str) -> None:
        store({"name": "Ada", "address": {"city": "Delft"}})
        content = exported(columns=("persona.address.city", "raw_text"))
        assert rows_of(content) == [["persona.address.city", "raw_text"], ["Delft", "Text 0"]]
        with pytest.raises(InvalidInputError, match="no column secrets"):
            exported(columns=("secrets",))

    def test_persona_as_json_without_text_with_evidence(self, way: str) -> None:
        store({"name": "Text"})
        head, row = rows_of(exported(persona="json", raw_text=False, evidence=True))
        fixed = ["id", "created_at", "updated_at", "persona"]
        assert head == [*fixed, "evidence", "generation", "origins", "sources"]
        assert json.loads(row[3]) == {"name": "Text"}
        assert json.loads(row[4])[0]["quote"] == "Text"

    def test_the_trash_stays_out(self, way: str) -> None:
        store({"name": "Ada"}, {"name": "Bo"})
        repository = get_persona_repository()
        repository.delete(next(iter(repository.iterate())).id)
        assert len(rows_of(exported())) == 2


NICKNAMES = [None, "", "likes a, -b", "Bee", "=1+1", " ", "a\r\nb", "null", None]


def nicknames(form: str, separator: str, content: bytes) -> list[str | None]:
    """The cells of a file with one column, as programs read them; None for no value."""
    if form == "parquet":
        column: list[str | None] = pyarrow.parquet.read_table(io.BytesIO(content))[0].to_pylist()
        return column
    if form == "xlsx":
        sheet = openpyxl.load_workbook(io.BytesIO(content))["personas"]
        cells = [sheet.cell(row, 1).value for row in range(2, 2 + len(NICKNAMES))]
        return [cell and cell.replace("_x000D_", "\r") for cell in cells]
    lines = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=separator)
    head, *rows = (row for row in lines if row)  # most readers take an empty line for no row
    assert head == ["persona.nickname"]
    return [restored(cell) or None for (cell,) in rows]


class TestOneColumn:
    """A persona without a value in the only column is a row all the same."""

    @pytest.mark.parametrize(
        ("form", "separator", "quoting"),
        [
            *(("csv", *kind) for kind in product((",", ";", "\t"), ("needed", "all"))),
            ("parquet", ",", "needed"),
            ("xlsx", ",", "needed"),
        ],
    )
    def test_every_persona_is_a_row(
        self, way: str, form: str, separator: str, quoting: str
    ) -> None:
        store(*({} if one is None else {"nickname": one} for one in NICKNAMES))
        content = exported(
            format=form, separator=separator, quoting=quoting, columns=("persona.nickname",)
        )
        expected = ['""' if one == "" else '"null"' if one == "null" else one for one in NICKNAMES]
        found = nicknames(form, separator, content)
        assert sorted(map(str, found)) == sorted(map(str, expected))

    def test_an_only_column_of_times_or_of_the_database_keeps_its_rows(self, way: str) -> None:
        store({"name": "Ada"}, {"name": "Bo"})
        for head in ("reviewed_at", "review_note", "generation"):
            table = pyarrow.parquet.read_table(
                io.BytesIO(exported(format="parquet", columns=(head,)))
            )
            assert table[head].to_pylist() == [None, None]
            assert rows_of(exported(columns=(head,))) == [[head], [""], [""]]
            lines = exported(format="jsonl", columns=(head,)).decode().splitlines()
            assert [json.loads(line) for line in lines] == [{head: None}] * 2


FORMULAS = ["=1+1", "+HYPERLINK(A1)", "-2+3", "@SUM(A1)", "＝1", "=cmd|' /C calc'!A0"]
BETWEEN = [",", ";", "\t", "|", " ", "\n", "\r\n", '"', ';"', '";', ', "', "; ", '"\t"', ";\u2060"]
HOSTILE = [f"a{one}{formula}" for one in BETWEEN for formula in FORMULAS]
NUMBER = re.compile(r"""["\s]*-\d[\d.eE+-]*["\]},]*""")


def hostile(texts: list[str], *, names: bool = True) -> list[tuple[str, dict[str, Any]]]:
    """Personas that hold the texts everywhere: in values, lists, names, deep, and as JSON."""
    return [
        (
            f"[{text}]" if number % 3 == 0 else text,
            {
                "value": text,
                "list": [text, {text: [text, -5, f'"{text}']}],
                "odd": f"[{text}]",
                "number": -5,
                "quoted": f"'{text}",
                **({text: text, "deep": {text: text}} if names else {}),
            },
        )
        for number, text in enumerate(texts)
    ]


def formulas_of(content: bytes, separator: str) -> list[str]:
    """The cells that a spreadsheet with this separator would take for a formula."""
    lines = io.StringIO(content.decode("utf-8-sig"), newline="")
    cells = [cell for row in csv.reader(lines, delimiter=separator) for cell in row]
    begins = re.compile(r"""["\s]*[=+\-@＝＋－＠]""")
    return [cell for cell in cells if begins.match(cell) and not NUMBER.fullmatch(cell)]


SEPARATORS, QUOTING = (",", ";", "\t"), ("needed", "all")


@pytest.mark.parametrize("quoting", QUOTING)
@pytest.mark.parametrize("separator", SEPARATORS)
class TestKindsOfCsv:
    def test_no_separator_finds_a_formula(
        self, way: str, database: LocalSupabase, separator: str, quoting: str
    ) -> None:
        insert(database, *hostile(HOSTILE))
        for shape in ("columns", "json"):
            content = exported(
                separator=separator, quoting=quoting, persona=shape, evidence=True, review=True
            )
            for other in (",", ";", "\t", "|", " "):
                assert formulas_of(content, other) == []

    def test_every_kind_is_read_back_equal(
        self, way: str, database: LocalSupabase, separator: str, quoting: str, tmp_path: Path
    ) -> None:
        texts = [*ODD_TEXTS[:30], *HOSTILE]
        insert(database, *hostile([text for text in texts if text.strip()], names=False))
        for shape in ("columns", "json"):
            path = tmp_path / "file.csv"
            path.write_bytes(exported(separator=separator, quoting=quoting, persona=shape))
            with path.open("rb") as file:
                table = open_table(file, path.name)
                rows = list(checked_rows(table, guess_mapping(table.columns)))
            back = [(row.columns["raw_text"], row.columns["persona"]) for row in rows]
            assert in_some_order(back) == in_some_order(stored_rows(database))


def test_libreoffice_finds_no_formula(database: LocalSupabase, tmp_path: Path) -> None:
    """In no kind of CSV, whatever it is told that separates; it takes each of the controls for one.

    Its start takes longest, so all kinds are given to it at once.
    """
    if (office := shutil.which("soffice")) is None:
        pytest.skip("LibreOffice is not installed; the csv module opens the same files above.")
    insert(database, *hostile(HOSTILE))
    kinds = list(product(SEPARATORS, QUOTING))
    for number, (separator, quoting) in enumerate(kinds):
        content = exported(separator=separator, quoting=quoting)
        (tmp_path / f"ours{number}.csv").write_bytes(content)
    names = [*(f"ours{number}" for number in range(len(kinds))), "control"]
    for other in (",", ";", "\t", "|", " "):
        (tmp_path / "control.csv").write_text(f"a{other}=1+1\n")
        options = f"{ord(other)},34,76,1,,0,false,true,false,false,false,-1,true"
        subprocess.run(
            [
                office, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless",
                f"--infilter=Text - txt - csv (StarCalc):{options}",
                "--convert-to", "fods", *(f"{name}.csv" for name in names),
            ],
            cwd=tmp_path, check=True, capture_output=True, timeout=300,
        )  # fmt: skip
        for name in names:
            made = tmp_path / f"{name}.fods"
            assert ("table:formula=" in made.read_text("utf-8")) is (name == "control")
            made.unlink()


class TestOtherFormats:
    def test_json_lines_hold_every_value(self, way: str) -> None:
        store(*({"value": text, "n": 1.25} for text in ODD_TEXTS))
        lines = [json.loads(line) for line in exported(format="jsonl").decode().split("\n")[:-1]]
        stored = {str(one.id): one for one in get_persona_repository().iterate()}
        assert {line["id"]: line["persona"] for line in lines} == {
            key: one.persona for key, one in stored.items()
        }
        assert list(lines[0]) == ["id", "created_at", "updated_at", "raw_text", "persona"]

    def test_excel_holds_the_cells_as_texts_and_the_times_as_dates(self, way: str) -> None:
        short = [text for text in ODD_TEXTS if len(text) < MAX_CELL // 2]
        store(*({"value": text} for text in short))
        book = openpyxl.load_workbook(io.BytesIO(exported(format="xlsx")), read_only=True)
        head, *rows = book["personas"].iter_rows()
        assert [cell.value for cell in head][:4] == ["id", "created_at", "updated_at", "raw_text"]
        for row in rows:
            kinds = [cell.data_type for cell in row]
            assert kinds[1:3] == ["d", "d"]
            assert {*kinds[:1], *kinds[3:]} <= {"inlineStr", "s", "n"}  # n: empty
        assert len(rows) == len(short)
        assert "=1+1" in {row[4].value for row in rows}

    def test_parquet_holds_the_cells_and_times(self, way: str) -> None:
        store(*({"value": text} for text in ODD_TEXTS), {"other": 1})
        table = pyarrow.parquet.read_table(io.BytesIO(exported(format="parquet")))
        assert table.num_rows == len(ODD_TEXTS) + 1
        assert table.schema.field("created_at").type == pa.timestamp("us", tz="UTC")
        values = set(table["persona.value"].to_pylist())
        assert {"=1+1", '"5"', '""', None, "a\r\nb"} <= values


class TestWhileOthersWrite:
    """A writer inserts and deletes all the time; what existed throughout is there once."""

    ROWS = 8_000

    @pytest.fixture
    def lasting(self, database: LocalSupabase) -> set[str]:
        with psycopg.connect(database.db_url, autocommit=True) as connection:
            connection.execute(
                "insert into personas (raw_text, persona, created_at) select 'Text ' || n,"
                " jsonb_build_object('name', n, 'kind', case n %% 2 when 0 then 'stays' else 'goes'"
                " end), now() - n * interval '1 second' from generate_series(1, %s) as n",
                [self.ROWS],
            )
            rows = connection.execute(
                "select id::text from personas where persona->>'kind'='stays'"
            )
            return {row[0] for row in rows}

    @pytest.fixture
    def writing(self, database: LocalSupabase) -> Iterator[threading.Event]:
        begun, stop = threading.Event(), threading.Event()
        statements = (
            "insert into personas (raw_text, persona, created_at)"
            " select 'New', '{\"kind\": \"new\"}', now() - random() * interval '2 hours'"
            " from generate_series(1, 5)",
            "delete from personas where id in (select id from personas"
            " where persona->>'kind' in ('goes', 'new') limit 5)",
            "update personas set raw_text = raw_text || '.' where id in"
            " (select id from personas where persona->>'kind' = 'stays' limit 5)",
        )

        def write() -> None:
            with psycopg.connect(database.db_url, autocommit=True) as connection:
                while not stop.is_set():
                    for statement in statements:
                        connection.execute(statement.encode())
                    begun.set()

        thread = threading.Thread(target=write)
        thread.start()
        begun.wait(30)
        yield begun
        stop.set()
        thread.join()

    @pytest.mark.parametrize("form", ["csv", "jsonl"])
    def test_no_row_twice_and_none_missing(
        self, way: str, lasting: set[str], writing: threading.Event, form: str
    ) -> None:
        content = exported(format=form)
        if form == "csv":
            found = [row[0] for row in rows_of(content)[1:]]
        else:
            found = [json.loads(line)["id"] for line in content.decode().split("\n")[:-1]]
        assert len(found) == len(set(found))
        assert lasting <= set(found)

    def test_a_snapshot_has_exactly_the_rows_it_counted(
        self,
        database: LocalSupabase,
        monkeypatch: pytest.MonkeyPatch,
        lasting: set[str],
        writing: threading.Event,
    ) -> None:
        monkeypatch.setenv("SUPABASE_DB_URL", database.db_url)
        get_settings.cache_clear()
        export = Exports().begin("test", ExportOptions())
        export.begin()
        assert len(rows_of(b"".join(export.pieces()))) - 1 == export.progress.rows
        export.close()


def test_a_database_url_that_leads_nowhere_falls_back_to_the_api(
    database: LocalSupabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUPABASE_DB_URL", "postgresql://nobody@127.0.0.1:9/none")
    get_settings.cache_clear()
    store({"name": "Ada"})
    source: Source = open_source(ExportOptions())
    assert isinstance(source, ApiSource)
    assert len(rows_of(exported())) == 2


def test_a_cut_export_through_the_api_leaves_no_thread_and_a_late_fault_is_raised(
    database: LocalSupabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "PAGE_ROWS", 2)
    store(*({"name": f"P{number}"} for number in range(9)))
    source = open_source(ExportOptions())
    start = source.start(True)
    columns = ExportOptions().plan(start.stored, start.paths)

    def ahead() -> list[str]:
        return [one.name for one in threading.enumerate() if one.name.startswith("export-pages")]

    cut = source.csv(columns, inert=True)
    assert next(cut).rows == 2
    assert ahead()
    cut.close()  # type: ignore[attr-defined]
    gc.collect()
    assert not ahead()

    broken = source.csv(columns, inert=True)
    next(broken)
    with psycopg.connect(database.db_url, autocommit=True) as connection:
        connection.execute("alter function persona_export_page rename to gone")
        try:
            with pytest.raises(DashboardError):
                list(broken)
        finally:
            connection.execute("alter function gone rename to persona_export_page")
    assert not ahead()
