"""The Review page, and what the persona page says and does about review."""

from __future__ import annotations

from uuid import uuid4

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from services.personas import Persona, PersonaUpdate, get_persona_repository
from services.personas.reviewing.comments import get_comments
from services.personas.reviewing.workflow import Status, get_reviewing
from tests.ui.conftest import button, open_page, store, text_of

SAFE, RISKY, EMPTY = {"name": "Ada"}, {"name": "Ada", "skills": ["Chess", "Go"]}, {"summary": "?"}


def read(persona: Persona) -> Persona:
    return get_persona_repository().read(persona.id)


def send(*personas: Persona, to: tuple[Status, ...] = (Status.IN_REVIEW,), note: str = "") -> None:
    for step in to:
        get_reviewing().set_statuses([one.id for one in personas], step, "eve", note)
    st.cache_data.clear()


def labels(at: AppTest) -> list[str]:
    return [button.label for button in at.button]


class TestQueue:
    def test_nothing_waits(self) -> None:
        at = open_page("review")
        assert "Nothing to review" in text_of(at)
        assert "Start reviewing" not in labels(at)

    def test_the_riskiest_comes_first_with_its_reasons(self) -> None:
        store(SAFE, RISKY, EMPTY, raw_text="Ada")
        shown = text_of(open_page("review"))
        reasons = ("has no claims", "2 claims without source", "no doubts found")
        assert list(reasons) == sorted(reasons, key=shown.index)
        assert "3 waiting" in shown
        assert "just arrived" in shown

    def test_without_a_name_the_first_words_tell_them_apart(self) -> None:
        store({}, raw_text="A nurse in Leeds.")
        store({"age": 36}, raw_text="I am 36 and bake.")
        store({"name": "Ada"}, raw_text="Ada has a name.")
        shown = text_of(open_page("review"))
        assert "A nurse in Leeds." in shown
        assert "I am 36 and bake." in shown
        assert "Ada has a name." not in shown

    def test_what_is_done_or_deleted_does_not_wait(self) -> None:
        done, gone = store(SAFE, RISKY)
        send(done, to=(Status.IN_REVIEW, Status.APPROVED))
        get_persona_repository().delete(gone.id)
        st.cache_data.clear()
        assert "Nothing to review" in text_of(open_page("review"))

    def test_drafts_and_those_in_review_can_be_told_apart(self) -> None:
        _, waiting = store({"name": "Dora"}, {"name": "Wanda"})
        send(waiting)
        at = open_page("review")
        at.get("button_group")[0].set_value("In review")
        shown = text_of(at.run())
        assert "Wanda" in shown
        assert "Dora" not in shown
        assert at.query_params["show"] == "in_review"
        assert "Dora" in text_of(open_page("review", show="draft"))

    def test_pages_of_the_queue(self) -> None:
        store(*({"name": f"Ada {number}"} for number in range(30)))
        at = open_page("review")
        first = {label.key for label in at.button if label.label == "Review"}
        button(at, "Next page").click().run()
        second = {label.key for label in at.button if label.label == "Review"}
        assert (len(first), len(second)) == (25, 5)
        assert not first & second
        button(at, "First page").click().run()
        assert {label.key for label in at.button if label.label == "Review"} == first

    def test_an_address_that_means_nothing(self) -> None:
        assert "place in the queue" in text_of(open_page("review", after="nonsense"))
        shown = text_of(open_page("review", id=str(uuid4()), place=f"5_{uuid4()}"))
        assert "does not exist" in shown


