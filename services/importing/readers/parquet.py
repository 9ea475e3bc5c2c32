"""A Parquet file, some rows at a time.

Texts are kept as the dictionaries that they are written as until a row is at hand: a small file may
name one long text in every row.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from services.importing import limits
from services.importing.readers.table import Row, Table, distinct

_ROWS = 1000
_BYTES = 16 << 20  # of the rows that are unpacked at once


class ParquetTable(Table):
    """Rows are numbered as in a file with a head."""

    def _rows(self) -> Iterator[Row]:
        number, unpacked = 1, 0
        with self._open() as file:
            if file.metadata.num_rows >= limits.ROWS:
                raise limits.too_many_rows()
            for batch in file.iter_batches(_batch_rows(file.metadata), use_threads=False):
                sizes = _row_sizes(batch)
                unpacked += int(sizes.sum())
                if unpacked > self._most:
                    raise limits.expands_too_much()
                for row, fault in _unpacked(batch, sizes):
                    number += 1
                    cells = zip(self.columns, row, strict=not fault)
                    yield Row(number, {k: v for k, v in cells if v is not None}, fault)

    def _heads(self) -> list[str]:
        with self._open() as file:
            return distinct(file.schema_arrow.names)

    def _open(self) -> pyarrow.parquet.ParquetFile:
        self.file.seek(0)
        metadata = pyarrow.parquet.read_metadata(self.file)
        if metadata.num_columns > limits.COLUMNS:
            raise limits.too_many_columns()
        self._most = max(limits.EXPANDED_BYTES, limits.EXPANSION * self.file.seek(0, 2))
        if sum(group.total_byte_size for group in _groups(metadata)) > self._most:
            raise limits.expands_too_much()
        self.file.seek(0)
        texts = [
            metadata.schema.column(index).path
            for index in range(metadata.num_columns)
            if metadata.schema.column(index).physical_type == "BYTE_ARRAY"
        ]
        return pyarrow.parquet.ParquetFile(
            self.file,
            metadata=metadata,
            read_dictionary=texts,
            pre_buffer=False,
            buffer_size=1 << 20,
        )


def _groups(metadata: Any) -> Iterator[Any]:
    return (metadata.row_group(index) for index in range(metadata.num_row_groups))


def _batch_rows(metadata: Any) -> int:
    """How many rows have _BYTES at most, as they stand in the file."""
    size = max(
        (group.total_byte_size / max(group.num_rows, 1) for group in _groups(metadata)), default=0
    )
    return max(1, min(_ROWS, int(_BYTES / max(size, 1))))


def _row_sizes(batch: pa.RecordBatch) -> Any:
    """Bytes of the texts in each row."""
    return sum((_sizes(column) for column in batch.columns), np.zeros(batch.num_rows, np.int64))


def _unpacked(batch: pa.RecordBatch, sizes: Any) -> Iterator[tuple[tuple[Any, ...], str | None]]:
    """The values of each row, or why it is not unpacked."""
    start = 0
    while start < batch.num_rows:
        if sizes[start] > limits.ROW_BYTES:
            yield (), limits.ROW_FAULT
            start += 1
            continue
        end = start + max(1, int(np.searchsorted(np.cumsum(sizes[start:]), _BYTES, "right")))
        columns = [_values(column.slice(start, end - start)) for column in batch.columns]
        yield from ((row, None) for row in zip(*columns, strict=True))
        start = end


def _sizes(column: pa.Array) -> Any:
    """Bytes of the text in each row; 0 for what is no text."""
    kind = column.type
    if pa.types.is_dictionary(kind) and _is_text(kind.value_type):
        lengths = pc.binary_length(column.dictionary).take(column.indices)
    elif _is_text(kind):
        lengths = pc.binary_length(column)
    else:
        return np.zeros(len(column), np.int64)
    return lengths.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)


def _values(column: pa.Array) -> list[Any]:
    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":  # else pandas is asked
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    values: list[Any] = column.to_pylist()
    return values


def _is_text(kind: pa.DataType) -> bool:
    return any(
        is_kind(kind)
        for is_kind in (
            pa.types.is_string,
            pa.types.is_large_string,
            pa.types.is_binary,
            pa.types.is_large_binary,
        )
    )
