"""Turning the pages of the list, and how many personas it has."""

from __future__ import annotations

import streamlit as st

from pages.ui.list.list_address import ListAddress, order_of, read_address, seed, show
from pages.ui.numbers import amount
from pages.ui.wording import counted
from services.personas.finding.finder import FoundPage, Total
from services.personas.finding.query import FIRST, LAST, PAGE_SIZES, Position


def pager(address: ListAddress, page: FoundPage) -> None:
    """First, previous, next, last, and the size of a page, into the row that is open."""
    steps: list[tuple[str, str, str, Position | None]] = [
        ("First page", "first_page", "pager-first", FIRST if page.previous else None),
        ("Previous page", "chevron_left", "pager-previous", page.previous),
        ("Next page", "chevron_right", "pager-next", page.next),
        ("Last page", "last_page", "pager-last", LAST if page.next else None),
    ]
    st.space("stretch")
    seed("size", address.size)
    st.selectbox(
        "Rows",
        PAGE_SIZES,
        key="size",
        on_change=_resize,
        width=130,
        format_func=lambda size: f"{size} rows",
        label_visibility="collapsed",
    )
    with st.container(horizontal=True, width="content", key="pager"):  # they wrap together
        for name, icon, key, target in steps:
            st.button(
                name,
                icon=f":material/{icon}:",
                key=key,
                type="tertiary",
                disabled=target is None,
                on_click=show,
                args=(address.query, target or FIRST),
            )


def _resize() -> None:
    """A page of another size begins where this one does."""
    address = read_address()
    place = FIRST if address.position.backwards else address.position
    show(address.query, place, st.session_state["size"])


def where(address: ListAddress, page: FoundPage, total: Total) -> str:
    """Which rows these are: "26 to 50 of about 1.2 million, newest first"."""
    rows, number = len(page.items), page.position.number
    if number is None and page.next is None and total.exact:
        number = total.number - rows
    whole = max(total.number, (number or 0) + rows) if total.exact else total.number
    of = amount(Total(whole, total.exact))
    if total.exact and rows == total.number:
        return f"{counted(rows, 'persona')}, {order_of(address.query)}"
    which = f"The last {rows:,}" if page.next is None else f"{rows:,}"
    if number is not None:
        which = f"{number + 1:,} to {number + rows:,}"
    return f"{which} of {of}, {order_of(address.query)}"
