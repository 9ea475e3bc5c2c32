"""Who is signed in, at the top of each page; what their role does not allow, and why."""

from __future__ import annotations

from html import escape
from typing import Any
from urllib.parse import urlsplit

import streamlit as st

from pages.ui.base_path import base_path
from services import cached
from services.access.acting import Actor
from services.access.needs import refusal
from services.access.roles import Role

_STYLE = "display:flex;gap:.4rem 1rem;justify-content:flex-end;flex-wrap:wrap;font-size:.875rem"


def account_line() -> None:
    """Name, role and the way out; nothing where nobody signs in."""
    actor = cached.actor_of_run()
    if actor is None or actor.role is None:
        return
    st.html(
        f'<div style="{_STYLE}"><span>{escape(actor.name)} · {actor.role.value}</span>'
        f'<a href="{base_path()}/sign-out" target="_self">Sign out</a></div>'
    )


def link_address(secret: str) -> str:
    """Where who was invited opens a one-time link, as this browser reaches the dashboard."""
    here = urlsplit(st.context.url or "")
    return f"{here.scheme}://{here.netloc}{base_path()}/sign-in/link/{secret}"


def acting() -> Actor | None:
    """Who acts in this run; None where nobody signs in."""
    return cached.actor_of_run()


def allowed(role: Role, **options: Any) -> dict[str, Any]:
    """Options of a widget for an action that needs this role: `disabled` and the reason as `help`
    for who lacks it, else the `options` as they are given."""
    reason = lacks(role)
    return {**options, "disabled": True, "help": reason} if reason else options


def lacks(role: Role) -> str | None:
    """Why who acts may not do what needs this role; None if they may. For `help` and `disabled`."""
    actor = cached.actor_of_run()
    return None if actor is None or actor.may(role) else refusal(role)
