"""Claims, review, generations, exports and imports over HTTP, each to its end in the database."""

from __future__ import annotations

import hashlib
import json
import socket
import time
from dataclasses import replace
from uuid import UUID, uuid4

import psycopg
import pytest

from services.access.keys.stored import get_api_keys
from services.access.roles import Role
from services.api.models.work import BatchTextIn
from services.api.requests import texts_of
from services.errors import FetchError, InvalidInputError
from services.generation.requests import NewRequest, get_generation_requests
from services.local_supabase.stack import LocalSupabase
from services.personas import get_persona_repository
from services.sources.fetch import Fetcher
from tests.integration.api.conftest import TEXT, Program, Server, finished
from tests.integration.test_fetch import PUBLIC, Answer, Names, OnlyPublic, answer, running
from tests.integration.test_runner import StepwiseGenerator
from tests.integration.test_worker import working
from tests.waiting import eventually


def test_claims_sources_and_proposals(program: Program) -> None:
    where = f"personas/{program.created()['id']}"
    claims = {one["path"]: one for one in program.get(f"{where}/claims").json()}
    assert claims["/skills/0"]["evidence"][0]["quote"] == "SQL"
    (words,) = [one for one in program.get(f"{where}/evidence").json() if one["path"] == "/name"]
    assert TEXT[words["start"] : words["end"]] == "Ana Ruiz"
    accepted = program.post(f"{where}/claims/accept", {"path": "/name"}, version=1)
    assert accepted.headers["ETag"] == '"2"'
    out = program.post(f"{where}/claims/reject", {"path": "/skills/0"}, version=2).json()
    assert "SQL" not in json.dumps(out["persona"])
    (proposal,) = program.get(f"{where}/proposals").json()
    assert (proposal["number"], proposal["value"]) == (0, "SQL")
    back = program.post(f"{where}/proposals/accept", {"number": 0}, version=3).json()
    assert back["persona"]["skills"] == ["SQL"]
    start = TEXT.index("Nordlys")
    claim = {"field": "company", "value": "Nordlys", "start": start, "end": start + 7}
    added = program.post(f"{where}/claims", claim, version=4)
    assert added.json()["persona"]["company"] == "Nordlys"
    assert program.post(f"{where}/claims/accept", {"path": "/none"}, version=5).status_code == 422
    assert program.post(f"{where}/proposals/dismiss", {"number": 9}, version=5).status_code == 404
    source = {"text": "She also speaks Danish.", "label": "Second call", "on": "2026-05-01"}
    longer = program.post(f"{where}/sources", source, version=5).json()
    labels = [one["label"] for one in program.get(f"{where}/sources").json()]
    assert (labels, longer["version"]) == (["First text", "Second call"], 6)
    stored = get_persona_repository().read(longer["id"])
    assert stored.updated_by == "through key tests"
    assert program.post(f"{where}/sources", {"label": "x"}, version=6).status_code == 422


def test_review_and_comments(server: Server, program: Program) -> None:
    where = f"personas/{program.created()['id']}"
    analyst = server.program(Role.ANALYST, name="analyst")
    moved = analyst.ask("PUT", f"{where}/status", json={"status": "in_review"}, version=1)
    version = moved.json()["version"]
    assert moved.json()["status"] == "in_review"
    (waiting,) = program.get("review-queue").json()["items"]
    assert waiting["version"] == version
    approve = {"status": "approved", "note": "Looks right."}
    refused = analyst.ask("PUT", f"{where}/status", json=approve, version=version)
    assert (refused.status_code, refused.json()["needed_role"]) == (403, "reviewer")
    done = program.ask("PUT", f"{where}/status", json=approve, version=version)
    assert (done.status_code, program.get(where).json()["review_note"]) == (200, "Looks right.")
    version = done.json()["version"]
    not_so = program.ask("PUT", f"{where}/status", json={"status": "rejected"}, version=version)
    assert not_so.status_code == 409

    comment = analyst.post(f"{where}/comments", {"text": "Is it so?", "path": "/role"}).json()
    assert (comment["about"], comment["author"]) == ("Support lead", "through key analyst")
    resolved = program.post(f"comments/{comment['id']}/resolve").json()
    assert resolved["resolved_by"] == "through key tests"
    assert program.post(f"comments/{comment['id']}/reopen").json()["resolved_at"] is None
    assert program.ask("DELETE", f"comments/{comment['id']}").status_code == 404
    assert analyst.ask("DELETE", f"comments/{comment['id']}").status_code == 204
    assert program.get(f"{where}/comments").json() == []


