"""Who acts in a run of a page: told by the cookie that its browser opened the page with."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from services.access.acting import NOBODY, Actor
from services.access.sessions import get_sessions
from services.access.sign_in.cookies import secret_in
from services.settings import get_settings


def actor_of_run() -> Actor | None:
    """Who acts in this thread; None where it runs no page, and where nobody signs in.

    A run whose session has ended is of NOBODY, who may do nothing. Raises DatabaseError.
    """
    if not get_settings().signs_in or get_script_run_ctx(suppress_warning=True) is None:
        return None
    return get_sessions().actor(secret_in(st.context.cookies)) or NOBODY
