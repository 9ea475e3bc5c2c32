"""What a server refuses leads down one rung; what was learned is kept for a while."""

from __future__ import annotations

import pytest

from services.engines.model.dialect import STRONGEST, AnswerForm, Dialect, DialectMemory
from services.engines.model.faults.complaint import Complaint, read_complaint

KEY = ("http://127.0.0.1/v1", "m")
LOOSE = Dialect(form=AnswerForm.OBJECT)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def memory(clock: Clock) -> DialectMemory:
    return DialectMemory(clock)


class TestMemory:
    def test_begins_with_the_strongest(self, memory):
        assert memory.recall(*KEY) == STRONGEST

    def test_keeps_what_worked_for_an_hour(self, memory, clock):
        memory.remember(*KEY, LOOSE)
        clock.now = 3590
        assert memory.recall(*KEY) == LOOSE
        memory.remember(*KEY, LOOSE)
        clock.now = 3610
        assert memory.recall(*KEY) == STRONGEST

    def test_knows_servers_and_models_apart(self, memory):
        memory.remember(*KEY, LOOSE)
        assert memory.recall(KEY[0], "other") == STRONGEST
        assert memory.recall("http://other/v1", KEY[1]) == STRONGEST

    def test_one_malformed_answer_lowers_nothing(self, memory):
        memory.note_malformed(*KEY, STRONGEST, LOOSE)
        memory.note_malformed(*KEY, STRONGEST, LOOSE)
        assert memory.recall(*KEY) == STRONGEST

    def test_three_in_a_row_do(self, memory):
        for _ in range(3):
            memory.note_malformed(*KEY, STRONGEST, LOOSE)
        assert memory.recall(*KEY) == LOOSE

    def test_a_good_answer_between_them_counts(self, memory):
        memory.note_malformed(*KEY, STRONGEST, LOOSE)
        memory.note_malformed(*KEY, STRONGEST, LOOSE)
        memory.remember(*KEY, STRONGEST)
        memory.note_malformed(*KEY, STRONGEST, LOOSE)
        assert memory.recall(*KEY) == STRONGEST


class TestRefusal:
    @pytest.mark.parametrize(
        ("words", "lowered"),
        [
            ("unknown field stream_options", Dialect(reports_usage=False)),
            ("temperature does not support 0", Dialect(is_steady=False)),
            ("extra_forbidden seed", Dialect(is_seeded=False)),
            ("use max_completion_tokens instead", Dialect(limit_name="max_completion_tokens")),
            ("streaming is not supported", Dialect(streams=False)),
            ("system role not supported", Dialect(has_system=False)),
            ("invalid response_format", Dialect(form=AnswerForm.SCHEMA)),
            ("seed and stream_options are unknown", Dialect(reports_usage=False, is_seeded=False)),
        ],
    )
    def test_is_about_one_thing(self, words, lowered):
        assert STRONGEST.after_refusal(Complaint(400, words=words)) == lowered

    def test_names_its_parameter_better_than_its_words(self):
        words = "unknown parameter; known are temperature, stream, response_format"
        complaint = Complaint(400, words=words, param="seed")
        assert STRONGEST.after_refusal(complaint) == Dialect(is_seeded=False)

    @pytest.mark.parametrize("words", ["the upstream said no", "no", "a downstream fault, invalid"])
    def test_of_something_else_lowers_nothing(self, words):
        assert STRONGEST.after_refusal(Complaint(400, words=words)) is None

    def test_without_a_reason_leads_to_the_end(self):
        steps = []
        dialect: Dialect | None = STRONGEST
        while dialect := dialect.barer():
            steps.append(dialect.form)
        assert steps == [AnswerForm.STRICT, AnswerForm.OBJECT, AnswerForm.TEXT]


class TestComplaint:
    @pytest.mark.parametrize(
        "body",
        [
            "No credit",
            {"error": "no credit"},
            {"error": {"message": "no credit"}},
            {"message": {"detail": "no credit"}},
            [{"error": {"message": "no credit"}}],
            {"detail": [{"msg": "no credit"}]},
            {"error": {"message": '{"error": {"message": "no credit"}}'}},
            {"error": {"metadata": {"raw": '{"error": "no credit"}'}}},
            "<html><body>no credit</body></html>",
        ],
    )
    def test_is_read_from_every_shape(self, body):
        assert "no credit" in read_complaint(body, 400).words

    @pytest.mark.parametrize("body", [None, 7, True, [], {}, {"error": None}, "", [[[[]]]]])
    def test_may_say_nothing(self, body):
        assert read_complaint(body, 400).status == 400

    def test_of_any_depth_ends(self):
        body: object = "deep"
        for _ in range(5000):
            body = {"error": [body]}
        assert read_complaint(body).words == ""

    def test_leaves_out_what_it_repeats_of_the_request(self):
        body = {"detail": [{"loc": ["body", "seed"], "msg": "extra", "input": "maximum context"}]}
        complaint = read_complaint(body, 422)
        assert (complaint.words, complaint.param) == ("extra", "body seed")

    def test_names_its_status_and_codes(self):
        complaint = read_complaint({"error": {"code": "429", "type": "Budget_Exceeded"}})
        assert complaint.status == 429
        assert complaint.codes == {"429", "budget_exceeded"}