def test_keys_of_one_name_do_not_delete_each_others_comments(
    server: Server, program: Program
) -> None:
    with pytest.raises(InvalidInputError, match="a valid key named “tests”"):
        server.program(Role.ANALYST)
    where = f"personas/{program.created()['id']}/comments"
    comment = program.post(where, {"text": "Is it so?"}).json()
    (key,) = get_api_keys().list()
    get_api_keys().revoke(key.id)
    later = server.program()
    assert later.ask("DELETE", f"comments/{comment['id']}").status_code == 404
    own = later.post(where, {"text": "It is."}).json()
    assert later.ask("DELETE", f"comments/{own['id']}").status_code == 204
    assert later.get(where).json() == [comment]


def test_texts_become_personas(program: Program) -> None:
    key = {"Idempotency-Key": uuid4().hex}
    new = {"text": TEXT}
    asked = program.post("generations", new, headers=key)
    assert asked.status_code == 202
    assert program.post("generations", new, headers=key).json()["id"] == asked.json()["id"]
    done = finished(program, asked.json()["id"])
    assert (done["status"], done["engine"]) == ("saved", "offline")
    made = program.get(f"personas/{done['persona_id']}").json()
    assert (made["persona"]["name"], made["created_by"]) == ("Ana Ruiz", "through key tests")

    where = f"personas/{made['id']}"
    source = {"text": "She lives in Aarhus and uses Power BI every day.", "label": "Second"}
    version = program.post(f"{where}/sources", source, version=1).json()["version"]
    redraft = program.post(f"{where}/redrafts", {})
    assert redraft.status_code == 202
    assert finished(program, redraft.json()["id"])["status"] == "saved"
    assert program.get(f"{where}/redrafts/latest").json()["kind"] == "regenerate"
    offers = program.get(f"{where}/redrafts/latest/differences").json()
    keys = [one["key"] for one in offers]
    assert keys
    taken = program.post(f"{where}/redrafts/latest/take-over", {"keys": keys}, version=version)
    assert "Power BI" in json.dumps(taken.json()["persona"])
    assert program.get(f"{where}/redrafts/latest").status_code == 404

    forgotten = asked.json()["id"]
    assert program.post(f"generations/{forgotten}/cancel").status_code == 200
    assert program.ask("DELETE", f"generations/{forgotten}").status_code == 204
    assert program.get(f"generations/{forgotten}").status_code == 404
    for wrong, status in (
        ({}, 422),
        ({"text": "a", "url": "https://example.org"}, 422),
        ({"url": "http://127.0.0.1/"}, 422),
        ({"text": "a", "engine": "none"}, 422),
        ({"text": "x" * 2_000_001}, 422),
    ):
        assert program.post("generations", wrong).status_code == status


def test_a_batch_from_its_texts_to_its_personas(program: Program) -> None:
    key = {"Idempotency-Key": uuid4().hex}
    texts = [f"Bo Berg {n} is a nurse in Oslo." for n in range(3)]
    new = {"name": "Nurses", "items": [{"text": text, "label": text[:9]} for text in texts]}
    asked = program.post("batches", new, headers=key)
    assert (asked.status_code, asked.json()["total"]) == (202, 3)
    assert program.post("batches", new, headers=key).json()["id"] == asked.json()["id"]
    where = asked.headers["Location"]
    done = eventually(lambda: (b := program.get(where).json())["state"] == "finished" and b)
    assert (done["saved"], done["engine"]) == (3, "offline")
    assert done["created_by"] == "through key tests"
    items = program.get(f"{where}/items", params={"status": "saved", "after": 0}).json()
    assert [one["position"] for one in items] == [1, 2]
    assert [one["label"] for one in items] == ["Bo Berg 1", "Bo Berg 2"]
    made = program.get(f"personas/{items[0]['persona_id']}").json()
    assert (made["raw_text"], made["created_by"]) == (texts[1], "through key tests")
    assert [one["id"] for one in program.get("batches").json()] == [done["id"]]
    assert program.ask("DELETE", where).status_code == 204
    assert program.get(where).status_code == 404
    assert program.get("count").json()["count"] == 3, "personas outlive their batch"

    for broken in ({"text": " "}, {"text": "Fine.", "label": "\0"}, {"url": "http://127.0.0.1/"}):
        refused = program.post("batches", {"items": [{"text": "Fine."}, broken]})
        assert refused.status_code == 422
        assert "items[1]: " in refused.text or "items.1." in refused.text
    far = {"items": [{"url": "http://127.0.0.1/"}] * 101}
    assert "up to 100 web addresses" in program.post("batches", far).text
    assert program.get("batches").json() == [], "all or none"


