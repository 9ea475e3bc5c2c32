"""Quotes are found where they stand, altered ones by their words, and invented ones never."""

from __future__ import annotations

import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.evidence.text.alignment import CUTOFF, Aligner, Match, Miss
from services.evidence.text.folding import FoldedText, fold, is_word_edge
from services.evidence.text.graphemes import is_boundary

TEXT = (
    "Interview notes, 3 March.\n"
    "Priya Raman is 38 and leads procurement for a chain of care homes in Leeds.\n"
    "“I don’t trust forecasts I can’t trace,” she says — every Monday she re-checks\r\n"
    "all 1,200 supplier lines by hand, which takes twelve hours.\n"
    "She wants to cut the turnaround of orders from 9 days to 4 before the next audit.\n"
    "She cannot export the report from the portal without calling support.\n"
)

# Every kind of character that has broken span arithmetic somewhere.
PIECES = st.sampled_from(
    [
        *(
            "word",
            "Zürich",
            "e\u0301te\u0301",
            "n\u0303",
            "ﬁnal",
            "ﷺ",
            "שָׁלוֹם",
            "مرحبا",
            "हिन्दी",
            "漢字",
            "한국어",
        ),
        *(
            "\u1112\u1161\u11ab",
            "👩\u200d🚀",
            "👍🏽",
            "❤\ufe0f",
            "🇩🇪",
            "\u200f",
            "\u00ad",
            "\u200b",
            "İ",
            "ß",
            "½",
        ),
        *(
            " ",
            " ",
            " ",
            "\n",
            "\r\n",
            "\t",
            "\u00a0",
            "…",
            "...",
            "’",
            "“",
            "—",
            ".",
            ",",
            "3",
            "12,5",
        ),
    ]
)
RICH_TEXT = st.one_of(st.text(max_size=120), st.lists(PIECES, max_size=60).map("".join))


def words_of(text: str, quote: str) -> str | None:
    match = Aligner(text).find(quote)
    return text[match.start : match.end] if match else None


# What a quote may differ in


@pytest.mark.parametrize(
    ("quote", "words", "method"),
    [
        ("leads procurement for a chain", "leads procurement for a chain", "exact"),
        ("LEADS PROCUREMENT", "leads procurement", "normalised"),
        ('"I don\'t trust forecasts', "“I don’t trust forecasts", "normalised"),
        ("she says - every Monday", "she says — every Monday", "normalised"),
        ("re-checks all 1,200", "re-checks\r\nall 1,200", "normalised"),
        ("**procurement**", "procurement", "normalised"),
        ("Priya Raman is 38 ... care homes in Leeds", TEXT[26:100], "ellipsis"),
        ("procurment for a chian of care homes", "procurement for a chain of care homes", "fuzzy"),
        ("cut turnaround of orders from 9", "cut the turnaround of orders from 9", "fuzzy"),
    ],
)  # fmt: skip
def test_a_quote_that_differs_in_form_is_found(quote: str, words: str, method: str) -> None:
    match = Aligner(TEXT).find(quote)

    assert match is not None
    assert TEXT[match.start : match.end] == words
    assert match.method == method


def test_scores_tell_how_close_the_quote_was() -> None:
    aligner = Aligner(TEXT)

    exact = aligner.find("leads procurement")
    form = aligner.find("Leads Procurement")
    typos = aligner.find("leads procurment for a chian of care homes")

    assert exact and form and typos
    assert exact.score == 100
    assert form.score == 99
    assert CUTOFF <= typos.score < 99


@pytest.mark.parametrize(
    ("quote", "fault"),
    [
        ("from 9 days to 3 before the next audit", "number altered"),
        ("all 1,300 supplier lines by hand", "number altered"),
        ("by hand, which takes ten hours", "number altered"),
        ("She can export the report from the portal", "negation flipped"),
        ("She does not want to cut the turnaround of orders", "negation flipped"),
        ("I do trust forecasts I can’t trace", "negation flipped"),
        ("he enjoys sailing on weekends with friends", "not found"),
        ("hours Leeds", "not found"),
        ("", "not found"),
        (" \n\t", "not found"),
    ],
)
def test_a_quote_that_says_something_else_is_refused(quote: str, fault: str) -> None:
    assert Aligner(TEXT).locate(quote) == Miss(fault)  # type: ignore[arg-type]


@pytest.mark.parametrize("quote", ["rocure", "Lee", "8", "200", "2", "can", "Raman is 3"])
def test_a_short_quote_is_no_part_of_a_longer_word_or_number(quote: str) -> None:
    assert Aligner(TEXT).find(quote) is None


def test_one_and_two_thousand_are_read_in_any_spelling() -> None:
    text = "In total she maintains twenty-five price lists for the northern region."

    assert words_of(text, "she maintains 25 price lists for the northern regions")
    assert not words_of(text, "she maintains 26 price lists for the northern regions")


def test_a_cut_word_is_taken_whole_but_a_cut_number_is_another_number() -> None:
    text = "He has 13 years of experience in logistics."

    assert words_of(text, "years of experience in logist") == "years of experience in logistics"
    assert words_of(text, "3 years of experience in") is None


