"""The list of personas: search, filter, turn pages, do something to several at once."""

from __future__ import annotations

import streamlit as st

from pages.ui.account import allowed
from pages.ui.components.persona_table import persona_table
from pages.ui.display_name import ask_for_name
from pages.ui.drafting.unfinished import unfinished_notice
from pages.ui.empty import empty_page
from pages.ui.faults import show_fault
from pages.ui.inert import plain
from pages.ui.list.bulk import bulk_bar
from pages.ui.list.bulk_acts import show_question
from pages.ui.list.export_dialog import export_dialog
from pages.ui.list.filter_builder import find_bar
from pages.ui.list.list_address import ListAddress, read_address, show
from pages.ui.list.pager import pager, where
from pages.ui.list.preview import previews_of
from pages.ui.navigation import GENERATE, PERSONA
from pages.ui.numbers import amount
from pages.ui.return_address import to_return
from services import cached
from services.access.roles import Role
from services.errors import SearchTimeoutError
from services.personas.finding.finder import FoundPage
from services.personas.finding.query import PersonaQuery


def header(query: PersonaQuery, anything: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.title("Personas", anchor=False)
        st.space("stretch")
        if anything:
            with st.container(horizontal=True, width="content"):  # they wrap together
                actions(query)


def actions(query: PersonaQuery) -> None:
    if st.button("Export", icon=":material/download:", key="export"):
        export_dialog(amount(cached.found_total(query)), query)
    if st.button(
        "Generate persona", icon=":material/add:", type="primary", **allowed(Role.ANALYST)
    ):
        st.switch_page(GENERATE)


def empty_state() -> None:
    text = "Paste what you know about a person, and get a persona to review."
    with empty_page("No personas yet", text):
        if st.button(
            "Generate your first persona", type="primary", key="first", **allowed(Role.ANALYST)
        ):
            st.switch_page(GENERATE)


def nothing_found(query: PersonaQuery) -> None:
    text = "Use fewer or other words, check their spelling, or take a filter away."
    with empty_page("Nothing matches", text):
        bare = PersonaQuery(sort=query.sort, descending=query.descending)
        st.button("Show all personas", key="show-all", on_click=show, args=(bare,))


def show_similar(page: FoundPage) -> None:
    st.info("Nothing holds these words. These names look like them:", icon=":material/spellcheck:")
    persona_table(page.items, page=PERSONA.url_path, parameters=to_return(), key="table-similar")


def show_page(address: ListAddress, page: FoundPage) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        told = st.container(width="content")  # holds the line before until this one is known
        pager(address, page)
    chosen = persona_table(
        page.items,
        page=PERSONA.url_path,
        parameters=to_return(),
        key="table-list",
        shown=f"{address.query!r} {page.position.to_url()} {address.size}",
        choosable=True,
        previews=lambda: previews_of([one.id for one in page.items]),
    )
    total = cached.found_total(address.query)  # after the rows: counting must not hold them up
    told.caption(where(address, page, total), width="content")
    bulk_bar(chosen, page.items, address.query, total)
    show_question()


def found(address: ListAddress) -> FoundPage | SearchTimeoutError:
    """The page asked for; a search that takes too long leaves the box to write another."""
    try:
        return cached.found_page(address.query, address.position, address.size)
    except SearchTimeoutError as error:
        return error


address = read_address()
page = found(address)
anything = address.query.is_filtered or (isinstance(page, FoundPage) and bool(page.items))
header(address.query, anything)
with st.container():  # one place, however much stands in it: what follows is not drawn anew
    unfinished_notice()
    ask_for_name()
    if address.fault:
        problem = plain(address.fault.problem)
        st.warning(f"{problem} Everything is shown.", icon=":material/link_off:")
if not anything:
    empty_state()
else:
    find_bar(address.query)
    if isinstance(page, SearchTimeoutError):
        show_fault(page)
    elif page.similar:
        show_similar(page)
    elif page.items:
        show_page(address, page)
    else:
        nothing_found(address.query)
