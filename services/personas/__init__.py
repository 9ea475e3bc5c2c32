"""Personas: their models, their repository, their export."""

from services.personas.models import Persona, PersonaCreate, PersonaUpdate
from services.personas.repository import PersonaRepository, get_persona_repository

__all__ = [
    "Persona",
    "PersonaCreate",
    "PersonaRepository",
    "PersonaUpdate",
    "get_persona_repository",
]
