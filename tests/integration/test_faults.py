"""Every fault that a hosted Supabase can answer with: what the user reads, and what helps."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
import pytest
from postgrest.exceptions import APIError

from services import errors
from services.database import get_supabase_client, reset_supabase_client
from services.database.faults import translated_faults
from services.local_supabase.stack import LocalSupabase
from services.personas import PersonaCreate, get_persona_repository
from services.settings import get_settings
from tests.supabase_double import SupabaseDouble, coded

CLOUDFLARE = "<!DOCTYPE html><html><title>abc.supabase.co | 52x: Web server is down</title></html>"
DOWN, BUSY, LIMIT = "does not answer at the moment", "too much to do", "ran into its time limit"


FAULTS = [  # status, body, what the user reads, what helps
    (520, CLOUDFLARE, DOWN, "wait"),
    (521, CLOUDFLARE, DOWN, "wait"),
    (522, CLOUDFLARE, DOWN, "wait"),
    (523, CLOUDFLARE, DOWN, "wait"),
    (524, CLOUDFLARE, LIMIT, "less"),
    (520, {"message": "error code: 520"}, DOWN, "wait"),
    (525, CLOUDFLARE, DOWN, "wait"),
    (530, "error code: 1016", DOWN, "wait"),
    (500, "Internal Server Error", "internal error", "wait"),
    (502, "<html>Bad Gateway</html>", DOWN, "wait"),
    (503, {"message": "name resolution failed"}, DOWN, "wait"),
    (503, "", DOWN, "wait"),
    (504, "<html>Gateway Timeout</html>", LIMIT, "less"),
    (408, "", "did not answer in time", "less"),
    (429, {"message": "Too many requests"}, BUSY, "wait"),
    (540, {"message": "Project paused"}, "Resume it at supabase.com", "person"),
    (544, {"message": "Project API gateway timeout"}, LIMIT, "less"),
    (402, {"message": "exceed_egress_quota"}, "Billing and Usage", "person"),
    (401, {"message": "Invalid API key", "hint": "Double check…"}, "refuses the key", "person"),
    (401, {"message": "Unregistered API key"}, "SUPABASE_SECRET_KEY", "person"),
    (401, {"message": "Legacy API keys are disabled"}, "secret key (sb_secret_…)", "person"),
    (403, "<html>Sorry, you have been blocked</html>", "firewall or proxy", "person"),
    (404, {"message": "no Route matched with those values"}, "not Supabase", "person"),
    (301, "<html>Moved</html>", "answers with a redirect", "person"),
    (200, "<html>Sign in to this network</html>", "not Supabase", "person"),
    (413, "<html>Payload too large</html>", "larger than Supabase takes", "correct"),
    (503, coded("PGRST000"), DOWN, "wait"),
    (503, coded("PGRST001"), DOWN, "wait"),
    (503, coded("PGRST002"), DOWN, "wait"),
    (504, coded("PGRST003"), BUSY, "wait"),
    (406, coded("PGRST106"), "exposed schemas", "person"),
    (404, coded("PGRST202"), "services.database.migrate", "person"),
    (400, coded("PGRST204"), "services.database.migrate", "person"),
    (404, coded("PGRST205"), "services.database.migrate", "person"),
    (401, coded("PGRST301"), "refuses the key", "person"),
    (401, coded("PGRST302"), "refuses the key", "person"),
    (401, coded("PGRST303"), "refuses the key", "person"),
    (400, coded("PGRST100"), "refused the request (code PGRST100)", "person"),
    (503, coded("08006"), DOWN, "wait"),
    (400, coded("22007"), "has not the form", "correct"),
    (400, coded("22021"), "NUL characters", "correct"),
    (409, coded("23505"), "has not the form", "correct"),
    (405, coded("25006"), "read-only", "person"),
    (403, coded("28P01"), "refuses the key", "person"),
    (500, coded("40001"), "changing the same rows", "wait"),
    (500, coded("40P01"), "changing the same rows", "wait"),
    (403, coded("42501"), "migrations' grants are missing", "person"),
    (404, coded("42P01"), "services.database.migrate", "person"),
    (400, coded("42601"), "refused the request (code 42601)", "person"),
    (503, coded("53100"), "disk of the database is full", "person"),
    (503, coded("53200"), BUSY, "wait"),
    (503, coded("53300"), BUSY, "wait"),
    (500, coded("55P03"), "changing the same rows", "wait"),
    (500, coded("57014"), LIMIT, "less"),
    (500, coded("57P01"), DOWN, "wait"),
    (500, coded("57P03"), DOWN, "wait"),
    (500, coded("58030"), "internal error", "wait"),
    (400, coded("P0001"), "refused the request (code P0001)", "person"),
    (500, coded("XX000"), "internal error", "wait"),
]


def key_of(request: Any) -> tuple[str | None, str | None]:
    return request.headers.get("apikey"), request.headers.get("authorization")


@pytest.mark.parametrize(
    ("status", "body", "words", "remedy"),
    FAULTS,
    ids=lambda value: value.get("code") or value["message"] if isinstance(value, dict) else None,
)
def test_what_the_user_reads(
    double: SupabaseDouble, status: int, body: str | dict[str, Any], words: str, remedy: str
) -> None:
    with (
        double.answering("/rest/v1/personas", status, body),
        pytest.raises(errors.DashboardError) as caught,
    ):
        get_persona_repository().count()
    assert words in str(caught.value)
    assert caught.value.remedy == remedy
    assert isinstance(caught.value, APIError | ValueError)


def test_every_class_of_database_faults_says_what_to_do() -> None:
    def below(kind: type[errors.DashboardError]) -> list[type[errors.DashboardError]]:
        return [kind, *(one for child in kind.__subclasses__() for one in below(child))]

    for kind in below(errors.DatabaseError)[1:]:
        assert kind.default_problem != errors.DatabaseError.default_problem, kind
        assert kind.default_advice != errors.DashboardError.default_advice, kind


@pytest.mark.parametrize(("given", "seconds"), [("7", 7.0), ("soon", None), (None, None)])
def test_a_pause_the_server_names_is_known(
    double: SupabaseDouble, given: str | None, seconds: float | None
) -> None:
    headers = {"Retry-After": given} if given else {}
    with (
        double.answering("/rest/v1/personas", 429, {"message": "…"}, headers=headers),
        pytest.raises(errors.DatabaseBusyError) as caught,
    ):
        get_persona_repository().count()
    assert caught.value.retry_after == seconds


def test_a_request_without_a_body_is_told_by_its_status(double: SupabaseDouble) -> None:
    table = get_supabase_client().client.table("personas")
    with (
        double.answering("/rest/v1/personas", 521, CLOUDFLARE),
        pytest.raises(errors.DatabaseDownError),
        translated_faults(),
    ):
        table.select("id", head=True).execute()


def test_faults_without_our_translation_are_what_postgrest_documents(
    double: SupabaseDouble,
) -> None:
    with (
        double.answering("/rest/v1/personas", 503, coded("53300", "too many")),
        pytest.raises(APIError) as caught,
    ):
        get_supabase_client().client.table("personas").select("id").execute()
    assert (caught.value.code, caught.value.message) == ("53300", "too many")


def test_a_code_that_somebody_made_up_is_not_repeated(double: SupabaseDouble) -> None:
    with (
        double.answering("/rest/v1/personas", 418, coded("<b>Ada Quill</b>")),
        pytest.raises(errors.DatabaseError) as caught,
    ):
        get_persona_repository().count()
    assert "Ada" not in str(caught.value)


def test_a_cut_connection(double: SupabaseDouble) -> None:
    with (
        double.cutting("/rest/v1/personas"),
        pytest.raises(errors.DatabaseUnreachableError, match="broke off in the middle"),
    ):
        get_persona_repository().create(PersonaCreate(raw_text="a", persona={}))


def test_a_slow_answer(double: SupabaseDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPABASE_TIMEOUT_SECONDS", "0.3")
    get_settings.cache_clear()
    reset_supabase_client()
    with (
        double.delaying("/rest/v1/personas", 1),
        pytest.raises(errors.DatabaseTimeoutError, match="SUPABASE_TIMEOUT_SECONDS"),
    ):
        get_persona_repository().count()


def test_a_redirect_does_not_take_the_key_along(double: SupabaseDouble) -> None:
    with SupabaseDouble.before(double.behind) as elsewhere:
        target = {"Location": f"{elsewhere.url}/rest/v1/personas"}
        for status in (301, 302, 307, 308):
            with (
                double.answering("/rest/v1/personas", status, headers=target),
                pytest.raises(errors.RedirectedError, match="SUPABASE_URL"),
            ):
                get_persona_repository().count()
        assert elsewhere.seen == []


def test_a_new_key_is_no_bearer_token(double: SupabaseDouble, database: LocalSupabase) -> None:
    get_persona_repository().create(PersonaCreate(raw_text="a", persona={}))
    get_supabase_client().client.rpc("persona_search_language").execute()
    assert {key_of(one) for one in double.seen} == {(database.key.get_secret_value(), None)}


def test_a_legacy_key_is_both(
    double: SupabaseDouble, database: LocalSupabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims = base64.urlsafe_b64encode(json.dumps({"role": "service_role"}).encode()).decode()
    legacy = f"eyJhbGciOiJIUzI1NiJ9.{claims.rstrip('=')}.c2lnbmF0dXJl"
    double.keys[legacy] = database.key.get_secret_value()
    monkeypatch.setenv("SUPABASE_SECRET_KEY", legacy)
    get_settings.cache_clear()
    reset_supabase_client()
    get_persona_repository().create(PersonaCreate(raw_text="a", persona={}))
    assert {key_of(one) for one in double.seen} == {(legacy, f"Bearer {legacy}")}


def test_a_certificate_that_nobody_signed_is_a_persons_matter() -> None:
    request = httpx.Request("GET", "https://abc.supabase.co")
    refused = httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED]", request=request)
    with pytest.raises(errors.NotSupabaseError, match="SSL_CERT_FILE"), translated_faults():
        raise refused
