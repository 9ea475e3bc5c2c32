"""Which engine drafts, said plainly."""

from __future__ import annotations

import streamlit as st

from pages.ui.faults import show_fault
from services import cached
from services.errors import TextTooLongError
from services.settings import get_settings

_OFFLINE_NOTE = (
    "**Offline draft.** Rules copy words from your text; no model is used and nothing leaves this "
    "machine. It is a draft: what the rules do not find stays blank."
)


def engine_chosen() -> str:
    """The engine that the choice names, also before it is drawn."""
    engines = cached.engine_names()
    chosen = str(st.session_state.get("engine", engines[0]))
    return chosen if chosen in engines else engines[0]


def choose_engine() -> str:
    """Draw the choice, or the one engine there is; the name of the engine chosen."""
    engines = cached.engine_names()
    engine = engines[0]
    if len(engines) > 1:
        engine = st.radio(
            "Engine",
            engines,
            format_func=engine_label,
            horizontal=True,
            key="engine",
            persist_state="session",
        )
    if engine == "offline":
        st.info(_OFFLINE_NOTE + _hint(engines), icon=":material/cloud_off:")
    return engine


def show_estimate(text: str, engine: str) -> None:
    """What the text will take at this engine, before anything is sent."""
    if not text.strip():
        return
    try:
        estimate = cached.generation_estimate(text, engine)
    except TextTooLongError as error:
        show_fault(error)
        return
    if estimate is None:
        return
    parts = f" in {estimate.chunks} parts" if estimate.chunks > 1 else ""
    cost = cached.cost(estimate.usage)
    price = f", at most about {cost:.4f} USD" if cost is not None else ""
    st.caption(
        f"About {estimate.input_tokens:,} tokens to read and up to {estimate.output_tokens:,} to "
        f"write{parts}{price}. Nothing has been sent yet."
    )


def engine_label(name: str) -> str:
    """What an engine is called on the screen."""
    return f"Model: {get_settings().openai_model}" if name == "openai" else "Offline draft"


def _hint(engines: tuple[str, ...]) -> str:
    return "" if len(engines) > 1 else " Set OPENAI_API_KEY or OPENAI_BASE_URL to use a model."
