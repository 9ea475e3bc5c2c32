"""Draft personas: of one text about a person, or of many."""

from __future__ import annotations

import streamlit as st

from pages.ui.generate.one_text import one_text
from pages.ui.many.choice import choose_one_or_many
from pages.ui.many.many_texts import many_texts
from pages.ui.many.state import is_many

with st.container(horizontal=True, vertical_alignment="center"):
    title = "Generate personas" if is_many() else "Generate a persona"
    st.title(title, anchor=False, width="content")
    st.space("stretch")
    choose_one_or_many()
if is_many():
    many_texts()
else:
    one_text()
