"""Equal texts: what their keys depend on, and places carried over."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.engines.model.generator import OpenAIGenerator
from services.engines.offline.generator import OfflineGenerator
from services.evidence.text.equality import EqualTexts, normalised
from services.generation.draft_key import draft_key
from services.settings import Settings

WORDS = st.lists(st.text("aé\u0301🙂.", min_size=1, max_size=4), min_size=1, max_size=8)
BLANKS = st.lists(st.sampled_from([" ", "\n", "\r\n", "\r", "\t \u2028"]), min_size=10, max_size=10)


@given(WORDS, BLANKS, BLANKS, st.data())
def test_a_span_of_words_is_the_same_words_in_an_equal_text(
    words: list[str], first: list[str], second: list[str], data: st.DataObject
) -> None:
    one, other = (
        blanks[0] + "".join(w + b for w, b in zip(words, blanks[1:], strict=False))
        for blanks in (first, second)
    )
    assert normalised(one) == normalised(other)
    start = data.draw(st.integers(0, len(one) - 1))
    end = data.draw(st.integers(start + 1, len(one)))
    span = EqualTexts(one, other).span(start, end)
    if one[start:end].strip():
        assert span and normalised(other[slice(*span)]) == normalised(one[start:end])
        assert EqualTexts(one, one).span(start, end) == (start, end)
    elif one != other:
        assert span is None


def engine(model: str = "m", **settings: object) -> OpenAIGenerator:
    values = {"openai_base_url": "http://127.0.0.1:1/v1", "openai_model": model, **settings}
    return OpenAIGenerator.from_settings(Settings.model_construct(**values))


def test_the_key_is_that_of_the_question() -> None:
    key = draft_key("I am Ana.\nI write SQL.", engine())
    assert key and len(key) == 64
    assert draft_key(" I am Ana.\r\n\r\nI write  SQL. ", engine()) == key
    others = {
        draft_key("I am Ana. I write SQL", engine()),
        draft_key("I am Ana.\nI write SQL.", engine(), "Ana"),
        draft_key("I am Ana.\nI write SQL.", engine("another")),
        draft_key("I am Ana.\nI write SQL.", engine(openai_second_look=True)),
        draft_key("I am Ana.\nI write SQL.", engine(openai_second_pass=True)),
        draft_key("I am Ana.\nI write SQL.", OfflineGenerator()),
    }
    assert key not in others and len(others) == 6
    assert draft_key("Two texts", engine(), spans=[(0, 3), (4, 9)]) is None
