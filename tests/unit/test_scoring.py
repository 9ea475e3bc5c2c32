"""What counts as found, what as wrong, what as missed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from services.engines.generator import Draft, ProgressListener, Task, ignore_progress
from services.engines.stopping import NEVER, Stop
from services.engines.usage import Usage
from services.errors import InvalidInputError
from services.evidence.schema import Claim
from services.generation.evaluate import LABELS_NAME, TEXTS, evaluate, load, main, table
from services.generation.scoring import Tally, overlap, same_value, score, tally, total


class ScriptedGenerator:
    """An engine that always answers the same."""

    name = "scripted"
    model: str | None = "none"

    def __init__(self, *claims: Claim) -> None:
        self.claims = claims

    def generate(
        self,
        text: str,
        on_progress: ProgressListener = ignore_progress,
        stop: Stop = NEVER,
        task: Task | None = None,
    ) -> Draft:
        return Draft(self.claims, self.name, usage=Usage(10, 2))


def test_tally_of_nothing_is_perfect_and_sums_to_itself() -> None:
    assert (Tally().precision, Tally().recall, Tally().f1) == (1.0, 1.0, 1.0)
    assert total([]) == Tally()
    assert total([Tally(1, 2, 3), Tally(4, 5, 6)]) == Tally(5, 7, 9)


def test_tally_figures() -> None:
    figures = Tally(hits=3, extra=1, missed=2)

    assert figures.precision == 0.75
    assert figures.recall == 0.6
    assert figures.f1 == pytest.approx(2 / 3)
    assert Tally(extra=1, missed=1).f1 == 0.0


@pytest.mark.parametrize(
    ("values", "labels", "expected"),
    [
        (["38"], ["38"], Tally(hits=1)),
        (["38"], ["39"], Tally(extra=1, missed=1)),
        (["38"], [], Tally(extra=1)),
        ([], ["38"], Tally(missed=1)),
        ([], [], Tally()),
        (["38"], ["thirty-eight", "38"], Tally(hits=1)),
    ],
)
def test_single_fields_take_any_label_as_right(
    values: list[str], labels: list[str], expected: Tally
) -> None:
    assert tally("age", values, labels) == expected


def test_list_fields_count_each_label_once() -> None:
    values = ["Go", "Golf", "go", "Python"]

    assert tally("skills", values, ["Go", "Python", "SQL"]) == Tally(hits=2, extra=1, missed=1)


@pytest.mark.parametrize(
    ("field", "value", "label", "same"),
    [
        ("name", "Dr. Ngozi Fairweather", "Ngozi Fairweather", True),
        ("name", "Fairweather", "Ngozi Fairweather", False),
        ("age", "38 years", "38", False),
        ("role", "senior backend engineer", "Backend Engineer", True),
        ("role", "engineer", "Senior Backend Engineer", False),
        ("location", "BERGEN", "Bergen", True),
        ("goals", "open his own roastery one day", "open his own roastery", True),
        ("goals", "roastery", "open his own roastery", False),
        ("pain_points", "She hates early shifts most of all", "early shifts", True),
        ("skills", "", "SQL", False),
    ],
)
def test_same_value(field: str, value: str, label: str, same: bool) -> None:
    assert same_value(field, value, label) is same


def test_overlap_ignores_case_order_and_punctuation() -> None:
    assert overlap("Data, Analysis!", "analysis data") == 1.0
    assert overlap("data", "") == 0.0


def test_score_looks_at_labelled_fields_only() -> None:
    claims = [Claim("age", "38", "I am 38"), Claim("interests", "chess", "chess")]

    assert score(claims, {"age": ["38"], "skills": []}) == {"age": Tally(hits=1), "skills": Tally()}


def test_evaluate_counts_quotes_that_do_not_stand_in_the_text() -> None:
    generator = ScriptedGenerator(
        Claim("age", "38", "I turned 38 in March"),
        Claim("role", "pilot", "She has been flying jets for decades"),
    )
    text = "Hello. I turned 38 in March, would you believe it."

    report = evaluate(generator, {"one": text}, {"one": {"age": ["38"], "role": []}})

    assert (report.quotes, report.quotes_found) == (2, 1)
    assert report.fields == {"age": Tally(hits=1), "role": Tally(extra=1)}
    assert report.usage == Usage(10, 2)
    shown = table([report, report])
    assert "1/2 (50%)" in shown
    assert "10 in, 2 out" in shown


def test_load_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / LABELS_NAME).write_text(json.dumps({"absent": {}}))

    with pytest.raises(InvalidInputError, match=r"absent\.txt"):
        load(tmp_path, tmp_path / LABELS_NAME)


def test_command_prints_two_engines_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    folder = Path(__file__).parents[1] / TEXTS.name

    assert main(["--engine", "offline", str(folder), "--compare", "offline"]) == 0

    heading, *_, cost = capsys.readouterr().out.strip().splitlines()
    assert heading.split() == ["offline", "offline"]
    assert cost.split()[-2:] == ["–", "–"]


def test_command_explains_a_wrong_folder(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["/nowhere"]) == 1
    assert "Give a folder" in capsys.readouterr().err
