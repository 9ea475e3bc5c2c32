"""Many texts at once: given, read in the background, looked at before anything is drafted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import BinaryIO
from uuid import UUID

import streamlit as st

from services.access.needs import needs
from services.access.roles import Role
from services.cached.background import get_intakes
from services.engines.prices import Prices
from services.importing.held_file import HeldFile, Preview
from services.importing.jobs import ImportJob
from services.importing.texts.columns import TextColumns
from services.importing.texts.estimate import Range
from services.importing.texts.files import GivenFile, read_files
from services.importing.texts.intake import Intake
from services.importing.texts.stored import stored_texts
from services.personas.finding.query import PersonaQuery
from services.personas.source_texts import undrafted_of_file
from services.settings import get_settings


@st.cache_data(max_entries=50, show_spinner=False)
def table_preview(file_id: str, name: str, _source: BinaryIO) -> Preview:
    """The columns of a table, and the first values of each. Raises ImportFileError."""
    del file_id  # what it is cached by
    held = HeldFile(name, _source)
    try:
        return held.preview()
    finally:
        held.close()


@needs(Role.ANALYST)
def read_texts(
    intake_id: UUID,
    name: str,
    sources: Sequence[tuple[str, BinaryIO]],
    columns: Mapping[str, TextColumns],
) -> None:
    """Read the texts of these files (by their names) in the background; `columns` are those of
    the tables. The same id again is the same giving. Raises ImportFileError."""
    files: list[GivenFile] = []

    def close() -> None:
        for file in files:
            file.close()

    try:
        files.extend(GivenFile(given, source) for given, source in sources)
    except BaseException:
        close()
        raise
    longest = get_settings().generation_max_characters

    def begin(intake: Intake, done: int) -> None:
        intake.done = done

    get_intakes().begin(
        intake_id,
        name,
        len(files),
        lambda intake: read_files(files, columns, longest, lambda done: begin(intake, done)),
        close,
    )


@needs(Role.ANALYST)
def read_stored_texts(
    intake_id: UUID, name: str, selection: PersonaQuery | tuple[UUID, ...]
) -> None:
    """Read the texts of all personas that match, or of these ids, to draft them."""
    get_intakes().begin(intake_id, name, 1, lambda _: stored_texts(selection))


@needs(Role.ANALYST)
def read_imported_texts(job: ImportJob) -> None:
    """Read the texts of an import that are stored without a persona; the id is the import's."""
    digest = job.file_digest
    get_intakes().begin(job.id, job.file_name, 1, lambda _: stored_texts(undrafted_of_file(digest)))


def intake(intake_id: UUID) -> Intake:
    """What was given under this id, as far as it is read. Raises InvalidInputError."""
    return get_intakes().of(intake_id)


@needs(Role.ANALYST)
def stop_reading(intake_id: UUID) -> None:
    """Read no further; what is read stays."""
    get_intakes().of(intake_id).cancelled.set()


@needs(Role.ANALYST)
def forget_texts(intake_id: UUID) -> None:
    """Let go of what was given."""
    get_intakes().forget(intake_id)


def texts_estimate(given: Intake, numbers: Sequence[int], engine: str) -> Range | None:
    """What these texts will take at an engine; None if it takes no tokens."""
    prices = Prices.from_settings(get_settings())
    estimates = given.estimates.get(engine)
    return estimates.range(numbers, prices) if estimates else None
