"""Times as the dashboard shows them: where the browser is, or in UTC, saying so."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from pages.ui.wording import counted

_UNITS = (("day", 86_400), ("hour", 3600), ("minute", 60))


def when(at: datetime) -> str:
    """Date and time of day."""
    return in_zone(at, st.context.timezone, "%Y-%m-%d %H:%M")


def time_of_day(at: datetime) -> str:
    """Hours and minutes."""
    return in_zone(at, st.context.timezone, "%H:%M")


def in_zone(at: datetime, zone: str | None, form: str) -> str:
    """A time (that knows its zone) in another, as strftime's `form`; in UTC if that is unknown."""
    try:
        return f"{at.astimezone(ZoneInfo(zone or '')):{form}}"
    except (ZoneInfoNotFoundError, ValueError, OSError, OverflowError):
        return f"{at.astimezone(UTC):{form}} UTC"


def age(at: datetime, now: datetime | None = None) -> str:
    """How long ago, in words: "3 minutes ago"."""
    seconds = ((now or datetime.now(UTC)) - at).total_seconds()
    for unit, length in _UNITS:
        if seconds >= length:
            return f"{counted(int(seconds // length), unit)} ago"
    return "a moment ago"
