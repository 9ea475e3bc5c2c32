"""Drafts are kept for one owner, one a box, until they are dismissed."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest

from services.errors import InvalidTextError
from services.local_supabase.stack import LocalSupabase
from services.personas import PersonaCreate, get_persona_repository
from services.personas.trash import get_trash
from services.personas.typed_drafts import (
    MAX_BYTES,
    DraftRepository,
    TypedDraft,
    another_subject,
    box_subject,
    get_drafts,
)

MARKER = "a marker that stands nowhere else"


def one(drafts: DraftRepository, owner: str, kind: str, subject: str) -> TypedDraft | None:
    """The only draft of a box."""
    found = drafts.of_box(owner, kind, subject)
    assert len(found) <= 1
    return found[0] if found else None


@pytest.fixture
def drafts(database: LocalSupabase) -> DraftRepository:
    return get_drafts()


@pytest.mark.parametrize(
    "body", ["", " ", '{"a": 1}', "null", "👩‍🔬 é\r\n\t“x” \\ '", "x" * 500_000]
)
def test_a_draft_comes_back_exactly(drafts: DraftRepository, body: str) -> None:
    drafts.save("ann", "persona_json", "p1", body, base_version=7)
    kept = one(drafts, "ann", "persona_json", "p1")
    assert kept and (kept.body, kept.base_version) == (body, 7)


def test_saving_again_replaces_and_moves_the_time(drafts: DraftRepository) -> None:
    first = drafts.save("ann", "text", "", "one")
    second = drafts.save("ann", "text", "", "two", base_version=1)
    third = drafts.save("ann", "text", "", "three")
    assert first.updated_at < second.updated_at < third.updated_at
    assert [(d.body, d.base_version) for d in drafts.read_all("ann", "text")] == [("three", None)]


def test_drafts_are_listed_latest_first_and_for_one_owner_and_kind(
    drafts: DraftRepository,
) -> None:
    for owner, kind, subject in (
        ("ann", "text", "1"),
        ("ann", "text", "2"),
        ("bob", "text", "3"),
        ("ann", "note", "4"),
    ):
        kept = drafts.save(owner, kind, subject, subject)
    assert [draft.subject for draft in drafts.read_all("ann", "text")] == ["2", "1"]
    drafts.dismiss("ann", "text", "2", until=kept.updated_at)
    drafts.dismiss("ann", "text", "was never there", until=kept.updated_at)
    assert [draft.subject for draft in drafts.read_all("ann", "text")] == ["1"]
    assert one(drafts, "bob", "text", "3")


def test_what_another_tab_kept_later_is_not_dismissed(drafts: DraftRepository) -> None:
    mine = drafts.save("ann", "json", "1", "mine")
    theirs = drafts.save("ann", "json", "1", "typed in another tab")
    drafts.dismiss("ann", "json", "1", until=mine.updated_at)
    assert one(drafts, "ann", "json", "1") == theirs
    drafts.dismiss("ann", "json", "1", until=theirs.updated_at)
    assert one(drafts, "ann", "json", "1") is None


def test_two_tabs_keep_two_drafts_of_one_box(drafts: DraftRepository) -> None:
    box, other = "7e2d", another_subject("7e2d")
    drafts.save("ann", "json", box, "mine")
    drafts.save("ann", "json", other, "typed in another tab")
    drafts.save("ann", "json", "7e2d0", "of another box")
    kept = drafts.of_box("ann", "json", box)
    assert [draft.body for draft in kept] == ["typed in another tab", "mine"]
    assert {box_subject(draft.subject) for draft in kept} == {box}
    assert another_subject(other).startswith(f"{box}#")
    drafts.dismiss("ann", "json", other, until=kept[0].updated_at)
    assert one(drafts, "ann", "json", box) == kept[1]


def test_what_cannot_be_kept_is_refused(drafts: DraftRepository) -> None:
    for body in ("a\x00b", "x" * (MAX_BYTES + 1), "\ud800"):
        with pytest.raises(InvalidTextError):
            drafts.save("ann", "text", "", body)
    assert drafts.read_all("ann", "text") == []


def test_all_of_a_browser_s_drafts_become_those_of_one_member(drafts: DraftRepository) -> None:
    for number in range(25):
        drafts.save("browser", "text", f"#{number}", f"text {number}")
    assert drafts.adopt("browser", "ann")
    assert not drafts.adopt("browser", "bob")
    assert len(drafts.read_all("ann", "text", limit=30)) == 25


def test_what_a_member_typed_on_stays_when_drafts_are_given_them_again(
    drafts: DraftRepository,
) -> None:
    drafts.save("browser", "text", "#1", "typed before")
    drafts.adopt("browser", "ann")
    (kept,) = drafts.read_all("ann", "text")
    drafts.save("ann", "text", kept.subject, "typed on")
    drafts.save("browser", "text", "#1", "typed before")  # as after a crash before it was deleted
    drafts.adopt("browser", "ann")
    assert [draft.body for draft in drafts.read_all("ann", "text")] == ["typed on"]
    assert drafts.read_all("browser", "text") == []


def test_purging_a_persona_erases_every_draft_about_it(
    drafts: DraftRepository, database: LocalSupabase
) -> None:
    persona = get_persona_repository().create(PersonaCreate(raw_text=MARKER, persona={"name": "A"}))
    drafts.save("ann", "persona_json", str(persona.id), MARKER)
    drafts.save("bob", "note", str(persona.id), MARKER)
    drafts.save("bob", "note", another_subject(str(persona.id)), MARKER)
    drafts.save("ann", "text", str(uuid4()), MARKER)  # the very text the persona was drawn from
    drafts.save("ann", "text", "other", "somebody else")
    get_persona_repository().delete(persona.id)
    get_trash().purge(persona.id, author="ann")
    with psycopg.connect(database.db_url) as connection:
        left = connection.execute("select subject, body from drafts").fetchall()
    assert left == [("other", "somebody else")]
