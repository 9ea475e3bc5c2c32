"""Where a model is, and how to reach it: OpenAI, Azure, or any compatible server."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, urlsplit

import httpx2
import openai
from pydantic import SecretStr

from services.engines.model.faults.advice import Asked
from services.engines.model.http.bounds import Bounds, bounded_client
from services.engines.model.http.watch import Exchange
from services.settings import Settings

OPENAI_ADDRESS = "https://api.openai.com/v1"
_NO_KEY = "unused"  # the client refuses an empty key; local servers ignore it
_PATIENCE = 10  # a question may take this many times the longest silence, retries included
_BYTES_PER_TOKEN = 2_000  # a streamed token comes wrapped in a few hundred bytes of JSON
_BYTES_AT_LEAST = 1_000_000
_CALL = "/chat/completions"  # people copy it along with the address
_AZURE_HOSTS = (".azure.com", ".azure.us", ".azure.cn", ".azure-api.net", ".microsoft.com")
_SIGNED = "eyJ"  # a token of Entra ID, which Azure takes as everybody else does
_AZURE_DEPLOYMENT = "/openai/deployments/"
_AZURE_VERSION = "2024-10-21"  # the oldest with JSON schemas that is not a preview


@dataclass(frozen=True)
class ModelServer:
    """Where a model is and how patient we are with it. The key does not show in the repr."""

    model: str
    base_url: str = OPENAI_ADDRESS
    api_key: SecretStr | None = None
    timeout_seconds: float = 90
    max_retries: int = 2
    max_output_tokens: int = 8000
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_settings(
        cls, settings: Settings, headers: Mapping[str, str] | None = None
    ) -> ModelServer:
        return cls(
            model=settings.openai_model,
            base_url=settings.openai_base_url or OPENAI_ADDRESS,
            api_key=settings.openai_api_key,
            timeout_seconds=settings.openai_timeout_seconds,
            max_retries=settings.openai_max_retries,
            max_output_tokens=settings.openai_max_output_tokens,
            headers=headers or {},
        )

    def client(self, max_bytes: int | None = None) -> openai.OpenAI:
        """A client that is shared by all who ask, each within an `exchange`.

        It is bounded in time and size (an answer, unless `max_bytes` is given), and does not retry
        by itself.
        """
        key = self.api_key.get_secret_value() if self.api_key else _NO_KEY
        address = Address.of(self.base_url)

        def rename_key(request: httpx2.Request) -> None:
            request.headers["api-key"] = key
            del request.headers["authorization"]

        bounds = self._bounds
        http_client = bounded_client(replace(bounds, max_bytes=max_bytes or bounds.max_bytes))
        if address.is_azure and not key.startswith(_SIGNED):
            hooks = http_client.event_hooks
            http_client.event_hooks = {**hooks, "request": [*hooks["request"], rename_key]}
        return openai.OpenAI(
            base_url=address.base_url,
            api_key=key,
            timeout=http_client.timeout,
            max_retries=0,
            default_headers=self.headers,
            default_query=address.query,
            http_client=http_client,
        )

    def exchange(self) -> Exchange:
        """For one question, whose whole time starts now."""
        return Exchange(self.timeout_seconds * _PATIENCE)

    def asked(self, limit: int = 0) -> Asked:
        """This server for advice, with the output limit that was asked for."""
        shown = re.sub(r"//[^/@]*@", "//", self.base_url.partition("?")[0])  # no secret in it
        return Asked(self.model, shown, limit, self.api_key is not None)

    @property
    def _bounds(self) -> Bounds:
        return Bounds(
            silence_seconds=self.timeout_seconds,
            max_bytes=max(_BYTES_AT_LEAST, self.max_output_tokens * _BYTES_PER_TOKEN),
        )


@dataclass(frozen=True)
class Address:
    """OPENAI_BASE_URL taken apart: the base, what every request asks along, whose it is."""

    base_url: str
    query: Mapping[str, object]
    is_azure: bool

    @classmethod
    def of(cls, setting: str) -> Address:
        """Azure's addresses may be those of the resource, of a deployment, or of a whole call."""
        url = httpx2.URL(setting) if _is_url(setting) else None
        if url is None:
            return cls(setting, {}, False)
        parts = urlsplit(setting)
        path = parts.path.rstrip("/").removesuffix(_CALL)
        query = dict(parse_qsl(parts.query))
        is_azure = _AZURE_DEPLOYMENT in path or (parts.hostname or "").endswith(_AZURE_HOSTS)
        if is_azure and path in ("", "/openai"):
            path = "/openai/v1"
        if _AZURE_DEPLOYMENT in path:
            query.setdefault("api-version", _AZURE_VERSION)
        return cls(f"{parts.scheme}://{parts.netloc}{path}", query, is_azure)


def _is_url(setting: str) -> bool:
    try:
        httpx2.URL(setting)
    except httpx2.InvalidURL:
        return False
    return True
