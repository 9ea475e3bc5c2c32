"""The trash: deleted personas, to restore or to erase for good."""

from __future__ import annotations

import streamlit as st

from pages.ui.account import allowed
from pages.ui.clock import when
from pages.ui.empty import empty_page
from pages.ui.faults import show_fault
from pages.ui.identity import current_author, shown_author
from pages.ui.inert import plain
from pages.ui.nameless import beginnings_of
from pages.ui.navigation import PERSONAS
from pages.ui.notices import tell
from pages.ui.trash.erase_dialog import confirm_erasure
from pages.ui.trash.restore_all import confirm_restoring
from pages.ui.trash.state import TrashState, trash_state
from pages.ui.wording import named
from services import cached
from services.access.roles import Role
from services.errors import DashboardError
from services.personas.trash import TrashedPersona

_SHOWN = 25  # at first, and more by each click
_MOST = 1000  # what Supabase returns at once


def row(trashed: TrashedPersona, beginning: str, state: TrashState) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container(gap=None):
            st.markdown(f"**{plain(named(trashed.name), 120)}**")
            if beginning:
                st.caption(plain(beginning, 120))
            by = f" by {plain(shown_author(trashed.updated_by), 60)}" if trashed.updated_by else ""
            st.caption(f"Deleted {when(trashed.deleted_at)}{by}")
        with st.container(horizontal=True, width="content"):  # they wrap together
            st.button(
                "Restore",
                icon=":material/restore_from_trash:",
                on_click=restore,
                args=(trashed, state),
                key=f"restore-{trashed.id}",
                **allowed(Role.ANALYST),
            )
            if st.button(
                "Erase",
                icon=":material/delete_forever:",
                key=f"erase-{trashed.id}",
                **allowed(Role.ADMIN),
            ):
                confirm_erasure(trashed, beginning, state)


def restore(trashed: TrashedPersona, state: TrashState) -> None:
    try:
        cached.restore_from_trash(str(trashed.id), current_author())
    except DashboardError as error:
        state.fault = error
        return
    state.fault = None
    tell(f"{named(trashed.name)[:60]} is restored.")


def show_more(state: TrashState) -> None:
    state.shown = min(_MOST, state.shown * 2)


def find_and_restore(state: TrashState) -> str:
    """The box to find by name, and what restores all that is found; what is looked for."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(
            "Find by name",
            key="trash-name",
            type="search",
            placeholder="Find by name",
            label_visibility="collapsed",
            max_chars=100,
        ).strip()
        number = cached.trash_count(name)
        if number > 1 and st.button(
            f"Restore all {number:,}",
            icon=":material/restore_from_trash:",
            key="restore-all",
            **allowed(Role.ANALYST),
        ):
            confirm_restoring(name, number, state)
    return name


state = trash_state()
state.shown = state.shown or _SHOWN
st.title("Trash", anchor=False)
st.write(
    "Deleted personas stay here until they are restored or erased. Erasing takes away every "
    "version, request and draft of a persona for good."
)
if state.fault:
    show_fault(state.fault)
name = find_and_restore(state) if cached.trash_count("") else ""
trashed = cached.trash_page(state.shown, name)
if not trashed:
    title = "No such name in the trash" if name else "The trash is empty"
    with empty_page(title, "What is deleted comes here."):
        st.page_link(PERSONAS, label="All personas", icon=":material/arrow_back:")
beginnings = beginnings_of(trashed)
for one in trashed:
    row(one, beginnings.get(one.id, ""), state)
if len(trashed) == state.shown < _MOST:
    st.button("Show more", icon=":material/expand_more:", on_click=show_more, args=(state,))
