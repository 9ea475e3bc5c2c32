"""A button that asks the configured model one small question, and says what came of it."""

from __future__ import annotations

import streamlit as st

from pages.ui.inert import plain
from services import cached
from services.generation.trial import Trial

_KEPT = "model-trial"


def model_trial() -> None:
    """Draw the button where a model is set up, and the last trial of this session."""
    if not cached.uses_model_server():
        return
    if st.button("Try the model", icon=":material/play_arrow:", key="try-model"):
        with st.spinner("Asking the model about an invented person …"):
            st.session_state[_KEPT] = cached.try_model()
    trial: Trial | None = st.session_state.get(_KEPT)
    if trial is not None:
        _show(trial)


def _show(trial: Trial) -> None:
    if trial.fault:
        advice = trial.fault.advice_without_text
        st.error(f"**{plain(trial.fault.problem)}**\n\n{plain(advice)}", icon=":material/error:")
        if trial.other_models:
            st.markdown(f"The server has: {plain(', '.join(trial.other_models))}")
        return
    st.success(f"{plain(trial.model)} works: {_count(trial.claims)} found.")
    st.markdown("\n".join(f"- **{name}:** {plain(value)}" for name, value in _lines(trial)))


def _lines(trial: Trial) -> list[tuple[str, str]]:
    dialect, usage = trial.dialect, trial.usage
    lines = [
        ("Time", f"{trial.seconds:.1f} s, first words after {trial.first_seconds:.1f} s"),
        ("Form of the answer", f"asked for as {dialect.form.value}"),
        ("Streams", "yes" if dialect.streams else "no: drafts show nothing while they arrive"),
        (
            "Tokens",
            f"{usage.input_tokens:,} in, {usage.output_tokens:,} out"
            if usage
            else "the server does not count them: costs are not known",
        ),
        ("Context", f"{trial.context:,} tokens" if trial.context else "the server does not tell"),
    ]
    if left_out := _left_out(trial):
        lines.append(("Not taken by the server", left_out))
    return lines


def _left_out(trial: Trial) -> str:
    dialect = trial.dialect
    refused = {
        "temperature 0": not dialect.is_steady,
        "seed": not dialect.is_seeded,
        "system message": not dialect.has_system,
        "output limit": not dialect.limit_name,
        f"more than {dialect.max_output or 0:,} tokens out": dialect.max_output is not None,
    }
    return ", ".join(name for name, is_refused in refused.items() if is_refused)


def _count(claims: int) -> str:
    return f"{claims} claim{'' if claims == 1 else 's'}"
