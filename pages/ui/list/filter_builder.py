"""What narrows the list down: the search box, the filters, and what is set of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import streamlit as st

from pages.ui.components.search_box import search_box
from pages.ui.inert import plain
from pages.ui.list.filter_chips import BY_HAND, COVERAGES, KINDS, chips_of, what_is_set
from pages.ui.list.list_address import ORDERS, in_order, order_of, read_address, seed, show
from pages.ui.wording import label
from services import cached
from services.errors import InvalidInputError
from services.evidence.schema import FIELDS
from services.personas.finding.conditions import Condition, Days
from services.personas.finding.query import MAX_TEXT, PersonaQuery

STATUSES = ("draft", "in_review", "approved", "rejected")
HELP = (
    "All words must be found, by their beginning (nurs, nurse) or in other forms (invoice, "
    'invoices). **"two words"** as they stand, **-word** must not be there, **location:Madrid** or '
    '**skills:"Power BI"** is the whole value of that field. Where nothing is found, names like '
    "the words are shown."
)


def find_bar(query: PersonaQuery) -> None:
    """Search box, filters and order in one row, and below it what is set."""
    with st.container(key="find-bar", horizontal=True, vertical_alignment="bottom"):
        search_box(key="search")
        set_now = len(chips_of(query))
        with st.popover(
            f"Filters ({set_now})" if set_now else "Filters", icon=":material/filter_list:"
        ):
            _filters(query)
        seed("order", order_of(query))
        st.selectbox(
            "Order",
            list(ORDERS),
            key="order",
            on_change=_reorder,
            width=210,
            label_visibility="collapsed",
        )
    if fault := st.session_state.pop("filter-fault", None):
        st.warning(
            f"{plain(fault.problem)} {plain(fault.advice)}", icon=":material/filter_list_off:"
        )
    what_is_set(query)


def _reorder() -> None:
    show(in_order(read_address().query, st.session_state["order"]))


def _change(**parts: object) -> None:
    """The query of the address with these parts, unless they make no sense."""
    try:
        show(replace(read_address().query, **parts))  # type: ignore[arg-type]
    except InvalidInputError as error:
        st.session_state["filter-fault"] = error


def _filters(query: PersonaQuery) -> None:
    """One filter at a time: each that is set stands below the search box."""
    chosen = st.pills("Filter by", list(FILTERS), key="f-by")
    if chosen:
        FILTERS[chosen](query)
    else:
        st.caption(HELP)


def _statuses(query: PersonaQuery) -> None:
    seed("f-status", list(query.statuses))
    st.multiselect(
        "Status",
        _with(STATUSES, query.statuses),
        key="f-status",
        format_func=label,
        on_change=lambda: _change(statuses=tuple(st.session_state["f-status"])),
    )


def _engines(query: PersonaQuery) -> None:
    seed("f-engine", list(query.engines))
    st.multiselect(
        "Drafted by",
        _with((*cached.engine_names(), ""), query.engines),
        key="f-engine",
        format_func=lambda name: name or BY_HAND,
        on_change=lambda: _change(engines=tuple(st.session_state["f-engine"])),
    )


def _coverage(query: PersonaQuery) -> None:
    seed("f-coverage", query.coverage or "")
    st.selectbox(
        "Sources",
        list(COVERAGES),
        key="f-coverage",
        format_func=COVERAGES.__getitem__,
        on_change=lambda: _change(coverage=st.session_state["f-coverage"] or None),
    )


def _with(known: tuple[str, ...], chosen: tuple[str, ...]) -> list[str]:
    """What can be chosen: a link may name what this dashboard does not know."""
    return list(dict.fromkeys((*known, *chosen)))


def _days(name: str, what: str, days: Days) -> None:
    first, last = f"f-{name}-first", f"f-{name}-last"

    def change() -> None:
        _change(**{name: Days(st.session_state[first], st.session_state[last])})

    with st.container(horizontal=True):
        for key, text, value in (
            (first, f"{what} from", days.first),
            (last, "to", days.last),
        ):
            seed(key, value)
            st.date_input(
                text,
                min_value=date.min,
                max_value=date.max,
                key=key,
                on_change=change,
                help="Days in UTC",
            )


def _condition_form(_: PersonaQuery) -> None:
    with st.form("f-condition", border=False, clear_on_submit=True):
        st.selectbox(
            "Which field",
            [field.name for field in FIELDS],
            key="f-path",
            index=None,
            accept_new_options=True,
            placeholder="location, or address.city",
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.selectbox("How", list(KINDS), key="f-kind", format_func=KINDS.__getitem__)
            st.text_input("Value", key="f-value", max_chars=MAX_TEXT, placeholder="Madrid")
        st.form_submit_button("Add condition", icon=":material/add:", on_click=_add_condition)


def _add_condition() -> None:
    state = st.session_state
    try:
        added = Condition(state["f-kind"], state["f-path"] or "", state["f-value"])
    except InvalidInputError as error:
        state["filter-fault"] = error
    else:
        _change(conditions=(*read_address().query.conditions, added))


FILTERS: dict[str, Callable[[PersonaQuery], None]] = {
    "Status": _statuses,
    "Drafted by": _engines,
    "Sources": _coverage,
    "Created": lambda query: _days("created", "Created", query.created),
    "Changed": lambda query: _days("updated", "Changed", query.updated),
    "A field of the persona": _condition_form,
}
