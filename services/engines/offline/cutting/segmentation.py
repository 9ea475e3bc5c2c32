"""From a text to a Document: lines, blocks under headings and by speaker, sentences."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from services.engines.offline import lexicon
from services.engines.offline.cutting.document import Block, Document
from services.engines.offline.cutting.headings import Heading, asked_field, heading_of
from services.engines.offline.cutting.sentences import SENTENCE_END, sentences_of
from services.engines.offline.cutting.speakers import is_interviewer, participant_of, participants
from services.engines.offline.patterns import UPPER, lower_copy, plain_copy

LINE_LIMIT = 2_000  # a pasted one-line blob is cut, so that no pattern sees all of it
WRAPPED_LINE = 45  # a line at least this long may go on in the next one
PROSE_LINE = 90  # a paragraph at least this long ends a list
LIST_SECTIONS = frozenset({"skills", "goals", "pain_points", "interests", "values", "traits"})
ENTRY_SECTIONS = LIST_SECTIONS | {"education", "experience"}

_BULLET = re.compile(
    r"[ \t]{0,12}(?:[-*•·▪◦–—►✓→+]|\(?\d{1,2}[.)]|\d{1,2}[ \t]{1,3}\)|[a-z]\))[ \t]{1,8}(?=\S)"
)
_TIME = r"[\[(]?\d{1,2}:\d{2}(?::\d{2})?[\])]?"
_TURN = re.compile(
    rf"""[ \t]{{0,8}}(?:{_TIME}[ \t]{{0,3}}(?:-[ \t])?)?
    \*{{0,2}}(?P<label>[{UPPER}][\w.'\ ]{{0,24}}?)
    (?:[ \t]{{0,3}}(?=[\[(]){_TIME})?
    [ \t]{{0,3}}\*{{0,2}}:\*{{0,2}}[ \t]{{1,8}}(?=\S)""",
    re.VERBOSE,
)
_META = re.compile(
    rf"[ \t]{{0,4}}{lexicon.source('people', 'mail header')}[ \t]{{0,3}}[:#]|ticket #|posted by "
)
_ROW = re.compile(r"[|·•]|\s{3}|^\W{0,4}[^\W\d_][\w ]{1,24}\W{0,3}:\W{0,3}\s")
_QUESTION = re.compile(
    r"[^\n]{0,40}\byour?(?:'re|'ve|'d)?\b[^\n]{0,60}\?\s{0,3}"
    r"|what[^\n?]{2,40}\?\s{0,3}"
)
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
    speakers = _speakers(lines)
    blocks = _Blocks(speakers).read(lines)
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


def _speakers(lines: list[_Line]) -> frozenset[str]:
    """Labels of turns ("Ingrid:"): known roles from the second turn on, names from the third; and
    of several people without a name."""
    labels = [match["label"].strip() for line in lines if (match := _TURN.match(line.plain))]
    turns = Counter(labels)
    roles = lexicon.words("interviewers") | lexicon.words("respondents")
    asked = any(label.lower() in lexicon.words("interviewers") for label in turns)
    return participants(labels) | frozenset(
        label
        for label, count in turns.items()
        if count >= (2 if label.lower() in roles or asked else 3)
        or (asked and label.lower() in roles)
    )


def _main_speaker(blocks: list[Block], wanted: Collection[str]) -> str | None:
    said: Counter[str] = Counter()
    for block in blocks:
        if block.speaker and not is_interviewer(block.speaker):
            said[block.speaker] += block.end - block.start
    asked_for = [label for label in said if label in wanted or participant_of(label) in wanted]
    return asked_for[0] if asked_for else said.most_common(1)[0][0] if said else None


class _Blocks:
    """Reads lines one by one, keeping the section and the speaker they stand under."""

    def __init__(self, speakers: frozenset[str]) -> None:
        self.speakers = speakers
        self.blocks: list[Block] = []
        self.section: str | None = None
        self.asked: str | None = None
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
        turn = _TURN.match(line.plain)
        if turn and turn["label"].strip() in self.speakers:
            self._read_turn(turn, line)
        elif bullet:
            self._append(self._block(line.start + bullet.end(), line.end, bullet=True))
        elif (heading := heading_of(line.plain, self.after_blank)) and self._begins(heading):
            self._begin(heading, line)
        else:
            self._read_prose(line)

    def _read_turn(self, turn: re.Match[str], line: _Line) -> None:
        before, self.speaker = self.speaker, turn["label"].strip()
        self.section = None
        if is_interviewer(self.speaker) or line.plain.rstrip().endswith("?"):
            self.asked = asked_field(line.lower)
        elif before and before != self.speaker and not is_interviewer(before):
            self.asked = None
        self._append(self._block(line.start + turn.end(), line.end))

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
        first_end = SENTENCE_END.search(line.lower, heading.content)
        stop = line.start + first_end.end() if first_end else line.end
        self._append(self._block(start, stop))
        if first_end:  # "Asked for: this. And now prose": what follows is not of the list
            self.section = None
            if line.plain[first_end.end() :].strip():
                self._append(self._block(stop, line.end))

    def _read_prose(self, line: _Line) -> None:
        if self.after_blank and _QUESTION.fullmatch(line.lower):
            self.asked = asked_field(line.lower)
        if self.after_blank and not self.under_heading and len(line.plain.strip()) > PROSE_LINE:
            self.section = None
        if self.after_blank and self.speaker and is_interviewer(self.speaker):
            self.speaker = None  # an unlabelled answer below a question
        if self._goes_on(line):
            self.blocks[-1].end = line.end
        else:
            if self.inline or (self.after_blank and line.plain.lstrip()[:1] == '"'):
                self.section, self.inline = None, False
            self._append(self._block(line.start, line.end))

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
        self.under_heading = self.under_heading and block.bullet
