"""How a persona came about: engine, model, tokens, cost."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.ui.inert import passage, plain
from services.personas import Persona

_UNSEEN = ":material/visibility_off:"


def how_it_came_about(stored: Persona) -> None:
    """One line; nothing for personas written by hand."""
    generation = stored.generation or {}
    if generation.get("engine"):
        st.caption(" · ".join(_parts(generation)))


def passages_not_read(generation: dict[str, Any] | None, text: str) -> None:
    """The passages that were left out on somebody's word, each with its reason."""
    for part in (generation or {}).get("not_read") or []:
        where = passage(text, part["start"], part["end"])
        st.warning(f"Not read: {where}. {plain(part.get('reason', ''))}", icon=_UNSEEN)


def _parts(generation: dict[str, Any]) -> list[str]:
    model = generation.get("model")
    about = f" about {plain(generation['about'])}" if generation.get("about") else ""
    parts = [f"Drafted by {plain(str(model))}{about}" if model else "Drafted offline, by rules"]
    if version := generation.get("prompt_version"):
        parts.append(f"{'prompt' if model else 'rules'} {plain(str(version))}")
    if generation.get("taken_over_from"):
        parts.append("taken over from an earlier draft of the same text")
    if usage := generation.get("usage"):
        cached = usage.get("cached_input_tokens")
        hint = f" ({cached:,} cached)" if cached else ""
        parts.append(f"{usage['input_tokens']:,} tokens in{hint}, {usage['output_tokens']:,} out")
    if (cost := generation.get("cost")) is not None:
        parts.append(f"{cost:.4f} USD")
    if (seconds := generation.get("seconds")) is not None:
        parts.append(f"{seconds:.1f} s")
    if (chunks := generation.get("chunks") or 1) > 1:
        parts.append(f"{chunks} parts")
    if look := generation.get("second_look"):
        parts.append(f"a second look left out {look['doubted']} of {look['checked']} claims")
    return parts
