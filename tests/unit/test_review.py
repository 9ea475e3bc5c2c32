"""What a reviewer does to one claim."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.errors import InvalidInputError
from services.evidence.checking import check_claims, evidence_to_json, rejected_to_json
from services.evidence.review import (
    Review,
    accept,
    accept_proposal,
    add_claim,
    add_words,
    dismiss_proposal,
    take_out,
)
from services.evidence.schema import Claim
from services.evidence.summary import edited, resummarised

TEXT = (
    "Mara Quill keeps the lighthouse of Port Ellery. She is 52. She wants to retire by the sea, "
    "and she hates paper forms."
)
CLAIMS = (
    Claim("name", "Mara Quill", "Mara Quill"),
    Claim("age", "52", "She is 52"),
    Claim("goals", "retire by the sea", "She wants to retire by the sea"),
    Claim("pain_points", "paper forms", "she hates paper forms"),
    Claim("skills", "deep-sea diving", "she dives every morning"),
)


@pytest.fixture
def review() -> Review:
    checked = check_claims(TEXT, CLAIMS, "test")
    generation = {"engine": "test", "rejected": rejected_to_json(checked.rejected)}
    return Review.of(TEXT, checked.persona, evidence_to_json(checked.evidence), generation)


def words(review: Review, path: str) -> list[str]:
    return [TEXT[item.start : item.end] for item in review.evidence if item.path == path]


def test_the_review_of_a_stored_persona_shows_what_was_kept_out(review: Review) -> None:
    assert [(p.field, p.value) for p in review.proposals] == [("skills", "deep-sea diving")]
    assert "skills" not in review.persona


def test_accept_is_noted_and_nothing_else_changes(review: Review) -> None:
    accepted = accept(review, "/age")
    assert [item.path for item in accepted.evidence if item.accepted] == ["/age"]
    assert accepted.persona == review.persona


def test_a_claim_taken_out_becomes_a_proposal_and_can_come_back(review: Review) -> None:
    out = take_out(review, "/goals/0")
    assert "goals" not in out.persona
    assert words(out, "/goals/0") == []
    assert "retire" not in out.persona["summary"]
    back = accept_proposal(out, out.proposals[-1])
    assert back.persona == review.persona
    assert words(back, "/goals/0") == words(review, "/goals/0")
    assert len(back.proposals) == len(review.proposals)


@pytest.mark.parametrize(
    ("persona", "path"),
    [
        ({"address": {"city": "Madrid", "zip": "28001"}}, "/address/city"),
        ({"address": {"city": "Madrid"}}, "/address/city"),
        ({"jobs": [{"title": "nurse", "company": "Nordlys"}, "diver"]}, "/jobs/0/title"),
        ({"tags": [["Madrid", "zip"]]}, "/tags/0/1"),
        ({"age": 36}, "/age"),
        ({"score": 4.5, "married": True}, "/score"),
        ({"score": 4.5, "married": True}, "/married"),
        ({"years": [1999, 2001]}, "/years/1"),
    ],
)
def test_what_is_taken_out_from_within_comes_back_to_its_place(
    persona: dict[str, object], path: str
) -> None:
    review = Review.of(TEXT, persona, [], {})
    out = take_out(review, path)
    assert out.persona != persona
    stored = Review.of(TEXT, out.persona, [], out.columns()["generation"])
    back = accept_proposal(stored, stored.proposals[0]).persona
    assert {key: value for key, value in back.items() if key != "summary"} == persona


def test_a_summary_that_nobody_wrote_follows_an_edit() -> None:
    before = {"name": "Ida", "role": "nurse", "summary": "Ida, nurse."}
    assert resummarised(before, {**before, "role": "cook"})["summary"] == "Ida, cook."
    assert edited(before, {**before, "role": "cook"})["summary"] == "Ida, cook."
    assert edited({}, {"name": "Ida"}) == {"name": "Ida"}  # it had none
    own = {**before, "summary": "She runs the ward."}
    assert resummarised(own, {**own, "role": "cook"}) == {**own, "role": "cook"}
    assert resummarised(before, own) == own


def test_what_stands_there_by_now_is_not_replaced() -> None:
    out = take_out(Review.of(TEXT, {"address": {"city": "Madrid"}}, [], {}), "/address/city")
    for there in ({"address": {"city": "Lyon"}}, {"address": "Lyon"}):
        with pytest.raises(InvalidInputError, match="Something else stands"):
            accept_proposal(replace(out, persona=there), out.proposals[0])


def test_a_claim_does_not_replace_a_field_of_several_values() -> None:
    review = Review.of(TEXT, {"address": {"city": "Madrid", "zip": "28001"}}, [], {})
    with pytest.raises(InvalidInputError, match="several values"):
        add_claim(review, "address", "Port Ellery", 37, 48)


def test_a_proposal_without_source_becomes_a_persons_claim_without_words(review: Review) -> None:
    accepted = accept_proposal(review, review.proposals[0])
    assert accepted.persona["skills"] == ["deep-sea diving"]
    assert words(accepted, "/skills/0") == []
    assert accepted.proposals == ()


def test_another_value_for_a_single_field_keeps_the_old_one_as_a_proposal(review: Review) -> None:
    start = TEXT.index("Port Ellery")
    located = add_claim(review, "name", "Keeper of Port Ellery", start, start + 11)
    assert located.persona["name"] == "Keeper of Port Ellery"
    assert words(located, "/name") == ["Port Ellery"]
    assert ("name", "Mara Quill") in [(p.field, p.value) for p in located.proposals]


def test_words_marked_by_hand_stand_beside_the_models(review: Review) -> None:
    start = TEXT.index("keeps the lighthouse")
    marked = add_words(review, "/name", start, start + 20)
    assert words(marked, "/name") == ["Mara Quill", "keeps the lighthouse"]
    assert add_words(marked, "/name", start, start + 20).evidence != ()
    assert len(add_words(marked, "/name", start, start + 20).evidence) == len(marked.evidence)


def test_a_new_claim_from_marked_words_is_stated_where_they_say_it(review: Review) -> None:
    start = TEXT.index("Port Ellery")
    added = add_claim(review, "location", "Port Ellery", start, start + 11)
    (item,) = [item for item in added.evidence if item.path == "/location"]
    assert (item.support, item.origin, item.accepted) == ("stated", "human", True)
    assert "Port Ellery" in added.persona["summary"]


def test_a_summary_written_by_a_person_stays(review: Review) -> None:
    own = replace(review, persona={**review.persona, "summary": "My own words."})
    assert take_out(own, "/goals/0").persona["summary"] == "My own words."


def test_dismissed_proposals_are_gone(review: Review) -> None:
    assert dismiss_proposal(review, review.proposals[0]).proposals == ()


def test_columns_read_back_equal(review: Review) -> None:
    changed = accept(take_out(review, "/goals/0"), "/age")
    stored = changed.columns()
    again = Review.of(TEXT, stored["persona"], stored["evidence"], stored["generation"])
    assert again.columns() == stored
    assert stored["generation"]["engine"] == "test"


def test_a_claim_is_found_where_others_moved_it_within_its_list(review: Review) -> None:
    goals = ["learn Dutch", "sleep", "sail", "sail"]
    habits = {"smokes": False, "drives": True}
    changes = {"goals": goals, "role": "nurse", "habits": habits}
    moved = replace(review, persona={**review.persona, **changes})
    assert moved.where("/goals/1", lambda value: value == "sleep") == "/goals/1"
    assert moved.where("/goals/0", lambda value: value == "sleep") == "/goals/1"
    assert moved.where("/goals/3", lambda value: value == "sail") == "/goals/3"
    for path, gone in (
        ("/goals/0", "sail"),  # which of the two?
        ("/goals/0", "run"),
        ("/role", "pilot"),
        ("/habits/smokes", True),  # another field says so now
        ("/pets/0", "cat"),
    ):
        with pytest.raises(InvalidInputError, match="not there any more"):
            moved.where(path, lambda found, gone=gone: found == gone)


@pytest.mark.parametrize("path", ["/goals/7", "/nothing", ""])
def test_a_claim_that_is_gone_says_so(review: Review, path: str) -> None:
    for action in (accept, take_out):
        with pytest.raises(InvalidInputError, match="not there any more"):
            action(review, path)


def test_nothing_marked_and_empty_claims_are_refused(review: Review) -> None:
    with pytest.raises(InvalidInputError, match="No words"):
        add_words(review, "/name", 5, 5)
    with pytest.raises(InvalidInputError, match="empty"):
        add_claim(review, "role", "  ", 0, 5)
