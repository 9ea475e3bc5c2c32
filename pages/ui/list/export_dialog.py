"""Export: choose what goes into the file, download it as a stream, see that it is complete."""

from __future__ import annotations

import time
from collections.abc import Sequence

import streamlit as st

from pages.ui.components.download_link import download_link
from pages.ui.faults import show_fault
from pages.ui.identity import browser
from pages.ui.inert import plain
from pages.ui.wording import counted
from services import cached
from services.exports.export import Progress
from services.exports.links import VALID_SECONDS
from services.exports.options import ExportOptions, Format, Quoting, Separator
from services.personas.finding.query import PersonaQuery

LABELS: dict[Format, str] = {
    "csv": "CSV",
    "jsonl": "JSON Lines",
    "xlsx": "Excel",
    "parquet": "Parquet",
}
NOTES: dict[Format, str] = {
    "csv": "Opens in Excel, LibreOffice and Google Sheets. No cell runs as a formula, "
    "whatever it is opened with; for that, some texts hold marks, which an import takes out.",
    "jsonl": "One JSON object a line; nothing is flattened.",
    "xlsx": "Times are dates (UTC), every other cell is text: nothing runs as a formula.",
    "parquet": "For data tools such as pandas and DuckDB; the smallest file.",
}
SEPARATORS: dict[Separator, str] = {",": "Comma", ";": "Semicolon", "\t": "Tab"}
QUOTING: dict[Quoting, str] = {"needed": "Cells that need them", "all": "Every cell"}
_TEXT, _EVIDENCE, _REVIEW = "Source text", "Evidence", "Review"
_POLL_SECONDS = 1.0


@st.dialog("Export personas")
def export_dialog(
    total: str | int, query: PersonaQuery | None = None, ids: Sequence[str] = ()
) -> None:
    """Offer the personas of the query, or those of the ids, as a file.

    `total` says how many in words ("1,500", "about 1.2 million").
    """
    number = total if isinstance(total, str) else f"{total:,}"
    st.write(f"**{number}** {'persona' if number == '1' else 'personas'}, newest first.")
    options = _choose(query or PersonaQuery(), tuple(ids))
    token = _token(options)
    st.caption(NOTES[options.format])
    download_link(
        f"Download {LABELS[options.format]}",
        f"exports/{token}/file",
        key="download-file",
        primary=True,
    )
    _follow(token)


def _choose(query: PersonaQuery, ids: tuple[str, ...]) -> ExportOptions:
    form: Format = st.segmented_control(
        "Format", list(LABELS), format_func=LABELS.__getitem__, default="csv", required=True,
        key="export-format",
    )  # fmt: skip
    parts = st.pills(
        "Include",
        [_TEXT, _EVIDENCE, _REVIEW],
        selection_mode="multi",
        default=[_TEXT],
        key="export-parts",
    )
    as_json = form != "jsonl" and st.toggle("The persona as JSON in one column", key="export-json")
    with st.expander("Only some columns"):
        columns = st.multiselect(
            "Columns",
            cached.export_columns(),
            placeholder="All",
            accept_new_options=True,
            key="export-columns",
            help="Those of the newest personas are listed; type others, e.g. persona.address.city.",
        )
    separator, quoting = _kind_of_csv() if form == "csv" else (",", "needed")
    return ExportOptions(
        format=form,
        separator=separator,
        quoting=quoting,
        persona="json" if as_json else "columns",
        raw_text=_TEXT in parts,
        evidence=_EVIDENCE in parts,
        review=_REVIEW in parts,
        columns=tuple(columns),
        query=query,
        ids=ids,
    )


def _kind_of_csv() -> tuple[Separator, Quoting]:
    left, right = st.columns(2)
    separator: Separator = left.selectbox(
        "Between cells", list(SEPARATORS), format_func=SEPARATORS.__getitem__,
        key="export-separator",
    )  # fmt: skip
    quoting: Quoting = right.selectbox(
        "Quotes around", list(QUOTING), format_func=QUOTING.__getitem__, key="export-quoting"
    )
    return separator, quoting


def _token(options: ExportOptions) -> str:
    """The same link while nothing is changed, so that its progress can be followed."""
    key = "export-link"
    made = st.session_state.get(key)
    if made is None or made[0] != options or time.monotonic() - made[2] > VALID_SECONDS / 2:
        made = (options, cached.export_link(options, browser()), time.monotonic())
        st.session_state[key] = made
    return str(made[1])


@st.fragment(run_every=_POLL_SECONDS)
def _follow(token: str) -> None:
    progress = cached.export_progress(token)
    if progress.state == "counting":
        st.progress(0.0, text="Counting rows and columns …")
    elif progress.state == "sending":
        share = min(progress.sent / max(progress.rows, 1), 1.0)
        st.progress(share, text=f"{progress.sent:,} of {progress.rows:,} personas")
    elif progress.state == "complete":
        _complete(token, progress)
    elif progress.state == "broken":
        _broken(progress)
    else:
        st.caption(f"The link works in this browser for {VALID_SECONDS // 60} minutes.")


def _complete(token: str, progress: Progress) -> None:
    st.success(
        f"Complete: {counted(progress.sent, 'persona')}, {_size(progress.bytes)}.",
        icon=":material/check:",
    )
    if progress.method == "pages":
        st.caption(
            "Read page by page: what was edited meanwhile may stand in the file as before or "
            "after. With SUPABASE_DB_URL set, a file holds one moment."
        )
    st.caption(f"SHA-256 {plain(progress.sha256)}")
    download_link("Download manifest", f"exports/{token}/manifest.json", key="download-manifest")


def _broken(progress: Progress) -> None:
    if progress.fault is not None:
        show_fault(progress.fault)
    else:
        st.warning(
            f"The download was cut off after {progress.sent:,} of {progress.rows:,} personas. "
            "The file is not complete: download it again.",
            icon=":material/warning:",
        )


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB" if count >= 1e6 else f"{count / 1e3:,.1f} KB"
