"""Who is at the screen: the signed-in user, or the browser."""

from __future__ import annotations

import streamlit as st

from pages.ui.display_name import display_name
from services.browser_identity import COOKIE, browser_id

UNKNOWN = "unknown"


def current_author() -> str:
    """Under which name changes are recorded and drafts kept: an e-mail address if somebody is
    signed in, else the name given in this browser, else "browser-" and the start of its id."""
    if getattr(st.user, "is_logged_in", False):
        return str(st.user.email or st.user.sub)
    if name := display_name():
        return name
    owner = draft_owner()
    return f"browser-{owner[:6]}" if owner != UNKNOWN else UNKNOWN


def draft_owner() -> str:
    """Whose drafts these are; never shown."""
    if getattr(st.user, "is_logged_in", False):
        return str(st.user.email or st.user.sub)
    return browser_id(st.context.cookies.get(COOKIE)) or UNKNOWN


def browser() -> str | None:
    """This browser's id, for what only this browser may use; never shown."""
    return browser_id(st.context.cookies.get(COOKIE))
