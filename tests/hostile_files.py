"""Files that are made to hurt whoever reads them, by name."""

# ruff: noqa: S311

from __future__ import annotations

import json
import random
import struct
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet

MEGA = 1_000_000
Write = Callable[[Path], None]


@dataclass(frozen=True)
class Hostile:
    """A file, and what is said of it: a part of the refusal, or how many rows are good and bad."""

    suffix: str
    write: Write
    answer: str | tuple[int, int]


HOSTILE: dict[str, Hostile] = {}


def _file(
    name: str, answer: str | tuple[int, int], content: bytes | Iterable[bytes] | Write
) -> None:
    def write(path: Path) -> None:
        if callable(content):
            content(path)
            return
        with path.open("wb") as file:
            file.writelines([content] if isinstance(content, bytes) else content)

    HOSTILE[name] = Hostile(name.split()[0], write, answer)


def _repeated(piece: bytes, size: int, before: bytes = b"", after: bytes = b"") -> Write:
    def write(path: Path) -> None:
        many = piece * max(1, MEGA // len(piece))
        with path.open("wb") as file:
            file.write(before)
            for _ in range(size // len(many)):
                file.write(many)
            file.write(after)

    return write


# ------------------------------------------------------------------ CSV

_file("csv one line of 450 MB", "Row 1 has more than", _repeated(b"a", 450 * MEGA))
_file(
    "csv a quote is never closed",
    "Row 2 has more than",
    _repeated(b"Ann bakes.\n", 60 * MEGA, b'text\n"'),
)
_file("csv a million columns", "more than 16,384 columns", _repeated(b"a,", 2 * MEGA, b"text,"))
_file("csv a million cells in a row", (1, 1), _repeated(b",", MEGA, b"text\nAnn\n"))
_file(
    "csv three million empty lines",
    "more than 2,000,000 rows",
    _repeated(b"\n", 3 * MEGA, b"text\n"),
)
_file(
    "csv a cell of 11 million characters", (1, 1), _repeated(b"a", 11 * MEGA, b"text\nAnn\n", b"\n")
)
_file(
    "csv a cell of 5 million wide characters",
    (1, 1),
    _repeated("😀".encode(), 20 * MEGA, b"text\nAnn\n", b"\n"),
)
_file("csv nothing but NUL", "no text", _repeated(b"\0", 10 * MEGA))
_file("csv NUL in every row", (0, 3000), b"text\n" + b"A\0nn\n" * 3000)
_file("csv random bytes", "", random.Random(1).randbytes(2 * MEGA))
_file("csv UTF-16 without a mark", "no text", "text\nAnn\n".encode("utf-16-le"))
_file(
    "csv UTF-16 lone halves",
    "no letters in its encoding",
    b"\xff\xfe" + "text\nAnn\n".encode("utf-16-le") + b"\x00\xd8\n\0",
)
_file(
    "csv bytes that are not UTF-8",
    (200, 1),
    ("text\n" + "".join(f"Änn bäckt {n}.\n" for n in range(200))).encode() + b"B\xff\n",
)

# ------------------------------------------------------------------ JSON Lines


def _lines(*rows: Any) -> bytes:
    return "\n".join(one if isinstance(one, str) else json.dumps(one) for one in rows).encode()


def _person(**more: Any) -> dict[str, Any]:
    return {"raw_text": "Ann bakes bread.", **more}


_NUMBERS = (
    "0.10000000000000000555",
    "1e-400",
    "1e400",
    "12345678901234567890",
    "9" * 100_000,
    "NaN",
    "-Infinity",
)
_file(
    "jsonl numbers that would change",
    (1, len(_NUMBERS)),
    _lines(
        {"raw_text": "Bo", "persona": {}},
        *(f'{{"raw_text": "Ann", "persona": {{"n": {number}}}}}' for number in _NUMBERS),
    ),
)
_file(
    "jsonl nested 100,000 levels",
    (1, 1),
    _lines(
        _person(), '{"raw_text": "Ann", "persona": ' + '{"a":' * 100_000 + "1" + "}" * 100_000 + "}"
    ),
)
_file("jsonl 18 MB of brackets", (1, 1), _repeated(b"[", 18 * MEGA, _lines(_person()) + b"\n"))
_file(
    "jsonl 6 MB of empty lists",
    (1, 0),
    _repeated(b"[],", 6 * MEGA, b'{"raw_text": "Ann", "l": [', b"1]}"),
)
_file(
    "jsonl a million names",
    "more than 16,384 columns",
    lambda path: path.write_text("{" + ",".join(f'"k{n}":1' for n in range(MEGA)) + "}") and None,
)
_file(
    "jsonl a line of 100 MB",
    (2, 1),
    _repeated(
        b"a", 100 * MEGA, _lines(_person()) + b'\n{"raw_text": "', b'"}\n{"raw_text": "Bo"}\n'
    ),
)
_file(
    "jsonl names that stand twice",
    "no row that can be read",
    b'{"raw_text": "Ann", "raw_text": "Bo"}',
)
_file(
    "jsonl evidence of every wrong shape",
    (1, 8),
    _lines(
        _person(),
        *(
            _person(**{name: value})
            for name, value in [
                ("evidence", [1]),
                ("evidence", [[]]),
                ("evidence", [None]),
                ("evidence", {}),
                ("sources", [5]),
                ("sources", ["x"]),
                ("origins", {"/a": 1}),
                ("generation", [1]),
            ]
        ),
    ),
)
_file(
    "jsonl nulls everywhere",
    (3000, 0),
    _lines(
        *(
            {
                "raw_text": f"Ann {n}",
                **dict.fromkeys(
                    (
                        "id",
                        "persona",
                        "evidence",
                        "generation",
                        "origins",
                        "sources",
                        "created_at",
                        "updated_at",
                    )
                ),
            }
            | ({"sources": []} if n % 2 else {})
            for n in range(3000)
        )
    ),
)
_file(
    "jsonl times beyond the calendar",
    (0, 3),
    _lines(
        *(
            _person(created_at=at)
            for at in ("9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "x" * MEGA)
        )
    ),
)

# ------------------------------------------------------------------ Excel

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<row r="1"><c r="A1" t="inlineStr"><is><t>text</t></is></c></row>'
_ANN = '<row r="2"><c r="A2" t="inlineStr"><is><t>Ann</t></is></c></row>'
Part = str | bytes | Iterable[bytes]


def _workbook(sheet: Part, *, target: str = "worksheets/sheet1.xml", **parts: Part) -> Write:
    """A workbook with this sheet; `parts` are strings, styles and further files by name."""

    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, content in {
                **_frame(target),
                "xl/worksheets/sheet1.xml": sheet,
                **parts,
            }.items():
                with archive.open(name, "w", force_zip64=True) as part:
                    pieces = [content] if isinstance(content, str | bytes) else content
                    for piece in pieces:
                        part.write(piece.encode() if isinstance(piece, str) else piece)

    return write


def _frame(target: str) -> dict[str, Part]:
    link = f'<Relationship Id="rId%s" Type="{_OFFICE}/%s" Target="%s"/>'
    links = f'<Relationships xmlns="{_PACKAGE}/relationships">%s</Relationships>'
    part = '<Override PartName="/xl/%s" ContentType="%s"/>'
    return {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        + part % ("workbook.xml", f"{_KIND}.sheet.main+xml")
        + part % ("worksheets/sheet1.xml", f"{_KIND}.worksheet+xml")
        + part % ("sharedStrings.xml", f"{_KIND}.sharedStrings+xml")
        + part % ("styles.xml", f"{_KIND}.styles+xml")
        + "</Types>",
        "_rels/.rels": links % (link % (1, "officeDocument", "xl/workbook.xml")),
        "xl/_rels/workbook.xml.rels": links
        % (
            link % (1, "worksheet", target)
            + link % (2, "sharedStrings", "sharedStrings.xml")
            + link % (3, "styles", "styles.xml")
        ),
        "xl/workbook.xml": f'<workbook {_MAIN} xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="people" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/sharedStrings.xml": f"<sst {_MAIN}><si><t>Ann</t></si></sst>",
        "xl/styles.xml": f"<styleSheet {_MAIN}/>",
    }


def _sheet(rows: str, before: str = "", after: str = "") -> str:
    return f"<worksheet {_MAIN}>{before}<sheetData>{rows}</sheetData>{after}</worksheet>"


def _long(start: str, piece: str, times: int, end: str) -> Iterable[bytes]:
    yield start.encode()
    many = (piece * 10_000).encode()
    for _ in range(times // 10_000):
        yield many
    yield end.encode()


def _in_sheet(piece: str, times: int, before: str = "", after: str = "") -> list[bytes]:
    whole = _sheet(f"{before}\0{after}").split("\0")
    return _Late(lambda: _long(whole[0], piece, times, whole[1]))  # type: ignore[return-value]


class _Late:
    """Pieces that are made when they are written."""

    def __init__(self, make: Callable[[], Iterable[bytes]]) -> None:
        self._make = make

    def __iter__(self) -> Any:
        return iter(self._make())


_file(
    "xlsx row 1,000,000,000,000",
    "names row 1,000,000,000,000",
    _workbook(_sheet(_HEAD + '<row r="1000000000000"><c r="A1000000000000"><v>1</v></c></row>')),
)
_file(
    "xlsx a text of 1 GB in the table",
    "unpacks to more than",
    _workbook(
        _sheet(_HEAD + '<row r="2"><c r="A2" t="s"><v>0</v></c></row>'),
        **{
            "xl/sharedStrings.xml": _Late(
                lambda: _long(f"<sst {_MAIN}><si><t>", "a" * 100, 10 * MEGA, "</t></si></sst>")
            )
        },
    ),
)
_file(
    "xlsx a cell of 200 MB",
    (0, 1),
    _workbook(
        _in_sheet(
            "a" * 100,
            2 * MEGA,
            _HEAD + '<row r="2"><c r="A2" t="inlineStr"><is><t>',
            "</t></is></c></row>",
        )
    ),
)
_file(
    "xlsx 1 GB of blanks",
    "unpacks to more than 200 times",
    _workbook(_in_sheet(" " * 100, 10 * MEGA, _HEAD)),
)
_file(
    "xlsx a million cells in a row",
    "more than 16,384 columns",
    _workbook(_in_sheet("<c><v>1</v></c>", MEGA, _HEAD + '<row r="2">', "</row>")),
)
_file(
    "xlsx 300,000 rows without cells",
    (0, 0),
    _workbook(_in_sheet("<row/>", 300_000, _HEAD)),
)
_file(
    "xlsx says it has 17 billion cells",
    (1, 0),
    _workbook(_sheet(_HEAD + _ANN, '<dimension ref="A1:XFD1048576"/>')),
)
_file(
    "xlsx a million merged cells",
    (1, 0),
    _workbook(
        _Late(
            lambda: _long(
                _sheet(_HEAD + _ANN).removesuffix("</worksheet>") + "<mergeCells>",
                '<mergeCell ref="A1:XFD1048576"/>',
                MEGA,
                "</mergeCells></worksheet>",
            )
        )
    ),
)
_file(
    "xlsx entities that explode",
    "",
    _workbook(
        '<!DOCTYPE x [<!ENTITY a "'
        + "a" * 1000
        + '">'
        + "".join(
            f'<!ENTITY {new} "{f"&{old};" * 20}">'
            for old, new in zip("abcdefg", "bcdefgh", strict=True)
        )
        + "]>"
        + _sheet(_HEAD + '<row r="2"><c r="A2" t="inlineStr"><is><t>&h;</t></is></c></row>')
    ),
)
_file("xlsx elements in elements", "", _workbook(_in_sheet("<c>", MEGA, _HEAD + '<row r="2">')))


def _with_lie(path: Path) -> None:
    """Its parts say that they are a thousand times smaller."""
    _workbook(_in_sheet("<row><c><v>1</v></c></row>", 100_000, _HEAD))(path)
    content = bytearray(path.read_bytes())
    place = content.rfind(
        b"PK\x01\x02", 0, content.find(b"xl/worksheets", content.find(b"PK\x01\x02"))
    )
    struct.pack_into("<I", content, place + 24, 100)
    path.write_bytes(content)


def _cut(path: Path) -> None:
    _workbook(_in_sheet("<row><c><v>1</v></c></row>", 100_000, _HEAD))(path)
    path.write_bytes(path.read_bytes()[:5000])


_file("xlsx sizes that lie", "", _with_lie)
_file("xlsx cut off", "no XLSX", _cut)

# ------------------------------------------------------------------ Parquet


def _parquet(table: Callable[[], pa.Table], **options: Any) -> Write:
    return lambda path: pyarrow.parquet.write_table(table(), path, compression="zstd", **options)


def _same(text: str, rows: int) -> pa.Table:
    return pa.table(
        {"text": pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), [text])}
    )


_file(
    "parquet one text of 5 MB in 1,000 rows",
    "unpacks to more than 200 times",
    _parquet(lambda: _same("a" * 5 * MEGA, 1000)),
)
_file(
    "parquet one text of 12 MB in 20 rows",
    (0, 20),
    _parquet(lambda: _same("a" * 12 * MEGA, 20)),
)
_file(
    "parquet 300 texts of 1 MB without a dictionary",
    "unpacks to more than 200 times",
    _parquet(lambda: pa.table({"text": ["a" * MEGA] * 300}), use_dictionary=False),
)
_file(
    "parquet three million rows",
    "more than 2,000,000 rows",
    _parquet(lambda: _same("Ann", 3 * MEGA)),
)
_file(
    "parquet a list of 50 million nulls",
    "",
    _parquet(
        lambda: pa.table(
            {
                "text": ["Ann"],
                "l": pa.ListArray.from_arrays([0, 50 * MEGA], pa.nulls(50 * MEGA, pa.int8())),
            }
        )
    ),
)
_file(
    "parquet kinds that JSON does not know",
    (0, 1),
    _parquet(
        lambda: pa.table(
            {
                "text": ["Ann"],
                "role": [Decimal("1.5")],
                "name": [b"\xff\xfe"],
                "goals": pa.array([10**18], pa.duration("us")),
            }
        )
    ),
)
_file(
    "parquet times beyond the calendar",
    "damaged behind row",
    _parquet(
        lambda: pa.table({"text": ["Ann"], "created_at": pa.array([2**62], pa.timestamp("us"))}),
    ),
)
