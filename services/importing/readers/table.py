"""A file as rows of cells: what the readers of all formats have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from services.errors import ImportFileError
from services.importing import limits

HEAD_ROWS = 1000  # JSON Lines: the columns are those of so many rows
MORE_CELLS = "It has more cells than the head."


@dataclass(frozen=True)
class Row:
    """One row. `number` counts as the file does, its head being row 1 (JSON Lines: line 1 first).

    `fault` says why it could not be read, else None.
    """

    number: int
    cells: Mapping[str, Any] = field(default_factory=dict)
    fault: str | None = None


class Table:
    """A file as rows of cells under heads. Every call of `rows` reads from the beginning."""

    inert = False  # whether cells have the apostrophe that protects spreadsheets
    sheets: Sequence[str] = ()  # of a workbook: those that are read
    unread: Sequence[str] = ()  # and those that are not

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.columns = self._heads()

    def rows(self) -> Iterator[Row]:
        """The rows in the order of the file, without empty ones. Raises ImportFileError where it
        is damaged or holds too much; MemoryError."""
        last, cells = 1, 0
        try:
            for row in self._rows():
                last = row.number
                cells += len(row.cells)
                if cells > limits.CELLS:
                    raise limits.too_many_cells(last)
                if any(map(_is_too_long, row.cells.values())):
                    row = Row(last, fault=limits.CELL_FAULT)
                yield row
        except (ImportFileError, MemoryError):
            raise
        except Exception as error:  # whatever a parser says of a file that ends in the middle
            raise ImportFileError(
                f"The file is damaged behind row {last:,}.", "Save or export it again."
            ) from error

    def _rows(self) -> Iterator[Row]:
        raise NotImplementedError

    def _heads(self) -> list[str]:
        raise NotImplementedError


def distinct(heads: Sequence[str]) -> list[str]:
    """The heads of a file under names of their own: the first of equal ones keeps its name, the
    others count up to one that is free. Raises ImportLimitError."""
    if len(heads) > limits.COLUMNS:
        raise limits.too_many_columns()
    if sum(map(len, heads)) > limits.HEAD_CHARACTERS:
        raise limits.too_long_head()
    taken = {head for head in heads if head}
    seen: set[str] = set()
    counts: dict[str, int] = {}
    named = []
    for number, head in enumerate(heads, start=1):
        name = head or unnamed(number)
        if head in seen or (not head and name in taken):
            name = _free_name(name, taken, counts)
        seen.add(name)
        taken.add(name)
        named.append(name)
    return named


def unnamed(number: int) -> str:
    """What a column without a head is called; the first is 1."""
    return f"column {number}"


def _free_name(name: str, taken: set[str], counts: dict[str, int]) -> str:
    while True:
        counts[name] = counts.get(name, 1) + 1
        if (free := f"{name} ({counts[name]})") not in taken:
            return free


def _is_too_long(cell: Any) -> bool:
    return isinstance(cell, str) and len(cell) > limits.CELL_CHARACTERS
