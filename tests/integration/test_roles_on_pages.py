"""Each role and each button of each page: what a role does not allow is absent or disabled.

The buttons are read from the pages as an admin sees them, so that a new one without a rule fails.
"""

from __future__ import annotations

import pytest
import streamlit as st
from streamlit.runtime.context import ContextProxy
from streamlit.testing.v1 import AppTest

from services import cached
from services.access.roles import Role
from services.access.sessions import get_sessions
from services.access.sign_in.cookies import COOKIE
from tests.isolated import ROOT
from tests.team import Team
from tests.ui.conftest import component_data, text_of
from tests.waiting import PATIENCE_SECONDS

V, A, R, D = Role
BUTTONS: dict[str, Role] = {
    "Add comment": A, "Add text": A, "Approve": R, "Cancel": A,
    "Check again": V, "Copy": V, "Delete": A, "Draft many texts": A,
    "Download JSON": V, "Download Markdown": V, "Download Text": V, "Erase": D,
    "Export": V, "Fetch": A, "Generate persona": A, "Make a key": V, "Next": V, "Pause": A,
    "Previous": V, "Problems as CSV": V, "Results as CSV": V, "Run these again": A,
    "Regenerate": A, "Restore": A, "Restore version 1": A, "Restore this value": A, "Review": V,
    "Sample file": A, "Send to review": A, "Start reviewing": V, "Use the sample text": A,
}  # fmt: skip
OF_ADMINS = ("people", "audit")  # pages with actions of their own, not opened to others at all
VIEWS = ("review", "edit", "regenerate", "history")
BATCH = "6a1f9c1e-0000-4000-8000-0000000000ab"
MAIN = str(ROOT / "pages" / "_main.py")


@pytest.fixture
def persona(team: Team) -> str:
    """A draft of two versions, a persona in the trash, and a batch with a failure; the id of the
    first."""
    ((stored,),) = team.sql(
        "insert into personas (raw_text, persona) values ('Ada keeps bees.', '{\"name\": \"Ada\"}')"
        " returning id::text"
    )
    team.sql('update personas set persona = \'{"name": "Ada B"}\'')
    team.sql("insert into personas (raw_text, persona, deleted_at) values ('Bo.', '{}', now())")
    team.sql(
        "insert into generation_batches (id, engine, state) values (%s, 'x', 'running')", BATCH
    )
    team.sql(
        "insert into generation_requests (id, batch_id, position, raw_text, engine, status,"
        " error_kind) select gen_random_uuid(), %s, n, 'Cy.', 'x', case n when 1 then 'failed'"
        " else 'queued' end, 'timeout' from generate_series(1, 2) n",
        BATCH,
    )
    return stored


def test_every_button_by_role(team: Team, persona: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = {role: _seen_by(role, team, persona, monkeypatch) for role in Role}
    for place, buttons in seen[D].items():
        if place in OF_ADMINS:
            for role in (V, A, R):
                assert seen[role][place] == {}, place
            continue
        for label, enabled in buttons.items():
            if not enabled:  # for another reason
                continue
            assert label in BUTTONS, f"{place}: say which role “{label}” needs"
            for role in (V, A, R):
                shown = seen[role][place].get(label, False)
                assert shown is role.includes(BUTTONS[label]), (place, label, role)
    assert {label for buttons in seen[D].values() for label in buttons} >= set(BUTTONS)


def test_a_viewer_reads_a_persona_and_is_offered_nothing_else(
    team: Team, persona: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = get_sessions().begin(team.tokens(V))
    monkeypatch.setattr(ContextProxy, "cookies", property(lambda _: {COOKIE: secret}))
    page = AppTest.from_file(MAIN, default_timeout=PATIENCE_SECONDS).run()
    page.session_state[f"comments-{persona}"] = True
    page.switch_page("persona.py")
    page.query_params = {"id": persona}
    page.run()
    refusal = "Your role does not allow this: it takes an analyst."
    assert component_data(page, "claims-")["refusal"] == refusal
    assert component_data(page, "evidence-")["markable"] == ""
    assert not page.text_area
    page.query_params = {"id": persona, "view": "edit"}
    page.run()
    assert component_data(page, "editor-")["readOnly"] is True
    assert component_data(page, "edit-text-")["markable"] == ""
    assert refusal in text_of(page)


def _seen_by(
    role: Role, team: Team, persona: str, monkeypatch: pytest.MonkeyPatch
) -> dict[str, dict[str, bool]]:
    """By page, its buttons and whether they can be used."""
    secret = get_sessions().begin(team.tokens(role))
    # AppTest has no browser that could send a cookie.
    monkeypatch.setattr(ContextProxy, "cookies", property(lambda _: {COOKIE: secret}))
    page = AppTest.from_file(MAIN, default_timeout=PATIENCE_SECONDS).run()
    page.session_state[f"comments-{persona}"] = True  # folded away, they are not drawn
    seen = {}
    for file in sorted((ROOT / "pages").glob("[!_]*.py")):
        for view in VIEWS if file.stem == "persona" else ("",):
            page.switch_page(file.name)
            page.query_params = {"id": persona, "view": view} if view else {}
            if file.stem == "batch":
                page.query_params = {"id": BATCH}
            seen[f"{file.stem}{view}"] = _buttons(page.run())
    cached.stop_runner()
    st.cache_data.clear()
    return seen


def _buttons(page: AppTest) -> dict[str, bool]:
    assert not page.exception
    elements = [*page.button, *page.get("download_button")]
    return {one.proto.label: not one.proto.disabled for one in elements}
