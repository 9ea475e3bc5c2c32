"""Whether the parts work, and what to do about those that do not. For the Status page."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from itertools import groupby
from urllib.parse import urlsplit

from services.database import check as database_check
from services.database.check.result import Check, State
from services.local_supabase.node import node_parts_installed
from services.settings import Settings, get_settings

_PACKAGES = ("streamlit", "supabase", "pydantic", "pandas", "openai")
_WORST_FIRST: tuple[State, ...] = ("fault", "unknown", "skipped", "ok")


@dataclass(frozen=True)
class Part:
    """What a user knows by one name: one line if all its checks are well."""

    name: str
    checks: tuple[Check, ...]

    @property
    def state(self) -> State:
        """That of its worst check."""
        return min((check.state for check in self.checks), key=_WORST_FIRST.index)

    @property
    def summary(self) -> str:
        """What is well, in one line."""
        return " · ".join(check.detail for check in self.checks if check.state == "ok")

    @property
    def troubles(self) -> tuple[Check, ...]:
        """The checks that are not well."""
        return tuple(check for check in self.checks if check.state != "ok")


def parts() -> list[Part]:
    """Every part, checked now; nothing is written. Never raises a DashboardError."""
    settings = get_settings()
    found = [*database_check.checks(settings, thorough=False), _engine(settings), _editor()]
    return list(_by_group(found))


def versions() -> dict[str, str]:
    """The versions that a report of a fault should name."""
    return {"Python": platform.python_version()} | {name: version(name) for name in _PACKAGES}


def _by_group(found: Iterable[Check]) -> Iterable[Part]:
    for group, checks in groupby(found, key=lambda check: check.group):
        yield Part(group, tuple(checks))


def _engine(settings: Settings) -> Check:
    if not settings.uses_model_server:
        detail = "Offline drafts. Set OPENAI_API_KEY to use a model."
        return Check("Engine", "ok", detail, group="Engine")
    from services.generation.trial import away  # with the libraries of models, for who has one

    host = urlsplit(settings.openai_base_url or "https://api.openai.com").hostname
    named = f"{settings.openai_model} at {host}"
    if fault := away(settings):
        problem = f"{named}: {fault.problem}"
        return Check("Engine", "fault", problem, fault.advice_without_text, group="Engine")
    return Check("Engine", "ok", f"{named} answers, and offline drafts", group="Engine")


def _editor() -> Check:
    if node_parts_installed():
        return Check("JSON editor", "ok", "Tree and text", group="JSON editor")
    return Check(
        "JSON editor",
        "fault",
        "The editor's script is not installed: a plain text box serves instead.",
        "Run `make run` once with a network, or `npm ci` in the project's folder.",
        group="JSON editor",
    )
