"""Navigation: every page is reached through here and nowhere else."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.ui.faults import page_guard
from pages.ui.navigation import PAGES

# A file, because Streamlit fetches the icons it has names for from another host.
ICON = str(Path(__file__).parent / "ui" / "icon.svg")
COMPACT = """<style>
.stMainBlockContainer { padding: 4.5rem clamp(1rem, 4vw, 3.5rem) 3rem; }
</style>"""

st.set_page_config(page_title="Persona dashboard", page_icon=ICON, layout="wide")
st.html(COMPACT)
page = st.navigation(list(PAGES), position="top")
with page_guard():
    page.run()
