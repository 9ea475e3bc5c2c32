"""The pages, and how to get from one to another."""

from __future__ import annotations

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from services.access.acting import Actor
from services.access.roles import Role

PERSONAS = st.Page(
    "personas.py", title="Personas", icon=":material/groups:", url_path="personas", default=True
)
GENERATE = st.Page(
    "generate.py", title="Generate", icon=":material/auto_awesome:", url_path="generate"
)
BATCHES = st.Page("batches.py", title="Batches", icon=":material/stacks:", url_path="batches")
BATCH = st.Page(
    "batch.py", title="Batch", icon=":material/stacks:", url_path="batch", visibility="hidden"
)
PERSONA = st.Page(
    "persona.py",
    title="Persona",
    icon=":material/person:",
    url_path="persona",
    visibility="hidden",
)
REVIEW = st.Page("review.py", title="Review", icon=":material/rate_review:", url_path="review")
IMPORT = st.Page("import_.py", title="Import", icon=":material/upload_file:", url_path="import")
TRASH = st.Page("trash.py", title="Trash", icon=":material/delete:", url_path="trash")
STATUS = st.Page("status.py", title="Status", icon=":material/monitor_heart:", url_path="status")
PEOPLE = st.Page("people.py", title="People", icon=":material/group:", url_path="people")
AUDIT = st.Page("audit.py", title="Audit", icon=":material/history:", url_path="audit")
API_KEYS = st.Page("api_keys.py", title="API keys", icon=":material/key:", url_path="api-keys")
PAGES = (PERSONAS, GENERATE, BATCHES, REVIEW, PERSONA, BATCH, IMPORT, TRASH, API_KEYS, STATUS)
OF_TEAM = (PEOPLE, AUDIT)  # where people sign in
NEEDED = {
    "generate": Role.ANALYST,
    "import": Role.ANALYST,
    "people": Role.ADMIN,
    "audit": Role.ADMIN,
}
FILES = {"import": "import_.py", "api-keys": "api_keys.py"}


def pages_for(actor: Actor | None) -> list[StreamlitPage]:
    """The pages of who acts; those their role does not open are known, and not offered."""
    if actor is None:
        return list(PAGES)
    return [
        page if actor.may(NEEDED.get(page.url_path, Role.VIEWER)) else _hidden(page)
        for page in (*PAGES, *OF_TEAM)
    ]


def _hidden(page: StreamlitPage) -> StreamlitPage:
    return st.Page(
        FILES.get(page.url_path, f"{page.url_path}.py"),
        title=page.title,
        icon=page.icon,
        url_path=page.url_path,
        visibility="hidden",
    )


def open_batch(batch_id: str) -> None:
    """Go to the page of one batch."""
    st.switch_page(BATCH, query_params={"id": batch_id})


def open_request(request_id: str) -> None:
    """Go to the generation of one request."""
    st.switch_page(GENERATE, query_params={"request": request_id})
