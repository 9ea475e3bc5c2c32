"""Which view of a persona is shown: the address says it, so that a reload and a link stay there."""

from __future__ import annotations

from uuid import UUID

import streamlit as st

REVIEW_VIEW, EDIT_VIEW, REGENERATE_VIEW, HISTORY_VIEW = "Review", "Edit", "Regenerate", "History"
VIEWS = (REVIEW_VIEW, EDIT_VIEW, REGENERATE_VIEW, HISTORY_VIEW)
_PARAMETER = "view"
FORM, JSON = "Form", "JSON"
_AS = "as"


def choose_view(persona_id: UUID) -> str:
    """Draw the choice; the view that the address asks for."""
    key, now = f"view-{persona_id}", view_in_address()
    if st.session_state.get(key) != now:
        st.session_state[key] = now
    st.segmented_control(
        "View",
        VIEWS,
        required=True,
        key=key,
        on_change=lambda: show_view(st.session_state.get(key) or now),  # lost with a faulty run
        label_visibility="collapsed",
    )
    return now


def view_in_address() -> str:
    """The view that the address names; the review if it names none."""
    asked = st.query_params.get(_PARAMETER, "")
    return next((view for view in VIEWS if view.lower() == asked), REVIEW_VIEW)


def show_view(view: str) -> None:
    """Go to a view at the next run. What the address says of a claim belongs to the review."""
    st.query_params.pop("claim", None)
    if view == REVIEW_VIEW:
        st.query_params.pop(_PARAMETER, None)
    else:
        st.query_params[_PARAMETER] = view.lower()


def choose_form_or_json(persona_id: UUID, *, form_possible: bool) -> str:
    """Draw the choice of how to edit; the one that the address asks for, if it is possible."""
    key = f"edit-as-{persona_id}"
    now = JSON if st.query_params.get(_AS) == JSON.lower() or not form_possible else FORM
    if st.session_state.get(key) != now:
        st.session_state[key] = now
    st.segmented_control(
        "Edit as",
        (FORM, JSON),
        required=True,
        key=key,
        on_change=lambda: show_as(st.session_state.get(key) or now),
        label_visibility="collapsed",
        disabled=not form_possible,
        help=None if form_possible else "The form comes back once the JSON can be read.",
    )
    return now


def show_as(how: str) -> None:
    """Edit as a form, or as JSON, at the next run."""
    if how == JSON:
        st.query_params[_AS] = JSON.lower()
    else:
        st.query_params.pop(_AS, None)
