"""What each column of a file becomes, with its first values beside it."""

from __future__ import annotations

import streamlit as st

from pages.ui.inert import plain
from pages.ui.table_warnings import warn_of_head, warn_of_table
from services.evidence.schema import FIELDS, SUMMARY
from services.exports.options import PREFIX
from services.importing.held_file import Preview
from services.importing.mapping import (
    TARGETS,
    TEXT,
    Mapping,
    gives_texts_only,
    guess_mapping,
    mapping_fault,
)
from services.personas.paths import join_path

_MOST_COLUMNS = 40  # to choose one by one
_NOTHING = ""
_LABELS = {
    _NOTHING: "– not imported –",
    TEXT: "Text about the person",
    "persona": "The whole persona, as JSON",
}


def choose_columns(preview: Preview) -> tuple[Mapping, bool]:
    """Draw the choice, guessed beforehand; what was chosen, and whether it can be used."""
    warn_of_table(preview)
    guess = guess_mapping(preview.columns)
    known = [head for head in preview.columns if guess.get(head) == head]
    others = [head for head in preview.columns if guess.get(head) != head]
    mapping = {head: head for head in known}
    if known:
        st.caption(
            f"{len(known)} of {len(preview.columns)} columns are as this dashboard writes them."
        )
    further = [head for head in others[:_MOST_COLUMNS] if head not in guess]
    as_fields = bool(further) and st.checkbox(
        f"Store as fields of the persona, too: {plain(', '.join(further), 160)}",
        key="further-columns",
    )
    for head in others[:_MOST_COLUMNS]:
        proposed = guess.get(head, _own(head) if as_fields else _NOTHING)
        key = f"target-{head}-field" if as_fields and head in further else f"target-{head}"
        target = _choose(head, proposed, preview.samples.get(head, ""), key)
        if target:
            mapping[head] = target
    if len(others) > _MOST_COLUMNS:
        st.caption(f"Further {len(others) - _MOST_COLUMNS} columns are not imported.")
    for head in (head for head, target in mapping.items() if target == TEXT):
        warn_of_head(head)
    fault = mapping_fault(mapping, preview.columns)
    if fault:
        st.info(fault, icon=":material/info:")
    elif gives_texts_only(mapping):
        st.info(
            "No column becomes a field, so each row is stored as a text without a persona. Once "
            "they are stored, you can draft them all as a batch.",
            icon=":material/edit_note:",
        )
    return mapping, fault is None


def _choose(head: str, guess: str, sample: str, key: str) -> str:
    left, right = st.columns([3, 2], vertical_alignment="center")
    with left:
        st.markdown(f"**{plain(head, 80)}**  \n{plain(sample, 160) or '–'}")
    fields = [PREFIX + name for name in (*(spec.name for spec in FIELDS), SUMMARY)]
    options = list(dict.fromkeys([_NOTHING, guess or _NOTHING, *TARGETS, _own(head), *fields]))
    with right:
        return str(
            st.selectbox(
                f"{plain(head, 80)} becomes",
                options,
                index=options.index(guess),
                format_func=_label,
                key=key,
                label_visibility="collapsed",
            )
        )


def _own(head: str) -> str:
    """The field that is called as the column is."""
    return PREFIX + join_path([head.strip().lower().replace(" ", "_") or "field"])


def _label(target: str) -> str:
    if target.startswith(PREFIX):
        return f"Field: {plain(target.removeprefix(PREFIX), 60)}"
    return _LABELS.get(target, target)
