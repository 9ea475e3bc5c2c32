"""Personas over HTTP: exact, once, and by whom."""

from __future__ import annotations

from tests.integration.api.conftest import PERSONA, TEXT, Program


def test_a_persona_from_its_making_to_its_end(program: Program) -> None:
    made = program.created()
    where = f"personas/{made['id']}"
    read = program.get(where)
    assert read.json() == made
    assert read.headers["ETag"] == '"1"'
    print(read.json(), read.headers)
    patched = program.ask("PATCH", where, json={"persona": {"role": "Head", "skills": None}}, version=1, headers={"Content-Type": "application/merge-patch+json"})
    assert patched.status_code == 200, patched.text
    print(patched.text)
    late = program.ask("PUT", where, json={"raw_text": TEXT, "persona": PERSONA}, version=1)
    print(late.status_code, late.text)
    for path in ("personas", "personas/count", "statistics", where+"/versions", where+"/versions/2", where+"/versions/2/changes", where+"/evidence", where+"/claims", where+"/proposals", where+"/sources", where+"/comments", "review-queue","trash","engines","generations","imports","health","key"):
        r = program.get(path)
        print(path, r.status_code, r.text[:300])
        assert r.status_code == 200