@pytest.mark.parametrize("quote", ["She can export the report", "I can"])
def test_can_is_no_part_of_cannot(quote: str) -> None:
    assert Aligner("She cannot export the report. And I can’t.").find(quote) is None


def test_an_ellipsis_may_not_hide_a_negation() -> None:
    assert (
        words_of("I really do not like spreadsheets at all", "I really ... like spreadsheets")
        is None
    )


def test_an_ellipsis_does_not_reach_across_the_text() -> None:
    text = "She likes order. " + "Nothing else was said. " * 60 + "He rides a bicycle."

    assert words_of(text, "She likes order ... rides a bicycle") is None


def test_symbols_belong_to_the_names_of_languages() -> None:
    text = "Writes C++ and C# and sometimes C."

    match = Aligner(text).find("C")
    assert match and match.start == text.rindex("C")
    assert words_of(text, "c++") == "C++"


def test_scripts_without_spaces_have_no_word_edges() -> None:
    assert words_of("私は東京で働いています。", "東京") == "東京"
    assert words_of("김민수는 서울에서 일한다", "김민수") == "김민수"


# Which of several places


def test_the_first_the_nearest_and_the_one_within() -> None:
    text = "Python here. Python there. Python everywhere."
    aligner = Aligner(text)

    def start(**where: object) -> int | None:
        match = aligner.find("Python", **where)  # type: ignore[arg-type]
        return match.start if match else None

    assert start() == 0
    assert start(near=15) == 13
    assert start(near=len(text)) == 27
    assert start(within=(5, 26)) == 13
    assert start(within=(28, len(text))) is None
    folded = aligner.find("PYTHON", near=25)
    assert folded and folded.start == 27


def test_a_fuzzy_match_stays_within_its_range() -> None:
    line = "She re-checks every supplier line by hand on Monday. "
    aligner = Aligner(line * 3)

    match = aligner.find(
        "She re-cheks every suplier line by hand", within=(len(line), 2 * len(line))
    )

    assert match and match.start == len(line)


# For any text


@given(RICH_TEXT, st.data())
def test_whole_words_of_any_text_are_found_exactly(text: str, data: st.DataObject) -> None:
    edges = [i for i in range(len(text) + 1) if is_word_edge(text, i) and is_boundary(text, i)]
    start = data.draw(st.sampled_from(edges))
    end = data.draw(st.sampled_from(edges))
    quote = text[start:end]
    assume(quote and quote == quote.strip())

    match = Aligner(text).find(quote, near=start)

    assert match is not None
    assert match.method == "exact"
    assert text[match.start : match.end] == quote


@given(RICH_TEXT, st.text(max_size=60) | st.lists(PIECES, max_size=20).map("".join))
def test_any_match_is_a_span_that_cuts_no_character(text: str, quote: str) -> None:
    assert_sound(text, Aligner(text).find(quote))


@given(RICH_TEXT, st.data())
def test_any_part_folded_is_a_span_that_cuts_no_character(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    typo = text[start:end].upper().replace("A", "x", 1)

    assert_sound(text, Aligner(text).find(typo))


@given(RICH_TEXT)
def test_folding_maps_every_character_back(text: str) -> None:
    folded = FoldedText(text)

    assert len(folded.starts) == len(folded.ends) == len(folded.folded)
    assert list(folded.starts) == sorted(folded.starts)
    for i, character in enumerate(folded.folded):
        start, end = folded.span(i, i + 1)
        assert 0 <= start < end <= len(text)
        assert is_boundary(text, start)
        assert is_boundary(text, end)
        assert character in fold(text[start:end]) or character == " "


def assert_sound(text: str, match: Match | None) -> None:
    if match is None:
        return
    assert 0 <= match.start < match.end <= len(text)
    assert is_boundary(text, match.start)
    assert is_boundary(text, match.end)
    assert CUTOFF <= match.score <= 100


def test_a_span_takes_the_marks_of_its_last_letter() -> None:
    assert words_of("un cafe\u0301 noir", "café") == "cafe\u0301"
    assert words_of("cafe\u0301", "cafe") is None


# For any size


@pytest.mark.parametrize(
    "text",
    [
        "a" * 1_000_000,
        "a b " * 250_000,
        "e" + "\u0301\u0316" * 500_000,
        "\U0001f468\u200d" * 500_000,
        "1," * 500_000,
        "漢字" * 500_000,
        "not " * 250_000,
        "..." * 333_333,
        "\r\n" * 500_000,
        "مرحبا بالعالم " * 70_000,
    ],
    ids=["letter", "letters", "marks", "joiners", "digits", "cjk", "not", "dots", "crlf", "arabic"],
)
def test_a_megabyte_of_anything_does_not_hang(text: str) -> None:
    aligner = Aligner(text)
    quotes = [
        "a" * 50,
        "a b b a a b a b a b a b",
        "a... a ... a ... b",
        "漢字字漢漢字漢字漢漢",
        "x" * 5000,
    ]
    started = time.process_time()

    for quote in [*quotes, text[:60], "some words that stand nowhere in it"]:
        assert_sound(text, aligner.find(quote))

    assert time.process_time() - started < 15  # about 1 s; a hang would be minutes
