"""One request on the generate page: live while it runs, then what came of it."""

from __future__ import annotations

from uuid import UUID

import streamlit as st

from pages.ui.faults import show_fault
from pages.ui.inert import passage, plain
from pages.ui.navigation import PERSONA
from pages.ui.notices import tell
from services import cached
from services.engines.generator import Progress
from services.engines.usage import NO_TOKENS
from services.errors import DashboardError, InterruptedGenerationError, NotSavedError
from services.generation.parts import StoredPart, usage_of_parts
from services.generation.requests import GenerationRequest
from services.generation.spent import usage_of

_COMES_OF_IT = {
    "generate": "the persona is saved by itself",
    "regenerate": "the new draft waits here until you take it over",
}
_CAME_OF_IT = {"generate": "No persona was saved.", "regenerate": "There is no new draft."}
_POLL_SECONDS = 0.5
_TAIL = 6000  # characters of live output worth showing


def is_under_way(request: GenerationRequest) -> bool:
    """Somebody works on it or is about to: right after "Run again" it is still stored as failed."""
    if request.status == "saved":
        return False
    return request.is_open or cached.generation_progress(request.id) is not None


def follow_request(request: GenerationRequest, *, under_way: bool) -> None:
    """Draw the request's state; while it is under way, redraw by itself."""
    if under_way:
        _running(str(request.id))
    elif request.status == "saved":
        _saved(request)
    elif request.status == "cancelled":
        st.warning("Cancelled. The text is kept; run it again when you like.")
        _spent(request, cached.generation_parts(request.id))
    elif request.status == "failed":
        st.error(
            f"**{_CAME_OF_IT[request.kind]}**\n\n{plain(request.error or '')}",
            icon=":material/error:",
        )
        parts = cached.generation_parts(request.id)
        _spent(request, parts)
        _leave_out(request, parts)
    else:
        fault = cached.unsaved_because(request.id)
        show_fault(NotSavedError(fault) if fault else InterruptedGenerationError())


def _leave_out(request: GenerationRequest, parts: list[StoredPart]) -> None:
    """Offer to go on without the parts that failed, if others are read."""
    failed = [part for part in parts if part.is_failed]
    read = [part for part in parts if part.claims is not None]
    if not failed or not read:
        return
    for part in failed:
        where = passage(request.raw_text, part.start_at, part.end_at)
        st.caption(f"Not read: {where}.")
    what = "this part" if len(failed) == 1 else f"these {len(failed)} parts"
    st.button(
        f"Go on without {what} of the text",
        on_click=cached.finish_without_failed_parts,
        args=(request.id,),
        key="leave-out",
        help="The persona says which passages were not read.",
    )


def _spent(request: GenerationRequest, parts: list[StoredPart]) -> None:
    kept = usage_of_parts(parts)
    usage = usage_of(request.spent) + kept
    if usage == NO_TOKENS:
        return
    costs = [(request.spent or {}).get("cost"), cached.cost(kept)]
    cost = sum(one for one in costs if isinstance(one, int | float))
    price = f", about {cost:.4f} USD" if cost else ""
    st.caption(
        f"It took about {usage.input_tokens:,} tokens to read and {usage.output_tokens:,} to "
        f"write{price}."
    )


@st.fragment(run_every=_POLL_SECONDS)
def _running(request_id: str) -> None:
    unsaved_because = cached.unsaved_because(UUID(request_id))
    if unsaved_because:
        _waiting(unsaved_because)
    try:
        request = cached.generation_request(request_id)
    except DashboardError as error:
        if not unsaved_because:
            show_fault(error)
        return
    if not is_under_way(request):
        st.rerun()
    if not unsaved_because:
        _draw_progress(request, cached.generation_progress(request.id))


def _waiting(fault: DashboardError) -> None:
    st.warning(
        f"**Finished, waiting for the database.** {plain(fault.problem)}\n\nThe draft is kept and "
        "saved by itself as soon as the database takes it; only leave the dashboard running. If "
        "it lasts, see the Status page.",
        icon=":material/hourglass_top:",
    )


def _draw_progress(request: GenerationRequest, progress: Progress | None) -> None:
    label = "Waiting for a free worker …" if request.status == "queued" else "Generating …"
    with st.container(border=True):
        done, chunks = (progress.chunks_done, progress.chunks) if progress else (0, 1)
        part = f" {done} of {chunks} parts are read." if chunks > 1 else ""
        st.progress(done / max(chunks, 1), text=f"{label}{part}")
        then = _COMES_OF_IT[request.kind]
        st.caption(f"You can close this page: the work goes on, and {then}.")
        if progress and progress.output:
            st.code(progress.view[-_TAIL:], language="json", wrap_lines=True, height=240)
        if progress is None and request.status == "running":
            st.caption("Another dashboard process is working on this request.")
        st.button("Cancel", on_click=_cancel, args=(request.id,), key="cancel")


def _cancel(request_id: UUID) -> None:
    try:
        cached.cancel_generation(request_id)
    except DashboardError as error:
        tell(f"Not cancelled: {error.problem} {error.advice}", warning=True)


def _saved(request: GenerationRequest) -> None:
    persona_id = str(request.persona_id)
    stored = cached.persona(persona_id)
    with st.container(border=True):
        name = stored.persona.get("name") or "No name found"
        st.markdown(f":green[:material/check_circle:] **Saved: {plain(str(name))}**")
        st.write(plain(str(stored.persona.get("summary", ""))))
        with st.container(key="open-saved"):
            st.page_link(
                PERSONA,
                label="Open and review",
                query_params={"id": persona_id},
            )
