"""The path that all addresses of the dashboard share."""

from __future__ import annotations

import streamlit as st


def base_path() -> str:
    """`server.baseUrlPath` as addresses have it: "/personas", or "" where it is not set."""
    return f"/{st.get_option('server.baseUrlPath').strip('/')}".rstrip("/")
