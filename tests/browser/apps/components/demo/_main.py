"""Two pages with an editor each way, one with the evidence view, one with inert text."""

import streamlit as st
from demo_pages import editor_page, evidence_page, inert_page, other_page

st.set_page_config(page_title="Widgets", layout="wide")
st.navigation(
    [
        st.Page(editor_page, title="Editor", url_path="editor", default=True),
        st.Page(other_page, title="Other", url_path="other"),
        st.Page(evidence_page, title="Evidence", url_path="evidence"),
        st.Page(inert_page, title="Inert", url_path="inert"),
    ]
).run()
