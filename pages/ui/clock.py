"""Times as the dashboard shows them: relative while young, else the day and the time of day.

In the browser's zone, or in UTC, saying so. persona_table/frontend.js writes them the same way.
"""

from __future__ import annotations

import html
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

_DAY = 86_400  # seconds


def when(at: datetime, now: datetime | None = None) -> str:
    """How long ago, within a day; else the day and the time of day."""
    seconds = int(((now or datetime.now(UTC)) - at).total_seconds())
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{seconds // 60} min ago"
    return f"{seconds // 3600} h ago" if seconds < _DAY else moment(at)


def moment(at: datetime) -> str:
    """The day and the time of day: "4 May 2026, 14:05"."""
    return in_zone(at, st.context.timezone)


def time_of_day(at: datetime) -> str:
    """Hours and minutes."""
    return in_zone(at, st.context.timezone, "%H:%M")


def with_moment(at: datetime) -> str:
    """The time for st.html: the moment appears when the pointer rests on it."""
    return f'<time datetime="{at.isoformat()}" title="{html.escape(moment(at))}">{when(at)}</time>'


def in_zone(at: datetime, zone: str | None, form: str = "{day} %b %Y, %H:%M") -> str:
    """A time (that knows its zone) in another, as strftime's `form`; in UTC if that is unknown."""
    try:
        local, mark = at.astimezone(ZoneInfo(zone or "")), ""
    except (ZoneInfoNotFoundError, ValueError, OSError, OverflowError):
        local, mark = at.astimezone(UTC), " UTC"
    return f"{local:{form.replace('{day}', str(local.day))}}{mark}"
