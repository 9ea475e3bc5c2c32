"""What an OpenAI-compatible server accepts: learned from its refusals, remembered for next time.

Servers differ in three things: how an answer's form can be asked for (a strict JSON schema, any
JSON object, or only words), what the output limit is called, and whether a stream can report usage.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from threading import Lock
from typing import Any


class AnswerForm(StrEnum):
    """How the form of the answer is asked for, strongest first."""

    SCHEMA = "json_schema"
    OBJECT = "json_object"
    TEXT = "text"


_WEAKER = {AnswerForm.SCHEMA: AnswerForm.OBJECT, AnswerForm.OBJECT: AnswerForm.TEXT}
_FORM_WORDS = ("response_format", "json_object", "schema", "structured output", "grammar")


@dataclass(frozen=True)
class Dialect:
    """One way to ask. Starts with the strongest; every refusal leads strictly further down."""

    form: AnswerForm = AnswerForm.SCHEMA
    limit_name: str = "max_tokens"
    reports_usage: bool = True

    def options(self, schema: Mapping[str, object], max_tokens: int) -> dict[str, Any]:
        """The options of a streaming request in this dialect; the output is always limited."""
        options: dict[str, Any] = {self.limit_name: max_tokens}
        if self.reports_usage:
            options["stream_options"] = {"include_usage": True}
        if self.form is AnswerForm.SCHEMA:
            described = {"name": "persona_facts", "strict": True, "schema": schema}
            options["response_format"] = {"type": "json_schema", "json_schema": described}
        elif self.form is AnswerForm.OBJECT:
            options["response_format"] = {"type": "json_object"}
        return options

    @property
    def enforces_schema(self) -> bool:
        return self.form is AnswerForm.SCHEMA

    def weaker(self) -> Dialect | None:
        """The same with the next weaker form, None at the end of the ladder."""
        form = _WEAKER.get(self.form)
        return replace(self, form=form) if form else None

    def after_refusal(self, complaint: str) -> Dialect | None:
        """What to try after a 400 with this complaint; None if it is about something else."""
        said = complaint.lower()
        if "stream_options" in said and self.reports_usage:
            return replace(self, reports_usage=False)
        if ("max_tokens" in said or "max_completion_tokens" in said) and (
            self.limit_name == "max_tokens"
        ):
            return replace(self, limit_name="max_completion_tokens")
        if any(word in said for word in _FORM_WORDS):
            return self.weaker()
        return None


class DialectMemory:
    """The dialect that last worked, by server address and model. Safe to share by threads."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Dialect] = {}
        self._lock = Lock()

    def recall(self, base_url: str, model: str) -> Dialect:
        with self._lock:
            return self._known.get((base_url, model), Dialect())

    def remember(self, base_url: str, model: str, dialect: Dialect) -> None:
        with self._lock:
            self._known[(base_url, model)] = dialect


PROCESS_MEMORY = DialectMemory()
"""Shared by all generators of this process: a server is asked in vain once, not once a persona."""
