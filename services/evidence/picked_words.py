"""Words that a person picked as evidence of a value, before they are saved with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from services.evidence.claims import Evidence
from services.evidence.edits import evidence_for_words, moved_places
from services.evidence.pointers import claims_of_persona, tokens


@dataclass(frozen=True)
class PickedWords:
    """The words `quote`, which begin at the code point `start`, for the value at `path`."""

    path: str
    start: int
    quote: str


def picked_at(raw_text: str, path: str, start: int, end: int) -> PickedWords | None:
    """raw_text[start:end], widened to whole characters as evidence is; None without words."""
    if not raw_text[start:end].strip():
        return None
    words = evidence_for_words(raw_text, path, start, end)
    return PickedWords(path, words.start, words.quote)


def follow_picked(
    picked: Iterable[PickedWords], old: dict[str, Any], new: dict[str, Any]
) -> tuple[PickedWords, ...]:
    """What was picked for values of `old`, at their places in `new`.

    A value that is changed where it stands keeps its words, and so does a field that is empty for
    a moment; an item that is taken out of its list does not.
    """
    moves = moved_places(old, new)
    settled = set(moves.values())
    there = {path for path, _ in claims_of_persona(new)}
    followed = []
    for words in picked:
        stays = words.path not in settled and (words.path in there or _is_field(words.path))
        path = moves.get(words.path, words.path if stays else None)
        if path is not None:
            followed.append(replace(words, path=path))
    return tuple(followed)


def with_picked(
    evidence: Sequence[Evidence],
    picked: Iterable[PickedWords],
    persona: dict[str, Any],
    raw_text: str,
) -> list[Evidence]:
    """The evidence of `persona` and what was picked, as far as value and words are there."""
    values = dict(claims_of_persona(persona))
    found = {(item.path, item.start, item.end): item for item in evidence}
    for words in picked:
        start = _place(words, raw_text)
        if start is None or words.path not in values:
            continue
        end = start + len(words.quote)
        item = evidence_for_words(raw_text, words.path, start, end, values[words.path])
        found[item.path, item.start, item.end] = replace(item, accepted=True)
    return list(found.values())


def picked_to_json(picked: Iterable[PickedWords]) -> list[dict[str, Any]]:
    """As plain JSON."""
    return [asdict(words) for words in picked]


def picked_from_json(stored: Any) -> tuple[PickedWords, ...]:
    """What picked_to_json wrote. Raises ValueError for anything else."""
    try:
        return tuple(PickedWords(str(o["path"]), int(o["start"]), str(o["quote"])) for o in stored)
    except (TypeError, KeyError) as error:
        raise ValueError("no picked words") from error


def _place(words: PickedWords, raw_text: str) -> int | None:
    if not words.quote.strip():
        return None
    if raw_text.startswith(words.quote, words.start):
        return words.start
    found = raw_text.find(words.quote)
    return found if found >= 0 else None


def _is_field(path: str) -> bool:
    return len(tokens(path)) == 1
