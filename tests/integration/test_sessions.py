"""Sessions: what is stored of them, when they end, and who renews their tokens."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.access import auth_client
from services.access.acting import NOBODY, acting_as
from services.access.decision import check_decision
from services.access.people import invitations, links
from services.access.roles import Role
from services.access.sealing import hashed, unseal
from services.access.sessions import Sessions
from services.access.sign_in.tries import MOST_FOR_ADDRESS, MOST_FROM_SOURCE, count_try
from services.database import get_supabase_client
from services.errors import (
    DashboardError,
    InvalidInputError,
    NotSignedInError,
    SettingsError,
    SignInError,
)
from services.settings import Settings, get_settings
from tests.team import PASSWORD, Team


def forget(sessions: Sessions, team: Team, role: Role) -> None:
    """As if it were asked after the moment for which an answer is remembered."""
    sessions.forget(team.people[role].user_id)


def test_a_session_from_its_beginning_to_its_end(team: Team) -> None:
    here, elsewhere = Sessions(), Sessions()  # two dashboards
    tokens = team.tokens(Role.VIEWER)
    secret, second = here.begin(tokens), here.begin(team.tokens(Role.VIEWER))
    actor = here.actor(secret)
    assert actor is not None
    assert (actor.user_id, actor.name, actor.role) == (tokens.user_id, "vic", Role.VIEWER)
    assert actor == elsewhere.actor(secret)  # also after a restart
    assert tokens.access not in repr(actor)

    stored = str(team.sql("select * from persona_dashboard.sessions"))
    assert hashed(secret) in stored
    assert not any(one in stored for one in (secret, tokens.access, tokens.refresh))

    here.end(secret)
    assert here.actor(secret) is None
    forget(elsewhere, team, Role.VIEWER)
    assert elsewhere.actor(secret) is None  # a copied cookie
    assert elsewhere.actor(second) is not None
    here.end(second, everywhere=True)
    assert team.sql("select count(*) from persona_dashboard.sessions") == [(0,)]
    assert (
        here.actor("x" * 43) is here.actor(None) is here.actor("") is here.actor("x" * 999) is None
    )
    did = team.sql("select action from persona_audit order by id desc limit 4")
    assert [one[0] for one in did] == ["signed out everywhere", "signed out", *["signed in"] * 2]


@pytest.mark.parametrize("column", ["seen_at", "began_at"])
def test_it_ends_when_idle_and_when_it_lasted_too_long(team: Team, column: str) -> None:
    sessions = Sessions()
    secret = sessions.begin(team.tokens(Role.VIEWER))
    assert sessions.actor(secret) is not None
    past = "now() - interval '13 hours'"
    team.sql(f"update persona_dashboard.sessions set {column} = {past}")  # noqa: S608
    forget(sessions, team, Role.VIEWER)
    assert sessions.actor(secret) is None
    assert team.sql("select count(*) from persona_dashboard.sessions") == [(0,)]


def test_a_role_that_was_taken_ends_what_it_allowed(team: Team) -> None:
    sessions = Sessions()
    secret = sessions.begin(team.tokens(Role.VIEWER))
    vic = team.people[Role.VIEWER].user_id
    team.sql("update persona_members set role = null where user_id = %s", vic)
    try:
        actor = sessions.actor(secret)
        assert actor is not None
        assert (actor.role, actor.may(Role.VIEWER)) == (None, False)
    finally:
        team.sql("update persona_members set role = 'viewer' where user_id = %s", vic)


def test_sixteen_tabs_of_two_dashboards_renew_the_tokens_once(team: Team) -> None:
    dashboards = Sessions(), Sessions()
    secret = dashboards[0].begin(team.tokens(Role.VIEWER))
    (before,) = team.sql("select refresh from persona_dashboard.sessions")
    count = "select count(*) from auth.refresh_tokens where user_id::text = %s"
    vic = team.people[Role.VIEWER].user_id
    (made,) = team.sql(count, vic)
    team.sql("update persona_dashboard.sessions set access_until = now()")
    together = threading.Barrier(16)

    def ask(number: int) -> object:
        together.wait()
        return dashboards[number % 2].actor(secret)

    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(ask, range(16)))
    assert None not in found
    assert len({one.access_token for one in found}) == 1
    assert team.sql(count, vic) == [(made[0] + 1,)]
    assert team.sql("select refresh from persona_dashboard.sessions") != [before]


def test_tokens_that_were_ended_elsewhere_end_the_session(team: Team) -> None:
    sessions = Sessions()
    secret = sessions.begin(team.tokens(Role.VIEWER))
    team.sql("delete from auth.refresh_tokens")
    team.sql("update persona_dashboard.sessions set access_until = now()")
    assert sessions.actor(secret) is None
    assert team.sql("select count(*) from persona_dashboard.sessions") == [(0,)]


def test_nobody_sends_no_request(team: Team) -> None:
    with acting_as(NOBODY), pytest.raises(NotSignedInError):
        get_supabase_client().client.table("personas").select("id").execute()


def test_tries_are_limited_by_address_wherever_they_come_from(team: Team) -> None:
    for number in range(MOST_FOR_ADDRESS):
        count_try("Eve@example.org", f"192.0.2.{number}")
    with pytest.raises(SignInError, match="too many"):
        count_try("eve@example.org", "192.0.2.99")
    count_try("vic@example.org", "192.0.2.99")
    assert "eve" not in str(team.sql("select * from persona_dashboard.sign_in_tries"))


def test_a_place_that_tried_too_often_locks_nobody_else_out(team: Team) -> None:
    for number in range(MOST_FROM_SOURCE):
        count_try(f"p{number}@example.org", "192.0.2.7")
    for _ in range(MOST_FOR_ADDRESS + 1):
        with pytest.raises(SignInError, match="too many"):
            count_try("ida@example.org", "192.0.2.7")
    count_try("ida@example.org", "192.0.2.8")


def test_an_invitation_works_once_and_is_of_no_use_in_the_database(team: Team) -> None:
    made = auth_client.new_account("ivy@example.org", PASSWORD)
    assert made is not None
    assert auth_client.new_account("ivy@example.org", PASSWORD) is None
    link = links.make_link(email="ivy@example.org", password=PASSWORD)
    ((body,),) = team.sql("select body from persona_dashboard.sign_in_links")
    assert PASSWORD not in body
    assert PASSWORD in (unseal(body) or "")
    tokens = links.open_link(link, "one of her own")
    assert tokens.user_id == made.user_id
    assert auth_client.with_password("ivy@example.org", "one of her own").user_id == made.user_id
    with pytest.raises(SignInError, match="used"):
        links.open_link(link, "another long one")


def test_what_goes_wrong_says_not_whether_there_is_an_account(team: Team) -> None:
    told = set()
    for email in (team.email(Role.VIEWER), "nobody@example.org"):
        with pytest.raises(SignInError) as refused:
            auth_client.with_password(email, "wrong")
        told.add(str(refused.value))
        auth_client.send_code(email)
        auth_client.send_recovery(email)
    assert len(told) == 1


@pytest.mark.parametrize(
    ("settings", "listens_on", "starts"),
    [
        ({}, "127.0.0.1", True),
        ({}, "localhost", True),
        ({}, "::1", True),
        ({}, "0.0.0.0", False),  # noqa: S104
        ({}, "", False),
        ({}, "192.168.1.7", False),
        ({"sign_in": "off"}, "0.0.0.0", True),  # noqa: S104
        ({"supabase_url": "https://abc.supabase.co", "supabase_secret_key": "sb_secret_x"},
         "127.0.0.1", False),
        ({"supabase_url": "https://abc.supabase.co", "supabase_anon_key": "sb_publishable_x"},
         "127.0.0.1", True),
        ({"supabase_url": "http://127.0.0.1:54321", "supabase_secret_key": "sb_secret_x"},
         "127.0.0.1", True),
        ({"supabase_url": "https://abc.supabase.co", "supabase_secret_key": "sb_secret_x",
          "supabase_anon_key": "sb_publishable_x", "sign_in": "supabase"}, "0.0.0.0", True),  # noqa: S104
    ],
)  # fmt: skip
def test_a_dashboard_that_others_could_reach_wants_a_decision(
    settings: dict[str, str], listens_on: str, starts: bool
) -> None:
    made = Settings.model_validate(settings)
    if starts:
        check_decision(made, listens_on)
    else:
        with pytest.raises(SettingsError, match="SIGN_IN"):
            check_decision(made, listens_on)


def test_no_link_is_given_for_an_account_of_a_hosted_supabase(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as hosted:
        hosted.setenv("SUPABASE_URL", "https://project.supabase.example")
        hosted.setenv("SUPABASE_SECRET_KEY", "sb_secret_x")
        get_settings.cache_clear()
        with pytest.raises(InvalidInputError, match="by the command only"):
            invitations.another_link(team.people[Role.VIEWER].user_id)
    get_settings.cache_clear()


def test_a_link_that_a_newer_one_has_replaced_says_so(team: Team) -> None:
    assert auth_client.new_account("una@example.org", PASSWORD) is not None
    replaced = links.make_link(email="una@example.org", password="what it was before the newer one")
    with pytest.raises(SignInError, match="used, or is too old"):
        links.open_link(replaced, "one of her own")


def test_an_invitation_stays_while_supabase_auth_refuses_the_password_or_is_away(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = auth_client.new_account("ulf@example.org", PASSWORD)
    assert made is not None
    link = links.make_link(email="ulf@example.org", password=PASSWORD)
    with monkeypatch.context() as away:
        away.setenv("SUPABASE_TIMEOUT_SECONDS", "0.000001")
        get_settings.cache_clear()
        with pytest.raises(DashboardError):
            links.open_link(link, "one of his own")
    get_settings.cache_clear()
    with pytest.raises(DashboardError):
        links.open_link(link, "x")
    assert links.open_link(link, "one of his own").user_id == made.user_id
