"""A stored persona as the answer of an operation."""

from __future__ import annotations

from fastapi import Response

from services.api.models.personas import PersonaOut
from services.personas.models import Persona


def etag(version: int) -> str:
    """A version as programs name it in If-Match."""
    return f'"{version}"'


def names(given: str, current: str) -> bool:
    """Whether an If-None-Match names this ETag: in a list, as a weak one, or by `*`."""
    tags = [one.strip().removeprefix("W/") for one in given.split(",")]
    return tags == ["*"] or current in tags


def persona_out(persona: Persona, response: Response) -> PersonaOut:
    """The persona, with its version as ETag."""
    response.headers["ETag"] = etag(persona.version)
    return PersonaOut.model_validate(persona)
