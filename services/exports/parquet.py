"""Parquet: times as timestamps in UTC, every other column as text, compressed.

Cells are those of the CSV without the apostrophes that protect spreadsheets: a string stands as it
is unless it would read as JSON, every other value stands as JSON, null means no such path.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from services.exports.options import TIMES, Column
from services.exports.sources import Chunk, Source

_GROUP_BYTES = 4 * 1024 * 1024  # of CSV in one row group


def parquet_file(source: Source, columns: Sequence[Column]) -> Iterator[Chunk]:
    """The file in pieces."""
    sink = _Sink()
    schema = pa.schema([(column.head, _type(column)) for column in columns])
    with pyarrow.parquet.ParquetWriter(sink, schema, compression="zstd") as writer:
        for group in _groups(source.csv(columns, inert=False)):
            writer.write_table(_table(group.data, columns, schema))
            yield Chunk(sink.take(), group.rows)
    yield Chunk(sink.take(), 0)


def _groups(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    waiting: list[bytes] = []
    rows = size = 0
    for chunk in chunks:
        waiting.append(chunk.data)
        rows, size = rows + chunk.rows, size + len(chunk.data)
        if size >= _GROUP_BYTES:
            yield Chunk(b"".join(waiting), rows)
            waiting, rows, size = [], 0, 0
    if rows:
        yield Chunk(b"".join(waiting), rows)


def _table(data: bytes, columns: Sequence[Column], schema: pa.Schema) -> pa.Table:
    # By number: two heads may only differ in what a reader of heads would drop.
    names = [str(number) for number in range(len(columns))]
    read = pyarrow.csv.ReadOptions(
        column_names=names, block_size=max(len(data), 1), use_threads=False
    )
    parse = pyarrow.csv.ParseOptions(
        newlines_in_values=True,
        ignore_empty_lines=False,  # one may be a row whose only cell is null
    )
    convert = pyarrow.csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()),
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )
    table = pyarrow.csv.read_csv(pa.BufferReader(data), read, parse, convert)
    return table.rename_columns(schema.names).cast(schema)


def _type(column: Column) -> pa.DataType:
    return pa.timestamp("us", tz="UTC") if column.head in TIMES else pa.string()


class _Sink:
    """A file that only goes forwards and keeps what nobody has taken yet."""

    closed = False

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._position = 0

    def write(self, data: Any) -> int:
        piece = bytes(data)
        self._buffer += piece
        self._position += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._position

    def flush(self) -> None:
        """Nothing waits anywhere else."""

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False

    def close(self) -> None:
        """What was written can still be taken."""

    def take(self) -> bytes:
        data, self._buffer = bytes(self._buffer), bytearray()
        return data
