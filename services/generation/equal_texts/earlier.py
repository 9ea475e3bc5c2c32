"""Drafts that are stored, looked up by their keys, and as the result of an equal text."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol
from uuid import UUID

from services.access.as_dashboard import call_as_dashboard
from services.database.faults import expect_json_list
from services.engines.generator import Draft, Generator
from services.errors import DashboardError
from services.evidence.checking import CheckedPersona, coverage
from services.evidence.claims import Evidence, Rejected, evidence_from_json, rejected_from_json
from services.evidence.text.equality import EqualTexts, normalised
from services.generation.draft_key import draft_key
from services.generation.drafting import Result
from services.personas.source_spans import spans_of

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class EarlierDraft:
    """A persona as it was drafted, before anybody changed it."""

    persona_id: UUID
    raw_text: str
    persona: dict[str, Any]
    evidence: list[Evidence]
    generation: dict[str, Any]

    def result_for(self, text: str) -> Result:
        """The same draft of an equal text: its evidence at the places of that, at no cost."""
        equal = EqualTexts(self.raw_text, text)

        def moved(one: Evidence) -> Evidence:
            start, end = equal.span(one.start, one.end) or (0, 0)
            return replace(one, start=start, end=end, quote=text[start:end])

        def moved_proposal(one: Rejected) -> Rejected:
            found = None if one.start is None or one.end is None else equal.span(one.start, one.end)
            start, end = found or (None, None)
            return replace(one, start=start, end=end)

        evidence = [moved(one) for one in self.evidence]
        rejected = [moved_proposal(one) for one in rejected_from_json(self._told("rejected"))]
        checked = CheckedPersona(
            self.persona, evidence, rejected, coverage(text, evidence, self.persona)
        )
        draft = Draft(
            claims=(),
            engine=self._text("engine"),
            model=self._text("model") or None,
            prompt_version=self._text("prompt_version") or None,
        )
        return Result(
            checked,
            draft,
            seconds=0,
            about=self._text("about"),
            key=self._text("key"),
            taken_over_from=str(self.persona_id),
        )

    def _told(self, name: str) -> Any:
        return self.generation.get(name)

    def _text(self, name: str) -> str:
        value = self._told(name)
        return value if isinstance(value, str) else ""


class _Asked(Protocol):
    """A request whose text may have been drafted before."""

    @property
    def id(self) -> UUID: ...
    @property
    def raw_text(self) -> str: ...
    @property
    def about(self) -> str: ...
    @property
    def sources(self) -> list[dict[str, Any]]: ...


def earlier_results(engine: Generator, requests: Iterable[_Asked]) -> dict[UUID, Result]:
    """Results of requests whose texts this engine has drafted before, by the requests' ids.

    Not of those that are to be asked anew. None where the database is away: then they are asked.
    """
    keys = {one.id: (one, key) for one in requests if (key := _key_of(engine, one))}
    drafts = _find([(key, id) for id, (_, key) in keys.items()])
    return {
        id: draft.result_for(one.raw_text)
        for id, (one, key) in keys.items()
        if (draft := drafts.get(key)) and normalised(draft.raw_text) == normalised(one.raw_text)
    }


def earlier_draft(engine: Generator, text: str, about: str = "") -> EarlierDraft | None:
    """What this engine has made of an equal text, if it has."""
    key = draft_key(text, engine, about)
    return _find([(key, None)]).get(key) if key else None


def _key_of(engine: Generator, request: _Asked) -> str | None:
    spans = [(span.start, span.end) for span in spans_of(request.raw_text, request.sources)]
    return draft_key(request.raw_text, engine, request.about, spans)


def _find(asked: Sequence[tuple[str, UUID | None]]) -> dict[str, EarlierDraft]:
    """The newest draft of each key that nobody has rejected or put into the trash."""
    if not asked:
        return {}
    told = [{"key": key, "request": str(id) if id else None} for key, id in asked]
    try:
        rows = expect_json_list(call_as_dashboard("earlier_drafts", asked=json.dumps(told)))
        return {str(row["key"]): _draft(row) for row in rows}
    except (DashboardError, KeyError, TypeError, ValueError) as error:
        log.warning("Earlier drafts could not be looked up: %s", type(error).__name__)
        return {}


def _draft(read: dict[str, Any]) -> EarlierDraft:
    raw_text = str(read["raw_text"])
    return EarlierDraft(
        UUID(str(read["persona_id"])),
        raw_text,
        read["persona"],
        evidence_from_json(read["evidence"], raw_text),
        read["generation"],
    )