def test_the_pages_of_a_batch_are_fetched_some_at_once_within_their_time() -> None:
    with running(PUBLIC) as site:
        site.answers = {"/": slow(answer(), 0.5), "/gone": answer(status="404 Not Found")}
        fetch = Fetcher(OnlyPublic(), Names()).fetch
        pages = [BatchTextIn(url=site.url()) for _ in range(8)]
        texts = [BatchTextIn(text=str(n)) for n in range(3)]
        begun = time.monotonic()
        found = texts_of([*texts, *pages], fetch)
        assert time.monotonic() - begun < 8 * 0.5
        assert found[:3] == ["0", "1", "2"]
        assert all("Mira Solberg" in text for text in found[3:])
        with pytest.raises(FetchError, match=r"^items\[3\]: There is no page"):
            texts_of([*texts, BatchTextIn(url=site.url("/gone")), *pages], fetch)
        with pytest.raises(FetchError, match="did not arrive within"):
            texts_of(pages, fetch, seconds=0.4)


def slow(sends: Answer, seconds: float) -> Answer:
    def send(connection: socket.socket) -> None:
        time.sleep(seconds)
        sends(connection)

    return send


def test_a_batch_is_held_cancelled_and_run_again(program: Program) -> None:
    batch = program.post("batches", {"items": [{"text": TEXT}], "cap_tokens": 0}).json()
    where = f"batches/{batch['id']}"
    eventually(lambda: program.get(where).json()["state"] == "finished")  # offline takes no tokens
    assert program.ask("PUT", f"{where}/cap", json={"cap_usd": 1}).json()["cap_usd"] == 1
    assert program.post(f"{where}/pause").json()["state"] == "finished"
    many = {"items": [{"text": f"{TEXT} {n}"} for n in range(150)]}
    held = f"batches/{program.post('batches', many).json()['id']}"
    assert program.post(f"{held}/pause").json()["state"] == "paused"
    assert program.post(f"{held}/resume").json()["state"] == "running"
    ended = program.post(f"{held}/cancel").json()
    assert (ended["state"], ended["queued"]) == ("cancelled", 0)
    eventually(lambda: program.get(held).json()["running"] == 0)
    ended = program.get(held).json()
    assert ended["saved"] + ended["cancelled"] == 150
    assert ended["cancelled"] > 0
    assert program.post(f"{held}/run").json()["state"] == "running"
    eventually(lambda: program.get(held).json()["saved"] == 150)


def test_a_request_is_cancelled_whoever_holds_it(server: Server, program: Program) -> None:
    """By this process's worker, or by nobody: then it ends in the database."""
    requests, engine = get_generation_requests(), StepwiseGenerator()

    def handed_back() -> UUID:
        new = NewRequest(id=uuid4(), raw_text=TEXT, engine=engine.name)
        requests.submit(new, "gone")
        requests.hand_back(new.id, "gone")
        return new.id

    with working(engine, concurrency=1) as worker:
        work = server.app.state.background
        server.app.state.background = replace(work, cancel_in_worker=worker.cancel)
        held = handed_back()
        eventually(lambda: engine.runs)
        waiting = handed_back()
        assert program.post(f"generations/{waiting}/cancel").json()["status"] == "cancelled"
        assert program.post(f"generations/{held}/cancel").status_code == 200
        assert finished(program, str(held))["status"] == "cancelled"
        assert (engine.runs, program.get("count").json()["count"]) == (1, 0)


def test_what_another_process_works_on_goes_on(program: Program) -> None:
    requests, one = get_generation_requests(), uuid4()
    requests.submit(NewRequest(id=one, raw_text=TEXT, engine="elsewhere"), "another")
    assert program.post(f"generations/{one}/cancel").json()["status"] == "queued"
    assert requests.claim(one, "another")
    assert program.post(f"generations/{one}/cancel").json()["status"] == "running"


