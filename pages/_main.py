"""Navigation: every page is reached through here and nowhere else."""

from __future__ import annotations

import streamlit as st

from pages.ui.faults import page_guard
from pages.ui.navigation import PAGES

st.set_page_config(page_title="Persona dashboard", page_icon=":material/groups:", layout="wide")
page = st.navigation(list(PAGES), position="top")
with page_guard():
    page.run()
