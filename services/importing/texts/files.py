"""Given files become held texts, or problems with their reasons."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import BinaryIO

from services.errors import ImportFileError, InvalidInputError, TextTooLongError
from services.importing.held_file import HeldFile
from services.importing.texts.columns import TextColumns
from services.importing.texts.held import GivenText
from services.importing.texts.names import Given, given_as
from services.personas.models import check_raw_text
from services.sources.files import text_of_file
from services.sources.plain_text import check_length

WORKER = "services.importing.texts.worker"
_NOTHING = {
    "archive": "It holds no files. Pack the files with the texts into it, and give it again.",
    "table": "It has no rows below its head. Write one text in each, and give it again.",
}


@dataclass(frozen=True)
class Unread:
    """A file or row that gives no text, and why; the reason never holds the text."""

    name: str
    reason: str


Found = Iterator[GivenText | Unread]


class GivenFile:
    """A file that was given, copied from where it came."""

    def __init__(self, name: str, source: BinaryIO) -> None:
        """Raises ImportFileError if the disk is full."""
        self.name = name
        self.kind: Given = given_as(name)
        self.held = HeldFile(name, source)

    def texts(self, columns: TextColumns, longest: int) -> Found:
        """What is in it, or that it is nothing; a table has its texts in `columns`. `longest`:
        characters of one text.

        Raises ImportFileError where it breaks off: what came before stays good.
        """
        found = {
            "table": self._of_table,
            "archive": self._of_archive,
            "document": self._of_document,
        }
        is_empty = True
        for one in found[self.kind](columns):
            is_empty = False
            yield _checked(one, longest)
        if is_empty:
            yield Unread(self.name, _NOTHING[self.kind])

    def close(self) -> None:
        """Let go of it."""
        self.held.close()

    def _of_document(self, _: TextColumns) -> Found:
        yield read_document(self.name, self.held.content())

    def _of_archive(self, _: TextColumns) -> Found:
        for head, content in self._frames("archive"):
            name = str(head["name"])
            if head["why"]:
                yield Unread(name, str(head["why"]))
            else:
                yield read_document(name, content)

    def _of_table(self, columns: TextColumns) -> Found:
        for head, beside in self._frames("table", columns):
            place = 0
            for number, label, about, length in head["texts"]:
                text = beside[place : place + length].decode()
                yield GivenText(text, label or f"{self.name}, row {number:,}", about)
                place += length
            for number, reason in head["problems"]:
                yield Unread(f"{self.name}, row {number:,}", reason)

    def _frames(self, wanted: Given, columns: TextColumns | None = None) -> Iterator:  # type: ignore[type-arg]
        request = {"wanted": wanted, "columns": asdict(columns or TextColumns())}
        return self.held.frames(request, WORKER)


def read_document(name: str, content: bytes) -> GivenText | Unread:
    """The text of one document, under its name, that of an archive with its folders."""
    try:
        return GivenText(text_of_file(name, content).text, name)
    except InvalidInputError as error:
        return Unread(name, f"{error.problem} {error.advice}")


def read_files(
    files: Sequence[GivenFile],
    columns: Mapping[str, TextColumns],
    longest: int,
    begin: Callable[[int], None],
) -> Found:
    """What is in all of them; `begin` is told the number of each. One that breaks off is a
    problem of its own, and the next is read."""
    for number, file in enumerate(files):
        begin(number)
        try:
            yield from file.texts(columns.get(file.name, TextColumns()), longest)
        except ImportFileError as error:
            yield Unread(file.name, f"{error.problem} What came before is read.")


def _checked(found: GivenText | Unread, longest: int) -> GivenText | Unread:
    if isinstance(found, Unread):
        return found
    try:
        check_length(check_raw_text(found.text), longest)
    except (InvalidInputError, TextTooLongError) as error:
        return Unread(found.label, error.problem)
    return found
