"""What is known of a claim: the words it rests on, or why it does not enter the persona."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Literal, get_args

from services.evidence.pointers import Scalar

Support = Literal["stated", "inferred"]
Origin = Literal["model", "human"]

APPROXIMATE_BELOW = 95.0


@dataclass(frozen=True)
class Evidence:
    """The words one claim rests on: quote == raw_text[start:end] (code points, end exclusive).

    `path` is the JSON Pointer of the claim in the persona. `support` is "stated" if the value
    stands in these words, "inferred" if it is a reading of them. `score` (0-100) says how closely
    the model's quote agreed with the text. `origin` is "human" where a person set the value or
    chose the words; `accepted` says that a person looked at the claim and its words and agreed.
    """

    path: str
    quote: str
    start: int
    end: int
    support: Support
    score: float
    engine: str
    origin: Origin = "model"
    accepted: bool = False

    @property
    def approximate(self) -> bool:
        """True if the model's quote differed from the text by more than its form."""
        return self.score < APPROXIMATE_BELOW

    def holds(self, raw_text: str) -> bool:
        """True if the quote still stands at its place in `raw_text`."""
        inside = 0 <= self.start < self.end <= len(raw_text)
        return inside and raw_text[self.start : self.end] == self.quote


class Reason(StrEnum):
    """Why a claim is only a proposal."""

    NO_SOURCE = "no source"
    VALUE_NOT_IN_TEXT = "value not in text"
    PLACEHOLDER = "placeholder"
    DUPLICATE = "duplicate"
    NUMBER_ALTERED = "number altered"
    NEGATION_FLIPPED = "negation flipped"
    OTHER_VALUE_KEPT = "other value kept"
    UNKNOWN_FIELD = "unknown field"
    TAKEN_OUT = "taken out"
    NOT_CONFIRMED = "not confirmed"


_EXPLANATIONS = {
    Reason.NO_SOURCE: "The quoted words are not in the text.",
    Reason.VALUE_NOT_IN_TEXT: "This must appear in the text word for word, and does not.",
    Reason.PLACEHOLDER: "This says that nothing is known, so it is not a claim.",
    Reason.DUPLICATE: "The persona already says this.",
    Reason.NUMBER_ALTERED: "The text gives another number, or none.",
    Reason.NEGATION_FLIPPED: "The text says the opposite: a “not” was added or lost.",
    Reason.OTHER_VALUE_KEPT: "The text says this too; the value it gives first was kept.",
    Reason.UNKNOWN_FIELD: "The persona has no such field.",
    Reason.NOT_CONFIRMED: "A second look at these words alone did not find this in them.",
    Reason.TAKEN_OUT: "A person took this claim out of the persona.",
}


@dataclass(frozen=True)
class Rejected:
    """A claim kept out of the persona: shown as a proposal that a person may accept.

    `quote` is what the engine gave. `start` and `end` are set where words of the text were found.
    What a person took out of the inside of a field, or is no text, comes back to its `path`, as the
    JSON it was (`original`).
    """

    field: str
    value: str
    quote: str
    reason: Reason
    start: int | None = None
    end: int | None = None
    path: str = ""
    original: Scalar = None

    @property
    def explanation(self) -> str:
        """The reason in a sentence for the analyst."""
        return _EXPLANATIONS[self.reason]


@dataclass(frozen=True)
class Coverage:
    """How much of a persona has a source, and how much of the text was used (code points)."""

    claims_total: int
    claims_with_source: int
    characters_used: int
    characters_total: int

    @property
    def share_used(self) -> float:
        """The part of the text that some claim rests on, 0 to 1."""
        return self.characters_used / self.characters_total if self.characters_total else 0.0


def evidence_to_json(evidence: Iterable[Evidence]) -> list[dict[str, Any]]:
    """As stored in the column `evidence`."""
    return [asdict(item) for item in evidence]


def evidence_from_json(stored: Any, raw_text: str | None = None) -> list[Evidence]:
    """Evidence as it was stored; never raises.

    Entries of another form are left out (rows can be written by other programs), and with
    `raw_text` also those whose quote does not stand at its place.
    """
    read = [_evidence(entry) for entry in stored] if isinstance(stored, list) else []
    return [item for item in read if item and (raw_text is None or item.holds(raw_text))]


def rejected_to_json(rejected: Iterable[Rejected]) -> list[dict[str, Any]]:
    """Proposals as plain JSON, the reason as its code."""
    return [asdict(item) | {"reason": item.reason.value} for item in rejected]


def rejected_from_json(stored: Any) -> list[Rejected]:
    """Proposals as they were stored; entries of another form are left out."""
    read = [_rejected(entry) for entry in stored] if isinstance(stored, list) else []
    return [item for item in read if item]


def _evidence(entry: Any) -> Evidence | None:
    if not isinstance(entry, Mapping):
        return None
    path, quote, start, end = (entry.get(key) for key in ("path", "quote", "start", "end"))
    if not (isinstance(path, str) and isinstance(quote, str)):
        return None
    if not (type(start) is int and type(end) is int and 0 <= start < end):
        return None
    if entry.get("support") not in get_args(Support):
        return None
    score, engine, origin = entry.get("score"), entry.get("engine"), entry.get("origin")
    return Evidence(
        path=path,
        quote=quote,
        start=start,
        end=end,
        support=entry["support"],
        score=float(score) if isinstance(score, int | float) else 0.0,
        engine=engine if isinstance(engine, str) else "",
        origin="human" if origin == "human" else "model",
        accepted=entry.get("accepted") is True,
    )


def _rejected(entry: Any) -> Rejected | None:
    if not isinstance(entry, Mapping):
        return None
    field, value, quote = (entry.get(key) for key in ("field", "value", "quote"))
    if not (isinstance(field, str) and isinstance(value, str) and isinstance(quote, str)):
        return None
    if entry.get("reason") not in list(Reason):
        return None
    start, end = entry.get("start"), entry.get("end")
    placed = type(start) is int and type(end) is int
    path, original = entry.get("path"), entry.get("original")
    inside = isinstance(path, str) and path[:1] == "/" and isinstance(original, Scalar)
    return Rejected(
        field,
        value,
        quote,
        Reason(entry["reason"]),
        *((start, end) if placed else (None, None)),
        *((path, original) if inside else ("", None)),
    )
