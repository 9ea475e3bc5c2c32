"""A new draft: people's values stay unless taken, the rest is proposed; several texts disagree."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.engines.generator import Draft, Progress, ProgressListener, Task, ignore_progress
from services.engines.stopping import NEVER, Stop
from services.engines.usage import Usage
from services.errors import InvalidInputError, InvalidTextError, NoClaimsError
from services.evidence.claims import Evidence, Reason, Rejected, evidence_from_json
from services.evidence.contradictions import contradictions
from services.evidence.edits import evidence_for_value
from services.evidence.pointers import claims_of_persona
from services.evidence.redraft import Redraft, Version, differences
from services.evidence.redraft_choices import regenerated
from services.evidence.schema import Claim
from services.evidence.value_origins import all_of, follow_origins
from services.generation.drafting import draft_persona
from services.personas.source_spans import BETWEEN, source_at, spans_of, with_source

TEXT = "Ada Byron is an analyst in Leeds. She uses SQL and Python. She wants fewer meetings."
PERSONA = {"name": "Ada Byron", "role": "analyst", "skills": ["SQL", "Python"]}


def words(persona: dict[str, Any]) -> list[Evidence]:
    found = [evidence_for_value(TEXT, path, value) for path, value in claims_of_persona(persona)]
    return [replace(item, origin="model", engine="offline") for item in found if item]


def version(persona: dict[str, Any], edited: dict[str, Any] | None = None, **more: Any) -> Version:
    """A generated persona, changed by a person into `edited`."""
    origins = all_of(persona, "model")
    if edited is not None:
        origins = follow_origins(persona, edited, origins)
        persona = edited
    return Version(TEXT, persona, words(persona), origins, more.get("generation"))


def draft(persona: dict[str, Any], **generation: Any) -> Redraft:
    return Redraft(persona, words(persona), {"engine": "offline", **generation})


def take_preselected(current: Version, proposed: Redraft) -> dict[str, Any]:
    keys = {
        difference.key for difference in differences(current, proposed) if difference.preselected
    }
    return regenerated(current, proposed, keys)


def test_the_same_draft_offers_nothing() -> None:
    assert differences(version(PERSONA), draft(PERSONA)) == []


def test_what_people_set_stays_and_the_rest_is_preselected() -> None:
    edited = {**PERSONA, "role": "countess", "skills": ["SQL", "Calculus"]}
    proposed = draft({"name": "Ada King", "role": "engineer", "skills": ["Python", "Excel"]})
    found = differences(version(PERSONA, edited), proposed)
    assert [(o.field, o.current, o.proposed, o.kept) for o in found] == [
        ("name", "Ada Byron", "Ada King", ""),
        ("role", "countess", "engineer", "human"),
        ("skills", "SQL", None, ""),
        ("skills", None, "Python", "list"),
        ("skills", None, "Excel", "list"),
    ]
    taken = take_preselected(version(PERSONA, edited), proposed)
    assert taken["persona"] == {"name": "Ada King", "role": "countess", "skills": ["Calculus"]}
    assert taken["origins"] == {
        "/name": "model",
        "/role": "human",
        "/skills": "human",
        "/skills/0": "human",
    }


def test_taking_the_new_value_of_a_person_s_field_makes_it_the_model_s() -> None:
    current = version(PERSONA, {**PERSONA, "role": "countess"})
    proposed = draft({**PERSONA, "role": "analyst in Leeds"})
    (difference,) = differences(current, proposed)
    assert (difference.preselected, difference.quotes) == (False, ("analyst in Leeds",))
    taken = regenerated(current, proposed, {difference.key})
    assert taken["persona"]["role"] == "analyst in Leeds"
    assert taken["origins"]["/role"] == "model"
    (role,) = [item for item in taken["evidence"] if item["path"] == "/role"]
    assert (role["quote"], role["origin"]) == ("analyst in Leeds", "model")


def test_what_a_person_removed_is_not_brought_back_unasked() -> None:
    current = version(PERSONA, {"name": "Ada Byron", "skills": ["SQL"]})
    assert {(o.field, o.kept) for o in differences(current, draft(PERSONA))} == {
        ("role", "removed"),
        ("skills", "list"),
    }
    assert take_preselected(current, draft(PERSONA))["persona"] == current.persona


def test_a_claim_that_was_taken_out_in_review_is_not_preselected() -> None:
    out = {"rejected": [{"field": "skills", "value": "Python", "quote": "", "reason": "taken out"}]}
    current = version({**PERSONA, "skills": ["SQL"]}, generation=out)
    (difference,) = differences(current, draft(PERSONA))
    assert (difference.proposed, difference.kept) == ("Python", "removed")
    rejected = regenerated(current, draft(PERSONA), set())["generation"]["rejected"]
    assert [item["value"] for item in rejected] == ["Python"]


def test_a_claim_that_was_accepted_stays() -> None:
    current = version(PERSONA)
    looked_at = [replace(item, accepted=item.path == "/role") for item in current.evidence]
    (difference,) = differences(
        replace(current, evidence=looked_at), draft({**PERSONA, "role": "engineer"})
    )
    assert difference.kept == "accepted"


def test_fields_of_people_that_a_draft_does_not_know_are_left_alone() -> None:
    edited = {**PERSONA, "shoe size": 38}
    assert differences(version(PERSONA, edited), draft(PERSONA)) == []


def test_a_value_that_changed_meanwhile_is_not_overwritten() -> None:
    proposed = draft({**PERSONA, "role": "engineer"})
    (difference,) = differences(version(PERSONA), proposed)
    meanwhile = version(PERSONA, {**PERSONA, "role": "countess"})
    assert regenerated(meanwhile, proposed, {difference.key})["persona"]["role"] == "countess"


def test_the_summary_follows_unless_a_person_wrote_it() -> None:
    generated = {**PERSONA, "summary": "Ada Byron, analyst."}
    proposed = draft({**PERSONA, "role": "engineer", "summary": "Ada Byron, engineer."})
    assert take_preselected(version(generated), proposed)["persona"]["summary"] == (
        "Ada Byron, engineer."
    )
    own = version(generated, {**generated, "summary": "A countess."})
    taken = take_preselected(own, proposed)
    assert (taken["persona"]["summary"], taken["origins"]["/summary"]) == ("A countess.", "human")


FIELDS = st.sampled_from(["name", "role", "skills", "goals", "x"])
VALUES = st.sampled_from(["SQL", "Python", "analyst", "Leeds", 3, None])
PERSONAS = st.dictionaries(
    FIELDS, VALUES | st.lists(st.sampled_from(["SQL", "Python", "Leeds"]), unique=True), max_size=4
)


@settings(deadline=None)
@given(PERSONAS, PERSONAS, PERSONAS)
def test_no_value_of_a_person_is_ever_lost_unasked(
    first: dict[str, Any], edited: dict[str, Any], redrafted: dict[str, Any]
) -> None:
    current = version(first, edited)
    taken = take_preselected(current, draft(redrafted))
    by_hand = [
        (path.split("/")[1], value)
        for path, value in claims_of_persona(edited)
        if current.origins[path] == "human"
    ]
    after = [(path.split("/")[1], value) for path, value in claims_of_persona(taken["persona"])]
    assert all(entry in after for entry in by_hand)
    for item in evidence_from_json(taken["evidence"]):
        assert item.holds(TEXT)


@settings(deadline=None)
@given(PERSONAS, PERSONAS)
def test_taking_everything_of_a_model_s_persona_gives_the_draft(
    first: dict[str, Any], redrafted: dict[str, Any]
) -> None:
    current, proposed = version(first), draft(redrafted)
    keys = {difference.key for difference in differences(current, proposed)}
    taken = regenerated(current, proposed, keys)["persona"]
    found = {(path.split("/")[1], str(value)) for path, value in claims_of_persona(taken)}
    assert found == {(p.split("/")[1], str(v)) for p, v in claims_of_persona(redrafted)}


# ------------------------------------------------------------------ several texts


class SaysRole:
    """An engine that reads one role from each text it is shown."""

    name = "says-role"
    model = None

    def generate(
        self,
        text: str,
        on_progress: ProgressListener = ignore_progress,
        stop: Stop = NEVER,
        task: Task | None = None,
    ) -> Draft:
        role = text.rsplit(" ", 1)[-1].rstrip(".")
        on_progress(Progress(0, 1, role))
        return Draft((Claim("role", role, text),), self.name, usage=Usage(1, 2))

    def estimate(self, text: str) -> None:
        return None


class SaysNothingOf(SaysRole):
    """The same engine, but it finds nobody in a text that holds this word."""

    def __init__(self, word: str) -> None:
        self.word = word

    def generate(
        self,
        text: str,
        on_progress: ProgressListener = ignore_progress,
        stop: Stop = NEVER,
        task: Task | None = None,
    ) -> Draft:
        if self.word in text:
            raise NoClaimsError
        return super().generate(text, on_progress, stop)


def two_texts() -> tuple[str, list[dict[str, Any]]]:
    day, earlier = date(2026, 11, 22), date(2026, 11, 1)
    return with_source(
        "Ada is an analyst.", [], "Ada became a manager.", "Call", day, first_on=earlier
    )


def test_an_added_text_leaves_every_place_of_the_first_as_it_was() -> None:
    text, stored = two_texts()
    first, second = spans_of(text, stored)
    assert text == f"Ada is an analyst.{BETWEEN}Ada became a manager."
    assert text[first.start : first.end] == "Ada is an analyst."
    assert text[second.start : second.end] == "Ada became a manager."
    assert (first.label, first.added_at) == ("First text", "2026-11-01")
    assert (second.label, second.added_at) == ("Call", "2026-11-22")
    assert source_at([first, second], first.end) is None


def test_a_text_that_says_nothing_of_the_person_does_not_stop_the_others() -> None:
    text, stored = two_texts()
    parts = [(span.start, span.end) for span in spans_of(text, stored)]
    result = draft_persona(text, SaysNothingOf("analyst"), ignore_progress, parts)
    (evidence,) = result.checked.evidence
    assert (result.checked.persona["role"], evidence.quote) == ("manager", "Ada became a manager.")
    with pytest.raises(NoClaimsError):
        draft_persona(text, SaysNothingOf("Ada"), ignore_progress, parts)


def test_each_text_is_read_by_itself_and_their_contradiction_is_found() -> None:
    text, stored = two_texts()
    spans = spans_of(text, stored)
    seen: list[Progress] = []
    parts = [(span.start, span.end) for span in spans]
    result = draft_persona(text, SaysRole(), seen.append, parts)
    assert [(p.chunks_done, p.chunks) for p in seen] == [(0, 2), (1, 2)]
    assert result.draft.usage == Usage(2, 4)
    checked = result.checked
    assert checked.persona["role"] == "analyst"
    (found,) = contradictions(
        checked.persona,
        checked.evidence,
        checked.rejected,
        text,
        lambda offset: source_at(spans, offset),
    )
    assert (found.kept.value, found.kept.quote) == ("analyst", "Ada is an analyst.")
    assert (found.other.value, found.other.quote) == ("manager", "Ada became a manager.")


def test_two_values_in_one_text_are_no_contradiction_between_texts() -> None:
    kept = evidence_for_value(TEXT, "/role", "analyst")
    other = Rejected("role", "Leeds", "Leeds", Reason.OTHER_VALUE_KEPT, 27, 32)
    assert kept
    assert contradictions({"role": "analyst"}, [kept], [other], TEXT, lambda _: "one") == []
    assert contradictions({"role": "analyst"}, [kept], [other], TEXT, lambda at: at)


@pytest.mark.parametrize("label", ["", "  ", "x" * 121, "First text"])
def test_labels_tell_texts_apart(label: str) -> None:
    with pytest.raises(InvalidInputError):
        with_source("a", [], "b", label, date(2026, 11, 22))


@pytest.mark.parametrize("text", ["", " \n", "a\x00b"])
def test_a_text_that_cannot_be_stored_is_refused(text: str) -> None:
    with pytest.raises(InvalidTextError):
        with_source("a", [], text, "Call", date(2026, 11, 22))


@pytest.mark.parametrize("stored", [None, {}, [1], [{"label": "x", "start": 3, "end": 99}]])
def test_spans_that_do_not_fit_mean_one_text(stored: Any) -> None:
    (span,) = spans_of("abcdef", stored)
    assert (span.start, span.end) == (0, 6)
