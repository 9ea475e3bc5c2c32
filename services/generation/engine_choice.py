"""The engines this process offers, the best first."""

from __future__ import annotations

from services.engines.generator import Generator
from services.engines.model.generator import OpenAIGenerator
from services.engines.offline.generator import OfflineGenerator
from services.engines.spending import UNLIMITED, Spending
from services.generation.queue.pace import Pace
from services.generation.queue.stored import Queue
from services.settings import Settings


def build_generators(settings: Settings, share: float = 1.0) -> tuple[Generator, ...]:
    """The model server if one is set up, then the offline engine, which always works.

    `share`: of the requests and tokens a minute that the settings allow all processes together.
    """
    offline = OfflineGenerator()
    if settings.uses_model_server:
        return (OpenAIGenerator.from_settings(settings, pace=_pace(settings, share)), offline)
    return (offline,)


def _pace(settings: Settings, share: float) -> Spending:
    requests, tokens = settings.openai_requests_per_minute, settings.openai_tokens_per_minute
    if requests is None and tokens is None:
        return UNLIMITED
    name = OpenAIGenerator.from_settings(settings).server_name
    return Pace(Queue(""), name, requests, tokens, share)
