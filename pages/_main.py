"""Navigation: every page is reached through here and nowhere else."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.ui.faults import page_guard
from pages.ui.navigation import PAGES
from pages.ui.notices import show_notice

# A file, because Streamlit fetches the icons it has names for from another host.
ICON = str(Path(__file__).parent / "ui" / "icon.svg")
# The icon comes first: alone, st.navigation would fetch the page's own.
st.set_page_config("Persona dashboard", page_icon=ICON, layout="wide")
page = st.navigation(list(PAGES), position="top")
st.set_page_config(f"{page.title} · Persona dashboard")
with page_guard():
    page.run()
show_notice("page")
