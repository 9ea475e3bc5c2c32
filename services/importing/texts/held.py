"""Texts that wait to be drafted, in a file without a name: of each, memory holds only a line."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from services.errors import ImportFileError
from services.evidence.text.equality import text_hash
from services.generation.requests import Kind

MOST = 100_000  # texts at once
LABEL_CHARACTERS = 200


@dataclass(frozen=True)
class GivenText:
    """A text to draft. `persona_id` and `sources` are those of a stored persona: to be drafted
    anew, or for the first time (`fill`)."""

    text: str
    label: str = ""
    about: str = ""
    persona_id: str | None = None
    sources: list[dict[str, Any]] = field(default_factory=list)
    kind: Kind = "generate"


@dataclass(frozen=True, slots=True)
class TextLine:
    """What is known of a held text without reading it. `md5` finds equal texts, it protects
    nothing; `hash` is that of batches (batches.text_hash). `again` says that an equal one stands
    before it; `is_of_persona`, that it belongs to a stored persona, to be drafted anew: such texts
    are never taken for doubles."""

    label: str
    characters: int
    md5: str
    hash: str
    again: bool
    is_of_persona: bool = False


class HeldTexts:
    """Texts in the order they came, found by their number from 0. One thread adds, any reads."""

    def __init__(self) -> None:
        self.lines: list[TextLine] = []
        self.stored: set[int] = set()  # numbers of those that are drafted, or about to be
        self._places: list[int] = [0]
        self._seen: set[str] = set()
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()

    def __len__(self) -> int:
        return len(self.lines)

    def __getitem__(self, number: int) -> GivenText:
        start, end = self._places[number], self._places[number + 1]
        return GivenText(**json.loads(os.pread(self._file.fileno(), end - start, start)))

    def add(self, given: GivenText) -> int:
        """Keep a text; its number. Raises ImportFileError if the disk is full, or MOST is held."""
        if len(self.lines) >= MOST:
            raise ImportFileError(f"These are more than {MOST:,} texts.", "Give them in parts.")
        content = json.dumps(vars(given), ensure_ascii=False).encode()
        try:
            self._file.write(content)
            self._file.flush()
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise ImportFileError(
                f"The disk that holds {tempfile.gettempdir()} is full.",
                "Free some space on it and give the files again.",
            ) from None
        md5 = hashlib.md5(given.text.encode(), usedforsecurity=False).hexdigest()
        of_persona = given.persona_id is not None
        again = not of_persona and md5 in self._seen
        self._seen.add(md5)
        self._places.append(self._places[-1] + len(content))
        label = given.label[:LABEL_CHARACTERS]
        self.lines.append(
            TextLine(label, len(given.text), md5, text_hash(given.text), again, of_persona)
        )
        return len(self.lines) - 1

    def chosen(self, *, stored: bool, again: bool) -> list[int]:
        """Numbers of the texts to draft: those that are stored already, and equal ones, only if
        they are wanted."""
        return [
            number
            for number, line in enumerate(self.lines)
            if (stored or number not in self.stored) and (again or not line.again)
        ]

    def characters(self, numbers: Iterable[int]) -> int:
        """All characters of these texts."""
        return sum(self.lines[number].characters for number in numbers)

    def texts(self, numbers: Iterable[int]) -> Iterator[tuple[int, GivenText]]:
        """These texts, read one after the other."""
        return ((number, self[number]) for number in numbers)

    def close(self) -> None:
        """Let go of them."""
        self._file.close()
