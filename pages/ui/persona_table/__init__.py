"""The list of personas: real links, one row a persona, inert for any content.

Streamlit's dataframe draws on a canvas, so its rows can be neither links nor read aloud.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from services.personas.models import PersonaSummary

_HERE = Path(__file__).parent
_render = st.components.v2.component(
    "persona_table",
    html='<div class="personas"></div>',
    css=(_HERE / "style.css").read_text("utf-8"),
    js=(_HERE / "frontend.js").read_text("utf-8"),
)


def persona_table(personas: Sequence[PersonaSummary], *, link: str, key: str) -> str | None:
    """Draw the personas in the order given; the id of the one that was just opened, else None.

    `link` is the address of the page that shows one persona; `?id=` is added to it.
    """
    rows = [persona.model_dump(mode="json") for persona in personas]
    result = _render(
        key=key, data={"rows": rows, "link": link}, on_opened_change=lambda: None, height="content"
    )
    return result.opened
