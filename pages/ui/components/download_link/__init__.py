"""A link that downloads a streaming file, drawn as a button.

Streamlit's download button holds the whole file in memory and its link button opens a new tab.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_HERE = Path(__file__).parent
_render = st.components.v2.component(
    "download_link",
    html='<a class="download-link" download></a>',
    css=(_HERE / "style.css").read_text("utf-8"),
    js=(_HERE / "frontend.js").read_text("utf-8"),
    isolate_styles=False,  # what stands in a shadow is not reached by Tab within a dialog
)


def download_link(label: str, address: str, *, key: str, primary: bool = False) -> None:
    """Draw the link. `address` is relative to the dashboard's own; the server names the file."""
    data = {"label": label, "address": address, "primary": primary}
    _render(key=key, data=data, height="content")
