"""How much a file for import may hold, and what is said of one that holds more.

They are meant to stop no file of people: an export of a million personas passes. Whatever finds a
way around them ends at the limits of the process that reads.
"""

from __future__ import annotations

from services.errors import ImportFileError
from services.sandbox import Limits

PROCESS = Limits(memory_bytes=1 << 30, cpu_seconds=3600)
STALL_SECONDS = 20  # of computing without any row
WAIT_SECONDS = 900  # on a busy machine
ROWS = 2_000_000
COLUMNS = 16_384  # as many as Excel has
CELLS = 200_000_000
HEAD_CHARACTERS = 1_000_000
CELL_CHARACTERS = 10_000_000
LINE_CHARACTERS = 20_000_000
ROW_BYTES = 16 << 20  # of a row as it travels to the database
PART_BYTES = 16 << 20  # of a part of a workbook that is no sheet, unpacked
STRINGS_BYTES = 256 << 20
EXPANSION = 200  # times the size of the file, unpacked
EXPANDED_BYTES = 256 << 20  # which anything may have
SHEET_ROWS = 1_048_576

_SPLIT = "Split the file, and import the parts one after the other."
_SHORTEN = "Shorten this row or take it out, and give the file again."
_CONVERT = "Save it again as CSV, which has no such parts, or split it."


class ImportLimitError(ImportFileError):
    """The file holds more than is read."""


def too_many_rows() -> ImportLimitError:
    """More than ROWS, empty ones among them."""
    return ImportLimitError(f"The file has more than {ROWS:,} rows.", _SPLIT)


def too_many_columns(row: int | None = None) -> ImportLimitError:
    """More than COLUMNS, in the head or in this row."""
    where = "The file" if row is None else f"Row {row:,}"
    return ImportLimitError(
        f"{where} has more than {COLUMNS:,} columns.", "Leave out those that are not needed."
    )


def too_many_cells(row: int) -> ImportLimitError:
    """More than CELLS up to this row."""
    return ImportLimitError(f"The file has more than {CELLS:,} cells up to row {row:,}.", _SPLIT)


def too_long_head() -> ImportLimitError:
    """More than HEAD_CHARACTERS in the names of the columns."""
    return ImportLimitError(
        f"The names of the columns have more than {HEAD_CHARACTERS:,} characters.",
        "Shorten them, or give a file with a head.",
    )


def too_long_line(row: int) -> ImportLimitError:
    """More than LINE_CHARACTERS in one line, or behind a quote that is not closed."""
    return ImportLimitError(
        f"Row {row:,} has more than {LINE_CHARACTERS:,} characters.",
        "Shorten it, or close the quote that is open in it, and give the file again.",
    )


def too_long_cell(row: int) -> ImportLimitError:
    """More than CELL_CHARACTERS in one cell, where a reader cannot go on behind it."""
    return ImportLimitError(f"Row {row:,}: {CELL_FAULT}", _SHORTEN)


def no_such_row(row: int) -> ImportLimitError:
    """A row number that Excel does not have, or one that stands behind a larger one."""
    return ImportLimitError(
        f"The file names row {row:,}, but a sheet has rows 1 to {SHEET_ROWS:,}, in order.",
        "Save it again in Excel or LibreOffice, or as CSV.",
    )


def unpacks_to_too_much(what: str, most: int) -> ImportLimitError:
    """A part that would unpack to more than `most` bytes."""
    return ImportLimitError(f"{what} unpacks to more than {most >> 20:,} MB.", _CONVERT)


def expands_too_much() -> ImportLimitError:
    """More than EXPANSION times its size."""
    return ImportLimitError(f"The file unpacks to more than {EXPANSION} times its size.", _CONVERT)


def too_much_memory(row: int) -> ImportLimitError:
    """The reading process met its limit of memory behind this row."""
    return ImportLimitError(
        f"Reading on behind row {row:,} takes more than {PROCESS.memory_bytes >> 30} GB of memory.",
        "Split the file or save it as CSV; if one row is very large, shorten it.",
    )


def too_slow(row: int) -> ImportLimitError:
    """STALL_SECONDS or WAIT_SECONDS brought no row."""
    return ImportLimitError(
        f"Reading on behind row {row:,} takes more than {STALL_SECONDS} seconds of computing.",
        "Split the file or save it as CSV.",
    )


CELL_FAULT = f"A cell has more than {CELL_CHARACTERS:,} characters; shorten it."
LINE_FAULT = f"It has more than {LINE_CHARACTERS:,} characters; shorten it."
ROW_FAULT = f"It holds more than {ROW_BYTES >> 20} MB; shorten it."
