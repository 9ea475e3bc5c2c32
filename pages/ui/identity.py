"""Who is at the screen: the member who is signed in, or the browser."""

from __future__ import annotations

from urllib.parse import unquote

import streamlit as st

from services import cached
from services.browser_identity import COOKIE, browser_id

UNKNOWN = "unknown"
NAME_COOKIE = "persona_name"
LONGEST_NAME = 40  # characters
_NAME = "display-name"


def current_author() -> str:
    """Under which name changes are recorded: the id of a member, else the name given in this
    browser, else "browser-" and the start of its id."""
    actor = cached.actor_of_run()
    if actor is not None:
        return actor.user_id or UNKNOWN
    if name := given_name():
        return name
    owner = draft_owner()
    return f"browser-{owner[:6]}" if owner != UNKNOWN else UNKNOWN


def given_name() -> str | None:
    """The name that was given in this browser; "" for none, None: not asked yet."""
    if _NAME in st.session_state:
        return str(st.session_state[_NAME])
    cookie = st.context.cookies.get(NAME_COOKIE)
    return None if cookie is None else _cleaned(unquote(cookie))


def keep_name(name: str) -> str:
    """From now on this is the name given in this browser; as it is shown."""
    cleaned = st.session_state[_NAME] = _cleaned(name)
    return cleaned


def _cleaned(name: str) -> str:
    kept = "".join(char for char in name if char.isprintable()).strip()[:LONGEST_NAME]
    return "" if kept == "-" else kept


def draft_owner() -> str:
    """Whose drafts these are, never shown: a member's on any browser, else this browser's."""
    actor = cached.actor_of_run()
    return (actor.user_id if actor is not None else browser()) or UNKNOWN


def browser() -> str | None:
    """This browser's id, for what only this browser may use; never shown."""
    return browser_id(st.context.cookies.get(COOKIE))


def shown_author(stored: str | None) -> str:
    """Who wrote something, for people to read: a member's name, or what is stored."""
    return cached.member_names().get(stored or "", stored or "somebody")
