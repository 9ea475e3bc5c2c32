"""One JSON object a line."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from services.errors import InvalidPersonaError
from services.importing import limits
from services.importing.readers.table import HEAD_ROWS, Row, Table, distinct
from services.personas.validation import read_json

_SKIP = 1024 * 1024


class JsonLinesTable(Table):
    """Lines that hold something else are rows with a fault."""

    def _rows(self) -> Iterator[Row]:
        self.file.seek(0)
        number = 0
        while line := self.file.readline(limits.LINE_CHARACTERS + 1):
            number += 1
            if number > limits.ROWS:
                raise limits.too_many_rows()
            if len(line) > limits.LINE_CHARACTERS:
                self._skip_rest(line)
                yield Row(number, fault=limits.LINE_FAULT)
            elif line.strip():
                yield _row(number, line)

    def _skip_rest(self, line: bytes) -> None:
        while line and not line.endswith(b"\n"):
            line = self.file.readline(_SKIP)

    def _heads(self) -> list[str]:
        heads: dict[str, None] = {}
        sound = (row for row in self.rows() if not row.fault)
        for row in islice(sound, HEAD_ROWS):
            heads.update(dict.fromkeys(row.cells))
            if len(heads) > limits.COLUMNS:
                raise limits.too_many_columns(row.number)
        distinct(list(heads))
        return list(heads)


def _row(number: int, line: bytes) -> Row:
    try:
        value = read_json(line.decode("utf-8-sig"))
    except InvalidPersonaError:
        return Row(number, fault="It gives the same entry twice.")
    except UnicodeDecodeError:
        return Row(number, fault="It holds bytes that are not UTF-8; save the file as UTF-8.")
    except RecursionError:
        return Row(number, fault="It is nested too deep.")
    except ValueError:
        return Row(number, fault="It is not JSON.")
    if not isinstance(value, dict):
        return Row(number, fault="It is not a JSON object.")
    return Row(number, value)
