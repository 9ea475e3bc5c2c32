"""From a text to a finished result: draft, check every claim against the text, count the cost."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from services.engines.generator import Draft, Generator, Progress, ProgressListener, Task
from services.engines.parts import Span
from services.engines.prices import Prices
from services.engines.several_texts import draft_each
from services.engines.spending import UNLIMITED
from services.engines.stopping import NEVER, Stop
from services.engines.usage import NO_TOKENS, Usage
from services.errors import NoClaimsError
from services.evidence.checking import (
    CheckedPersona,
    check_claims,
    evidence_to_json,
    rejected_to_json,
)
from services.evidence.schema import Claim
from services.generation.draft_key import draft_key
from services.generation.second_look import SecondLook, look_again
from services.settings import get_settings


@dataclass(frozen=True)
class Result:
    """A persona of supported claims, with its evidence and how it came about."""

    checked: CheckedPersona
    draft: Draft
    seconds: float
    about: str = ""
    second_look: SecondLook | None = None
    key: str | None = None
    """What the draft depends on (`draft_key`), if another could be the same."""
    taken_over_from: str = ""
    """The persona it was first drafted for: nothing was asked for this one."""

    def claims(self) -> list[Claim]:
        """What the engine claims and, if it looked again, stands by."""
        fallen = (
            {(claim.field, claim.value) for claim in self.second_look.doubted}
            if (self.second_look)
            else set()
        )
        return [
            claim
            for claim in self.draft.claims
            if (claim.field, " ".join(claim.value.split())) not in fallen
        ]

    def columns(self) -> dict[str, Any]:
        """What is stored in one statement: persona, evidence (list) and generation (object).

        `generation` holds engine, model, prompt_version, usage (tokens), cost (USD, null if the
        prices are not known), seconds, chunks, and `rejected`: what the text does not support.
        """
        return {
            "persona": self.checked.persona,
            "evidence": evidence_to_json(self.checked.evidence),
            "generation": {
                "engine": self.draft.engine,
                "model": self.draft.model,
                "prompt_version": self.draft.prompt_version,
                "usage": self.draft.usage.as_json() if self.draft.usage else None,
                "cost": self._cost(),
                "seconds": round(self.seconds, 3),
                "chunks": self.draft.chunks,
                "notes": list(self.draft.notes),
                "rejected": rejected_to_json(self.checked.rejected),
                **self._when_there(),
            },
        }

    def _when_there(self) -> dict[str, Any]:
        """What only some drafts have: whom they were to be about, parts that were not read, and
        how many claims a second look has judged."""
        not_read = [asdict(part) for part in self.draft.not_read]
        look = self.second_look
        looked = look and {"checked": look.checked, "doubted": len(look.doubted)}
        told = {
            "about": self.about,
            "not_read": not_read,
            "second_look": looked,
            "key": None if self._is_partial else self.key,
            "taken_over_from": self.taken_over_from,
        }
        return {name: value for name, value in told.items() if value}

    @property
    def _is_partial(self) -> bool:
        """Another try might bring more."""
        return bool(self.draft.not_read or self.draft.notes)

    def _cost(self) -> float | None:
        if self.taken_over_from:
            return 0.0
        usage = self.draft.usage
        return Prices.from_settings(get_settings()).cost(usage) if usage else None


def draft_persona(
    text: str,
    generator: Generator,
    on_progress: ProgressListener,
    spans: Sequence[Span] = (),
    stop: Stop = NEVER,
    task: Task | None = None,
) -> Result:
    """Draft with `generator` and keep what the text supports. Raises GenerationError, StoppedError.

    `spans` are the texts that `text` is made of, if there are several: each is read by itself.
    """
    started = time.monotonic()
    told = _Told(on_progress)
    if len(spans) > 1:
        draft = draft_each(text, spans, generator, told, stop, task)
    else:
        draft = generator.generate(text, told, stop, task)
    if draft.not_read and not draft.claims:
        raise NoClaimsError("What was read of the text says nothing about a person.")
    checked = check_claims(text, draft.claims, draft.engine, draft.sources)
    spending = task.spending if task else UNLIMITED
    look = look_again(generator, checked, stop, told.pay, spending)
    if look:
        draft = _with(draft, look)
        checked = check_claims(text, draft.claims, draft.engine, draft.sources, look.doubted)
    about = task.about if task else ""
    key = draft_key(text, generator, about, spans)
    return Result(checked, draft, time.monotonic() - started, about, look, key)


class _Told:
    """Passes progress on; what a second look takes is added to what was paid before."""

    def __init__(self, listen: ProgressListener) -> None:
        self._listen = listen
        self._last = Progress(0, 1)

    def __call__(self, progress: Progress) -> None:
        self._last = progress
        self._listen(progress)

    def pay(self, usage: Usage) -> None:
        self(replace(self._last, usage=self._last.usage + usage))


def _with(draft: Draft, look: SecondLook) -> Draft:
    """The draft with what the second look took."""
    usage = (draft.usage or NO_TOKENS) + look.usage
    return replace(draft, usage=usage, notes=draft.notes + look.notes)
