"""The history of a persona: a timeline, two versions side by side, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

import streamlit as st

from pages.ui.account import allowed
from pages.ui.clock import when
from pages.ui.faults import show_fault
from pages.ui.field_values import show_value
from pages.ui.identity import current_author
from pages.ui.notices import tell
from pages.ui.persona.state import PersonaState
from pages.ui.persona.undo import undo_of
from pages.ui.persona.version_words import (
    field_in_words,
    path_in_words,
    version_in_words,
    who_and_when,
)
from services import cached
from services.access.roles import Role
from services.errors import DashboardError
from services.evidence.schema import in_field_order
from services.personas import Persona
from services.personas.differences.changes import changes
from services.personas.differences.three_way_merge import same, value_at
from services.personas.history import PersonaVersion, VersionSummary

_SHOWN = 20  # versions of the timeline at first, and more by each click
_MOST = 1000  # what Supabase returns at once
_MOST_FIELDS = 60  # drawn at once; a thousand take a quarter of a minute


def show_history(stored: Persona, state: PersonaState) -> None:
    """Draw the timeline beside the comparison of the chosen version with another one."""
    shown = st.session_state.setdefault(f"history-shown-{stored.id}", _SHOWN)
    timeline = cached.versions(str(stored.id), shown)
    if not timeline:
        st.info("This persona has no history yet.", icon=":material/history:")
        return
    left, right = st.columns([2, 5], gap="large")
    with left:
        chosen = _timeline(stored, timeline, more=len(timeline) == shown < _MOST)
    with right:
        if state.fault:
            show_fault(state.fault)
        other = _compared_with(stored, timeline, chosen)
        if other is None:
            _only_version(cached.version(str(stored.id), chosen))
            return
        older, newer = sorted((chosen, other))
        _compare(
            stored,
            cached.version(str(stored.id), older),
            cached.version(str(stored.id), newer),
            state,
        )


def _timeline(stored: Persona, timeline: list[VersionSummary], *, more: bool) -> int:
    by_number = {version.version: version for version in timeline}
    chosen = st.radio(
        "Versions",
        list(by_number),
        format_func=lambda number: version_in_words(by_number[number]),
        captions=[who_and_when(version) for version in timeline],
        key=f"history-version-{stored.id}",
    )
    if more:
        st.button(
            "Older versions",
            icon=":material/expand_more:",
            on_click=_show_more,
            args=(f"history-shown-{stored.id}",),
            key="older-versions",
        )
    return int(chosen or timeline[0].version)


def _show_more(key: str) -> None:
    st.session_state[key] = min(_MOST, st.session_state[key] * 2)


def _compared_with(stored: Persona, timeline: list[VersionSummary], chosen: int) -> int | None:
    """The one before, unless another is chosen; None if there is no other."""
    others = [version.version for version in timeline if version.version != chosen]
    if not others:
        return None
    before = [number for number in others if number < chosen]
    by_number = {version.version: version for version in timeline}
    return st.selectbox(
        f"Version {chosen} compared with",
        others,
        index=others.index(before[0]) if before else len(others) - 1,
        format_func=lambda number: f"{number} · {when(by_number[number].at)}",
        key=f"history-other-{stored.id}-{chosen}",
    )


def _only_version(version: PersonaVersion) -> None:
    st.caption("There is only this version: nothing has changed since.")
    for path in islice(in_field_order(version.persona), _MOST_FIELDS):
        show_value(version.persona[path], field_in_words(f"/{path}"))


def _compare(
    stored: Persona, older: PersonaVersion, newer: PersonaVersion, state: PersonaState
) -> None:
    _versions_row(stored, older, newer, state)
    found = changes(older.persona, newer.persona, lists_whole=True)
    for change in found[:_MOST_FIELDS]:
        _field_row(stored, change.path, (older, newer), state)
    if len(found) > _MOST_FIELDS:
        st.caption(f"and {len(found) - _MOST_FIELDS:,} more changed fields.")
    if older.raw_text != newer.raw_text:
        with st.container(border=True):
            st.markdown("**Source text**")
            _side_by_side(older, newer, lambda version: version.raw_text)
    elif not found:
        st.caption("Persona and text are equal in both versions.")
    if older.status != newer.status:
        st.caption(f"Review status: {older.status or 'none'} → {newer.status or 'none'}")


def _versions_row(
    stored: Persona, older: PersonaVersion, newer: PersonaVersion, state: PersonaState
) -> None:
    columns = st.columns(2, vertical_alignment="center")
    for column, version in zip(columns, (older, newer), strict=True):
        with column, st.container(horizontal=True, vertical_alignment="center"):
            if version.version == stored.version:
                st.markdown(f"**Version {version.version}** · newest")
                continue
            st.markdown(f"**Version {version.version}**")
            st.button(
                f"Restore version {version.version}",
                icon=":material/settings_backup_restore:",
                on_click=_restore,
                args=(stored, version.version, state),
                key=f"restore-{version.version}",
                **allowed(
                    Role.ANALYST, help="As a new version: nothing is taken out of the history."
                ),
            )


def _field_row(
    stored: Persona, path: str, pair: tuple[PersonaVersion, PersonaVersion], state: PersonaState
) -> None:
    now = value_at(stored.persona, path)
    with st.container(border=True):
        st.markdown(f"**{field_in_words(path)}**")
        for column, version in zip(st.columns(2), pair, strict=True):
            value = value_at(version.persona, path)
            with column:
                show_value(value, f"Version {version.version}", path_in_words(path))
                if not same(value, now):
                    st.button(
                        "Restore this value",
                        icon=":material/undo:",
                        on_click=_restore_field,
                        args=(stored, version.version, path, state),
                        key=f"restore-{version.version}-{path}",
                        **allowed(Role.ANALYST),
                        type="tertiary",
                    )


def _side_by_side(
    older: PersonaVersion, newer: PersonaVersion, value: Callable[[PersonaVersion], str]
) -> None:
    for column, version in zip(st.columns(2), (older, newer), strict=True):
        with column:
            show_value(value(version), f"Version {version.version}", "Source text")


def _restore(stored: Persona, number: int, state: PersonaState) -> None:
    try:
        restored = cached.restore_version(str(stored.id), number, current_author())
    except DashboardError as error:
        state.fault = error
        return
    state.fault = None
    told = f"Version {number} is restored, as version {restored.version}."
    tell(told, undo=undo_of(restored))
    _choose_newest(stored)


def _restore_field(stored: Persona, number: int, path: str, state: PersonaState) -> None:
    try:
        restored = cached.restore_field(str(stored.id), number, path, current_author())
    except (DashboardError, ValueError) as error:
        state.fault = (
            error
            if isinstance(error, DashboardError)
            else DashboardError(
                "This field cannot be restored alone.", "Restore the whole version."
            )
        )
        return
    state.fault = None
    told = f"{path_in_words(path)} is restored, as version {restored.version}."
    tell(told, undo=undo_of(restored))
    _choose_newest(stored)


def _choose_newest(stored: Persona) -> None:
    st.session_state.pop(f"history-version-{stored.id}", None)
