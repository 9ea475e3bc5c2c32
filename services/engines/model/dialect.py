"""What an OpenAI-compatible server accepts: learned from its refusals, remembered for a while.

Servers differ in independent things, each a rung of its own: how the form of an answer can be asked
for, whether they stream, whether a stream reports usage, which options they take, what the output
limit is called and how large it and the context may be.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from threading import Lock
from typing import Any

from services.engines.model.faults.complaint import Complaint


class AnswerForm(StrEnum):
    """How the form of the answer is asked for, strongest first."""

    STRICT = "strict schema"
    SCHEMA = "schema"
    OBJECT = "JSON object"
    TEXT = "text"


_WEAKER = {
    AnswerForm.STRICT: AnswerForm.SCHEMA,
    AnswerForm.SCHEMA: AnswerForm.OBJECT,
    AnswerForm.OBJECT: AnswerForm.TEXT,
}
_LIMIT_NAMES = ("max_tokens", "max_completion_tokens", "")  # "": none is taken
SEED = 7  # any fixed one: the same text should give the same draft


@dataclass(frozen=True)
class Dialect:
    """One way to ask. Starts with the strongest; every refusal leads strictly further down.

    `max_output` and `context` are tokens, None where the server has not complained.
    """

    form: AnswerForm = AnswerForm.STRICT
    streams: bool = True
    reports_usage: bool = True
    is_steady: bool = True
    is_seeded: bool = True
    has_system: bool = True
    limit_name: str = _LIMIT_NAMES[0]
    max_output: int | None = None
    context: int | None = None

    def options(self, name: str, schema: Mapping[str, object], max_tokens: int) -> dict[str, Any]:
        """The options of a request in this dialect."""
        options: dict[str, Any] = {"stream": self.streams}
        if self.limit_name:
            options[self.limit_name] = max_tokens
        if self.is_steady:
            options["temperature"] = 0
        if self.is_seeded:
            options["seed"] = SEED
        if self.streams and self.reports_usage:
            options["stream_options"] = {"include_usage": True}
        if self.enforces_schema:
            described: dict[str, object] = {"name": name, "schema": schema}
            if self.form is AnswerForm.STRICT:
                described["strict"] = True
            options["response_format"] = {"type": "json_schema", "json_schema": described}
        elif self.form is AnswerForm.OBJECT:
            options["response_format"] = {"type": "json_object"}
        return options

    @property
    def enforces_schema(self) -> bool:
        return self.form in (AnswerForm.STRICT, AnswerForm.SCHEMA)

    def weaker(self) -> Dialect | None:
        """The same with the next weaker form, None at the end of the ladder."""
        form = _WEAKER.get(self.form)
        return replace(self, form=form) if form else None

    def after_malformed(self) -> Dialect:
        """What to try after an answer of the wrong form; both schema forms enforce the same.

        Words alone are asked for again without what makes the same question have the same answer.
        """
        if self.form is AnswerForm.TEXT:
            return replace(self, is_steady=False, is_seeded=False)
        return replace(self, form=AnswerForm.OBJECT if self.enforces_schema else AnswerForm.TEXT)

    def after_refusal(self, complaint: Complaint) -> Dialect | None:
        """What to try after a refusal; None if it is about nothing that could be left out."""
        about = complaint.param if _names_a_rung(complaint.param) else complaint.words
        lowered = self
        if (complaint.status or 500) >= 500 and not re.search(_REFUSED, complaint.words):
            return None  # a fault of its own that only happens to name something
        for rung in RUNGS:
            if rung.is_named(about, complaint):
                lowered = rung.lower(lowered) or lowered
        return lowered if lowered != self else None

    def barer(self) -> Dialect | None:
        """What to try after a refusal that does not say why: first without what is not needed."""
        bare = replace(self, is_steady=False, is_seeded=False, reports_usage=False)
        if bare != self:
            return bare
        if self.form is AnswerForm.TEXT:
            return None
        return replace(self, form=AnswerForm.OBJECT) if self.enforces_schema else self.weaker()


STRONGEST = Dialect()


@dataclass(frozen=True)
class Rung:
    """One thing a server may refuse: how it names it, and the dialect without it."""

    words: str
    lower: Callable[[Dialect], Dialect | None]
    sentence: str = ""
    """Where the name alone is too common a word: what must be said in the message as well."""

    def is_named(self, about: str, complaint: Complaint) -> bool:
        if not re.search(self.words, about):
            return False
        return not self.sentence or bool(re.search(self.sentence, complaint.words))


def _other_limit_name(dialect: Dialect) -> Dialect:
    position = _LIMIT_NAMES.index(dialect.limit_name)
    return replace(dialect, limit_name=_LIMIT_NAMES[min(position + 1, len(_LIMIT_NAMES) - 1)])


_NOT = (
    r"support|not allowed|not permitted|verified|disabled|unavailable|unknown|unrecognized"
    r"|forbidden|extra|invalid|cannot"
)

_REFUSED = (
    r"support|not allowed|not permitted|unknown|unrecognized|extra|grammar|schema|format|role"
)

RUNGS = (
    Rung(r"stream_options|include_usage", lambda d: replace(d, reports_usage=False)),
    Rung(
        r"(?<![\w.-])stream(?:ing|ed)?(?![\w-])",
        lambda d: replace(d, streams=False),
        sentence=_NOT,
    ),
    Rung(r"temperature", lambda d: replace(d, is_steady=False)),
    Rung(r"(?<!\w)seed(?!\w)", lambda d: replace(d, is_seeded=False)),
    Rung(r"max_(?:completion_)?tokens", _other_limit_name),
    Rung(
        r"system role|system message|system prompt|developer instruction|role.{0,12}system"
        r"|roles must alternate|only user and assistant",
        lambda d: replace(d, has_system=False),
    ),
    Rung(
        r"response_?format|response_schema|json_object|json[ _]schema|json[ _]mode|schema|"
        r"structured[ _]outputs?|grammar|guided|additionalproperties|too many states"
        r"|requested parameters|output_config|output_format",
        lambda d: d.weaker(),
    ),
)


def _names_a_rung(text: str) -> bool:
    return any(re.search(rung.words, text) for rung in RUNGS)


@dataclass
class _Known:
    dialect: Dialect
    until: float
    malformed: int = 0
    worked: bool = False


class DialectMemory:
    """The dialect that last worked, by server address and model. Safe to share by threads.

    It is forgotten after a while: servers are updated, and one bad hour is not for ever.
    """

    SECONDS = 3600.0
    ENOUGH_MALFORMED = 3
    """So many answers of the wrong form in a row, and a weaker form is asked for at once."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._known: dict[tuple[str, str], _Known] = {}
        self._clock = clock
        self._lock = Lock()

    def recall(self, base_url: str, model: str) -> Dialect:
        with self._lock:
            return self._entry((base_url, model)).dialect

    def remember(self, base_url: str, model: str, dialect: Dialect) -> None:
        """A dialect that worked, with what was learned from refusals on the way."""
        with self._lock:
            known = self._entry((base_url, model))
            if known.dialect != dialect:
                known.dialect, known.until = dialect, self._clock() + self.SECONDS
            known.malformed = 0
            known.worked = True

    def has_worked(self, base_url: str, model: str) -> bool:
        """Whether the dialect that `recall` gives has brought an answer."""
        with self._lock:
            return self._entry((base_url, model)).worked

    def note_malformed(self, base_url: str, model: str, asked: Dialect, worked: Dialect) -> None:
        """An answer of the wrong form in one dialect, after which another worked."""
        with self._lock:
            known = self._entry((base_url, model))
            known.malformed += 1
            known.worked = True
            learned = worked if known.malformed >= self.ENOUGH_MALFORMED else asked
            if known.dialect != learned:
                known.dialect, known.until = learned, self._clock() + self.SECONDS

    def _entry(self, key: tuple[str, str]) -> _Known:
        now = self._clock()
        known = self._known.get(key)
        if known is None or known.until < now:
            known = self._known[key] = _Known(Dialect(), now + self.SECONDS)
        return known


PROCESS_MEMORY = DialectMemory()
"""Shared by all generators of this process: a server is asked in vain once, not once a persona."""
