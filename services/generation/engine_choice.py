"""The engines this process offers, the best first."""

from __future__ import annotations

from services.engines.generator import Generator
from services.engines.model.generator import OpenAIGenerator
from services.engines.offline.generator import OfflineGenerator
from services.settings import Settings


def build_generators(settings: Settings) -> tuple[Generator, ...]:
    """The model server if one is set up, then the offline engine, which always works."""
    offline = OfflineGenerator()
    if settings.uses_model_server:
        return (OpenAIGenerator.from_settings(settings), offline)
    return (offline,)
