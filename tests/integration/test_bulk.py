"""What is done to many at once is done to those and to no others."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.personas import PersonaCreate, get_persona_repository
from services.personas import bulk as bulk_module
from services.personas.bulk import Outcome, move_all, restore_trashed, trash_all
from services.personas.finding.query import PersonaQuery
from services.personas.reviewing.workflow import Status
from services.personas.trash import get_trash

pytestmark = pytest.mark.usefixtures("database")


def store(raw_text: str, count: int) -> list[UUID]:
    repository = get_persona_repository()
    return [
        repository.create(PersonaCreate(raw_text=raw_text, persona={"name": f"P{number}"})).id
        for number in range(count)
    ]


def living() -> set[UUID]:
    return {one.id for one in get_persona_repository().iterate()}


def test_only_the_chosen_go_to_the_trash_and_say_who_did_it() -> None:
    first, second, third = store("text", 3)
    assert trash_all([first, second], "ada@example.org", lambda _: None) == Outcome(2, 0)
    assert living() == {third}
    assert trash_all([first, third], "bo@example.org", lambda _: None) == Outcome(1, 1)
    assert living() == set()


def test_only_what_was_moved_to_the_trash_together_is_taken_out_of_it_again() -> None:
    repository, ids = get_persona_repository(), store("text", 205)
    theirs, earlier, again, *others = ids
    repository.delete(theirs, author="bo")
    repository.delete(earlier, author="ada")
    moved = trash_all(ids, "ada", lambda _: None)
    assert moved == Outcome(203, 2)
    get_trash().restore(again)
    repository.delete(again, author="ada")
    assert restore_trashed(moved.trashed, "ada") == 202
    assert living() == set(others)
    assert restore_trashed(moved.trashed, "ada") == 0


def test_what_came_after_the_question_is_left_alone() -> None:
    store("alpha", 2)
    asked_at = datetime.now(UTC)
    later = store("alpha", 1)
    assert trash_all(PersonaQuery("alpha"), "ada", lambda _: None, asked_at) == Outcome(2, 0)
    assert living() == set(later)


def test_all_that_match_in_parts_with_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_module, "AT_ONCE", 3)
    matching, others = store("alpha", 7), store("beta", 2)
    heard: list[int] = []
    outcome = move_all(PersonaQuery("alpha"), Status.IN_REVIEW, "ada", heard.append)
    assert outcome == Outcome(7, 0)
    assert heard == [3, 6, 7]
    repository = get_persona_repository()
    assert {repository.read(one).status for one in matching} == {"in_review"}
    assert {repository.read(one).status for one in others} == {"draft"}
    # what is filtered by is what changes: each is still met once
    assert trash_all(PersonaQuery(statuses=("in_review",)), "ada", lambda _: None) == Outcome(7, 0)
    assert living() == set(others)


def test_a_move_that_is_not_allowed_leaves_the_persona() -> None:
    (draft,) = store("text", 1)
    assert move_all([draft], Status.APPROVED, "ada", lambda _: None) == Outcome(0, 1)
    assert get_persona_repository().read(draft).status == "draft"


def test_an_empty_selection_does_nothing() -> None:
    store("text", 1)
    assert trash_all([], "ada", lambda _: None) == Outcome(0, 0)
    assert trash_all(PersonaQuery("nothing"), "ada", lambda _: None) == Outcome(0, 0)
    assert len(living()) == 1
