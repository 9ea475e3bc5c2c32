"""A table to be read: the browser's own, without the 300 KB that `st.dataframe` brings along."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.ui.inert import escaped, region


def plain_table(rows: Sequence[dict[str, str]], *, label: str) -> None:
    """Draw rows with the same keys, which are the headings; every value is inert.

    On a narrow screen it scrolls from side to side.
    """
    head = "".join(f'<th scope="col">{escaped(name)}</th>' for name in rows[0])
    body = "".join(
        f"<tr>{''.join(f'<td>{escaped(value)}</td>' for value in row.values())}</tr>"
        for row in rows
    )
    st.html(
        f'<div class="plain-table" {region(label)}>'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
