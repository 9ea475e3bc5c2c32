"""A team at the dashboard: nothing without a session, and a person from the first link to the last
click that their role allows."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from pages.ui.leave_message import leave_message
from services.access.roles import Role
from tests.browser.analyst import Analyst
from tests.browser.conftest import VIEWPORT
from tests.browser.dashboard import Dashboard
from tests.browser.test_main_path import INTERVIEW, correct_and_export, own_text, personas_of
from tests.isolated import ROOT, clean_environment, command

ROLE_REMEMBERED_MS = 2_500
PASSWORD = "a long and fictional one"
TEXT = "Ann Lee is a data analyst in Lyon. She writes SQL every day."
# Everything a browser asks for, with and without a session.
ADDRESSES = (
    "/", "/persona?id=x", "/generate", "/people", "/audit", "/_stcore/stream",
    "/_stcore/upload_file/a/b", "/exports/x/file", "/exports/x/manifest.json",
    "/vanilla-jsoneditor/standalone.js", "/media/x.png", "/static/index.html", "/component/x/y.js",
    "/pages/people", "/favicon.png", "/anything",
)  # fmt: skip


@pytest.fixture(scope="module")
def team() -> Iterator[Dashboard]:
    dashboard = Dashboard(SIGN_IN="supabase")
    try:
        dashboard.start()
        yield dashboard
    finally:
        dashboard.remove()


@pytest.fixture(autouse=True)
def no_tries_yet(team: Dashboard) -> None:
    """Tries are counted by network address, and all of these come from one."""
    team.sql("delete from persona_dashboard.sign_in_tries")


def people(team: Dashboard, *arguments: str) -> str:
    """The one-time link that the command prints."""
    settings = {"SIGN_IN": "supabase", "LOCAL_SUPABASE_DIR": str(team.folder / "stack")}
    made = subprocess.run(
        command("services.access.people", *arguments, "--address", team.url),
        cwd=ROOT, env=clean_environment(**settings), capture_output=True, text=True, check=True,
        timeout=120,
    )  # fmt: skip
    return made.stdout.split()[-1]


def choose_password(page: Page, link: str, password: str = PASSWORD) -> None:
    page.goto(link)
    page.get_by_label("New password").fill(password)
    page.get_by_role("button", name="Save and sign in").click()


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_without_a_session_nothing_is_answered_but_the_sign_in(team: Dashboard) -> None:
    with httpx.Client(base_url=team.url, trust_env=False) as browser:
        for address in ADDRESSES:
            page = browser.get(address, headers={"Accept": "text/html"})
            assert page.status_code == 303, address
            assert page.headers["location"] == f"/sign-in?next={quote(address, safe='')}"
            assert page.headers["content-security-policy"], address
            assert browser.get(address).status_code == 401, address
            assert browser.post(address).status_code == 401, address
        forged = {"Cookie": f"persona_session={'x' * 43}"}
        assert browser.get("/", headers=forged).status_code == 401
        stream = f"{team.url}/_stcore/stream".replace("http", "ws")
        with connect(stream, subprotocols=["streamlit"]) as connection:  # type: ignore[list-item]
            assert connection.recv() == leave_message("/sign-in")
            with pytest.raises(ConnectionClosed):
                connection.recv()
        assert browser.get("/_stcore/health").status_code == 200
        shown = browser.get("/sign-in?next=//evil.example/&x=")
        assert shown.status_code == 200
        assert "evil.example" not in shown.text
        foreign = browser.post("/sign-in", headers={"Origin": "https://evil.example"})
        assert foreign.status_code == 403
        own = {"Origin": team.url, "Content-Type": "application/x-www-form-urlencoded"}
        for nonsense in (b"", b"x" * 20_000, b"&".join([b"a=b"] * 50), b"\xff=%ff&email=%00"):
            for form in ("sign-in", "sign-in/code", "sign-in/check", "sign-in/link/x"):
                refused = browser.post(f"/{form}", content=nonsense, headers=own)
                assert refused.status_code in (200, 403), (form, nonsense[:10])
                assert "Sign in" in refused.text or "password" in refused.text, form
    assert "Traceback" not in team.log()


def test_a_team_from_the_first_admin_to_a_role_that_is_taken(
    team: Dashboard, browser: Browser, page: Page, screenshot
) -> None:
    link = people(team, "add", "ann@example.org", "--role", "admin")
    choose_password(page, link)
    expect(page.get_by_text("ann · admin")).to_be_visible()

    # Somebody else has an account, by which they may do nothing.
    other = browser.new_context(viewport=VIEWPORT)
    bob = other.new_page()
    choose_password(bob, people(team, "add", "bob@example.org", "--role", "viewer"))
    expect(bob.get_by_text("bob · viewer")).to_be_visible()
    page.goto(f"{team.url}/people")
    role = page.get_by_role("combobox", name=re.compile("Role")).nth(1)
    expect(page.get_by_text("bob", exact=True)).to_be_visible()
    role.click()
    page.get_by_role("option", name="no role").click()
    expect(page.get_by_text("Waiting for a role")).to_be_visible()
    screenshot(page, "people")
    bob.get_by_text("Trash").first.click()
    bob.wait_for_url("**/sign-in")
    expect(bob.get_by_text("have no role here yet")).to_be_visible()
    expect(bob.get_by_text("Ask ann for one")).to_be_visible()
    screenshot(bob, "waiting")

    page.get_by_role("combobox", name=re.compile("Role")).first.click()
    page.get_by_role("option", name="analyst").click()
    expect(page.get_by_text("Waiting for a role")).not_to_be_visible()
    typed = "Typed in this browser before anybody signed in."
    (here,) = (one["value"] for one in other.cookies() if one["name"] == "persona_browser")
    team.sql(
        "insert into drafts (owner, kind, subject, body) values (%s, 'source_text', 'a', %s)",
        [here, typed],
    )
    bob.goto(f"{team.url}/generate")
    expect(bob.get_by_text("bob · analyst")).to_be_visible()
    expect(bob.get_by_text(typed)).to_be_visible()
    ((owner,),) = team.sql("select owner from drafts where body = %s", [typed])
    assert team.sql("select name from persona_members where user_id::text = %s", [owner]) == [
        ("bob",)
    ]
    bob.get_by_role("button", name="Dismiss").click()
    expect(bob.get_by_text(typed)).to_have_count(0)
    box = bob.get_by_role("textbox", name="Text about the person")
    box.fill(TEXT)
    box.blur()
    bob.get_by_role("button", name="Generate persona").click()
    bob.get_by_role("link", name="Open and review").click()
    expect(bob.get_by_role("heading", name="Ann Lee")).to_be_visible()
    bob.get_by_role("button", name="Send to review").click()
    expect(bob.get_by_role("button", name="Approve")).to_be_disabled()
    ((bob_id,),) = team.sql("select user_id::text from persona_members where name = 'bob'")
    assert team.sql("select distinct created_by, updated_by from personas") == [(bob_id, bob_id)]
    address = bob.url

    # A copied cookie is of no use once all sessions were ended, and the open page leaves.
    copied = other.cookies()
    page.goto(f"{team.url}/people")
    page.get_by_role("button", name="Sign out").last.click()
    expect(page.get_by_role("button", name="Sign out").last).to_be_disabled()
    bob.get_by_text("Edit", exact=True).first.click()
    bob.wait_for_url("**/sign-in")
    with httpx.Client(base_url=team.url, trust_env=False) as thief:
        for cookie in copied:
            thief.cookies.set(cookie["name"], cookie["value"])
        assert thief.get("/").status_code == 401
    sign_in(bob, "bob@example.org", "not the right one")
    expect(bob.get_by_role("alert")).to_contain_text("Check e-mail address and password")
    forgotten = browser.new_context(viewport=VIEWPORT).new_page()
    choose_password(forgotten, people(team, "link", "bob@example.org"))
    expect(forgotten.get_by_text("bob · analyst")).to_be_visible()
    forgotten.context.close()
    sign_in(bob, "bob@example.org")
    bob.wait_for_url(address.split("&")[0] + "*")  # where they were
    expect(bob.get_by_role("heading", name="Ann Lee")).to_be_visible()

    page.goto(f"{team.url}/audit")
    expect(page.get_by_role("heading", name="Audit")).to_be_visible()
    done = [row[0] for row in team.sql("select action from persona_audit order by id")]
    assert done.count("role given") == 3
    assert {"signed in", "role taken", "sessions ended"} <= set(done)
    other.close()


def test_an_admin_makes_another_link_for_who_has_lost_theirs(
    team: Dashboard, browser: Browser, page: Page, screenshot
) -> None:
    choose_password(page, people(team, "add", "lia@example.org", "--role", "admin"))
    expect(page.get_by_text("lia · admin")).to_be_visible()
    lost = people(team, "add", "moe@example.org", "--role", "viewer")
    page.goto(f"{team.url}/people")
    page.get_by_role("button", name="New link").click()
    expect(page.get_by_text("Send this link to moe")).to_be_visible()
    link = page.get_by_test_id("stCode").inner_text().strip()
    assert link.startswith(f"{team.url}/sign-in/link/")
    screenshot(page, "another link")
    page.reload()
    expect(page.get_by_role("button", name="New link")).to_be_visible()
    expect(page.get_by_test_id("stCode")).to_have_count(0)
    moe = browser.new_context(viewport=VIEWPORT).new_page()
    choose_password(moe, lost)
    expect(moe.get_by_role("alert")).to_be_visible()
    choose_password(moe, link)
    expect(moe.get_by_text("moe · viewer")).to_be_visible()
    moe.context.close()
    page.get_by_role("button", name="New link").click()  # the page does not know yet
    expect(page.get_by_text("has signed in already")).to_be_visible()
    expect(page.get_by_role("button", name="New link")).to_have_count(0)


def test_other_tabs_of_a_browser_that_signed_out_say_so(team: Dashboard, page: Page) -> None:
    choose_password(page, people(team, "add", "zoe@example.org", "--role", "analyst"))
    expect(page.get_by_text("zoe · analyst")).to_be_visible()
    clicked, idle = page.context.new_page(), page.context.new_page()
    for tab, place in ((clicked, "status"), (idle, "trash")):
        tab.goto(f"{team.url}/{place}")
        expect(tab.get_by_text("zoe · analyst")).to_be_visible()
    page.get_by_text("Sign out").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    clicked.get_by_text("Review").first.click()
    expect(clicked.get_by_role("alert")).to_contain_text("You have signed out, or your session")
    team.stop()  # it connects again, as after a computer has slept
    team.start()
    expect(idle.get_by_role("alert")).to_contain_text("You have signed out, or your session")
    sign_in(idle, "zoe@example.org")
    expect(idle.get_by_role("heading", name="Trash", exact=True)).to_be_visible()


def test_routes_by_role(team: Dashboard) -> None:
    for role in (None, *Role):
        name = role.value if role else "nobody"
        link = people(team, "add", f"{name}@example.org", "--role", name if role else "viewer")
        if role is None:
            team.sql("update persona_members set role = null where email = 'nobody@example.org'")
        with httpx.Client(base_url=team.url, trust_env=False) as browser:
            assert browser.post(urlsplit(link).path, data={"password": PASSWORD}).status_code == 303
            for address in ADDRESSES:
                answer = browser.get(address)
                refused = answer.text == "You have no role here yet."
                assert refused is (role is None), (role, address)
                assert answer.status_code != 401, (role, address)


def test_the_main_path_of_a_reviewer(team: Dashboard, page: Page) -> None:
    """As without a sign-in: from the text to the CSV, approved, into the trash and back."""
    choose_password(page, people(team, "add", "rea@example.org", "--role", "reviewer"))
    expect(page.get_by_text("rea · reviewer")).to_be_visible()
    analyst, text = Analyst(page, team), own_text(INTERVIEW)
    analyst.generate(text)
    persona_id = analyst.open_saved()
    expect(analyst.heading()).to_have_text("Nadia Ferreira")
    correct_and_export(analyst, persona_id, text)
    analyst.open(f"persona?id={persona_id}")
    analyst.button("Approve").click()
    expect(analyst.button("Approve")).to_have_count(0)
    analyst.settled()
    analyst.more("Delete")
    analyst.button("Delete persona").click()
    expect(analyst.heading()).to_have_text("Personas")
    analyst.open("trash")
    expect(analyst.button("Erase")).to_be_disabled()
    analyst.button("Restore").click()
    expect(page.get_by_text("The trash is empty")).to_be_visible()
    assert len(personas_of(team, text)) == 1
    ((author,),) = team.sql("select user_id::text from persona_members where name = 'rea'")
    stored = "select created_by, updated_by, reviewed_by, status from personas where id = %s"
    assert team.sql(stored, [persona_id]) == [(author, author, author, "approved")]

    team.stop()  # a restart keeps sessions
    team.start()
    analyst.open(f"persona?id={persona_id}")
    expect(page.get_by_text("rea · reviewer")).to_be_visible()

    team.sql("update persona_members set role = 'viewer' where name = 'rea'")
    page.wait_for_timeout(ROLE_REMEMBERED_MS)
    analyst.reload()
    expect(page.get_by_text("rea · viewer")).to_be_visible()
    page.locator(".claim .choose").first.click()
    page.keyboard.press("a")
    expect(page.locator("p.why", has_text="it takes an analyst")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^(Take out|Accept): "))).to_have_count(0)
    expect(analyst.button("Use selected words")).to_have_count(0)
    expect(page.get_by_role("alert")).to_have_count(0)
    analyst.view("Edit")
    expect(page.get_by_role("textbox", name="Age", exact=True)).not_to_be_editable()
    expect(analyst.button("Add value")).to_have_count(0)


def test_a_forgotten_password_is_chosen_anew_by_a_code(team: Dashboard) -> None:
    """The local Supabase delivers no mail: what it would send stands in its log."""
    link = people(team, "add", "cyd@example.org", "--role", "viewer")
    new = "another fictional one"
    with httpx.Client(base_url=team.url, trust_env=False) as browser:
        browser.post(urlsplit(link).path, data={"password": PASSWORD})
    with httpx.Client(base_url=team.url, trust_env=False) as browser:
        sent, unknown = (
            browser.post("/sign-in/forgotten", data={"email": email})
            for email in ("cyd@example.org", "not@example.org")
        )
        assert sent.text.replace("cyd@", "not@") == unknown.text
        given = {"email": "cyd@example.org", "kind": "recovery", "password": new}
        wrong = browser.post("/sign-in/check", data={**given, "code": "000000"})
        assert wrong.status_code == 403
        assert "This code is wrong" in wrong.text
        code = mailed_code(team, "cyd@example.org")
        assert browser.post("/sign-in/check", data={**given, "code": code}).status_code == 303
        assert browser.get("/").status_code == 200
        again = browser.post("/sign-in/check", data={**given, "code": code})
        assert again.status_code == 403
        for password, status in ((PASSWORD, 403), (new, 303)):
            tried = {"email": "cyd@example.org", "password": password}
            assert browser.post("/sign-in", data=tried).status_code == status


def mailed_code(team: Dashboard, email: str) -> str:
    """The newest code that was mailed to this address."""
    logs = [file.read_text("utf-8", "replace") for file in team.folder.rglob("gateway*.log")]
    mails = [mail for log in logs for mail in log.split("email captured") if email in mail]
    return re.findall(r"code: (\d{6})", mails[-1])[0]
