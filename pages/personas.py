"""The list of personas: search, filter, turn pages, do something to several at once."""

from __future__ import annotations

import streamlit as st

from pages.ui.account import allowed
from pages.ui.components.persona_table import TableAction, persona_table
from pages.ui.inert import plain
from pages.ui.list.bulk import bulk_bar
from pages.ui.list.export_dialog import export_dialog
from pages.ui.list.filter_builder import find_bar
from pages.ui.list.list_address import ListAddress, read_address, show
from pages.ui.list.pager import amount, pager, where
from pages.ui.navigation import GENERATE, PERSONA, open_persona
from pages.ui.unfinished import unfinished_notice
from services import cached
from services.access.roles import Role
from services.personas.finding import FoundPage
from services.personas.query import PersonaQuery


def header(query: PersonaQuery, anything: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.title("Personas", anchor=False)
        st.space("stretch")
        if anything and st.button("Export", icon=":material/download:", key="export"):
            export_dialog(amount(cached.found_total(query)), query)
        if anything and st.button(
            "Generate persona", icon=":material/add:", type="primary", **allowed(Role.ANALYST)
        ):
            st.switch_page(GENERATE)


def empty_state() -> None:
    with st.container(border=True, horizontal_alignment="center"):
        st.subheader("No personas yet", anchor=False)
        st.write("Paste what you know about a person, and get a persona to review.")
        if st.button(
            "Generate your first persona", type="primary", key="first", **allowed(Role.ANALYST)
        ):
            st.switch_page(GENERATE)


def nothing_found(query: PersonaQuery) -> None:
    with st.container(border=True, horizontal_alignment="center"):
        st.subheader("Nothing matches", anchor=False)
        st.write("Use fewer or other words, check their spelling, or take a filter away.")
        bare = PersonaQuery(sort=query.sort, descending=query.descending)
        st.button("Show all personas", key="show-all", on_click=show, args=(bare,))


def show_similar(page: FoundPage) -> TableAction:
    st.info("Nothing holds these words. These names look like them:", icon=":material/spellcheck:")
    return persona_table(page.items, link=PERSONA.url_path, key="table-similar")


def show_page(address: ListAddress, page: FoundPage) -> TableAction:
    told, bar = st.empty(), st.container()
    key = f"table-{address.query!r}-{page.position.to_url()}-{address.size}"
    action = persona_table(page.items, link=PERSONA.url_path, key=key, choosable=True)
    pager(address, page)
    total = cached.found_total(address.query)  # after the rows: counting must not hold them up
    told.caption(where(address, page, total))
    with bar:
        bulk_bar(action.chosen, address.query, total, len(page.items))
    return action


def show_note() -> None:
    if note := st.session_state.pop("list-note", None):
        st.toast(note, icon=":material/check:")


address = read_address()
page = cached.found_page(address.query, address.position, address.size)
anything = bool(page.items) or address.query.is_filtered
header(address.query, anything)
show_note()
unfinished_notice()
if address.fault:
    st.warning(f"{plain(address.fault.problem)} Everything is shown.", icon=":material/link_off:")
action = TableAction()
if not anything:
    empty_state()
else:
    find_bar(address.query)
    if page.similar:
        action = show_similar(page)
    elif page.items:
        action = show_page(address, page)
    else:
        nothing_found(address.query)
if action.opened:
    open_persona(action.opened)
