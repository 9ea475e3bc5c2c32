"""Settings: one order, clear messages, everything documented."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from services.errors import SettingsError
from services.settings import PROJECT_ROOT, Settings, load_settings

NAMES = [name.upper() for name in Settings.model_fields]
HOSTED = {"SUPABASE_URL": "https://abc.supabase.co"}


@pytest.mark.parametrize("document", [".env.example", "README.md"])
def test_every_setting_is_documented_and_no_other(document: str) -> None:
    text = (PROJECT_ROOT / document).read_text("utf-8")
    assert [name for name in NAMES if name not in text] == []
    mentioned = re.findall(r"\b(?:SUPABASE|OPENAI|GENERATION|LOCAL|LOG)_[A-Z_]+\b", text)
    assert set(mentioned) <= set(NAMES)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SUPABASE_URL", "abc.supabase.co"),
        ("SUPABASE_URL", "ftp://abc"),
        ("SUPABASE_URL", "http://abc.supabase.co"),
        ("SUPABASE_URL", "http://203.0.114.7:8000"),
        ("SUPABASE_URL", "http://[2606:4700::1]"),
        ("SUPABASE_URL", "http://localhost@abc.supabase.co"),
        ("SUPABASE_URL", "http://abc。supabase。co"),
        ("SUPABASE_SECRET_KEY", "two words"),
        ("SUPABASE_SERVICE_ROLE_KEY", "schlüssel"),
        ("SUPABASE_ANON_KEY", "a\nb"),
        ("SUPABASE_DB_URL", "mysql://x"),
        ("SUPABASE_TIMEOUT_SECONDS", "soon"),
        ("SUPABASE_TIMEOUT_SECONDS", "0"),
        ("OPENAI_API_KEY", "two words"),
        ("OPENAI_BASE_URL", "localhost"),
        ("OPENAI_TIMEOUT_SECONDS", "-1"),
        ("OPENAI_MAX_OUTPUT_TOKENS", "many"),
        ("OPENAI_MAX_RETRIES", "-1"),
        ("OPENAI_MAX_CHARACTERS", "1"),
        ("OPENAI_PRICE_INPUT", "-1"),
        ("OPENAI_PRICE_OUTPUT", "cheap"),
        ("GENERATION_WORKERS", "0"),
        ("GENERATION_MAX_CHARACTERS", "x"),
        ("ALLOWED_HOSTS", "https://personas.example.org"),
        ("ALLOWED_HOSTS", "personas.example.org:8501"),
        ("ALLOWED_HOSTS", "a, *"),
        ("LOG_LEVEL", "LOUD"),
    ],
)
def test_nonsense_names_its_variable_and_not_its_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert f"{name}: " in str(caught.value)
    assert "KEY" not in name or value not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://abc.supabase.co",
        "http://localhost:8000",
        "http://127.0.0.1:54321",
        "http://[::1]:54321",
        "http://10.1.2.3",
        "http://192.168.0.7:8000",
        "http://[fd12::1]",
        "http://kong:8000",
    ],
)
def test_an_address_that_is_encrypted_or_near(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("SUPABASE_URL", url)
    monkeypatch.setenv("SUPABASE_SECRET_KEY", "sb_secret_x")
    assert load_settings().supabase_url == url


def test_a_url_without_a_key_says_which_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPABASE_URL", "https://abc.supabase.co")
    with pytest.raises(SettingsError, match="SUPABASE_SECRET_KEY"):
        load_settings()


def test_the_secret_key_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**HOSTED, "SUPABASE_ANON_KEY": "anon"}.items():
        monkeypatch.setenv(name, value)
    key = load_settings().supabase_key
    assert key and key.get_secret_value() == "anon"
    monkeypatch.setenv("SUPABASE_SERVICE_ROLE_KEY", "service")
    key = load_settings().supabase_key
    assert key and key.get_secret_value() == "service"
    monkeypatch.setenv("SUPABASE_SECRET_KEY", "secret")
    key = load_settings().supabase_key
    assert key and key.get_secret_value() == "secret"


def test_environment_then_env_file_then_secrets(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    env, toml = tmp_path / ".env", tmp_path / "secrets.toml"
    monkeypatch.setitem(Settings.model_config, "env_file", env)
    monkeypatch.setitem(Settings.model_config, "toml_file", toml)
    toml.write_text('OPENAI_MODEL = "from-secrets"\nLOG_LEVEL = "ERROR"\n', "utf-8")
    assert load_settings().openai_model == "from-secrets"
    env.write_text("OPENAI_MODEL=from-file\n", "utf-8")
    assert load_settings().openai_model == "from-file"
    monkeypatch.setenv("OPENAI_MODEL", "from-environment")
    assert load_settings().openai_model == "from-environment"
    monkeypatch.setenv("OPENAI_MODEL", "")
    assert load_settings().openai_model == "from-file"
    assert load_settings().log_level == "ERROR"


def test_a_broken_secrets_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    toml = tmp_path / "secrets.toml"
    toml.write_text("this is = = not toml", "utf-8")
    monkeypatch.setitem(Settings.model_config, "toml_file", toml)
    with pytest.raises(SettingsError, match=r"secrets\.toml"):
        load_settings()


def test_secrets_are_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    monkeypatch.setenv("SUPABASE_DB_URL", "postgresql://u:geheim@h/d")
    shown = repr(load_settings()) + str(load_settings())
    assert "very-secret" not in shown
    assert "geheim" not in shown


def test_hosts_are_parted_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().allowed_hosts == ()
    monkeypatch.setenv("ALLOWED_HOSTS", " Personas.example.org, 10.1.2.3,[fd00::5],intranet ,")
    expected = ("personas.example.org", "10.1.2.3", "fd00::5", "intranet")
    assert load_settings().allowed_hosts == expected
