"""The filters that are set, each to be taken away by a click."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from pages.ui.inert import plain
from pages.ui.list.list_address import show
from pages.ui.wording import label
from services.personas.finding.conditions import Condition, Days, Kind
from services.personas.finding.query import PersonaQuery

COVERAGES = {
    "": "Any share of claims",
    "full": "All claims have a source",
    "partial": "Some claims have none",
    "none": "No claim has a source",
    "empty": "Not drafted: no claims yet",
}
KINDS: dict[Kind, str] = {
    "any": "is or contains",
    "is": "is",
    "contains": "contains (list)",
    "has": "has a value",
}
BY_HAND = "by hand"


def what_is_set(query: PersonaQuery) -> None:
    """A button for each filter that is set; a click takes it away."""
    chips = chips_of(query)
    if not chips:
        return
    with st.container(horizontal=True, gap="small"):
        for number, (text, without) in enumerate(chips):
            st.button(
                plain(text, 60),
                icon=":material/close:",
                key=f"chip-{number}",
                help="Take this filter away",
                on_click=show,
                args=(without,),
                type="secondary",
            )
        if len(chips) > 1:
            plain_list = PersonaQuery(query.text, sort=query.sort, descending=query.descending)
            st.button(
                "Clear filters",
                key="chips-clear",
                type="tertiary",
                on_click=show,
                args=(plain_list,),
            )


def chips_of(query: PersonaQuery) -> list[tuple[str, PersonaQuery]]:
    """What is set, each with the query without it."""
    chips: list[tuple[str, PersonaQuery]] = []
    if query.statuses:
        chips.append((" or ".join(map(label, query.statuses)), replace(query, statuses=())))
    if query.engines:
        names = " or ".join(name or BY_HAND for name in query.engines)
        chips.append((f"Drafted {names}", replace(query, engines=())))
    if query.coverage:
        chips.append((COVERAGES[query.coverage], replace(query, coverage=None)))
    if query.created:
        chips.append((f"Created {_span(query.created)}", replace(query, created=Days())))
    if query.updated:
        chips.append((f"Changed {_span(query.updated)}", replace(query, updated=Days())))
    if query.batch:
        chips.append(("Of one batch", replace(query, batch="")))
    for number, condition in enumerate(query.conditions):
        others = query.conditions[:number] + query.conditions[number + 1 :]
        chips.append((_condition(condition), replace(query, conditions=others)))
    return chips


def _span(days: Days) -> str:
    if days.first == days.last:
        return f"on {days.first}"
    parts = [f"from {days.first}" if days.first else "", f"to {days.last}" if days.last else ""]
    return " ".join(part for part in parts if part)


def _condition(condition: Condition) -> str:
    how = KINDS[condition.kind].removesuffix(" (list)")
    return f"{condition.path} {how} {condition.value}".strip()
