"""The notation of the phrases in the word lists of the offline engine."""

from __future__ import annotations

import re

import pytest

from services.engines.offline import lexicon
from services.engines.offline.patterns import PIECES


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("open a shop", "open a\r\n shop", "open a\r\n shop"),
        ("frustrat*", "frustrating", "frustrating"),
        ("drives … mad", "drives me quite mad", "drives me quite mad"),
        ("(hates|dislikes)", "dislikes", "dislikes"),
        ("want[s] [really ]to", "wants to", "wants to"),
        ("want[s] [really ]to", "want really to", "want really to"),
        ("enjoy[s] =(*ing)", "enjoys rowing", "enjoys "),
        ("enjoy[s] =(*ing)", "enjoys a row", None),
        ("need[s] !(to|that)", "needs time", "needs "),
        ("need[s] !(to|that)", "needs  to rest", None),
        ("^hates_", "- hates noise", "- hates "),
        ("not [{word} ]$", "not really ", "not really "),
        ("not [{word} ]$", "not really so ", None),
        ("aged ##", "aged 34", "aged 34"),
        ("e.g. (a|b)", "e.g. b", "e.g. b"),
        ("e.g. (a|b)", "egg. b", None),
    ],
)
def test_a_phrase_finds_what_its_signs_say(phrase: str, text: str, found: str | None) -> None:
    match = re.search(lexicon.wording(phrase), text)

    assert (match and match[0]) == found


def test_a_phrase_tells_words_by_name() -> None:
    match = re.search(lexicon.wording("{who} <verb>(run[s]|lead[s]) {word}"), "she leads sales")

    assert match
    assert match.groupdict() == {"who": "she", "verb": "leads"}


def test_unknown_pieces_and_keys_are_refused() -> None:
    with pytest.raises(KeyError):
        lexicon.wording("{nothing} so named")
    with pytest.raises(KeyError):
        lexicon.pattern("clauses", "nothing so named")


def test_frames_of_the_lists_are_of_known_scores_and_whole_words() -> None:
    frames = [frame for name in ("wishes", "troubles", "roles") for frame in lexicon.frames(name)]

    assert frames
    assert all(0 < frame.score < 1 for frame in frames)
    assert not lexicon.pattern("clauses", "breath").search("he bought some butter")
    assert lexicon.pattern("clauses", "breath").search("he paid but left")


@pytest.mark.parametrize("name", sorted(PIECES))
def test_pieces_are_patterns(name: str) -> None:
    assert re.compile(PIECES[name])
