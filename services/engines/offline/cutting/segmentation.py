"""From a text to a Document: lines, blocks under headings and by speaker, sentences."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from services.engines.offline import lexicon
from services.engines.offline.cutting.document import Block, Document
from services.engines.offline.cutting.headings import Heading, asked_field, heading_of
from services.engines.offline.cutting.questions import Question, question_of
from services.engines.offline.cutting.sentences import first_end, sentences_of
from services.engines.offline.cutting.speakers import is_interviewer, participant_of
from services.engines.offline.cutting.turns import Turn, Turns
from services.engines.offline.patterns import lower_copy, plain_copy

LINE_LIMIT = 2_000  # a pasted one-line blob is cut, so that no pattern sees all of it
WRAPPED_LINE = 45  # a line at least this long may go on in the next one
MOST_ANSWERS = 2  # blocks below a question that need no cue
PROSE_LINE = 90  # a paragraph at least this long ends a list
LIST_SECTIONS = frozenset({"skills", "goals", "pain_points", "interests", "values", "traits"})
ENTRY_SECTIONS = LIST_SECTIONS | {"education", "experience"}

_BULLET = re.compile(
    r"[ \t]{0,12}(?:[-*•·▪◦–—►✓→+]|\(?\d{1,2}[.)]|\d{1,2}[ \t]{1,3}\)|[a-z]\))[ \t]{1,8}(?=\S)"
)
_META = re.compile(
    rf"[ \t]{{0,4}}{lexicon.source('people', 'mail header')}[ \t]{{0,3}}[:#]|ticket #|posted by "
)
_LABELLED = re.compile(r"[^\W\d_][\w '/-]{2,40}:\s")
_ROW = re.compile(r"[|·•]|\s{3}|^\W{0,4}[^\W\d_][\w ]{1,24}\W{0,3}:\W{0,3}\s")
_REPLY_INTRO = re.compile(r"\b(?:wrote|schrieb|escribió|a écrit|original message)\b")


@dataclass(slots=True)
class _Line:
    start: int
    end: int
    plain: str
    lower: str


def segment(text: str, wanted: Collection[str] = ()) -> Document:
    """The blocks and sentences of a text; words of interviewers and quoted mails are left out.

    Of a transcript only what the main speaker says, who is one of the `wanted` labels if any is;
    "Participant 2" is any label of such a one.
    """
    plain = plain_copy(text)
    lower = lower_copy(plain)
    lines = list(_lines(plain, lower))
    blocks = _Blocks(Turns(line.plain for line in lines)).read(lines)
    document = Document(text, plain, lower, blocks, _main_speaker(blocks, wanted))
    for block in blocks:
        if block.kind == "text" and block.speaker in (None, document.speaker):
            document.sentences += sentences_of(document, block)
    return document


def _lines(plain: str, lower: str) -> Iterator[_Line]:
    position = 0
    for raw in plain.split("\n"):
        start, stop = position, position + len(raw)
        while stop - start > LINE_LIMIT:
            half = start + LINE_LIMIT // 2, start + LINE_LIMIT
            cut = max(plain.rfind(end, *half) + len(end) for end in (". ", "! ", "? ", '." '))
            cut = cut if cut > half[0] else plain.rfind(" ", *half) + 1 or half[1]
            yield _Line(start, cut, plain[start:cut], lower[start:cut])
            start = cut
        yield _Line(start, stop, plain[start:stop], lower[start:stop])
        position = stop + 1


def _main_speaker(blocks: list[Block], wanted: Collection[str]) -> str | None:
    said: Counter[str] = Counter()
    for block in blocks:
        if block.speaker and not is_interviewer(block.speaker):
            said[block.speaker] += block.end - block.start
    asked_for = [label for label in said if label in wanted or participant_of(label) in wanted]
    return asked_for[0] if asked_for else said.most_common(1)[0][0] if said else None


class _Blocks:
    """Reads lines one by one, keeping the section and the speaker they stand under."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.blocks: list[Block] = []
        self.section: str | None = None
        self.asked: str | None = None
        self.answers = 0  # blocks below the question
        self.inline = False  # the section began with its own content: "Goals: this and that"
        self.speaker: str | None = None
        self.after_blank = True
        self.under_heading = False
        self.foreign = False
        self.previous: _Line | None = None

    def read(self, lines: list[_Line]) -> list[Block]:
        for line in lines:
            if not line.plain.strip():
                self._read_blank()
            elif not self._is_foreign(line):
                self._read_line(line)
                self.after_blank = False
            self.previous = line
        return self.blocks

    def _read_blank(self) -> None:
        self.after_blank = True
        self.foreign = False
        if self.inline:
            self.section, self.inline = None, False
        if self.answers and not self.speaker:
            self.asked = None

    def _is_foreign(self, line: _Line) -> bool:
        """Whether a line belongs to a mail quoted below the answer."""
        if line.lower.lstrip().startswith(">"):
            self.foreign = self.foreign or bool(_REPLY_INTRO.search(line.lower[:200]))
            return self.foreign
        introduces = _REPLY_INTRO.search(line.lower[-40:]) and line.lower.rstrip()[-1:] in ":-"
        self.foreign = self.foreign or bool(introduces)
        return bool(introduces)

    def _read_line(self, line: _Line) -> None:
        if _META.match(line.lower):
            self._append(Block(line.start, line.end, kind="meta"))
            return
        bullet = _BULLET.match(line.plain)
        if turn := self.turns.begun(line.plain):
            self._read_turn(turn, line)
        elif bullet:
            self._read_bullet(line, bullet.end())
        elif (heading := heading_of(line.plain, self.after_blank)) and self._begins(heading):
            self._begin(heading, line)
        elif question := question_of(line.lower):
            self._read_question(question, line, 0)
        else:
            self._read_prose(line)

    def _read_turn(self, turn: Turn, line: _Line) -> None:
        before, self.speaker = self.speaker, turn.label
        self.section = None
        if is_interviewer(self.speaker) or line.plain.rstrip().endswith("?"):
            self.asked, self.answers = asked_field(line.lower), -1
        elif before and before != self.speaker and not is_interviewer(before):
            self.asked = None
        self._append(self._block(line.start + turn.words, line.end))

    def _read_bullet(self, line: _Line, begin: int) -> None:
        """An entry of a list; one like "- Pain: two logins" says itself what it lists."""
        heading = None if self.section in LIST_SECTIONS else heading_of(line.plain[begin:], False)
        if heading and heading.content is not None and heading.section in LIST_SECTIONS:
            block = self._block(line.start + begin + heading.content, line.end, bullet=True)
            block.section = heading.section
            self._append(block)
        elif question := question_of(line.lower[begin:]):
            self._read_question(question, line, begin)
        else:
            self._append(self._block(line.start + begin, line.end, bullet=True))

    def _read_question(self, question: Question, line: _Line, begin: int) -> None:
        """What is asked holds for the rest of the line; if that is empty, for what stands below."""
        self.asked = None
        if not begin:  # what is asked for is no entry of the list above it
            self.section, self.inline = None, False
        if question.answer == 0:
            self.previous = None  # the line does not go on from the one above it
            self._read_prose(line)
            return
        if question.answer is None:
            self._append(self._block(line.start + begin, line.end))
            self.asked, self.answers = question.field, 0
            return
        self.asked = question.field
        self._append(self._block(line.start + begin + question.answer, line.end))
        self.asked = None

    def _begins(self, heading: Heading) -> bool:
        """Within a list, "Languages: Go, Python" is an entry, not the next heading."""
        inside = self.section in LIST_SECTIONS and not self.after_blank
        return not inside or heading.content is None or heading.section not in ("other", "skills")

    def _begin(self, heading: Heading, line: _Line) -> None:
        self.section, self.asked = heading.section, None
        self.under_heading = True
        self.inline = heading.content is not None
        if heading.content is None:
            return
        start = line.start + heading.content
        end = first_end(line.lower, heading.content)
        stop = line.start + end if end else line.end
        self._append(self._block(start, stop))
        if end:  # "Asked for: this. And now prose": what follows is not of the list
            self.section = None
            if line.plain[end:].strip():
                self._append(self._block(stop, line.end))

    def _read_prose(self, line: _Line) -> None:
        if self.after_blank and not self.under_heading and len(line.plain.strip()) > PROSE_LINE:
            self.section = None
        if self.after_blank and self._follows_prose():
            self.section = None
        if self.blocks and self.blocks[-1].bullet and _LABELLED.match(line.plain):
            self.section = None  # "Quote: …" below a list is no entry of it
        if self.after_blank and self.speaker and is_interviewer(self.speaker):
            self.speaker = None  # an unlabelled answer below a question
        if self._goes_on(line):
            self.blocks[-1].end = line.end
        else:
            if self.inline or (self.after_blank and line.plain.lstrip()[:1] == '"'):
                self.section, self.inline = None, False
            self._append(self._block(line.start, line.end))

    def _follows_prose(self) -> bool:
        """Whether what stands under the heading is a paragraph, so that a blank line ends it."""
        last = self.blocks[-1] if self.blocks and not self.under_heading else None
        return last is not None and not last.bullet and last.end - last.start > PROSE_LINE

    def _goes_on(self, line: _Line) -> bool:
        """Whether a line continues the block above it."""
        if not self.blocks or self.after_blank or self.previous is None:
            return False
        last = self.blocks[-1]
        if last.end != self.previous.end or last.kind == "meta" or last.section != self.section:
            return False
        if line.end - last.start > LINE_LIMIT:
            return False
        if last.bullet:
            return line.plain[:1] in " \t"
        if _ROW.search(line.plain) or _ROW.search(self.previous.plain):
            return False
        if self.section in ENTRY_SECTIONS:
            return line.plain.lstrip()[:1].islower() or self.previous.plain.rstrip()[-1:] == ","
        return len(self.previous.plain.rstrip()) >= WRAPPED_LINE

    def _block(self, start: int, end: int, bullet: bool = False) -> Block:
        headed = self.under_heading
        return Block(start, end, self.section, self.speaker, bullet, "text", headed, self.asked)

    def _append(self, block: Block) -> None:
        self.blocks.append(block)
        self.answers += not block.bullet
        if self.answers >= MOST_ANSWERS:
            self.asked = None
        self.under_heading = self.under_heading and block.bullet
