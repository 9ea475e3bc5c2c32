"""What needs eyes: waiting personas, the riskiest first, and one after another on the screen."""

from __future__ import annotations

import streamlit as st

from pages.ui.faults import show_fault
from pages.ui.inert import plain
from pages.ui.navigation import PERSONA, REVIEW
from pages.ui.persona.contradiction_list import stored_contradictions
from pages.ui.persona.review.persona_review import review_persona
from pages.ui.persona.review.review_words import STATUS_LABELS
from pages.ui.persona.review_status import review_status
from pages.ui.persona.state import persona_state
from pages.ui.queue.review_queue import go, show_queue, statuses
from pages.ui.queue.state import ReviewState, review_state
from pages.ui.wording import name_of
from services import cached
from services.errors import DashboardError, NotFoundError
from services.personas import Persona
from services.personas.reviewing import Place, QueueItem, Status

_KEYS = {Status.APPROVED: "Shift+A", Status.REJECTED: "Shift+X", Status.IN_REVIEW: "Shift+S"}


def queue_page(state: ReviewState) -> None:
    st.title("Review", anchor=False)
    if state.note:
        st.success(state.note, icon=":material/done_all:")
        state.note = ""
    show_queue()


def neighbour(place: str, *, backwards: bool = False) -> QueueItem | None:
    if not place:  # it does not wait: the queue begins after it
        return None if backwards else next(iter(cached.review_queue(statuses(), 1)), None)
    return next(iter(cached.review_queue(statuses(), 1, place, backwards=backwards)), None)


def item_page(persona_id: str, place: str, state: ReviewState) -> None:
    try:
        stored = cached.persona(persona_id)
    except NotFoundError as error:
        toolbar(neighbour(place, backwards=True), neighbour(place))
        show_fault(error)
        return
    here = Place.of(stored)
    place = place or (here.to_text() if here else "")
    following = neighbour(place)
    toolbar(neighbour(place, backwards=True), following)
    show(stored, following, state)


def toolbar(before: QueueItem | None, following: QueueItem | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Queue", icon=":material/arrow_back:", type="tertiary", on_click=go, args=(None,))
        st.space("stretch")
        for label, item, key in (("Previous", before, "P"), ("Next", following, "N")):
            st.button(label, on_click=go, args=(item,), disabled=item is None, shortcut=key)


def show(stored: Persona, following: QueueItem | None, state: ReviewState) -> None:
    name, one = (
        plain(name_of(stored.persona), 60),
        persona_state(str(stored.id)),
    )

    def moved(new: Status) -> None:
        if new is Status.IN_REVIEW and Status.IN_REVIEW in statuses():
            return  # it waits still: now it can be approved
        last = "" if following else " That was the last one."
        state.note, one.note = f"{name}: {STATUS_LABELS[new].lower()}.{last}", ""
        go(following)

    if note := state.note or one.note:
        st.toast(note, icon=":material/check:")
        state.note = one.note = ""
    st.title(plain(name_of(stored.persona), 120), anchor=False)
    review_status(stored, one, shortcuts=_KEYS, on_moved=moved)
    stored_contradictions(stored, one)
    review_persona(str(stored.id), one, take_focus=True)
    st.page_link(PERSONA, label="Edit, history and more", query_params={"id": str(stored.id)})


state = review_state()
persona_id, place = st.query_params.get("id"), st.query_params.get("place", "")
try:
    if persona_id:
        item_page(persona_id, place, state)
    else:
        queue_page(state)
except DashboardError as error:
    show_fault(error)
    st.page_link(REVIEW, label="To the queue")
