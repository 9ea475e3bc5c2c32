"""Personas: their models, their repository, their export."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from services.personas.models import Persona, PersonaCreate, PersonaUpdate
    from services.personas.repository import PersonaRepository, get_persona_repository

__all__ = [
    "Persona",
    "PersonaCreate",
    "PersonaRepository",
    "PersonaUpdate",
    "get_persona_repository",
]


def __getattr__(name: str) -> Any:
    """Imported at first use: what reads files in the sandbox needs no database client."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    room = "repository" if "repository" in name.lower() else "models"
    return getattr(import_module(f"{__name__}.{room}"), name)
