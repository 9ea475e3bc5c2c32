"""The address of the list: it alone says what the list shows, so Back and a copied link work.

Widgets are set from the address before they are drawn, and write to it when they change.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from services.errors import InvalidInputError
from services.personas.finding.query import (
    DEFAULT_SIZE,
    FIRST,
    PAGE_SIZES,
    PersonaQuery,
    Position,
)

OURS = (
    "q",
    "where",
    "status",
    "engine",
    "created",
    "updated",
    "coverage",
    "batch",
    "sort",
    "order",
)


@dataclass(frozen=True)
class ListAddress:
    """What the list shows: the query, where its page begins, how many rows a page holds.

    `fault` says what of the address made no sense and was left out.
    """

    query: PersonaQuery = field(default_factory=PersonaQuery)
    position: Position = FIRST
    size: int = DEFAULT_SIZE
    fault: InvalidInputError | None = None


def read_address() -> ListAddress:
    """The address as it is now; nonsense in it is left out, never an error."""
    given = {name: st.query_params.get_all(name) for name in st.query_params}
    size = int(given["size"][-1]) if given.get("size", [""])[-1].isdecimal() else DEFAULT_SIZE
    address = ListAddress(size=size if size in PAGE_SIZES else DEFAULT_SIZE)
    try:
        query = PersonaQuery.from_url(given)
        position = Position.from_url(st.query_params.get("at", ""))
    except InvalidInputError as error:
        return replace(address, fault=error)
    return replace(address, query=query, position=position)


def show(query: PersonaQuery, position: Position = FIRST, size: int | None = None) -> None:
    """Make the address that of this list; the next run shows it. Other parameters stay."""
    size = size or read_address().size
    url: dict[str, Any] = {
        name: st.query_params.get_all(name)
        for name in st.query_params
        if name not in (*OURS, "at", "size")
    }
    url |= query.to_url()
    if not position.is_first:
        url["at"] = position.to_url()
    if size != DEFAULT_SIZE:
        url["size"] = str(size)
    st.query_params.from_dict(url)


def seed(key: str, value: Any) -> None:
    """Give a widget the value of the address, unless it has it."""
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value


ORDERS: dict[str, tuple[str, bool]] = {
    "newest first": ("created", True),
    "oldest first": ("created", False),
    "latest change first": ("updated", True),
    "longest unchanged first": ("updated", False),
    "name A to Z": ("name", False),
    "name Z to A": ("name", True),
    "by status": ("status", False),
    "by status, reversed": ("status", True),
}


def order_of(query: PersonaQuery) -> str:
    """How the order of a query is called."""
    asked = (query.sort, query.descending)
    return next(name for name, order in ORDERS.items() if order == asked)


def in_order(query: PersonaQuery, name: str) -> PersonaQuery:
    """The query in the order of that name."""
    sort, descending = ORDERS[name]
    return replace(query, sort=sort, descending=descending)  # type: ignore[arg-type]
