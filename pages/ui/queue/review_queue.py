"""The review queue: which personas wait, why, and the way to each of them.

The address carries what is shown (`show`, `batch`, `after`) and which persona is open (`id`), with
the place it had in the queue when it was opened (`place`), so that next and previous do not depend
on what the review changes.
"""

from __future__ import annotations

import streamlit as st

from pages.ui.empty import empty_page
from pages.ui.inert import plain
from pages.ui.nameless import beginnings_of
from pages.ui.persona.review.review_words import STATUS_COLOURS, STATUS_LABELS, reasons, waiting
from pages.ui.wording import named
from services import cached
from services.personas.reviewing.workflow import COUNTED, WAITING, QueueItem, Status

_SHOWN = 25
_CHOICES: dict[str, tuple[Status, ...]] = {
    "all": WAITING,
    "in_review": (Status.IN_REVIEW,),
    "draft": (Status.DRAFT,),
}
_CHOICE_LABELS = {"all": "All", "in_review": "In review", "draft": "Drafts"}


def statuses() -> tuple[Status, ...]:
    """The statuses that the address asks for."""
    return _CHOICES.get(st.query_params.get("show", "all"), WAITING)


def batch() -> str:
    """The batch whose personas alone are shown, "" for all."""
    return st.query_params.get("batch", "")


def go(item: QueueItem | None, *, show: str | None = None) -> None:
    """Open a persona of the queue, or the queue itself."""
    shown = show or st.query_params.get("show", "all")
    kept = {"show": "" if shown == "all" else shown, "batch": batch()}
    if item:
        kept |= {"id": str(item.id), "place": item.place.to_text()}
    # At once: each change of its own would be a step for Back.
    st.query_params.from_dict({name: value for name, value in kept.items() if value})


def show_queue() -> None:
    """Draw one page of the queue."""
    after = st.query_params.get("after", "")
    items = cached.review_queue(statuses(), _SHOWN + 1, after, batch=batch())
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _choose_shown()
        if batch():
            st.button(
                "Of one batch",
                icon=":material/close:",
                help="Show the whole queue",
                on_click=_of_all,
                key="of-batch",
            )
        st.space("stretch")
        if items:
            st.button("Start reviewing", type="primary", on_click=go, args=(items[0],), key="start")
    if not items:
        _nothing_waits(after)
        return
    st.caption(f"{_length()} · the riskiest first; a long wait counts too")
    beginnings = beginnings_of(items[:_SHOWN])
    for item in items[:_SHOWN]:
        _row(item, beginnings.get(item.id, ""))
    _turn_pages(items, after)


def _of_all() -> None:
    st.query_params.pop("batch", None)
    go(None)


def _choose_shown() -> None:
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


def _nothing_waits(after: str) -> None:
    text = "Personas come here as drafts, and when somebody sends them to review."
    with empty_page("Nothing to review", text):
        if after:
            st.button("From the beginning", on_click=go, args=(None,), key="beginning")


def _length() -> str:
    count = cached.review_queue_length(statuses(), batch())
    return f"{COUNTED:,} or more wait" if count >= COUNTED else f"{count:,} waiting"


def _row(item: QueueItem, beginning: str) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container(gap=None):
            role = f" · {plain(item.role, 80)}" if item.role else ""
            st.markdown(f"**{plain(named(item.name), 120)}**{role}")
            if beginning:
                st.caption(plain(beginning, 120))
            st.caption(" · ".join([*(reasons(item) or ["no doubts found"]), waiting(item)]))
        comments = f" · {item.open_comments} open" if item.open_comments else ""
        st.badge(f"{STATUS_LABELS[item.status]}{comments}", color=STATUS_COLOURS[item.status])
        st.button("Review", key=f"open-{item.id}", on_click=go, args=(item,))


def _turn_pages(items: list[QueueItem], after: str) -> None:
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