class TestOneAfterAnother:
    @pytest.fixture
    def waiting(self) -> list[Persona]:
        """Three in review, in the order of the queue."""
        stored = store(
            {"name": "One", "skills": ["a", "b", "c"]},
            {"name": "Two", "skills": ["a", "b"]},
            {"name": "Three", "skills": ["a"]},
            raw_text="Nothing of this.",
        )
        send(*stored)
        return stored

    def test_next_and_previous(self, waiting: list[Persona]) -> None:
        at = button(open_page("review"), "Start reviewing").click().run()
        assert at.title[0].value == "One"
        assert button(at, "Previous").disabled
        button(at, "Next").click().run()
        assert at.title[0].value == "Two"
        button(at, "Next").click().run()
        assert at.title[0].value == "Three"
        assert button(at, "Next").disabled
        button(at, "Previous").click().run()
        assert at.title[0].value == "Two"
        button(at, "Queue").click().run()
        assert at.title[0].value == "Review"

    def test_approving_goes_on_to_the_next_until_the_last(self, waiting: list[Persona]) -> None:
        at = button(open_page("review"), "Start reviewing").click().run()
        at.text_area(key=f"review-note-{waiting[0].id}").set_value("Fine.").run()
        button(at, "Approve").click().run()
        assert at.title[0].value == "Two"
        button(at, "Reject").click().run()
        assert at.title[0].value == "Three"
        button(at, "Back to draft").click().run()
        assert "That was the last one." in text_of(at)
        stored = [read(one) for one in waiting]
        assert [one.status for one in stored] == ["approved", "rejected", "draft"]
        assert [one.review_note for one in stored] == ["Fine.", None, None]
        assert not at.exception

    def test_a_draft_is_sent_and_then_stays_on_the_screen(self) -> None:
        (draft,) = store({"name": "Dora"})
        at = button(open_page("review"), "Start reviewing").click().run()
        button(at, "Send to review").click().run()
        assert at.title[0].value == "Dora"
        button(at, "Approve").click().run()
        assert read(draft).status == "approved"

    def test_who_was_slower_is_told_and_nothing_moves(self, waiting: list[Persona]) -> None:
        at = button(open_page("review"), "Start reviewing").click().run()
        change = PersonaUpdate(persona={"name": "One", "skills": ["a", "b", "c", "d"]})
        get_persona_repository().update(waiting[0].id, change)
        button(at, "Approve").click().run()
        assert at.title[0].value == "One"
        assert "Somebody changed this persona" in text_of(at)
        assert read(waiting[0]).status == "in_review"
        button(at, "Approve").click().run()  # now that the newest was on the screen
        assert read(waiting[0]).status == "approved"


class TestOnThePersonaPage:
    def test_the_status_with_who_and_note(self) -> None:
        (ada,) = store(SAFE)
        send(ada, to=(Status.IN_REVIEW, Status.REJECTED), note="No -> <b>source</b>")
        shown = text_of(open_page("persona", id=str(ada.id)))
        for words in ("Rejected", "by eve, just now", "No -> <b>source</b>"):
            assert words in shown
        get_persona_repository().update(ada.id, PersonaUpdate(persona={"name": "Eda"}))
        st.cache_data.clear()
        assert "changed since" in text_of(open_page("persona", id=str(ada.id)))

    @pytest.mark.parametrize(
        ("steps", "expected"),
        [
            ((), {"Send to review", "Approve"}),
            ((Status.IN_REVIEW,), {"Approve", "Reject", "Back to draft"}),
            ((Status.IN_REVIEW, Status.APPROVED), {"Review again", "Back to draft"}),
            ((Status.IN_REVIEW, Status.REJECTED), {"Review again", "Back to draft"}),
        ],
    )
    def test_only_the_allowed_moves_are_offered_and_each_works(
        self, steps: tuple[Status, ...], expected: set[str]
    ) -> None:
        every = {"Send to review", "Approve", "Reject", "Back to draft", "Review again"}
        for label in expected:
            (ada,) = store(SAFE)
            send(ada, to=steps)
            at = open_page("persona", id=str(ada.id))
            assert every & set(labels(at)) == expected
            button(at, label).click().run()
            assert not at.error
            by_review = label == "Approve" and not steps  # two moves in one step
            assert read(ada).version == len(steps) + 2 + by_review

    def test_comments_are_written_resolved_and_opened_again(self) -> None:
        (ada,) = store({"name": "Ada", "role": "analyst"})
        at = open_page("persona", id=str(ada.id))
        assert "Add comment" not in labels(at)  # folded away
        at.session_state[f"comments-{ada.id}"] = True  # as a click on it does
        at.run()
        button(at, "Add comment").click().run()
        assert get_comments().of(ada.id) == []
        at.selectbox[0].set_value("/role").run()
        at.text_area(key=f"comment-text-{ada.id}").set_value("Which one?\n<b>x</b>").run()
        button(at, "Add comment").click().run()
        (comment,) = get_comments().of(ada.id)
        assert (comment.path, comment.about, comment.text) == (
            "/role",
            "analyst",
            "Which one?\n<b>x</b>",
        )
        shown = text_of(at)
        for words in ("Role: analyst", "Which one?\n<b>x</b>"):
            assert words in shown
        assert "Comments (1 open)" in [expander.label for expander in at.expander]
        assert at.text_area(key=f"comment-text-{ada.id}").value == ""
        button(at, "Resolve").click().run()
        assert get_comments().of(ada.id)[0].resolved_at is not None
        assert "resolved by" in text_of(at)
        button(at, "Open again").click().run()
        assert get_comments().of(ada.id) == [comment]

    def test_a_comment_on_a_value_that_changed_says_so(self) -> None:
        (ada,) = store({"name": "Ada", "role": "analyst"})
        get_comments().add(ada.id, "Really?", "eve", path="/role")
        get_persona_repository().update(ada.id, PersonaUpdate(persona={"name": "Ada"}))
        st.cache_data.clear()
        shown = text_of(open_page("persona", id=str(ada.id)))
        assert "Role: analyst (changed since)" in shown
