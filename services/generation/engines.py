"""The engines this process offers, the best first."""

from __future__ import annotations

from services.generation.generator import Generator
from services.generation.offline_generator import OfflineGenerator
from services.generation.openai_generator import OpenAIGenerator
from services.settings import Settings


def build_generators(settings: Settings) -> tuple[Generator, ...]:
    """The model server if one is set up, then the offline engine, which always works."""
    offline = OfflineGenerator()
    if settings.uses_model_server:
        return (OpenAIGenerator.from_settings(settings), offline)
    return (offline,)
