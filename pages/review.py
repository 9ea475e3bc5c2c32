"""What needs eyes: waiting personas, the riskiest first, and one after another on the screen."""

from __future__ import annotations

import streamlit as st

from pages.ui.faults import show_fault
from pages.ui.inert import plain
from pages.ui.navigation import PERSONA, REVIEW
from pages.ui.notices import notice, tell
from pages.ui.persona.contradiction_list import stored_contradictions
from pages.ui.persona.review.persona_review import review_persona
from pages.ui.persona.review_status import review_remarks, review_status
from pages.ui.persona.state import persona_state
from pages.ui.queue.review_queue import batch, go, show_queue, statuses
from pages.ui.wording import name_of
from services import cached
from services.errors import DashboardError, NotFoundError
from services.personas import Persona
from services.personas.reviewing.workflow import Place, QueueItem, Status

_KEYS = {Status.APPROVED: "Shift+A", Status.REJECTED: "Shift+X", Status.IN_REVIEW: "Shift+S"}


def queue_page() -> None:
    st.title("Review", anchor=False)
    show_queue()


def neighbour(place: str, *, backwards: bool = False) -> QueueItem | None:
    if not place:  # it does not wait: the queue begins after it
        return None if backwards else next(iter(_queue()), None)
    return next(iter(_queue(place, backwards=backwards)), None)


def _queue(place: str = "", *, backwards: bool = False) -> list[QueueItem]:
    return cached.review_queue(statuses(), 1, place, backwards=backwards, batch=batch())


def item_page(persona_id: str, place: str) -> None:
    try:
        stored = cached.persona(persona_id)
    except NotFoundError as error:
        with st.container(horizontal=True, vertical_alignment="center"):
            way_back()
            st.space("stretch")
            neighbours(neighbour(place, backwards=True), neighbour(place))
        show_fault(error)
        return
    here = Place.of(stored)
    place = place or (here.to_text() if here else "")
    show(stored, neighbour(place, backwards=True), neighbour(place))


def way_back() -> None:
    st.button("Queue", icon=":material/arrow_back:", type="tertiary", on_click=go, args=(None,))


def neighbours(before: QueueItem | None, following: QueueItem | None) -> None:
    for label, item, key in (("Previous", before, "P"), ("Next", following, "N")):
        st.button(
            label,
            type="tertiary",
            on_click=go,
            args=(item,),
            disabled=item is None,
            shortcut=key,
            help=None if item else "There is no other in the queue",
        )


def show(stored: Persona, before: QueueItem | None, following: QueueItem | None) -> None:
    one = persona_state(str(stored.id))
    st.set_page_config(f"{name_of(stored.persona)[:80]} · Review · Persona dashboard")

    def moved(new: Status) -> None:
        if new is Status.IN_REVIEW and Status.IN_REVIEW in statuses():
            return  # it waits still: now it can be approved
        last = notice()
        if last and not following:
            tell(f"{last.text} That was the last one.", undo=last.undo)
        go(following)

    with st.container(key="persona-header", horizontal=True, vertical_alignment="center"):
        way_back()
        st.title(plain(name_of(stored.persona), 120), anchor=False, width="content")
        review_status(stored, one, shortcuts=_KEYS, on_moved=moved)
        neighbours(before, following)
    review_remarks(stored, one)
    stored_contradictions(stored, one)
    review_persona(str(stored.id), one, take_focus=True)
    st.page_link(PERSONA, label="Edit, history and more", query_params={"id": str(stored.id)})


persona_id, place = st.query_params.get("id"), st.query_params.get("place", "")
try:
    if persona_id:
        item_page(persona_id, place)
    else:
        queue_page()
except DashboardError as error:
    show_fault(error)
    st.page_link(REVIEW, label="To the queue")
