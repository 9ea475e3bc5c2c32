"""Personas that another program wrote badly: the list and every view of them work, one repairs."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from psycopg.types.json import Json

from services.local_supabase.stack import LocalSupabase
from services.personas import get_persona_repository
from services.personas.history import get_history
from tests.ui.conftest import button, listed_names, open_page, text_of

BAD = [
    ("evidence", [1], "evidence[0] must be an object"),
    ("evidence", [[]], "evidence[0] must be an object"),
    ("evidence", [{"path": "/name", "quote": None}], "evidence[0].quote must be text"),
    ("sources", [5], "sources[0] must be an object"),
    ("origins", {"/name": 5}, "origins./name must be “model” or “human”"),
    ("generation", {"engine": "x", "usage": 5}, "generation.usage must be an object"),
    ("generation", {"engine": "x", "cost": "high"}, "generation.cost must be a number from 0 on"),
    ("origin", {"kind": ["restored"], "path": "no pointer"}, ""),
    ("origin", {"kind": "restored", "path": "no pointer"}, ""),
]


def insert(db_url: str, column: str, value: object) -> UUID:
    statement = SQL("insert into personas (raw_text, persona, {}) values (%s, %s, %s) returning id")
    with psycopg.connect(db_url, autocommit=True) as sql:
        sql.execute("alter table personas disable trigger personas_sound")
        row = sql.execute(
            statement.format(Identifier(column)),
            ["Ada said so.", Json({"name": "Ada", "role": "analyst"}), Json(value)],
        ).fetchone()
        sql.execute("alter table personas enable trigger personas_sound")
    assert row is not None
    return UUID(str(row[0]))


@pytest.mark.parametrize(("column", "value", "flaw"), BAD)
def test_it_is_listed_opened_repaired_and_deleted(
    database: LocalSupabase, column: str, value: object, flaw: str
) -> None:
    persona_id = insert(database.db_url, column, value)
    assert listed_names(open_page("personas")) == ["Ada"]
    assert "Ada" in text_of(open_page("review"))
    at = open_page("persona", id=str(persona_id))
    for view in ("Edit", "Regenerate", "History", "Review"):
        at.get("button_group")[0].set_value(view)
        at.run()
        shown = text_of(at)
        assert "internal error" not in shown
        assert "Something went wrong" not in shown
        assert "Ada said so." in shown or view in ("Regenerate", "History")
        assert flaw in shown
    if flaw:
        button(at, "Repair").click().run()
        assert not [one for one in at.button if one.label == "Repair"]
        repaired = get_persona_repository().read(persona_id)
        assert (repaired.version, repaired.flaws) == (2, ())
        assert get_history().version(persona_id, 1).flaws == (flaw,)
    button(at, "Delete").click().run()
    button(at, "Delete").click()  # AppTest runs the whole page, where a browser runs the dialog
    button(at, "Delete persona").click().run()
    assert get_persona_repository().count() == 0
