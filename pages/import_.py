"""Import: give a file, say what its columns are, see every problem, save the good rows."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.ui.faults import show_fault
from pages.ui.identity import current_author
from pages.ui.importing.import_columns import choose_columns
from pages.ui.importing.import_follow import follow_import, recent_list
from pages.ui.importing.state import ImportState, import_state
from pages.ui.inert import plain
from services import cached
from services.errors import DashboardError
from services.importing.mapping import Mapping

MAX_MEGABYTES = 500
SAMPLE = Path(__file__).parent / "samples" / "import.csv"


def give_file(state: ImportState) -> None:
    uploaded = st.file_uploader(
        "CSV, JSON Lines, Excel or Parquet",
        type=["csv", "tsv", "txt", "jsonl", "ndjson", "xlsx", "parquet"],
        max_upload_size=MAX_MEGABYTES,
        key="import-file",
        help="An export of this dashboard is recognised by itself. Of any other file, you say "
        "which column holds the text about the person.",
    )
    if uploaded is None:
        st.caption(
            "You see which rows are good, and what differs from what is stored, before anything is "
            "stored."
        )
        st.download_button(
            "Sample file",
            SAMPLE.read_bytes(),
            file_name="sample.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            key="sample-file",
        )
        return
    job_id = state.job_id(uploaded.file_id)
    try:
        preview = cached.take_import(job_id, uploaded.name, uploaded)
        mapping, usable = choose_columns(preview)
    except DashboardError as error:
        show_fault(error)
        return
    st.button(
        "Check the file",
        type="primary",
        icon=":material/rule:",
        on_click=check,
        args=(state, uploaded.file_id, mapping),
        disabled=not usable,
        key="check-import",
        help="Nothing is stored yet.",
    )


def check(state: ImportState, file_id: str, mapping: Mapping) -> None:
    """On click: look at every row; the import's address follows."""
    try:
        job = cached.check_import(state.job_id(file_id), mapping, current_author())
    except DashboardError as error:
        state.fault = error
        return
    state.fault = None
    st.query_params["job"] = str(job.id)


def another(state: ImportState) -> None:
    """On click: back to the beginning."""
    st.query_params.clear()
    st.session_state.pop("import-file", None)
    state.jobs.clear()
    state.fault = None


state = import_state()
job_id = st.query_params.get("job")
st.title("Import personas", anchor=False)
if state.fault:
    show_fault(state.fault)
if job_id is None:
    give_file(state)
    recent_list()
else:
    job = cached.import_job(job_id)
    st.markdown(f"**{plain(job.file_name, 120)}**")
    follow = st.container()
    st.button("Import another file", on_click=another, args=(state,), key="another-import")
    with follow:  # drawn last: it may end this run
        follow_import(job, state)
