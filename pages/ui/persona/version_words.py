"""Versions in words: who, when and how."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pages.ui.clock import when
from pages.ui.identity import shown_author
from pages.ui.inert import plain
from pages.ui.wording import label
from services.evidence.pointers import tokens
from services.personas.history import VersionSummary

Origin = dict[str, Any]


def origin_in_words(origin: Origin) -> str:
    """How a version came about, for markdown: "Restored from version 3"."""
    return _WORDS.get(str(origin.get("kind", "")), _unknown)(origin)


def path_in_words(path: str) -> str:
    """`/address/city` as people write it: "Address › City"."""
    try:
        steps = tokens(path)
    except ValueError:  # another program wrote it
        return path
    return " › ".join(label(step) for step in steps) or "Everything"


def field_in_words(path: str) -> str:
    """The same for markdown."""
    return plain(path_in_words(path))


def version_in_words(version: VersionSummary) -> str:
    """One line for a list of versions, for markdown."""
    return f"Version {version.version} · {origin_in_words(version.origin)}"


def who_and_when(version: VersionSummary) -> str:
    """The line below it, for markdown."""
    return f"{when(version.at)} · {plain(shown_author(version.author), 60)}"


def _generated(origin: Origin) -> str:
    word = "Redrafted" if origin.get("again") else "Generated"
    parts = [str(origin[name]) for name in ("engine", "model") if origin.get(name)]
    prompt = origin.get("prompt_version")
    what = "prompt" if origin.get("model") else "rules"
    parts += [f"{what} {prompt}"] if prompt else []
    return f"{word} ({plain(', '.join(parts))})" if parts else word


def _restored(origin: Origin) -> str:
    field = f"{field_in_words(str(origin['path']))} restored" if "path" in origin else "Restored"
    return f"{field} from version {plain(str(origin.get('version', '?')))}"


def _merged(origin: Origin) -> str:
    return f"Edited, merged with version {plain(str(origin.get('with', '?')))}"


def _status(origin: Origin) -> str:
    to = str(origin.get("to") or origin.get("status") or "")
    return f"Review: {plain(label(to))}" if to else "Review status changed"


def _reviewed(origin: Origin) -> str:
    did, field = (plain(label(str(origin.get(name, "")))) for name in ("did", "field"))
    return f"{did}: {field}" if field else did


def _unknown(origin: Origin) -> str:
    return plain(label(str(origin.get("kind", "")))) or "Changed"


_WORDS: dict[str, Callable[[Origin], str]] = {
    "generated": _generated,
    "restored": _restored,
    "merged": _merged,
    "status": _status,
    "reviewed": _reviewed,
    "source_added": lambda origin: f"Text added: {plain(str(origin.get('label', '')), 60)}",
    "created": lambda _: "Created",
    "edited": lambda _: "Edited",
    "imported": lambda _: "Imported",
    "repaired": lambda _: "Repaired: what could not be read was left out",
    "trashed": lambda _: "Moved to the trash",
    "untrashed": lambda _: "Restored from the trash",
    "deleted": lambda _: "Deleted outside the dashboard",
}
