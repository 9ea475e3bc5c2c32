"""Files of questions of a batch: how far the model server is with each."""

from __future__ import annotations

import streamlit as st

from pages.ui.clock import when
from pages.ui.inert import plain
from pages.ui.wording import counted
from services import cached
from services.generation.batch_files.repository import StoredFile
from services.generation.batches import Batch

_STATES = {
    "validating": "the server looks it through",
    "in_progress": "being answered",
    "finalizing": "nearly answered",
    "cancelling": "being cancelled",
    "expired": "its time ran out; what was answered is kept",
    "cancelled": "cancelled; what was answered is kept",
    "failed": "not taken by the server",
    "completed": "answered",
}


def show_files(batch: Batch) -> None:
    """Draw a line for each file; nothing for a batch whose texts are asked one by one."""
    if batch.way != "batch_api":
        return
    files = cached.batch_files(batch.id)
    if not files and batch.state == "running":
        st.caption("The texts are being written into a file for the model server.")
    for number, file in enumerate(files, start=1):
        st.caption(f":material/draft: File {number}: {_told(file)}")
        if file.error and file.state != "done":
            st.warning(plain(file.error), icon=":material/schedule:")


def _told(file: StoredFile) -> str:
    questions = counted(file.questions, "text")
    if file.state in ("filling", "filled", "sent"):
        return "being written and sent"
    state = _STATES.get(file.server_state or "", "at the server")
    sent = f"{questions}, sent {when(file.created_at)}"
    if file.state == "begun":
        return f"{sent}: {state}, {file.answered:,} so far (seen {when(file.updated_at)})"
    if file.state == "ended":
        return f"{sent}: the answers are taken in"
    return f"{sent}: {state}"
