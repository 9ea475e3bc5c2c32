"""All rows, and how one is tried."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pydantic import SecretStr

from services.engines.generator import Draft
from services.engines.model.generator import OpenAIGenerator
from services.errors import GenerationError
from services.settings import Settings
from tests.model_servers import gateways, hosted, local
from tests.model_servers.behaviour import CLAIMS, Row
from tests.model_servers.server import ModelServers

SERVERS: dict[str, tuple[Row, ...]] = {
    "OpenAI": hosted.OPENAI,
    "Azure OpenAI": hosted.AZURE,
    "Groq": hosted.GROQ,
    "Mistral": hosted.MISTRAL,
    "Gemini": hosted.GEMINI,
    "Anthropic (compatible address)": hosted.ANTHROPIC,
    "DeepSeek": hosted.DEEPSEEK,
    "vLLM": local.VLLM,
    "Ollama": local.OLLAMA,
    "LM Studio": local.LM_STUDIO,
    "llama.cpp": local.LLAMA_CPP,
    "TGI": local.TGI,
    "LiteLLM": gateways.LITELLM,
    "OpenRouter": gateways.OPENROUTER,
    "Proxies and small servers": gateways.OTHERS,
    "What models write": gateways.MODELS,
}
ROWS = [(server, row) for server, rows in SERVERS.items() for row in rows]


@dataclass(frozen=True)
class Result:
    """What came of a row."""

    draft: Draft | None
    fault: GenerationError | None
    requests: int

    def problem(self, row: Row) -> str | None:
        """What is not as the row says; None if all is well."""
        if row.requests is not None and self.requests != row.requests:
            return f"{self.requests} requests, not {row.requests}; {self.fault!r}"
        if row.fault is None:
            found = {(claim.field, claim.value, claim.quote) for claim in self._claims}
            return None if found == CLAIMS else f"no answer: {self.fault!r} {found}"
        if not isinstance(self.fault, row.fault):
            return f"{type(self.fault).__name__} instead of {row.fault.__name__}: {self.fault}"
        if not re.search(row.advice, str(self.fault)):
            return f"does not say “{row.advice}”: {self.fault}"
        return None

    @property
    def _claims(self):  # type: ignore[no-untyped-def]
        return self.draft.claims if self.draft else ()


def try_row(servers: ModelServers, server: str, row: Row) -> Result:
    """Ask the row's server as the dashboard does."""
    name = re.sub(r"\W+", "-", f"{server} {row.title}").lower()
    settings = {
        "openai_base_url": servers.base_url(name, row),
        "openai_api_key": SecretStr(row.key) if row.key else None,
        "openai_model": "m",
        "openai_timeout_seconds": 10,
        "openai_max_retries": 0,
        **row.settings,
    }
    generator = OpenAIGenerator.from_settings(Settings.model_construct(**settings))
    draft = fault = None
    try:
        draft = generator.generate(row.text)
    except GenerationError as error:
        fault = error
    return Result(draft, fault, len(servers.requests[name]))


def table(results: list[tuple[str, Row, Result]]) -> str:
    """The rows as Markdown, a table for each server."""
    lines: list[str] = []
    for server in SERVERS:
        lines += ["", f"### {server}", "", "| It … | what comes of it |", "|---|---|"]
        for name, row, result in results:
            if name == server:
                outcome = f"{result.fault}" if result.fault else _answered(result)
                outcome = re.sub(r"http://127\.0\.0\.1:\d+/[\w-]+", "http://…", outcome)
                lines.append(f"| {row.title} | {outcome.replace('|', chr(92) + '|')} |")
    return "\n".join(lines).strip() + "\n"


def _answered(result: Result) -> str:
    times = "" if result.requests == 1 else f", after {result.requests} requests"
    return f"**an answer**{times}"
