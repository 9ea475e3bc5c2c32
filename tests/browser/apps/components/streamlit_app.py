"""A small dashboard that shows the shared widgets, for the browser tests."""

import streamlit as st

from pages.ui.components.json_editor import editor_routes

app = st.App("demo/_main.py", routes=editor_routes())
