"""Navigation: every page is reached through here and nowhere else."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.ui.faults import page_guard
from pages.ui.navigation import PAGES
from pages.ui.notices import show_notice

# A file, because Streamlit fetches the icons it has names for from another host.
ICON = str(Path(__file__).parent / "ui" / "icon.svg")
# Less empty space than Streamlit leaves, and captions with enough contrast to be read.
STYLE = """<style>
.stMainBlockContainer { padding: 4.5rem clamp(1rem, 4vw, 3.5rem) 3rem; }
[data-testid="stCaptionContainer"], [data-testid="stCaptionContainer"] * { color: inherit; }
[data-testid="stCaptionContainer"] { opacity: 0.8; }
.st-key-bulk-bar { position: fixed; z-index: 999980; bottom: 0.8rem; left: 50%; translate: -50% 0;
  width: max-content; max-width: 96vw; padding: 0.5rem 0.9rem; border-radius: 0.6rem;
  border: 1px solid; border-color: light-dark(#d5dae6, #343c4f); box-shadow: 0 4px 18px #0005; }
.st-key-persona-header { position: sticky; z-index: 90; top: 3.6rem; padding: 0.4rem 0;
  gap: 0.4rem 0.7rem; }
.st-key-bulk-bar, .st-key-persona-header { background: light-dark(#fff, #12161f); }
.st-key-persona-header h1 { font-size: 1.35rem; padding: 0; overflow-wrap: anywhere; }
.st-key-generate-actions { position: sticky; top: 4.2rem; }
.st-key-confirm-erase button { background: #b3261e; border-color: #b3261e; }
@media (max-width: 60rem) { .st-key-persona-header { position: static; } }
[data-testid="stButtonGroup"] button[data-selected="true"] p { color: CanvasText; }
</style>"""

# The icon comes first: alone, st.navigation would fetch the page's own.
st.set_page_config("Persona dashboard", page_icon=ICON, layout="wide")
page = st.navigation(list(PAGES), position="top")
st.set_page_config(f"{page.title} · Persona dashboard")
st.html(STYLE)
with page_guard():
    page.run()
show_notice("page")
