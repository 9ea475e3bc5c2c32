"""Drafting from several texts about one person: each is read by itself.

Asked about all texts at once, an engine answers with one value for a field, and nobody learns that
the texts disagree. Read one by one, each text says what it says; merging decides, and what competes
is kept as a proposal with its words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services.engines.generator import Draft, Generator, Progress, ProgressListener, Usage
from services.engines.stopping import NEVER, Stop
from services.errors import NoClaimsError
from services.evidence.schema import Claim
from services.evidence.text.chunking import Chunk

Part = tuple[int, int]  # code points of the whole text, end exclusive


def draft_each(
    text: str,
    parts: Sequence[Part],
    generator: Generator,
    on_progress: ProgressListener,
    stop: Stop = NEVER,
) -> Draft:
    """One draft of all parts of `text`; every claim knows from which. Raises GenerationError.

    A part that says nothing of the person is no fault, unless all are.
    """
    drafts: dict[Part, Draft] = {}
    silent: NoClaimsError | None = None
    counted = _Counted(on_progress, len(parts))
    for start, end in parts:
        try:
            drafts[start, end] = generator.generate(text[start:end], counted, stop)
        except NoClaimsError as error:
            silent = error
        counted.next()
    if silent and not drafts:
        raise silent
    return _joined(text, list(drafts), list(drafts.values()))


class _Counted:
    """The progress of one text after the other, with the tokens of those before."""

    def __init__(self, listen: ProgressListener, count: int) -> None:
        self._listen = listen
        self._count = count
        self._done = 0
        self._before = self._usage = Usage()

    def __call__(self, progress: Progress) -> None:
        self._usage = self._before + progress.usage
        self._listen(Progress(self._done, self._count, progress.output, self._usage))

    def next(self) -> None:
        self._done += 1
        self._before = self._usage


def _joined(text: str, parts: Sequence[Part], drafts: Sequence[Draft]) -> Draft:
    claims: list[Claim] = []
    sources: list[Chunk] = []
    for (start, end), draft in zip(parts, drafts, strict=True):
        claims += draft.claims
        whole = Chunk(0, end - start, text[start:end])
        for chunk in draft.sources or [whole] * len(draft.claims):
            sources.append(Chunk(start + chunk.start, start + chunk.end, chunk.text))
    usages = [draft.usage for draft in drafts if draft.usage]
    return replace(
        drafts[0],
        claims=tuple(claims),
        sources=tuple(sources),
        usage=sum(usages[1:], usages[0]) if usages else None,
        chunks=sum(draft.chunks for draft in drafts),
        notes=tuple(dict.fromkeys(note for draft in drafts for note in draft.notes)),
    )
