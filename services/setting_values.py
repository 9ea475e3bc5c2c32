"""What the values of settings may be, by their types; faults say what to write instead."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_settings import NoDecode

_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9])?")


def _http_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"\s", value):
        raise ValueError("must be an address such as https://abc.supabase.co")
    return value.rstrip("/")


def _not_in_clear(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme == "http" and not is_near(parts.hostname or ""):
        raise ValueError(
            "must begin with https://, because the secret key would travel in clear text "
            "(http:// only for this machine, a private network or a name without a dot)"
        )
    return value


def is_near(host: str) -> bool:
    """Whether nobody in between can listen: this machine, a private address, a container's name."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host.isascii() and "." not in host


def _postgres_url(value: SecretStr) -> SecretStr:
    if urlsplit(value.get_secret_value()).scheme not in ("postgres", "postgresql"):
        raise ValueError("must be a connection string such as postgresql://user:password@host/db")
    return value


def _header_safe(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[\x21-\x7e]+", value.get_secret_value()):
        raise ValueError("must be one word of plain characters; copy the key again, in full")
    return value


def _host_names(value: object) -> object:
    if not isinstance(value, str):
        return value
    names = tuple(name.strip().lower().strip("[]") for name in value.split(",") if name.strip())
    if not all(_HOST.fullmatch(name) or _is_address(name) for name in names):
        raise ValueError(
            "must be names of hosts, parted by commas, such as personas.example.org "
            "(no https://, no port)"
        )
    return names


def _is_address(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


SearchLanguage = Literal[  # Postgres's text search configurations
    "simple", "arabic", "armenian", "basque", "catalan", "danish", "dutch", "english", "finnish",
    "french", "german", "greek", "hindi", "hungarian", "indonesian", "irish", "italian",
    "lithuanian", "nepali", "norwegian", "portuguese", "romanian", "russian", "serbian", "spanish",
    "swedish", "tamil", "turkish", "yiddish",
]  # fmt: skip
Hosts = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_host_names)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
SupabaseUrl = Annotated[HttpUrl, AfterValidator(_not_in_clear)]
PostgresUrl = Annotated[SecretStr, AfterValidator(_postgres_url)]
Key = Annotated[SecretStr, AfterValidator(_header_safe)]
