"""Personas over HTTP: exact, once, and by whom."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import psycopg

from services.generation.batches import get_batches
from services.local_supabase.stack import LocalSupabase
from services.personas import get_persona_repository
from tests.integration.api.conftest import PERSONA, TEXT, Program, Server
from tests.supabase_double import SupabaseDouble, coded

PATCH = {"Content-Type": "application/merge-patch+json"}


def test_a_persona_from_its_making_to_its_erasure(
    program: Program, database: LocalSupabase
) -> None:
    made = program.created()
    where = f"personas/{made['id']}"
    assert (made["version"], made["created_by"]) == (1, "through key tests")
    read = program.get(where)
    assert (read.json(), read.headers["ETag"]) == (made, '"1"')
    again = program.get(where, headers={"If-None-Match": '"1"'})
    assert (again.status_code, again.content) == (304, b"")
    for known, status in (
        ('W/"1"', 304), ('"4", "1"', 304), ("*", 304), ('"4",W/"1"', 304), ('"11"', 200),
    ):  # fmt: skip
        again = program.get(where, headers={"If-None-Match": known})
        assert (again.status_code, again.headers["ETag"]) == (status, '"1"'), known

    change = {"persona": {"role": "Head of support", "skills": None, "team": {"size": 4}}}
    patched = program.ask("PATCH", where, json=change, version=1, headers=PATCH)
    assert patched.headers["ETag"] == '"2"'
    expected = {"name": "Ana Ruiz", "role": "Head of support", "team": {"size": 4}}
    assert patched.json()["persona"] == expected
    assert get_persona_repository().read(made["id"]).persona == expected
    replaced = program.ask("PUT", where, json={"raw_text": TEXT, "persona": PERSONA}, version=2)
    assert replaced.json()["version"] == 3

    versions = program.get(f"{where}/versions", params={"limit": 2}).json()
    assert [one["version"] for one in versions["items"]] == [3, 2]
    rest = program.get(f"{where}/versions", params={"before": versions["next"]}).json()
    assert ([one["version"] for one in rest["items"]], rest["next"]) == ([1], None)
    assert program.get(f"{where}/versions/1").json()["persona"] == PERSONA
    differ = program.get(f"{where}/versions/2/changes").json()
    assert [one["path"] for one in differ] == ["/role", "/team", "/skills"]
    restored = program.post(f"{where}/versions/2/restore", {"path": "/role"}, version=3).json()
    assert restored["persona"] == {**PERSONA, "role": "Head of support"}
    assert program.post(f"{where}/versions/2/restore", {}, version=4).json()["persona"] == expected

    assert program.ask("DELETE", where, version=5).status_code == 204
    assert program.get(where).status_code == 404
    assert [one["id"] for one in program.get("trash").json()] == [made["id"]]
    assert program.post(f"trash/{made['id']}/restore").status_code == 204
    assert program.ask("DELETE", where, version=7).status_code == 204
    assert program.ask("DELETE", f"trash/{made['id']}").status_code == 204
    with psycopg.connect(database.db_url) as connection:
        kept = "select count(*) from persona_dashboard.answered_requests where answer like %s"
        found = connection.execute(kept.encode(), [f"%{made['id']}%"]).fetchone()
        assert found == (0,)  # no answer outlives the persona


def test_a_summary_that_nobody_wrote_follows_a_change(program: Program) -> None:
    written = {"name": "Ida", "role": "nurse", "summary": "Ida, nurse."}
    for change, summary in (
        ({"role": "cook"}, "Ida, cook."),
        ({"role": "cook", "summary": "She cooks."}, "She cooks."),
        ({"role": "cook", "summary": None}, None),
    ):
        where = f"personas/{program.created(written)['id']}"
        patched = program.ask("PATCH", where, json={"persona": change}, version=1, headers=PATCH)
        assert patched.json()["persona"].get("summary") == summary, change


def test_a_change_names_the_version_it_is_based_on(program: Program) -> None:
    made = program.created()
    where = f"personas/{made['id']}"
    change = {"persona": {"role": "Head"}}
    assert program.ask("PATCH", where, json=change, headers=PATCH).status_code == 428
    for etag in ("*", 'w/"1"', "1", '"1", "2"'):
        answer = program.ask("PATCH", where, json=change, headers={**PATCH, "If-Match": etag})
        assert (answer.status_code, answer.json()["title"]) == (400, "Malformed etag")
        assert "GET /personas/{id} answered" in answer.json()["advice"]
    weak = {**PATCH, "If-Match": 'W/"1"'}  # a proxy has compressed what was read
    assert program.ask("PATCH", where, json=change, headers=weak).status_code == 200
    assert program.ask("PATCH", where, json=change, headers=weak).status_code == 412
    late = program.ask("PATCH", where, json=change, version=1, headers=PATCH)
    problem = late.json()
    assert (late.status_code, late.headers["ETag"]) == (412, '"2"')
    assert late.headers["Content-Type"] == "application/problem+json"
    assert (problem["given_version"], problem["current_version"]) == (1, 2)
    assert problem["current"]["persona"]["role"] == "Head"
    assert "Nothing was overwritten" in problem["advice"]
    for method, path, body in (
        ("PUT", where, {"raw_text": TEXT, "persona": PERSONA}),
        ("DELETE", where, None),
        ("PUT", f"{where}/status", {"status": "in_review"}),
        ("POST", f"{where}/claims/accept", {"path": "/name"}),
        ("POST", f"{where}/claims/reject", {"path": "/name"}),
        ("POST", f"{where}/sources", {"text": "More.", "label": "Second"}),
        ("POST", f"{where}/versions/1/restore", {}),
        ("POST", f"{where}/versions/1/restore", {"path": "/role"}),
    ):
        assert program.ask(method, path, json=body, version=1).status_code == 412, path
    assert program.get(where).json()["version"] == 2


def test_of_sixteen_writers_one_wins_each_version(program: Program) -> None:
    where = f"personas/{program.created({'n': 0})['id']}"

    def count(number: int) -> list[int]:
        won = []
        while not won:
            version = program.get(where).json()["version"]
            change = {"persona": {"n": number}}
            answer = program.ask("PATCH", where, json=change, version=version, headers=PATCH)
            assert answer.status_code in (200, 412)
            if answer.status_code == 200:
                won.append(answer.json()["version"])
        return won

    with ThreadPoolExecutor(16) as pool:
        won = sorted(version for some in pool.map(count, range(16)) for version in some)
    assert won == list(range(2, 18))


def test_the_same_post_ten_times_at_once_makes_one_persona(program: Program) -> None:
    key = {"Idempotency-Key": uuid4().hex}

    def send(_: int) -> tuple[int, str]:
        while True:  # 409: the first is still being done
            answer = program.post("personas", {"raw_text": TEXT, "persona": PERSONA}, headers=key)
            if answer.status_code != 409:
                return answer.status_code, answer.text

    with ThreadPoolExecutor(10) as pool:
        answers = set(pool.map(send, range(10)))
    assert len(answers) == 1
    assert program.get("count").json() == {"count": 1, "exact": True}
    replayed = program.post("personas", {"raw_text": TEXT, "persona": PERSONA}, headers=key)
    assert replayed.headers["Idempotent-Replayed"] == "true"
    assert replayed.headers["ETag"] == '"1"'
    other = program.post("personas", {"raw_text": "Other", "persona": {}}, headers=key)
    assert (other.status_code, other.json()["title"]) == (422, "Idempotency key reused")
    missing = program.http.post("personas", headers={"Authorization": f"Bearer {program.key}"})
    assert (missing.status_code, missing.json()["title"]) == (400, "Idempotency key missing")


def test_a_refused_post_may_be_corrected_and_sent_again(program: Program) -> None:
    key = {"Idempotency-Key": uuid4().hex}
    body = {"raw_text": " ", "persona": PERSONA}
    refused = program.post("personas", body, headers=key)
    assert (refused.status_code, refused.json()["errors"][0]["place"]) == (422, "body.raw_text")
    assert program.post("personas", {**body, "raw_text": TEXT}, headers=key).status_code == 201


def test_json_is_taken_as_strictly_as_it_is_stored(program: Program) -> None:
    for body, status in (
        (b'{"raw_text": "x", "persona": {"a": 1, "a": 2}}', 422),
        (b'{"raw_text": "x", "persona": {"a": NaN}}', 400),
        (b'{"raw_text": "x", "persona": {"a": 12345678901234567890}}', 422),
        (b'{"raw_text": "x", "persona": ', 400),
        (b"\xff\xfe", 400),
        (b'{"raw_text": "x", "persona": {"a": "\\u0000"}}', 422),
        (b"[" * 100_000, 400),
    ):
        answer = program.post(
            "personas", content=body, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == status, body[:60]
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert "12345678901234567890" not in answer.text or status == 422
    twice = program.post(
        "personas",
        content=b'{"raw_text": "x", "persona": {"a": [{"b": 1, "c": 2, "c": 3}]}}',
        headers={"Content-Type": "application/json"},
    ).json()
    assert twice["detail"] == "The name “c” stands twice in the same object."
    assert twice["advice"] == "Keep one of them, or rename the other."


def test_a_body_that_is_not_json_is_told_from_wrong_json(program: Program) -> None:
    new = json.dumps({"raw_text": TEXT, "persona": PERSONA}).encode()
    wanted = "Send Content-Type: application/json."
    for kind, status in (
        ("application/x-www-form-urlencoded", 415),  # curl -d by itself
        ("text/plain", 415),
        ("multipart/form-data; boundary=x", 415),
        ("application/x/y+json", 415),
        (None, 415),
        ("Application/JSON; charset=utf-8", 201),
        ("application/vnd.personas+json", 201),
    ):
        headers = {"Content-Type": kind} if kind else {}
        answer = program.post("personas", content=new, headers=headers)
        assert answer.status_code == status, kind
        assert status == 201 or answer.json()["advice"] == wanted, kind
    where = f"personas/{program.created()['id']}"
    change = {"content": b'{"persona": {"role": "Head"}}', "version": 1}
    refused = program.ask("PATCH", where, **change)
    assert "application/merge-patch+json" in refused.json()["advice"]
    json_too = {"Content-Type": "application/json"}
    assert program.ask("PATCH", where, **change, headers=json_too).status_code == 200
    for encoding, status in (("gzip", 415), ("Identity", 201)):
        headers = {**json_too, "Content-Encoding": encoding}
        assert program.post("personas", content=new, headers=headers).status_code == status
    marked = program.post("personas", content=b"\xef\xbb\xbf" + new, headers=json_too)
    assert marked.status_code == 201


def test_the_list_has_every_filter_and_order_and_stable_cursors(program: Program) -> None:
    for number in range(7):
        program.created({"name": f"P{number}", "n": number % 2, "city": "Lisbon"}, f"Text {number}")
    query = {"limit": 3, "sort": "name", "order": "asc", "where": "is:city=lisbon"}
    first = program.get("personas", params=query).json()
    assert [one["name"] for one in first["items"]] == ["P0", "P1", "P2"]
    gone = first["items"][0]["id"]
    assert program.ask("DELETE", f"personas/{gone}", version=1).status_code == 204
    program.created({"name": "P00", "city": "Lisbon"})
    second = program.get("personas", params={**query, "cursor": first["next"]}).json()
    assert [one["name"] for one in second["items"]] == ["P3", "P4", "P5"]
    third = program.get("personas", params={**query, "cursor": second["next"]}).json()
    assert ([one["name"] for one in third["items"]], third["next"]) == (["P6"], None)
    back = program.get("personas", params={**query, "cursor": third["previous"]}).json()
    assert [one["name"] for one in back["items"]] == ["P3", "P4", "P5"]
    last = third["items"][0]["id"]
    assert program.ask("DELETE", f"personas/{last}", version=1).status_code == 204
    after = program.get("personas", params={**query, "cursor": second["next"]}).json()
    assert (after["items"], after["next"]) == ([], None)  # nothing comes twice
    for more, names in (
        ({"where": ["is:n=1", "has:city"]}, {"P1", "P3", "P5"}),
        ({"q": "city:Lisbon", "status": "draft"}, {"P00", "P1", "P2", "P3", "P4", "P5"}),
        ({"engine": "offline"}, set()),
        ({"created": "2001-01-01..2001-12-31"}, set()),
    ):
        found = program.get("personas", params=more).json()
        assert {one["name"] for one in found["items"]} == names
        assert program.get("count", params=more).json()["count"] == len(names)
    for wrong in ({"cursor": "x"}, {"sort": "age"}, {"created": "soon"}, {"where": "x"}):
        assert program.get("personas", params=wrong).status_code == 422
    assert json.dumps(program.get("statistics").json()["by_status"]).startswith('{"draft": 6')


def test_a_cursor_leads_on_only_in_its_order(program: Program) -> None:
    for number in range(4):
        program.created({"name": f"P{number}"})
    by_name = {"limit": 2, "sort": "name", "order": "asc"}
    cursor = program.get("personas", params=by_name).json()["next"]
    for order in ({}, {"sort": "created"}, {"order": "desc"}, {"sort": "updated", "order": "desc"}):
        params = {**by_name, **order, "cursor": cursor} if order else {"cursor": cursor}
        refused = program.get("personas", params=params)
        assert refused.status_code == 422, order
        assert refused.json()["detail"] == "This page cannot be found."
        assert "sort and order" in refused.json()["advice"]
    second = program.get("personas", params={**by_name, "cursor": cursor}).json()
    assert [one["name"] for one in second["items"]] == ["P2", "P3"]
    first = program.get("personas", params={**by_name, "cursor": second["previous"]}).json()
    assert [one["name"] for one in first["items"]] == ["P0", "P1"]


def test_what_the_query_misspells_is_refused_and_never_left_out(program: Program) -> None:
    program.created()
    for path in ("count?staus=approved", "personas?bogus=1", "key?a=1", "health?a=1", "trash?q=x"):
        refused = program.get(path)
        name = path.partition("?")[2].partition("=")[0]
        assert (refused.status_code, refused.json()["errors"][0]["place"]) == (422, f"query.{name}")
    misspelt = program.get("count?staus=approved").json()
    assert misspelt["detail"] == "There is no parameter “staus”."
    assert misspelt["advice"].startswith("There are: q, where, status, ")
    key = {"Idempotency-Key": uuid4().hex}
    body = {"raw_text": TEXT, "persona": PERSONA}
    assert program.post("personas?dry_run=1", body, headers=key).status_code == 422
    assert program.post("personas", body, headers=key).status_code == 201
    for status in ("bogus", "", "draft,approved"):
        filters = {"status": [status]}
        for answer in (
            program.get("personas", params=filters),
            program.get("count", params=filters),
            program.post("exports", {"filters": filters}),
        ):
            assert answer.status_code == 422, (status, answer.text)
            assert "status=draft&status=approved" in answer.json()["advice"]
    both = {"status": ["draft", "approved"]}
    assert program.get("count", params=both).json()["count"] == 2
    assert program.post("exports", {"filters": both}).status_code == 201
    assert program.post("exports", {"filters": {"order": ["up"]}}).status_code == 422


def test_a_post_whose_answer_was_lost_is_done_once(
    double: SupabaseDouble, program: Program, database: LocalSupabase
) -> None:
    """Also where the second try is refused before the third is let through."""
    new = {"raw_text": TEXT, "persona": PERSONA}
    many = {"items": [{"text": f"{TEXT} {n}"} for n in range(3)]}
    for path, body, stored_by in (
        ("personas", new, "/personas?"),
        ("generations", {"text": TEXT, "engine": "offline"}, "/generation_requests?"),
        ("batches", many, "/change_batch"),
    ):
        key = {"Idempotency-Key": uuid4().hex}
        with double.cutting(stored_by, after_the_work=True, times=1):
            lost = program.post(path, body, headers=key)
            assert lost.status_code == 503, (path, lost.text)
        refusal = coded("PT403", "No.")
        with double.answering(stored_by, 403, refusal, times=1):
            assert program.post(path, body, headers=key).status_code == 403, path
        done = program.post(path, body, headers=key)
        assert done.status_code in (201, 202), (path, done.text)
        again = program.post(path, body, headers=key)
        assert (again.json(), again.headers["Idempotent-Replayed"]) == (done.json(), "true")
    by_hand = program.get("count", params={"engine": "-"}).json()
    assert by_hand == {"count": 1, "exact": True}
    assert [one.total for one in get_batches().recent()] == [3]
    with psycopg.connect(database.db_url) as connection:
        alone = "select count(*) from generation_requests where batch_id is null"
        assert connection.execute(alone).fetchone() == (1,)


def test_what_changes_tells_can_be_restored(program: Program) -> None:
    """In a list the list comes back; what cannot be restored is refused with advice."""
    where = f"personas/{program.created({'skills': ['SQL', 'R'], 'team': {'size': 4}})['id']}"
    for version, change in ((1, {"skills": ["Go"]}), (2, {"team": {"size": 5}}), (3, {"team": 9})):
        changed = program.ask(
            "PATCH", where, json={"persona": change}, version=version, headers=PATCH
        )
        assert changed.status_code == 200
    told = [one["path"] for one in program.get(f"{where}/versions/2/changes").json()]
    assert told == ["/skills/0", "/skills/1"]
    for version, path in enumerate(told, 4):
        back = program.post(f"{where}/versions/1/restore", {"path": path}, version=version)
        assert (back.status_code, back.json()["persona"]["skills"]) == (200, ["SQL", "R"]), path
        assert back.json()["origin"] == {"kind": "restored", "version": 1, "path": "/skills"}
    (told,) = [one["path"] for one in program.get(f"{where}/versions/3/changes").json()]
    refused = program.post(f"{where}/versions/1/restore", {"path": told}, version=6)
    assert (told, refused.status_code) == ("/team/size", 422)
    assert refused.json()["advice"] == "Restore /team instead."
    whole = program.post(f"{where}/versions/1/restore", {"path": "/team"}, version=6).json()
    assert whole["persona"] == {"skills": ["SQL", "R"], "team": {"size": 4}}


def test_no_answer_with_words_of_a_person_outlives_their_erasure(
    program: Program, database: LocalSupabase
) -> None:
    where = f"personas/{program.created()['id']}"
    comment = program.post(f"{where}/comments", {"text": "Is Zebulon so?", "path": "/role"}).json()
    for done in ("resolve", "reopen"):
        assert program.post(f"comments/{comment['id']}/{done}").status_code == 200
    key = {"Idempotency-Key": uuid4().hex}
    rows = b"notes,name\nZebulon writes SQL.,Zebulon\n"
    given = program.post("imports?name=people.csv", content=rows, headers=key)
    again = program.post("imports?name=people.csv", content=rows, headers=key)
    assert (again.status_code, again.json()) == (201, given.json())  # one import, looked at twice
    old = program.created({"name": "Zebulon"}, "Of another day.")

    def kept(text: str) -> int:
        with psycopg.connect(database.db_url) as connection:
            asked = "select count(*) from persona_dashboard.answered_requests where answer like %s"
            (found,) = connection.execute(asked, [f"%{text}%"]).fetchone() or (0,)
            return int(found)

    with psycopg.connect(database.db_url) as connection:
        connection.execute(
            "update persona_dashboard.answered_requests"
            " set begun_at = begun_at - interval '25 hours', persona_id = null"
            " where answer like %s",
            [f"%{old['id']}%"],
        )
    assert kept("Zebulon") == 4  # the comment three times, and the other persona
    assert program.ask("DELETE", where, version=1).status_code == 204
    assert program.ask("DELETE", f"trash/{comment['persona_id']}").status_code == 204
    assert kept("Zebulon") == 0


def test_an_address_tells_which_methods_it_knows(server: Server, program: Program) -> None:
    for path, methods in (
        ("personas", "GET, HEAD, POST"),
        (f"personas/{uuid4()}", "DELETE, GET, HEAD, PATCH, PUT"),
        (f"trash/{uuid4()}/restore", "POST"),
        ("health", "GET, HEAD"),
    ):
        answer = program.ask("TRACE", path)
        assert (answer.status_code, answer.headers["Allow"]) == (405, methods), path
    assert server.client().request("OPTIONS", "count").headers["Allow"] == "GET, HEAD"


def test_head_is_get_without_the_body(server: Server, program: Program) -> None:
    where = f"personas/{program.created()['id']}"
    for path in ("health", "openapi.json", "personas?limit=1", where, f"{where}/claims", "key"):
        asked, looked = program.get(path), program.ask("HEAD", path)
        assert (looked.status_code, looked.content) == (200, b""), path
        for name in ("ETag", "Content-Type", "Content-Length"):
            assert looked.headers.get(name) == asked.headers.get(name), (path, name)
    known = {"If-None-Match": '"1"'}
    assert program.ask("HEAD", where, headers=known).status_code == 304
    assert program.ask("HEAD", f"personas/{uuid4()}").status_code == 404
    assert server.client().head("key").status_code == 401
    assert program.ask("HEAD", f"trash/{uuid4()}/restore").status_code == 405
    export = program.post("exports", {"format": "jsonl"}).json()
    assert (
        program.ask("HEAD", export["file"]).headers["Content-Type"].startswith("application/jsonl")
    )
    told = program.get(f"exports/{export['id']}").json()
    assert (told["state"], told["rows"]) == ("ready", 0), "a look starts no work"


def test_what_is_not_below_api_is_told_as_a_problem(server: Server) -> None:
    client = server.client()
    for path in (
        "../v1", "../v1/", "../v2/personas", "../nothing", "../docs/", "../a%0Ab", "nothing",
        "a%0Ab",
    ):  # fmt: skip
        for method in ("GET", "POST", "DELETE"):
            answer = client.request(method, path)
            told = (answer.status_code, answer.headers["Content-Type"])
            assert told == (404, "application/problem+json"), (method, path)
            assert answer.json()["request_id"] == answer.headers["X-Request-ID"]
    assert client.get("..").headers["Location"] == "/api/docs"
