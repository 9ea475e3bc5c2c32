"""An edited export, imported: what differs is told and applied, and nothing is lost."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.importing.jobs import get_import_jobs
from services.importing.mapping import guess_mapping
from services.importing.runner import ImportRunner
from services.importing.update.applying import Found
from services.importing.update.comparing import TEXT_CELL
from services.personas import Persona, PersonaCreate, PersonaUpdate, get_persona_repository
from services.personas.differences.three_way_merge import ABSENT
from tests.integration.test_import import exported, until
from tests.waiting import eventually

pytestmark = pytest.mark.usefixtures("database")
Row = dict[str, str]


@pytest.fixture
def runner() -> Iterator[ImportRunner]:
    made = ImportRunner(get_import_jobs())
    yield made
    made.stop()


@pytest.fixture
def stored() -> tuple[Persona, Persona]:
    """Two personas; the first has a nested field and a list."""
    repository = get_persona_repository()
    first: dict[str, Any] = {
        "name": "Ada",
        "age": 36,
        "home": {"city": "Leeds"},
        "goals": ["a", "b"],
    }
    return (
        repository.create(PersonaCreate(raw_text="Ada is 36, from Leeds.", persona=first)),
        repository.create(
            PersonaCreate(raw_text="Bo bakes.", persona={"name": "Bo", "role": "baker"})
        ),
    )


def edited(edit: Callable[[dict[str, Row]], None]) -> bytes:
    """The export as CSV after `edit` of its rows, by the name of their persona."""
    rows = list(csv.DictReader(io.StringIO(exported("csv").decode("utf-8-sig"))))
    edit({row["persona.name"]: row for row in rows})
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def compared(runner: ImportRunner, content: bytes) -> tuple[Any, Found]:
    job_id = uuid4()
    preview = runner.take(job_id, "edited.csv", io.BytesIO(content))
    runner.check(job_id, guess_mapping(preview.columns), "ana@example.org")
    until(job_id, "checked")
    return job_id, runner.updates.of(job_id)


def applied(runner: ImportRunner, job_id: Any, chosen: dict[int, set[str]]) -> Found:
    runner.updates.apply(job_id, chosen, "ana@example.org")
    eventually(lambda: not runner.updates.of(job_id).is_running)
    return runner.updates.of(job_id)


def test_edited_cells_become_a_new_version(
    runner: ImportRunner, stored: tuple[Persona, Persona]
) -> None:
    first, second = stored
    assert compared(runner, edited(lambda _: None))[1] == Found()

    def edit(rows: dict[str, Row]) -> None:
        rows["Ada"].update({"persona.age": "37", "persona.home.city": "", "raw_text": "Ada is 37."})
        rows["Ada"]["persona.role"] = "pilot"  # a field that only the other persona had

    job_id, found = compared(runner, edited(edit))
    (change,) = found.changes
    assert change.persona.id == first.id
    assert {cell.path: (cell.stored, cell.given, cell.conflict) for cell in change.cells} == {
        "/age": (36, 37, False),
        "/home/city": ("Leeds", ABSENT, False),
        "/role": (ABSENT, "pilot", False),
        TEXT_CELL: ("Ada is 36, from Leeds.", "Ada is 37.", False),
    }
    now = applied(runner, job_id, {change.number: {"/age", "/role", TEXT_CELL}})
    assert (now.written, now.left, now.faults) == (1, 0, ())
    read = get_persona_repository().read(first.id)
    assert (read.version, read.updated_by, read.raw_text) == (2, "ana@example.org", "Ada is 37.")
    assert read.persona == {**first.persona, "age": 37, "role": "pilot"}
    assert get_persona_repository().read(second.id).version == 1
    # what is applied is not held any more; its numbers are
    assert eventually(lambda: not runner.updates.of(job_id).changes)
    assert runner.updates.of(job_id).written == 1


def test_a_number_that_is_written_otherwise_is_no_difference(runner: ImportRunner) -> None:
    persona = {"name": "Floaty", "score": 4.0, "scores": [1e22, 1.5], "more": {"n": -0.0}}
    get_persona_repository().create(PersonaCreate(raw_text="Floaty person.", persona=persona))
    assert compared(runner, exported("csv"))[1] == Found()
    assert (
        compared(runner, edited(lambda rows: rows["Floaty"].update({"persona.score": "4.00"})))[1]
        == Found()
    )
    assert compared(runner, edited(lambda rows: rows["Floaty"].update({"persona.score": "4.5"})))[
        1
    ].changes


def test_what_somebody_changed_since_the_export_is_a_conflict(
    runner: ImportRunner, stored: tuple[Persona, Persona]
) -> None:
    first, _ = stored
    repository = get_persona_repository()

    def edit(rows: dict[str, Row]) -> None:
        at = datetime.fromisoformat(rows["Ada"]["updated_at"])
        rounded = at + timedelta(microseconds=4)  # as LibreOffice writes it, with 15 digits
        rows["Ada"].update({"persona.age": "37", "persona.goals": '["a", "b", "c"]'})
        rows["Ada"]["updated_at"] = rounded.isoformat()

    content = edited(edit)
    theirs = {**first.persona, "age": 40, "role": "captain", "goals": ["b"]}
    repository.update(first.id, PersonaUpdate(persona=theirs), "bo@example.org")
    job_id, found = compared(runner, content)
    (change,) = found.changes
    cells = {cell.path: (cell.stored, cell.given, cell.conflict) for cell in change.cells}
    # the role that the file does not know stays, and the lists are merged
    assert cells == {"/age": (40, 37, True), "/goals": (["b"], ["b", "c"], False)}
    # and whoever is faster than the click is not overwritten either
    repository.update(first.id, PersonaUpdate(persona={**theirs, "goals": []}), "bo@example.org")
    now = applied(runner, job_id, {change.number: {"/age", "/goals"}})
    assert (now.written, now.left) == (1, 1)
    assert repository.read(first.id).persona == {**theirs, "age": 37, "goals": []}


@pytest.mark.parametrize("path", ["name.first", "goals.0"])
def test_fields_of_what_is_stored_as_a_value_are_a_problem_of_their_row(
    runner: ImportRunner, stored: tuple[Persona, Persona], path: str
) -> None:
    first, second = stored
    rows = [
        f"id,raw_text,persona.{path},persona.age",
        f'{first.id},"{first.raw_text}",Ana,36',
        f"{second.id},{second.raw_text},,52",
    ]
    job_id, found = compared(runner, "\n".join(rows).encode())
    job = get_import_jobs().read(job_id)
    assert (job.rows, job.good, job.known, job.faulty) == (2, 1, 1, 1)
    (problem,) = get_import_jobs().problems(job_id)
    assert problem.number == 2
    assert f"the field {path}," in problem.reason
    (change,) = found.changes
    assert (change.persona.id, [cell.path for cell in change.cells]) == (second.id, ["/age"])
