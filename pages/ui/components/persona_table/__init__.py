"""The list of personas: real links, one row a persona, inert for any content.

Streamlit's dataframe draws on a canvas, so its rows can be neither links nor read aloud.

Keys: j and k (or arrows) go through the rows, Enter opens one, x chooses it, Escape chooses none,
p shows what each holds beside the list, ? shows the keys.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from pages.ui.components import one_script
from pages.ui.identity import shown_author
from pages.ui.wording import is_seen, label
from services.personas.finding.finder import HIT_BEGINS, HIT_ENDS, FoundPersona

_HERE = Path(__file__).parent
_render = st.components.v2.component(
    "persona_table",
    html='<div class="personas"></div>',
    css=(_HERE / "style.css").read_text("utf-8"),
    js=one_script(_HERE, "cells.js", "preview.js", "table.js"),
)
_PREVIEWING = "list-previewing"  # what the browser wants; it tells once


def persona_table(
    personas: Sequence[FoundPersona],
    *,
    page: str,
    parameters: str,
    key: str,
    shown: str = "",
    choosable: bool = False,
    previews: Callable[[], Mapping[str, Any]] | None = None,
) -> tuple[str, ...]:
    """Draw the personas in the order given, hits of the search marked; the ids that are ticked.

    `page` is the address of the page that shows one persona; `?id=` and `parameters` ("" or "&…")
    are added to it. With `choosable`, rows can be ticked; ticks last as long as `shown`, which
    names what list this is, stays the same. `key` stays, so that another list is drawn in place.
    `previews` is asked for what to show beside the list, by id, once somebody wants that.
    """

    def asked() -> None:
        st.session_state[_PREVIEWING] = (st.session_state.get(key) or {}).get("previewing")

    wanted = previews is not None and st.session_state.get(_PREVIEWING)
    result = _render(
        key=key,
        data={
            "rows": [_row(one) for one in personas],
            "link": {"page": page, "from": parameters},
            "choosable": choosable,
            "list": shown,
            "searched": st.query_params.get("q", "").strip(),
            "previews": previews() if previews and wanted else None,
        },
        default={"chosen": None},
        on_chosen_change=lambda: None,
        on_previewing_change=asked,
        height="content",
    )
    chosen = result.chosen or {"list": None}
    if chosen["list"] != shown:
        return ()
    listed = {str(one.id) for one in personas}
    return tuple(one for one in chosen["ids"] if one in listed)


def _row(persona: FoundPersona) -> dict[str, Any]:
    row = persona.model_dump(mode="json", exclude={"place"})
    told = {
        "name": persona.name if is_seen(persona.name) else None,
        "status_label": label(persona.status),
        "updated_by": shown_author(persona.updated_by) if persona.updated_by else None,
    }
    return {**row, **told, "snippet": _pieces(persona.snippet) if persona.snippet else None}


def _pieces(snippet: str) -> list[list[str | bool]]:
    """The snippet as pairs of text and whether it is a hit."""
    pieces: list[list[str | bool]] = []
    for number, part in enumerate(snippet.split(HIT_BEGINS)):
        hit, mark, rest = part.partition(HIT_ENDS)
        pieces += [[hit, True], [rest, False]] if number and mark else [[part, False]]
    return [piece for piece in pieces if piece[0]]
