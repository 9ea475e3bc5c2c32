"""Prompts as versioned files, and the pure renderer that fills them.

A prompt file holds sections headed `<!-- section: name -->`; `{{variable}}` marks a gap. Text is
filled in once and never searched for gaps again, so a person's text may hold `{{anything}}`. The
person's text is data: it stands in the user message between boundary lines that do not occur in
it, and the system message is the same for every text.

To change a prompt, add a file with the next version and set PROMPT_VERSION: the version is stored
with every persona.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from services.errors import GenerationError
from services.evidence.schema import FIELDS

PROMPT_VERSION = "persona_v2"
_FOLDER = Path(__file__).with_name("prompt_texts")
_SECTION = re.compile(r"^<!-- section: (\w+) -->\n", re.MULTILINE)
_GAP = re.compile(r"\{\{(\w+)\}\}")
_FRAME = 100  # tokens around the messages
_SUBJECT_CHARACTERS = 120
_KINDS = {"single": "one or null", "list": "list"}

Message = dict[str, str]


class PromptError(GenerationError):
    """A prompt file and the code that fills it do not fit together."""

    kind = "prompt"
    default_problem = "A prompt file cannot be used."
    default_advice = "Your text is kept. Correct the file in services/engines/model/prompt_texts."


@dataclass(frozen=True)
class Part:
    """Which piece of a longer text this is: number of count; the person's name if one was found;
    whom the analyst wants it to be about; the values a first reading found ("": this is the first).
    """

    number: int = 1
    count: int = 1
    subject: str | None = None
    about: str = ""
    found: str = ""


@dataclass(frozen=True)
class Prompt:
    """A question to a model. `answer_form` is for servers that do not enforce a schema."""

    system: str
    user: str
    answer_form: str

    def messages(self, *, with_answer_form: bool, with_system: bool = True) -> list[Message]:
        """The chat messages: one system message, one user message; or one for models without."""
        system = f"{self.system}\n\n{self.answer_form}" if with_answer_form else self.system
        if not with_system:
            return [{"role": "user", "content": f"{system}\n\n{self.user}"}]
        return [{"role": "system", "content": system}, {"role": "user", "content": self.user}]


def render(template: str, variables: Mapping[str, str]) -> str:
    """Fill every `{{gap}}` of `template`, once. Raises PromptError for a missing or unused one."""
    gaps = set(_GAP.findall(template))
    if gaps != set(variables):
        missing, unknown = sorted(gaps - set(variables)), sorted(set(variables) - gaps)
        raise PromptError(f"A prompt lacks values for {missing} or does not use {unknown}.")
    return _GAP.sub(lambda gap: variables[gap[1]], template)


@lru_cache(maxsize=8)
def sections(version: str = PROMPT_VERSION) -> Mapping[str, str]:
    """The sections of a prompt file by name, without their last line break. Raises PromptError."""
    try:
        source = (_FOLDER / f"{version}.md").read_text(encoding="utf-8")
    except OSError as error:
        raise PromptError(f"The prompt {version} cannot be read.") from error
    _, *pieces = _SECTION.split(source)
    return {
        name: body.removesuffix("\n") for name, body in zip(pieces[::2], pieces[1::2], strict=True)
    }


def build_prompt(text: str, schema: Mapping[str, object], part: Part = Part()) -> Prompt:
    """The question about `text`, or about a part of a longer one. Raises PromptError."""
    readable = _encodable(text)
    subject, about = _one_line(part.subject), _one_line(part.about)
    user = _fill(
        "user",
        boundary=_boundary(readable + subject + about + part.found),
        part=_part_note(part),
        about=_about_note(about, subject if part.count > 1 else ""),
        text=readable,
        whom=_quoted(about) if about else "the person",
    )
    return Prompt(
        system=_fill("system", fields=_field_list()),
        user=user + (_fill("again", found=_encodable(part.found)) if part.found else ""),
        answer_form=_fill("answer_form", schema=json.dumps(schema, ensure_ascii=False)),
    )


def fill(version: str, section: str, **variables: str) -> str:
    """A section of a prompt file, filled. Raises PromptError."""
    try:
        template = sections(version)[section]
    except KeyError:
        raise PromptError(f"The prompt {version} has no section {section}.") from None
    return render(template, {name: _encodable(value) for name, value in variables.items()})


def _fill(section: str, **variables: str) -> str:
    return fill(PROMPT_VERSION, section, **variables)


def _field_list() -> str:
    return "\n".join(f"- {spec.name} ({_KINDS[spec.kind]}): {spec.description}." for spec in FIELDS)


def _boundary(content: str) -> str:
    """A boundary that does not occur in the content; the same content gives the same one."""
    folded, number = content.casefold(), 1
    while f"text-{number}>" in folded:
        number += 1
    return f"text-{number}"


def most_tokens(prompt: Prompt) -> int:
    """Tokens of the prompt at most, its form included: no token is shorter than a byte."""
    sent = prompt.system, prompt.user, prompt.answer_form
    return sum(len(part.encode(errors="replace")) for part in sent) + _FRAME


def _part_note(part: Part) -> str:
    if part.count == 1:
        return ""
    return _fill("part", number=str(part.number), count=str(part.count))


def _about_note(about: str, subject: str) -> str:
    """Whom it is about: by the analyst's word, else by a name that another part gave."""
    if about:
        return _fill("about", about=_quoted(about))
    return _fill("subject", subject=_quoted(subject)) if subject else ""


def _quoted(words: str) -> str:
    return json.dumps(words, ensure_ascii=False)


def _one_line(subject: str | None) -> str:
    return " ".join(_encodable(subject or "").split())[:_SUBJECT_CHARACTERS]


def _encodable(text: str) -> str:
    """Halves of surrogate pairs cannot be sent as UTF-8: each becomes one replacement character."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text)
