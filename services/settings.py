"""The only reader of the environment, `.env` and Streamlit's secrets.

First found wins: environment variable, then `.env`, then `.streamlit/secrets.toml`, then the
default. Names are the upper-case field names below; `.env.example` lists every one of them.
"""

from __future__ import annotations

import base64
import json
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import (
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from services.errors import SettingsError
from services.setting_values import (
    Hosts,
    HttpUrl,
    Key,
    PostgresUrl,
    SearchLanguage,
    SupabaseUrl,
)

PROJECT_ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Everything that can be configured. Secrets never appear in its repr or in messages."""

    model_config = SettingsConfigDict(
        env_file=PROJECT_ROOT / ".env",
        env_file_encoding="utf-8",
        toml_file=PROJECT_ROOT / ".streamlit" / "secrets.toml",
        env_ignore_empty=True,
        extra="ignore",
        hide_input_in_errors=True,
    )

    supabase_url: SupabaseUrl | None = Field(
        None, description="Hosted project; unset: local Supabase"
    )
    supabase_secret_key: Key | None = Field(None, description="Secret (service role) key; wins")
    supabase_service_role_key: Key | None = Field(None, description="Older name of the secret key")
    supabase_anon_key: Key | None = Field(None, description="Publishable (anon) key")
    supabase_db_url: PostgresUrl | None = Field(None, description="Postgres, for migrations")
    supabase_timeout_seconds: float = Field(
        20, gt=0, le=600, description="Longest wait for an answer"
    )

    openai_api_key: Key | None = Field(None, description="Key of the model server")
    openai_base_url: HttpUrl | None = Field(None, description="Any OpenAI-compatible server")
    openai_model: str = Field("gpt-5-mini", min_length=1, max_length=200, description="Model name")
    openai_timeout_seconds: float = Field(90, gt=0, le=3600, description="Longest silence")
    openai_max_output_tokens: int = Field(8000, ge=256, le=200_000, description="Limit an answer")
    openai_max_retries: int = Field(2, ge=0, le=10, description="Retries of a failed request")
    openai_max_characters: int = Field(
        200_000, ge=1000, le=20_000_000, description="Longest text sent to a model"
    )
    openai_second_look: bool = Field(
        False, description="Have the model check what it inferred, claim by claim"
    )
    openai_second_pass: bool = Field(
        False, description="Read long texts twice, for what was missed"
    )
    openai_price_input: float | None = Field(
        None, ge=0, description="USD per million input tokens, to show what a persona costs"
    )
    openai_price_output: float | None = Field(
        None, ge=0, description="USD per million output tokens"
    )
    openai_price_cached_input: float | None = Field(
        None, ge=0, description="USD per million input tokens that the server had cached"
    )
    openai_batch_price_share: float = Field(
        0.5, ge=0, le=1, description="What its Batch API costs of these prices"
    )

    openai_requests_per_minute: int | None = Field(
        None, ge=1, le=10_000_000, description="Requests to the model server, of all processes"
    )
    openai_tokens_per_minute: int | None = Field(
        None, ge=1000, le=10_000_000_000, description="Tokens, likewise"
    )

    generation_attempts: int = Field(
        5, ge=1, le=50, description="Tries that a text of a batch has at most"
    )
    generation_workers: int = Field(4, ge=1, le=64, description="Generations at the same time")
    generation_max_characters: int = Field(
        2_000_000, ge=1000, le=20_000_000, description="Longest text the dashboard takes"
    )

    sign_in: Literal["off", "supabase"] | None = Field(
        None, description="supabase: people sign in; off: everybody who reaches it acts as one"
    )
    session_idle_minutes: int = Field(
        120, ge=5, le=10_080, description="Signed out after so long without a click"
    )
    session_longest_hours: int = Field(
        12, ge=1, le=720, description="Signed out after so long in any case"
    )
    api_requests_per_minute: int = Field(
        3000, ge=1, le=1_000_000, description="Requests that one API key may send"
    )
    allowed_hosts: Hosts = Field(
        (), description="Names besides this machine's that the dashboard answers to"
    )
    search_language: SearchLanguage = Field(
        "english", description="Whose word stems are searched; simple: of none"
    )
    local_supabase_dir: Path = Field(
        PROJECT_ROOT / ".local", description="Where the local Supabase keeps its data"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Log detail"
    )

    @field_validator("local_supabase_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value if value.is_absolute() else PROJECT_ROOT / value

    @model_validator(mode="after")
    def _url_and_key_belong_together(self) -> Settings:
        if self.supabase_url and not self.supabase_key:
            raise ValueError("SUPABASE_URL is set: set SUPABASE_SECRET_KEY as well")
        return self

    @model_validator(mode="after")
    def _sign_in_has_its_keys(self) -> Settings:
        if self.signs_in and self.supabase_url and not self.supabase_anon_key:
            raise ValueError(
                "SIGN_IN is supabase: set SUPABASE_ANON_KEY to the project's publishable key, "
                "which goes along with each person's own token"
            )
        if self.signs_in and self.supabase_url and self.supabase_key_role == "publishable":
            raise ValueError("SIGN_IN is supabase: set SUPABASE_SECRET_KEY as well")
        return self

    @property
    def signs_in(self) -> bool:
        """Whether people have to sign in."""
        return self.sign_in == "supabase"

    @property
    def supabase_key(self) -> SecretStr | None:
        """The key in use: the secret key wins over the anon key."""
        return self.supabase_secret_key or self.supabase_service_role_key or self.supabase_anon_key

    @property
    def supabase_key_role(self) -> Literal["secret", "publishable", "unknown"]:
        """What the key in use says of itself: only for messages, the server decides."""
        return _key_role(self.supabase_key.get_secret_value() if self.supabase_key else "")

    @property
    def uses_local_supabase(self) -> bool:
        return self.supabase_url is None

    @property
    def uses_model_server(self) -> bool:
        """A key or a base URL selects the model server; local servers need no key."""
        return self.openai_api_key is not None or self.openai_base_url is not None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the name is the base class's
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (
            init_settings,
            env_settings,
            dotenv_settings,
            TomlConfigSettingsSource(settings_cls),
        )


def load_settings() -> Settings:
    """Read the settings afresh. Raises SettingsError naming each variable that cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError(*_explain(error)) from None
    except (UnicodeDecodeError, ValueError) as error:
        raise SettingsError(
            "A settings file cannot be read.",
            f"Check .env and .streamlit/secrets.toml ({type(error).__name__}).",
        ) from None


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process, read once. Raises SettingsError."""
    return load_settings()


def _key_role(key: str) -> Literal["secret", "publishable", "unknown"]:
    if key.startswith("sb_secret_") or _jwt_role(key) == "service_role":
        return "secret"
    if key.startswith("sb_publishable_") or _jwt_role(key) == "anon":
        return "publishable"
    return "unknown"


def _jwt_role(key: str) -> str:
    """The role an older, JWT-shaped key names in its payload."""
    try:
        payload = key.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return str(claims.get("role", ""))
    except (IndexError, ValueError, AttributeError):
        return ""


def _explain(error: ValidationError) -> tuple[str, str]:
    reasons = [
        f"{'.'.join(str(part) for part in item['loc']).upper() or 'Settings'}: "
        f"{item['msg'].removeprefix('Value error, ')}"
        for item in error.errors(include_input=False, include_url=False)
    ]
    return (
        "The settings cannot be used: " + "; ".join(reasons) + ".",
        "Correct them in the environment or in .env (see .env.example) and start again.",
    )
