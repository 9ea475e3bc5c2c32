"""Who is at the screen: the member who is signed in, or the browser."""

from __future__ import annotations

import streamlit as st

from pages.ui.display_name import display_name
from services import cached
from services.browser_identity import COOKIE, browser_id

UNKNOWN = "unknown"


def current_author() -> str:
    """Under which name changes are recorded: the id of a member, else the name given in this
    browser, else "browser-" and the start of its id."""
    actor = cached.actor_of_run()
    if actor is not None:
        return actor.user_id or UNKNOWN
    if name := display_name():
        return name
    owner = draft_owner()
    return f"browser-{owner[:6]}" if owner != UNKNOWN else UNKNOWN


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
