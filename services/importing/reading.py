"""Files of any of the formats, as rows of cells.

CSV comes in UTF-8 (or UTF-16 with its mark, or Windows-1252), parted by commas, semicolons, tabs or
bars. JSON Lines hold one object a line; a line that holds none is a row with a fault. Excel: the
first sheet, and those our own exports go on in. Cells are texts, or what the file has for them.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import BinaryIO

from services.errors import ImportFileError
from services.importing.readers.table import HEAD_ROWS, Row, Table

__all__ = ["HEAD_ROWS", "ImportFileError", "Row", "Table", "open_table"]

_READERS = {  # only the one that is needed is loaded
    ".csv": ("csv_file", "CsvTable"),
    ".tsv": ("csv_file", "CsvTable"),
    ".txt": ("csv_file", "CsvTable"),
    ".jsonl": ("json_lines", "JsonLinesTable"),
    ".ndjson": ("json_lines", "JsonLinesTable"),
    ".xlsx": ("excel", "ExcelTable"),
    ".parquet": ("parquet", "ParquetTable"),
}


def is_known(name: str) -> bool:
    """Whether there is a reader for a file of this name."""
    return Path(name).suffix.lower() in _READERS


def open_table(file: BinaryIO, name: str) -> Table:
    """The table in a file; its name's ending tells the format. Raises ImportFileError,
    MemoryError. Files are other people's: the dashboard calls it in the sandbox alone."""
    if not is_known(name):
        raise ImportFileError
    module, reader = _READERS[Path(name).suffix.lower()]
    try:
        table: Table = getattr(import_module(f"{__package__}.readers.{module}"), reader)(file)
    except (ImportFileError, MemoryError):
        raise
    except UnicodeError:
        raise ImportFileError(
            "The file holds bytes that are no letters in its encoding.", "Save it as UTF-8."
        ) from None
    except Exception as error:  # whatever a parser says of a file that is not of its format
        raise ImportFileError(f"The file is no {Path(name).suffix[1:].upper()} file.") from error
    if not table.columns:
        raise ImportFileError(
            "The file is empty, or holds no row that can be read.",
            "Give a file with a head and rows; in JSON Lines, one object a line.",
        )
    return table
