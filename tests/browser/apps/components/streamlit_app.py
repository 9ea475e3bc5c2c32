"""A small dashboard that shows the shared widgets, for the browser tests."""

import streamlit as st
from starlette.middleware import Middleware

from pages.ui.components.json_editor import editor_routes
from services.same_origin import SameOrigin

app = st.App("demo/_main.py", routes=editor_routes(), middleware=[Middleware(SameOrigin)])
