"""Text from a file or a web address, on its way into the box.

A click only notes what is wanted; the work is done while the page is drawn, above the box, where a
spinner can be seen. What was taken waits in the state until it stands in the box: a click in the
meantime ends that run, and the next one goes on with it.
"""

from __future__ import annotations

import streamlit as st

from pages.ui.generate.state import GenerateState, Wanted
from pages.ui.inert import plain
from services.errors import InvalidInputError
from services.sources.fetch import fetch_url
from services.sources.files import SourceText, text_of_file

_FILE = "source-file"
_URL = "source-url"


def intake_inputs(state: GenerateState) -> None:
    """Draw the file drop and the field for a web address."""
    left, right = st.columns(2)
    left.file_uploader(
        "Or drop a file",
        type=["txt", "md", "pdf", "docx", "html", "htm"],
        key=_FILE,
        on_change=_want_file,
        args=(state,),
        help="Text, Markdown, PDF, Word (.docx) or HTML, up to 10 MB. Its text goes into the box.",
    )
    with right.form("source-web", border=False):
        st.text_input(
            "Or take it from a web address",
            key=_URL,
            placeholder="https://example.org/team/ana-ruiz",
            help="A public page, PDF or Word document, up to 5 MB. Its text goes into the box.",
            persist_state="session",
        )
        st.form_submit_button(
            "Fetch", icon=":material/download:", on_click=_want_page, args=(state,), key="fetch"
        )


def clear_intake() -> None:
    """Empty the field for a web address. Only in a callback."""
    st.session_state[_URL] = ""


def take_in(state: GenerateState) -> SourceText | None:
    """Do what was asked for, with a spinner; its text until `done` is called.

    A fault is left in the state.
    """
    if state.wanted:
        doing = "Fetching the page …" if state.wanted.url else "Reading the file …"
        with st.spinner(doing):
            _take(state, state.wanted)
    return state.taken


def done(state: GenerateState) -> None:
    """The text taken in stands in the box."""
    if state.taken:
        state.source_notes = state.taken.notes
    state.taken = None


def show_notes(state: GenerateState) -> None:
    """Draw what is to be known about how the text was taken."""
    if state.source_notes:
        notes = " ".join(plain(note) for note in state.source_notes)
        st.info(f"{notes} Read it through before you generate.", icon=":material/fact_check:")


def _take(state: GenerateState, wanted: Wanted) -> None:
    # Between these lines Streamlit cannot end the run: nothing is drawn.
    try:
        if wanted.url:
            page = fetch_url(wanted.url)
            state.taken = SourceText(page.text, page.notes)
        else:
            state.taken = text_of_file(wanted.name, wanted.content)
        state.fault = None
    except InvalidInputError as error:
        state.fault = error
    state.wanted = None


def _want_file(state: GenerateState) -> None:
    file = st.session_state.get(_FILE)
    if file is not None:
        state.wanted = Wanted(name=file.name, content=file.getvalue())


def _want_page(state: GenerateState) -> None:
    url = st.session_state.get(_URL, "").strip()
    if url:
        state.wanted = Wanted(url=url)
