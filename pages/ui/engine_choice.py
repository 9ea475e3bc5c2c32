"""Which engine drafts, said plainly."""

from __future__ import annotations

import streamlit as st
from services import cached
from services.settings import get_settings

_OFFLINE_NOTE = (
    "**Offline draft.** Rules copy words from your text; no model is used and nothing leaves this "
    "machine. It is a draft: what the rules do not find stays blank."
)


def choose_engine() -> str:
    """Draw the choice, or the one engine there is; the name of the engine chosen."""
    engines = cached.engine_names()
    engine = engines[0]
    if len(engines) > 1:
        engine = st.radio(
            "Engine",
            engines,
            format_func=_label,
            horizontal=True,
            key="engine",
            persist_state="session",
        )
    if engine == "offline":
        st.info(_OFFLINE_NOTE + _hint(engines), icon=":material/cloud_off:")
    return engine


def _label(name: str) -> str:
    return f"Model: {get_settings().openai_model}" if name == "openai" else "Offline draft"


def _hint(engines: tuple[str, ...]) -> str:
    return "" if len(engines) > 1 else " Set OPENAI_API_KEY or OPENAI_BASE_URL to use a model."
