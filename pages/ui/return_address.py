"""The way back to the list as it was: its search, filters and page travel in the address."""

from __future__ import annotations

from urllib.parse import parse_qs, quote, urlencode

import streamlit as st

from pages.ui.navigation import PERSONAS

_PARAMETER = "list"


def to_return() -> str:
    """What to add to the address of a persona ("&list=…") on the list that is shown now."""
    given = [(name, one) for name in st.query_params for one in st.query_params.get_all(name)]
    return f"&{_PARAMETER}={quote(urlencode(given), safe='')}" if given else ""


def list_parameters() -> dict[str, list[str]]:
    """The parameters of the list that this persona was opened from; empty: the whole list."""
    return parse_qs(st.query_params.get(_PARAMETER, ""))


def kept_parameters() -> dict[str, str]:
    """What of this address goes along to another view or persona."""
    found = st.query_params.get(_PARAMETER, "")
    return {_PARAMETER: found} if found else {}


def link_to_list(label: str = "All personas") -> None:
    """Draw the link back to exactly that list."""
    st.page_link(
        PERSONAS, label=label, icon=":material/arrow_back:", query_params=list_parameters()
    )
