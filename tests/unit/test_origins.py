"""Origins follow edits: what a person set or took away stays theirs, wherever it moves."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.evidence.claims import Evidence
from services.evidence.pointers import nodes
from services.evidence.value_origins import all_of, follow_origins, origins_of, set_by_human

WORDS = st.text("abcdefgh", min_size=1, max_size=4)
SCALARS = st.none() | st.booleans() | st.integers(-9, 9) | WORDS
LISTS = st.lists(WORDS, max_size=6, unique=True)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4)
)
PERSONAS = st.dictionaries(WORDS, JSON, max_size=5)


def leaves(persona: dict[str, Any]) -> set[str]:
    return {path for path, value in nodes(persona) if not isinstance(value, dict | list)}


@settings(deadline=None)
@given(PERSONAS, PERSONAS)
def test_every_value_has_an_origin_and_every_new_one_is_the_person_s(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    origins = follow_origins(old, new, all_of(old, "model"))
    assert leaves(new) <= set(origins)
    assert set(origins.values()) <= {"model", "human"}
    if old != new:
        assert "human" in origins.values() or sorted_values(old) == sorted_values(new)


def sorted_values(persona: dict[str, Any]) -> list[str]:
    return sorted(repr(value) for _, value in nodes(persona) if not isinstance(value, dict | list))


@settings(deadline=None)
@given(PERSONAS, st.data())
def test_nothing_changed_keeps_every_origin(persona: dict[str, Any], data: st.DataObject) -> None:
    origins = {path: data.draw(st.sampled_from(["model", "human"])) for path in leaves(persona)}
    assert follow_origins(persona, persona, origins) == origins


@settings(deadline=None)
@given(LISTS, st.data())
def test_reordered_items_keep_their_origins(items: list[str], data: st.DataObject) -> None:
    by_value = {item: data.draw(st.sampled_from(["model", "human"])) for item in items}
    origins = {f"/skills/{index}": by_value[item] for index, item in enumerate(items)}
    shuffled = data.draw(st.permutations(items))
    followed = follow_origins({"skills": items}, {"skills": shuffled}, origins)
    assert followed == {f"/skills/{i}": by_value[item] for i, item in enumerate(shuffled)}


@settings(deadline=None)
@given(LISTS.filter(bool), st.data())
def test_the_items_left_by_a_deletion_keep_their_origins(
    items: list[str], data: st.DataObject
) -> None:
    by_value = {item: data.draw(st.sampled_from(["model", "human"])) for item in items}
    origins = {f"/skills/{index}": by_value[item] for index, item in enumerate(items)}
    left = data.draw(st.lists(st.sampled_from(items), unique=True, max_size=len(items) - 1))
    followed = follow_origins({"skills": items}, {"skills": left}, origins)
    assert followed.pop("/skills") == "human"  # somebody took items away
    assert followed == {f"/skills/{i}": by_value[item] for i, item in enumerate(left)}


def test_a_changed_value_is_the_person_s_and_the_others_stay() -> None:
    old = {"name": "Ada", "role": "analyst", "skills": ["SQL"]}
    followed = follow_origins(old, {**old, "role": "countess"}, all_of(old, "model"))
    assert followed == {"/name": "model", "/role": "human", "/skills/0": "model"}


def test_a_removed_field_is_remembered_until_a_value_stands_there_again() -> None:
    old = {"name": "Ada", "age": 36}
    without = follow_origins(old, {"name": "Ada"}, all_of(old, "model"))
    assert without == {"/name": "model", "/age": "human"}
    renamed = follow_origins({"name": "Ada"}, {"name": "Bo"}, without)
    assert renamed == {"/name": "human", "/age": "human"}
    back = follow_origins({"name": "Ada"}, old, without, by="model")
    assert back == {"/name": "model", "/age": "model"}


def test_a_removed_list_is_remembered_and_so_is_a_list_that_lost_an_item() -> None:
    old = {"skills": ["SQL", "Python"], "goals": ["rest"]}
    followed = follow_origins(old, {"goals": ["rest"]}, all_of(old, "model"))
    assert followed == {"/goals/0": "model", "/skills": "human"}
    lost = follow_origins(old, {**old, "skills": ["SQL"]}, all_of(old, "model"))
    again = follow_origins({**old, "skills": ["SQL"]}, {**old, "skills": ["SQL", "C"]}, lost)
    assert lost["/skills"] == again["/skills"] == "human"
    assert (again["/skills/0"], again["/skills/1"]) == ("model", "human")


def test_a_removal_moves_with_its_object() -> None:
    old = {"jobs": [{"title": "a", "from": 1}, {"title": "b", "from": 2}]}
    cut = {"jobs": [{"title": "a", "from": 1}, {"title": "b"}]}
    removed = follow_origins(old, cut, all_of(old, "model"))
    assert removed["/jobs/1/from"] == "human"
    turned = {"jobs": [cut["jobs"][1], cut["jobs"][0]]}
    assert follow_origins(cut, turned, removed)["/jobs/0/from"] == "human"


def test_a_model_marks_nothing_as_taken_away() -> None:
    old = {"age": 36, "skills": ["SQL"]}
    assert follow_origins(old, {"skills": []}, all_of(old, "model"), by="model") == {}


def test_a_summary_that_follows_the_claims_is_not_the_person_s() -> None:
    old = {"name": "Ada", "summary": "Ada."}
    followed = follow_origins(old, {"name": "Bo", "summary": "Bo."}, all_of(old, "model"))
    assert followed == {"/name": "human", "/summary": "model"}
    own = follow_origins(old, {"name": "Ada", "summary": "A countess."}, all_of(old, "model"))
    assert own == {"/name": "model", "/summary": "human"}
    assert follow_origins(old, {}, all_of(old, "model")) == {"/name": "human"}


def test_rows_without_a_map_are_completed_from_their_evidence() -> None:
    words = Evidence("/role", "chef", 0, 4, "stated", 100, "human", origin="human")
    persona = {"name": "Ada", "role": "chef"}
    assert origins_of(None, persona, [words], generated=True) == {
        "/name": "model",
        "/role": "human",
    }
    assert set(origins_of({}, persona, [], generated=False).values()) == {"human"}
    strange = origins_of({"/name": "robot", "/role": 1, "/x": "human"}, persona, [], generated=True)
    assert strange == {"/name": "model", "/role": "model", "/x": "human"}


def test_set_by_human_looks_into_branches_but_not_at_neighbours() -> None:
    origins = follow_origins({"a": ["x"], "ab": "y"}, {"a": ["z"], "ab": "y"}, {"/ab": "model"})
    assert set_by_human(origins, "/a")
    assert not set_by_human(origins, "/ab")
