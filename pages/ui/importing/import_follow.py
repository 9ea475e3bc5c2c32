"""One import on its page: live while it is checked and saved, with its problems and its end."""

from __future__ import annotations

from itertools import islice
from uuid import UUID

import streamlit as st

from pages.ui.account import allowed
from pages.ui.clock import when
from pages.ui.csv_file import csv_file
from pages.ui.faults import show_fault
from pages.ui.importing.import_changes import has_changes, show_changes
from pages.ui.importing.state import ImportState
from pages.ui.inert import plain
from pages.ui.many.state import open_given
from pages.ui.navigation import PERSONAS
from pages.ui.wording import counted
from services import cached
from services.access.roles import Role
from services.errors import DashboardError
from services.importing.jobs import ImportJob

_POLL_SECONDS = 0.7
_SHOWN = 200
_LABELS = {
    "checking": "Checking",
    "checked": "Checked, not saved",
    "saving": "Saving",
    "saved": "Saved",
    "cancelled": "Cancelled",
    "failed": "Failed",
}
_AGAIN = "What was saved stays. Give the same file again: rows that are stored are skipped."


def follow_import(job: ImportJob, state: ImportState) -> None:
    """Draw the job's state; while it runs, redraw by itself."""
    if job.is_open:
        _running(str(job.id))
        return
    _numbers(job)
    if job.is_interrupted:
        st.warning(f"This import stopped in the middle. {_AGAIN}")
    elif job.status == "failed":
        st.error(f"**The import stopped.**\n\n{plain(job.error or '')}", icon=":material/error:")
    elif job.status == "cancelled":
        st.warning("Cancelled. What was saved stays; go on when you like.")
    elif job.status == "saved":
        if not (job.is_update and has_changes(job.id)):  # else the changes tell it
            st.success(_saved(job), icon=":material/check_circle:")
        if job.saved and cached.imported_texts_only(job.id):
            _offer_batch(job)
        st.page_link(PERSONAS, label="See the personas", icon=":material/groups:")
    _problems(job)
    show_changes(job.id)
    _go_on(job, state)


def _offer_batch(job: ImportJob) -> None:
    """They are texts without a persona: draft them now."""
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(":material/edit_note: They are texts without a persona yet.")
        st.space("stretch")
        if st.button(
            f"Draft {'this text' if job.saved == 1 else f'these {job.saved:,} texts'} as a batch",
            icon=":material/auto_awesome:",
            key="draft-imported",
            **allowed(Role.ANALYST, help="You see what it takes before anything is drafted"),
        ):
            cached.read_imported_texts(job)
            open_given(job.id)


def recent_list() -> None:
    """The newest imports, to open again."""
    jobs = cached.recent_imports()
    if not jobs:
        return
    st.header("Imports so far", anchor=False)
    for job in jobs:
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            st.markdown(
                f"**{plain(job.file_name, 80)}** · {_came_to(job)} · {when(job.created_at)}"
            )
            st.space("stretch")
            st.button("Open", on_click=_open, args=(str(job.id),), key=f"open-import-{job.id}")


def _came_to(job: ImportJob) -> str:
    """Its state, and how many personas came of it or were updated by it."""
    if job.is_update:
        return f"Applied · {job.saved:,} updated"
    label = "Interrupted" if job.is_interrupted else _LABELS[job.status]
    updated = cached.import_updates(job.id).written
    also = f" · {updated:,} updated" if updated else ""
    return f"{label} · {job.saved:,} saved{also}"


def _open(job_id: str) -> None:
    st.query_params["job"] = job_id


@st.fragment(run_every=_POLL_SECONDS)
def _running(job_id: str) -> None:
    try:
        job = cached.import_job(job_id)
    except DashboardError as error:
        show_fault(error)
        return
    if not job.is_open:
        st.rerun()
    if job.status == "checking":
        st.progress(0.0, text=f"Checking: {job.rows:,} rows, {job.faulty:,} with problems …")
    else:
        done = job.saved + job.skipped
        share = min(done / max(job.good, 1), 1.0)
        st.progress(share, text=f"Saving: {done:,} of {job.good:,} rows")
    st.caption("You can close this page: the work goes on.")
    st.button("Cancel", on_click=cached.cancel_import, args=(job.id,), key="cancel-import")


def _numbers(job: ImportJob) -> None:
    with st.container(horizontal=True):
        st.metric("Rows", f"{job.rows:,}", width="content")
        st.metric("Good", f"{job.good:,}", width="content")
        st.metric("Stored already", f"{job.known:,}", width="content")
        st.metric("With problems", f"{job.faulty:,}", width="content")


def _saved(job: ImportJob) -> str:
    if job.is_update:
        return f"{counted(job.saved, 'persona')} updated, each as a new version."
    skipped = f" {job.skipped:,} stored already, skipped." if job.skipped else ""
    return f"{counted(job.saved, 'persona')} saved.{skipped}"


def _problems(job: ImportJob) -> None:
    if not job.faulty:
        return
    st.header("Rows with problems", anchor=False)
    found = list(islice(cached.import_problems(job.id), _SHOWN))
    st.dataframe(
        {"Row": [one.number for one in found], "Problem": [one.reason for one in found]},
        hide_index=True,
        height="content" if len(found) < 10 else 300,
    )
    if job.faulty > len(found):
        st.caption(f"The first {len(found):,} of {job.faulty:,}; the file holds all.")
    st.download_button(
        "Download all problems",
        lambda: _problem_file(job.id),
        file_name="import-problems.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key="download-problems",
    )


def _problem_file(job_id: UUID) -> bytes:
    problems = ((one.number, one.reason) for one in cached.import_problems(job_id))
    return csv_file(("row", "problem"), problems)


def _go_on(job: ImportJob, state: ImportState) -> None:
    interrupted = job.is_interrupted and job.status == "saving"
    if not interrupted and job.status not in ("checked", "cancelled", "failed"):
        return
    if not cached.holds_import(job.id):
        if interrupted:
            return
        st.info(f"The dashboard does not have this file any more. {_AGAIN}")
        return
    new = job.good - job.known
    if job.status == "checked" and not new:
        if has_changes(job.id):
            return
        why = "every good row is stored already, as it is" if job.good else "no row is good"
        st.info(f"Nothing to save: {why}.")
        return
    label = f"Import {counted(new, 'persona')}" if job.status == "checked" else "Go on"
    st.button(
        label,
        type="primary",
        icon=":material/upload:",
        on_click=_save,
        args=(job.id, state),
        key="save-import",
    )


def _save(job_id: UUID, state: ImportState) -> None:
    """On click: store the good rows."""
    try:
        cached.save_import(job_id)
        state.fault = None
    except DashboardError as error:
        state.fault = error
