"""A second, short question: do the words carry the claim? Asked with claim and words alone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.engines.model.answer import Form, json_values
from services.engines.model.prompts import Prompt, fill
from services.engines.model.strict_schema import strict_schema
from services.errors import InvalidOutputError
from services.evidence.schema import Claim

VERSION = "second_look_v1"
AT_ONCE = 30  # claims a question


class Verdict(BaseModel):
    """What was found of the claim with this number."""

    model_config = ConfigDict(extra="forbid")

    number: int = Field(description="The number of the claim")
    holds: bool = Field(description="Whether the words state or clearly imply the claim")


class Verdicts(BaseModel):
    """The answer: a verdict for each claim."""

    model_config = ConfigDict(extra="forbid")

    verdicts: list[Verdict]

    def doubted(self, claims: Sequence[Claim]) -> list[Claim]:
        """The claims that do not hold. What was not answered holds."""
        fallen = {verdict.number for verdict in self.verdicts if not verdict.holds}
        return [claim for number, claim in enumerate(claims, start=1) if number in fallen]


@lru_cache(maxsize=1)
def verdict_form() -> Form:
    """The form of the answer."""
    return Form("verdicts", strict_schema(Verdicts), _parse)


def second_look_prompt(claims: Sequence[Claim]) -> Prompt:
    """The question about these claims; their `quote` are the words of the text."""
    lines = (
        {"number": number, "field": claim.field, "claim": claim.value, "words": claim.quote}
        for number, claim in enumerate(claims, start=1)
    )
    listed = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    schema = json.dumps(verdict_form().schema, ensure_ascii=False)
    return Prompt(
        system=fill(VERSION, "system"),
        user=fill(VERSION, "user", claims=listed),
        answer_form=fill(VERSION, "answer_form", schema=schema),
    )


def _parse(content: str) -> Verdicts:
    for value in json_values(content):
        listed = value.get("verdicts") if isinstance(value, Mapping) else value
        if isinstance(listed, list):
            try:
                return Verdicts.model_validate({"verdicts": [_plain(item) for item in listed]})
            except ValidationError:
                continue
    raise InvalidOutputError


def _plain(item: Any) -> Any:
    """Without what nobody asked for, as models like to give reasons."""
    if not isinstance(item, Mapping):
        return item
    return {name: item[name] for name in ("number", "holds") if name in item}