def test_a_cancelled_text_of_a_batch_is_run_by_its_batch(program: Program) -> None:
    many = {"items": [{"text": f"{TEXT} {n}"} for n in range(150)]}
    where = f"batches/{program.post('batches', many).json()['id']}"
    program.post(f"{where}/cancel")
    (item, *_) = program.get(f"{where}/items", params={"status": "cancelled"}).json()
    for again in ("run", "finish"):
        refused = program.post(f"generations/{item['id']}/{again}")
        assert (refused.status_code, refused.json()["title"]) == (409, "In a batch")
        assert f"POST /{where}/run" in refused.json()["advice"]


def test_an_export_is_whole_and_only_for_its_key(
    server: Server, program: Program, database: LocalSupabase
) -> None:
    for number in range(5):
        program.created({"name": f"P{number}", "n": number % 2})
    wanted = {"format": "jsonl", "filters": {"where": ["is:n=1"]}}
    reader = server.program(Role.VIEWER, "read", name="reader")
    begun = reader.post("exports", wanted).json()
    assert begun["state"] == "ready"
    file = reader.get(begun["file"])
    assert {json.loads(line)["persona"]["name"] for line in file.text.splitlines()} == {"P1", "P3"}
    told = reader.get(f"exports/{begun['id']}").json()
    assert (told["state"], told["rows"]) == ("complete", 2)
    assert told["sha256"] == hashlib.sha256(file.content).hexdigest()
    with psycopg.connect(database.db_url) as connection:  # where nobody signs in
        last = "select action, actor, detail -> 'rows' from persona_audit order by id desc limit 1"
        key = connection.execute("select id from api_keys order by created_at desc").fetchone()
        assert key is not None
        assert connection.execute(last).fetchone() == ("exported", f"key:{key[0]}", 2)
    assert program.get(begun["file"]).status_code == 404
    assert reader.get("exports/none/file").status_code == 404
    assert reader.post("exports", {"filters": {"sort": ["age"]}}).status_code == 422
    assert reader.post("exports", {"columns": ["none"]}).status_code == 201
    wrong = reader.post("exports", {"columns": ["none"]}).json()
    assert reader.get(wrong["file"]).status_code == 422


def test_an_import_is_checked_and_saved(program: Program) -> None:
    rows = "notes,name\nAna writes SQL.,Ana\n,Nobody\nBo is a nurse.,Bo\n"
    given = program.post("imports?name=people.csv", content=rows.encode())
    assert given.status_code == 201, given.text
    job = given.json()
    assert (job["columns"], job["mapping"]["notes"]) == (["notes", "name"], "raw_text")
    where = f"imports/{job['id']}"
    assert program.get(where).status_code == 404  # nothing is stored yet
    assert program.post(f"{where}/cancel").status_code == 404
    forged = {**job["mapping"], "name": "created_by"}
    refused = program.post(f"{where}/check", {"mapping": forged})
    assert (refused.status_code, "cannot become created_by" in refused.text) == (422, True)
    checked = program.post(f"{where}/check", {"mapping": job["mapping"]})
    assert checked.status_code == 202
    told = eventually(lambda: (found := program.get(where).json())["status"] == "checked" and found)
    assert (told["good"], told["faulty"]) == (2, 1)
    problems = program.get(f"{where}/problems", params={"limit": 1}).json()
    assert (len(problems["items"]), problems["next"]) == (1, None)
    assert program.post(f"{where}/save").status_code == 202
    eventually(lambda: program.get(where).json()["status"] == "saved")
    assert program.get("count").json()["count"] == 2
    (stored, *_) = get_persona_repository().iterate()
    assert stored.created_by == "through key tests"
    assert program.post(f"{where}/check", {"mapping": {}}).status_code == 422
    assert program.post("imports?name=x.exe", content=b"MZ").status_code == 422
    form = program.post("imports?name=people.csv", files={"file": rows.encode()})
    assert (form.status_code, "the file itself" in form.json()["advice"]) == (415, True)
    packed = {"Content-Encoding": "gzip"}
    packed_file = program.post("imports?name=people.csv", content=b"\x1f\x8b", headers=packed)
    assert packed_file.status_code == 415
    assert [one["id"] for one in program.get("imports").json()] == [job["id"]]
