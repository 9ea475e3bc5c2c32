"""What comes of a text, shown beside the empty box."""

from __future__ import annotations

import streamlit as st

_CLAIMS = (
    ("Role", "operations manager", "I work as an operations manager at Tidewell Logistics"),
    ("Goals", "see every truck on one screen", "I want to see every truck on one screen"),
    ("Pain points", "chasing drivers for paperwork", "I spend two hours a day chasing drivers"),
)


def show_example() -> None:
    """Draw a few claims of an invented person, each with its words."""
    with st.container(border=True, gap="small"):
        st.caption("What you get: claims, each with the words of the text it rests on")
        for field, claim, words in _CLAIMS:
            st.markdown(f"**{field}:** {claim}  \n:gray[“{words}”]")
