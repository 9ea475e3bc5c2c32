"""What the page API keys keeps between its runs."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from services.access.keys.stored import MadeKey
from services.errors import DashboardError

_KEY = "api-keys-page"


@dataclass
class KeysState:
    """The key just made, until the page is left: it is shown this once."""

    made: MadeKey | None = None
    fault: DashboardError | None = None


def keys_state() -> KeysState:
    """The state of this session's page."""
    state: KeysState = st.session_state.setdefault(_KEY, KeysState())
    return state
