"""What a given file is, by its name."""

from __future__ import annotations

from pathlib import PurePath
from typing import Literal

from services.sources.kinds import KIND_BY_ENDING

Given = Literal["document", "archive", "table"]
TABLES = ("csv", "tsv", "xlsx", "parquet", "jsonl", "ndjson")
ARCHIVES = ("zip",)
DOCUMENTS = tuple(ending.removeprefix(".") for ending in KIND_BY_ENDING)
ENDINGS = (*ARCHIVES, *TABLES, *DOCUMENTS)


def given_as(name: str) -> Given:
    """A table or an archive by its ending; anything else is read as a document."""
    ending = PurePath(name).suffix.lower().removeprefix(".")
    if ending in TABLES:
        return "table"
    return "archive" if ending in ARCHIVES else "document"
