"""Drafting from several texts about one person: each is read by itself.

Asked about all texts at once, an engine answers with one value for a field, and nobody learns that
the texts disagree. Read one by one, each text says what it says; merging decides, and what competes
is kept as a proposal with its words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from threading import Lock

from services.engines.generator import Draft, Generator, Progress, ProgressListener, Task
from services.engines.parallel import in_parallel
from services.engines.parts import NotRead, Span
from services.engines.stopping import NEVER, Stop
from services.engines.usage import NO_TOKENS, Usage
from services.errors import NoClaimsError
from services.evidence.schema import Claim
from services.evidence.text.chunking import Chunk

_AT_ONCE = 8  # texts; the engine has limits of its own


def draft_each(
    text: str,
    spans: Sequence[Span],
    generator: Generator,
    on_progress: ProgressListener,
    stop: Stop = NEVER,
    task: Task | None = None,
) -> Draft:
    """One draft of all spans of `text`; every claim knows from which. Raises GenerationError.

    A text that says nothing of the person is no fault, unless all are.
    """
    task = task or Task()
    counted = _Counted(on_progress, len(spans))

    def draft(number: int) -> Draft | NoClaimsError:
        start, end = spans[number]
        try:
            return generator.generate(
                text[start:end], counted.listener(number), stop, task.within(start, end)
            )
        except NoClaimsError as error:
            return error
        finally:
            counted.next()

    drafts = dict(zip(spans, in_parallel(draft, range(len(spans)), _AT_ONCE), strict=True))
    found = {span: draft for span, draft in drafts.items() if isinstance(draft, Draft)}
    if not found:
        raise next(draft for draft in drafts.values() if isinstance(draft, NoClaimsError))
    silent = [number for number, span in enumerate(spans) if span not in found]
    paid = [
        counted.usage(number) + task.within(*spans[number]).parts.paid_before for number in silent
    ]
    return _joined(text, found, [usage for usage in paid if usage != NO_TOKENS])


class _Counted:
    """The progress of several texts at once, as that of one piece of work."""

    def __init__(self, listen: ProgressListener, count: int) -> None:
        self._listen = listen
        self._count = count
        self._done = 0
        self._usage: dict[int, Usage] = {}
        self._lock = Lock()

    def listener(self, number: int) -> ProgressListener:
        def hear(progress: Progress) -> None:
            with self._lock:
                self._usage[number] = progress.usage
                paid = sum(self._usage.values(), NO_TOKENS)
                told = Progress(self._done, self._count, progress.output, paid)
            self._listen(told)

        return hear

    def usage(self, number: int) -> Usage:
        """What this text took, as far as it was told."""
        return self._usage.get(number, NO_TOKENS)

    def next(self) -> None:
        with self._lock:
            self._done += 1


def _joined(text: str, drafts: dict[Span, Draft], paid_for_nothing: list[Usage]) -> Draft:
    claims: list[Claim] = []
    sources: list[Chunk] = []
    not_read: list[NotRead] = []
    for (start, end), draft in drafts.items():
        claims += draft.claims
        whole = Chunk(0, end - start, text[start:end])
        for chunk in draft.sources or [whole] * len(draft.claims):
            sources.append(Chunk(start + chunk.start, start + chunk.end, chunk.text))
        not_read += [
            replace(left, start=start + left.start, end=start + left.end) for left in draft.not_read
        ]
    found = list(drafts.values())
    usages = [draft.usage for draft in found if draft.usage] + paid_for_nothing
    return replace(
        found[0],
        claims=tuple(claims),
        sources=tuple(sources),
        usage=sum(usages[1:], usages[0]) if usages else None,
        chunks=sum(draft.chunks for draft in found),
        notes=tuple(dict.fromkeys(note for draft in found for note in draft.notes)),
        not_read=tuple(not_read),
    )
