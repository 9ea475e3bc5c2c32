"""Export of all personas: read with progress, then one click to download."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from pages.ui.faults import show_fault
from services import cached
from services.errors import DashboardError
from services.personas.export import CsvFile


@st.dialog("Export all personas as CSV")
def export_dialog(total: int) -> None:
    """Read every persona, then offer the file with its row count."""
    bar = st.progress(0.0, text="Reading personas …")
    try:
        file = cached.export_csv(lambda done: bar.progress(min(done / total, 1.0)))
    except DashboardError as error:
        bar.empty()
        show_fault(error)
        return
    bar.empty()
    _offer(file)


def _offer(file: CsvFile) -> None:
    megabytes = len(file.content) / 1_000_000
    st.write(f"**{file.rows:,}** personas, {megabytes:,.1f} MB, one row each.")
    st.caption(
        "Opens in Excel, LibreOffice and Google Sheets. Cells that would run as a formula begin "
        "with an apostrophe."
    )
    st.download_button(
        "Download CSV",
        file.content,
        file_name=f"personas-{file.rows}-{datetime.now(UTC):%Y%m%d-%H%M%S}.csv",
        mime="text/csv",
        icon=":material/download:",
        type="primary",
        on_click="ignore",
        key="download-csv",
    )
