"""What needs eyes: waiting personas, the riskiest first, and one after another on the screen."""

from __future__ import annotations

import streamlit as st

from pages.ui.faults import show_fault
from pages.ui.inert import plain
from pages.ui.navigation import PERSONA, REVIEW
from pages.ui.persona_review import review_persona
from pages.ui.review_status import review_status
from pages.ui.review_words import STATUS_COLOURS, STATUS_LABELS, reasons, waiting
from pages.ui.state import ReviewState, persona_state, review_state
from services import cached
from services.errors import DashboardError, NotFoundError
from services.personas import Persona
from services.personas.reviewing import COUNTED, WAITING, QueueItem, Status

_SHOWN = 25
_CHOICES: dict[str, tuple[Status, ...]] = {
    "all": WAITING,
    "in_review": (Status.IN_REVIEW,),
    "draft": (Status.DRAFT,),
}
_CHOICE_LABELS = {"all": "All", "in_review": "In review", "draft": "Drafts"}
_KEYS = {Status.APPROVED: "Shift+A", Status.REJECTED: "Shift+X", Status.IN_REVIEW: "Shift+S"}


def statuses() -> tuple[Status, ...]:
    return _CHOICES.get(st.query_params.get("show", "all"), WAITING)


def go(item: QueueItem | None, *, show: str | None = None) -> None:
    """Open a persona of the queue, or the queue; the address carries which and what is shown."""
    shown = show or st.query_params.get("show", "all")
    st.query_params.from_dict({} if shown == "all" else {"show": shown})
    if item:
        st.query_params["id"], st.query_params["place"] = str(item.id), item.place.to_text()


# ---------------------------------------------------------------- the queue


def queue_page(state: ReviewState) -> None:
    st.title("Review", anchor=False)
    if state.note:
        st.success(state.note, icon=":material/done_all:")
        state.note = ""
    after = st.query_params.get("after", "")
    items = cached.review_queue(statuses(), _SHOWN + 1, after)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        choose_shown()
        st.space("stretch")
        if items:
            st.button("Start reviewing", type="primary", on_click=go, args=(items[0],), key="start")
    if not items:
        nothing_waits(after)
        return
    st.caption(f"{length()} · the riskiest first; a long wait counts too")
    for item in items[:_SHOWN]:
        row(item)
    turn_pages(items, after)


def choose_shown() -> None:
    def chosen() -> None:
        go(None, show=st.session_state["shown"])

    shown = st.query_params.get("show", "all")
    st.segmented_control(
        "Show",
        list(_CHOICES),
        format_func=_CHOICE_LABELS.__getitem__,
        default=shown if shown in _CHOICES else "all",
        required=True,
        key="shown",
        on_change=chosen,
        label_visibility="collapsed",
    )


def nothing_waits(after: str) -> None:
    with st.container(border=True, horizontal_alignment="center"):
        st.subheader("Nothing waits here", anchor=False)
        st.write("Personas come here as drafts, and when somebody sends them to review.")
        if after:
            st.button("From the beginning", on_click=go, args=(None,), key="beginning")


def length() -> str:
    count = cached.review_queue_length(statuses())
    return f"{COUNTED:,} or more wait" if count >= COUNTED else f"{count:,} waiting"


def row(item: QueueItem) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container(gap=None):
            role = f" · {plain(item.role, 80)}" if item.role else ""
            st.markdown(f"**{plain(item.name or 'No name', 120)}**{role}")
            st.caption(" · ".join([*(reasons(item) or ["no doubts found"]), waiting(item)]))
        comments = f" · {item.open_comments} open" if item.open_comments else ""
        st.badge(f"{STATUS_LABELS[item.status]}{comments}", color=STATUS_COLOURS[item.status])
        st.button("Review", key=f"open-{item.id}", on_click=go, args=(item,))


def turn_pages(items: list[QueueItem], after: str) -> None:
    def turn(place: str) -> None:
        go(None)
        if place:
            st.query_params["after"] = place

    with st.container(horizontal=True, horizontal_alignment="right"):
        if after:
            st.button("First page", on_click=turn, args=("",), key="first-page")
        if len(items) > _SHOWN:
            last = items[_SHOWN - 1].place.to_text()
            st.button("Next page", on_click=turn, args=(last,), key="next-page")


# ---------------------------------------------------------------- one after another


def neighbour(place: str, *, backwards: bool = False) -> QueueItem | None:
    found = cached.review_queue(statuses(), 1, place, backwards=backwards)
    return found[0] if found else None


def item_page(persona_id: str, place: str, state: ReviewState) -> None:
    before, following = neighbour(place, backwards=True), neighbour(place)
    toolbar(before, following)
    try:
        stored = cached.persona(persona_id)
    except NotFoundError as error:
        show_fault(error)
        return
    show(stored, following, state)


def toolbar(before: QueueItem | None, following: QueueItem | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Queue", icon=":material/arrow_back:", type="tertiary", on_click=go, args=(None,))
        st.space("stretch")
        for label, item, key in (("Previous", before, "P"), ("Next", following, "N")):
            st.button(label, on_click=go, args=(item,), disabled=item is None, shortcut=key)


def show(stored: Persona, following: QueueItem | None, state: ReviewState) -> None:
    def moved(new: Status) -> None:
        if new is Status.IN_REVIEW and Status.IN_REVIEW in statuses():
            return  # it waits still: now it can be approved
        state.note = "" if following else "That was the last one."
        go(following)

    one = persona_state(str(stored.id))
    if one.note:
        st.toast(one.note, icon=":material/check:")
        one.note = ""
    st.title(plain(str(stored.persona.get("name") or "No name")), anchor=False)
    review_status(stored, one, shortcuts=_KEYS, on_moved=moved)
    review_persona(str(stored.id), one)
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
