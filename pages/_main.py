"""Navigation: every page is reached through here and nowhere else."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.ui.account import account_line, acting, lacks
from pages.ui.faults import page_guard
from pages.ui.navigation import NEEDED, pages_for
from pages.ui.notices import show_notice
from pages.ui.typed_drafts import adopt_earlier_drafts
from services.access.roles import Role

# A file, because Streamlit fetches the icons it has names for from another host.
ICON = str(Path(__file__).parent / "ui" / "icon.svg")
# The icon comes first: alone, st.navigation would fetch the page's own.
st.set_page_config("Persona dashboard", page_icon=ICON, layout="wide")
actor = acting()
page = st.navigation(pages_for(actor), position="top")
st.set_page_config(f"{page.title} · Persona dashboard")
with page_guard():
    account_line()
    adopt_earlier_drafts()
    if reason := lacks(NEEDED.get(page.url_path, Role.VIEWER)):
        st.info(f"{reason} Ask an admin for that role.", icon=":material/lock:")
        st.stop()
    page.run()
show_notice("page")
