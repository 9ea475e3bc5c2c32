"""What a persona must not hold: in words, with what to do about it; and how it is refused."""

from __future__ import annotations

from typing import NoReturn

from services.errors import InvalidPersonaError
from services.personas.validation.syntax import Fault, position

MAX_DEPTH = 100
MAX_BYTES = 5 * 1024 * 1024

TOO_LARGE = Fault(
    f"the persona is larger than {MAX_BYTES // 1024**2} MB",
    "Keep long documents in the raw text and what matters of them in the persona.",
)
TOO_DEEP = Fault(
    f"the persona is nested deeper than {MAX_DEPTH} levels",
    "Flatten it: a list of objects is easier to read as well.",
)
NUL = Fault(
    "it holds a NUL character (\\u0000), which the database cannot store",
    "Delete the character.",
)
SURROGATE = Fault(
    "it holds half of a character (a lone \\ud800–\\udfff), which the database cannot store",
    "Delete it, or write the whole character.",
)
NOT_A_NUMBER = Fault(
    "NaN and Infinity are not JSON",
    "Write null, or the word in quotes.",
)
LOSSY = Fault(
    "this number has more digits, or is larger, than can be kept exactly",
    'Put it in quotes to keep every digit, for example "12345678901234567890".',
)
KEY_NOT_TEXT = Fault("the name of an entry must be text", "Put the name in quotes.")


def duplicate(key: str) -> Fault:
    return Fault(
        f"the name {_quoted(key)} stands twice in the same object",
        "Keep one of them, or rename the other.",
    )


def not_an_object(what: str) -> Fault:
    return Fault(
        f"a persona must be a JSON object, and this is {what}",
        "Write it as { … } with names and values.",
    )


def not_json(value: object) -> Fault:
    return Fault(
        f"a value of type {type(value).__name__} cannot be written as JSON",
        "Use text, numbers, true, false, null, lists and dictionaries.",
    )


def refuse(fault: Fault, text: str = "", offset: int | None = None) -> NoReturn:
    problem = fault.problem[:1].upper() + fault.problem[1:]
    if offset is None:
        raise InvalidPersonaError(f"{problem}.", fault.advice)
    line, column = position(text, offset)
    raise InvalidPersonaError(
        f"Line {line}, column {column}: {fault.problem}.", fault.advice, line=line, column=column
    )


def spoken(path: tuple[str | int, ...]) -> str:
    """A path as people write it: skills[2].name. The last part of it is what is wrong."""
    parts = [f"[{part}]" if isinstance(part, int) else f".{_printable(part)}" for part in path]
    return "".join(parts).removeprefix(".")


def _quoted(text: str) -> str:
    return f"“{_printable(text)}”"


def _printable(text: str) -> str:
    short = text if len(text) <= 60 else f"{text[:59]}…"
    return "".join(char if char.isprintable() else "\ufffd" for char in short)
