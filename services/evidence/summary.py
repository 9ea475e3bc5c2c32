"""The summary of a persona: written from its claims, so it says nothing they do not say."""

from __future__ import annotations

from typing import Any

from services.evidence.schema import SUMMARY

_MOST = 3  # goals and pain points named


def write_summary(persona: dict[str, Any]) -> str:
    """A sentence on who the person is, one on what they want, one on what hinders them.

    "Priya Raman, 38, procurement lead at Northlake Care in Leeds. Wants: cut supplier
    turnaround. Struggles with: late invoices." Empty if the persona has none of these.
    """
    sentences = (
        _who(persona),
        _listed("Wants", persona.get("goals")),
        _listed("Struggles with", persona.get("pain_points")),
    )
    return " ".join(sentence for sentence in sentences if sentence)


def edited(before: dict[str, Any], persona: dict[str, Any]) -> dict[str, Any]:
    """What somebody made of the persona `before`; a summary that nobody wrote follows it."""
    return resummarised(before, persona) if before.get(SUMMARY) else persona


def resummarised(before: dict[str, Any], persona: dict[str, Any]) -> dict[str, Any]:
    """The persona with its summary written anew, unless a person wrote the one it had or has."""
    had = before.get(SUMMARY, "")
    if had != write_summary(before) or persona.get(SUMMARY, "") != had:
        return persona
    others = {key: value for key, value in persona.items() if key != SUMMARY}
    summary = write_summary(others)
    return {**others, SUMMARY: summary} if summary else others


def _who(persona: dict[str, Any]) -> str:
    name, age, role, company, location = (
        str(persona.get(key) or "") for key in ("name", "age", "role", "company", "location")
    )
    work = " at ".join(part for part in (role, company) if part) if role else company
    place = f"{work} in {location}" if work and location else work or location
    return _sentence(", ".join(part for part in (name, age, place) if part))


def _listed(label: str, values: Any) -> str:
    if not isinstance(values, list) or not values:
        return ""
    return _sentence(f"{label}: " + "; ".join(str(value).rstrip(" .;") for value in values[:_MOST]))


def _sentence(text: str) -> str:
    return text if not text or text.endswith((".", "!", "?", "…")) else text + "."
