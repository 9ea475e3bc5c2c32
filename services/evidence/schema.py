"""The field set of a persona, and the answer a model is asked for.

A team edits FIELDS to change what is drafted; everything else follows from it. Single fields hold
one value, list fields several. `literal` fields are facts that must stand in the text as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model


@dataclass(frozen=True)
class FieldSpec:
    """One field of a persona: its key, whether it holds one value or several, and its meaning."""

    name: str
    kind: Literal["single", "list"]
    description: str
    literal: bool = False


FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec("name", "single", "The person's name as the text gives it", literal=True),
    FieldSpec("age", "single", "Age in years, only if stated; never estimated", literal=True),
    FieldSpec("role", "single", "Occupation or role", literal=True),
    FieldSpec("company", "single", "Employer or organisation", literal=True),
    FieldSpec("location", "single", "Where the person lives or works", literal=True),
    FieldSpec("years_experience", "single", "Years of experience, only if stated"),
    FieldSpec("communication_style", "single", "How the person communicates"),
    FieldSpec("traits", "list", "Character traits"),
    FieldSpec("skills", "list", "Skills, tools and languages the person uses"),
    FieldSpec("goals", "list", "What the person wants to achieve"),
    FieldSpec("pain_points", "list", "What frustrates or hinders the person"),
    FieldSpec("motivations", "list", "What drives the person"),
    FieldSpec("behaviours", "list", "Habits and routines"),
    FieldSpec("interests", "list", "Interests and hobbies"),
    FieldSpec("values", "list", "What the person holds important"),
    FieldSpec("education", "list", "Degrees, courses and training"),
    FieldSpec("quotes", "list", "Sentences the person said, word for word"),
)
FIELD_BY_NAME = {field.name: field for field in FIELDS}
SUMMARY = "summary"  # written from the accepted claims; has no quote of its own


_ORDER = {spec.name: position for position, spec in enumerate(FIELDS)}


def in_field_order(persona: dict[str, Any]) -> dict[str, Any]:
    """The same persona with its known fields first: the database does not keep their order."""
    after_singles = sum(spec.kind == "single" for spec in FIELDS) - 0.5
    order = {**_ORDER, SUMMARY: after_singles}
    return dict(sorted(persona.items(), key=lambda item: order.get(item[0], len(FIELDS))))


class Fact(BaseModel):
    """A value and the words it rests on. Value before quote: measured better than quote first."""

    model_config = ConfigDict(extra="forbid")

    value: str = Field(description="Short value in the language of the text")
    quote: str = Field(description="The exact words of the text this rests on, copied verbatim")


@dataclass(frozen=True)
class Claim:
    """One thing a generator says of the person: field of FIELDS, its value, its quote."""

    field: str
    value: str
    quote: str


@lru_cache(maxsize=1)
def answer_model() -> type[BaseModel]:
    """The object a model must answer with: every field required, single ones nullable."""
    columns: dict[str, Any] = {}
    for spec in FIELDS:
        kind = Fact | None if spec.kind == "single" else list[Fact]
        columns[spec.name] = (kind, Field(description=spec.description))
    return create_model("PersonaFacts", __config__=ConfigDict(extra="forbid"), **columns)


def claims_of(answer: BaseModel) -> tuple[Claim, ...]:
    """The claims in an answer, in the order of FIELDS."""
    claims: list[Claim] = []
    for spec in FIELDS:
        found = getattr(answer, spec.name)
        facts = ([found] if found else []) if spec.kind == "single" else found
        claims += [Claim(spec.name, fact.value, fact.quote) for fact in facts]
    return tuple(claims)
