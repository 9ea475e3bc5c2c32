"""The HTML of the sign-in: plain forms that work without scripts. Every text in it is escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from urllib.parse import quote

from services.errors import DashboardError

_STYLE = """
:root { color-scheme: light dark; --back: #f3f5fa; --card: #fff; --text: #1b2333; --line: #d5dae6;
  --main: #3557c9; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --back: #12161f; --card: #1c2230; --text: #e8ecf5;
  --line: #343c4f; --main: #4468dc; --bad: #ff9d94; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem;
  background: var(--back); color: var(--text); font: 1rem/1.5 system-ui, "Segoe UI", sans-serif; }
main { width: 100%; max-width: 24rem; padding: 2rem; background: var(--card);
  border: 1px solid var(--line); border-radius: .6rem; }
h1 { font-size: 1.4rem; margin: 0 0 1rem; } p { margin: .6rem 0; }
label { display: block; margin: .8rem 0 .2rem; font-size: .9rem; }
input { width: 100%; padding: .55rem .7rem; font: inherit; color: inherit; background: var(--back);
  border: 1px solid var(--line); border-radius: .4rem; }
button, .button { display: block; width: 100%; margin-top: 1rem; padding: .6rem; font: inherit;
  text-align: center; text-decoration: none; border-radius: .4rem; cursor: pointer;
  border: 1px solid var(--line); background: transparent; color: inherit; }
button.main { background: var(--main); border-color: var(--main); color: #fff; }
.fault { color: var(--bad); } details { margin-top: 1.2rem; } summary { cursor: pointer; }
:focus-visible { outline: 2px solid var(--main); outline-offset: 2px; }
"""
_ADDRESS = (
    '<label for="{id}">E-mail address</label><input id="{id}" name="email" type="email" '
    'autocomplete="username" required value="{email}">'
)
_HIDDEN = (
    '<label for="password">{label}</label><input id="password" name="password" type="password" '
    'autocomplete="{kind}" required {least}>'
)


def sign_in_page(
    base: str,
    next_: str,
    providers: Iterable[str],
    *,
    mails: bool,
    email: str = "",
    fault: DashboardError | None = None,
) -> str:
    """`mails`: whether codes can be sent, for who has no password or has forgotten it."""
    body = _form(
        f"{base}/sign-in",
        next_,
        _email(email) + _password("Password", "current-password"),
        "Sign in",
    )
    for name in providers:
        address = f"{base}/sign-in/with/{quote(name)}?next={quote(next_, safe='')}"
        body += (
            f'<a class="button" href="{escape(address)}">Sign in with {escape(_shown(name))}</a>'
        )
    if mails:
        body += (
            "<details><summary>Sign in with a code by e-mail</summary>"
            + _form(f"{base}/sign-in/code", next_, _email(email, "code-email"), "Send a code")
            + "</details><details><summary>Password forgotten</summary>"
            + _form(f"{base}/sign-in/forgotten", next_, _email(email, "lost-email"), "Send a code")
            + "</details>"
        )
    else:
        body += "<p>Password forgotten? Ask an admin for a new link.</p>"
    return _page("Sign in", body, fault)


def code_page(base: str, next_: str, email: str, kind: str, fault: DashboardError | None) -> str:
    """Where the code of a mail is typed. `kind`: email, or recovery for a new password."""
    fields = (
        f'<input type="hidden" name="email" value="{escape(email)}">'
        f'<input type="hidden" name="kind" value="{escape(kind)}">'
        '<label for="code">Code</label><input id="code" name="code" inputmode="numeric" '
        'autocomplete="one-time-code" required maxlength="20">'
    )
    if kind == "recovery":
        fields += _new_password()
    told = f"<p>If {escape(email)} has an account, a mail with a code is on its way.</p>"
    form = _form(f"{base}/sign-in/check", next_, fields, "Sign in")
    return _page("Enter the code", told + form + _back(base), fault)


def link_page(base: str, secret: str, fault: DashboardError | None) -> str:
    """Where who was invited chooses a password."""
    form = _form(f"{base}/sign-in/link/{quote(secret)}", "", _new_password(), "Save and sign in")
    return _page("Choose a password", form, fault)


def waiting_page(base: str, name: str, admins: Iterable[str]) -> str:
    """For who has signed in and has no role yet."""
    ask = ", ".join(escape(admin) for admin in admins) or "who runs this dashboard"
    body = (
        f"<p>You are signed in as {escape(name)}, and have no role here yet.</p>"
        f"<p>Ask {ask} for one, then look again.</p>"
        f'<a class="button" href="{base}/">Look again</a>'
        f'<a class="button" href="{base}/sign-out">Sign out</a>'
    )
    return _page("Waiting for a role", body)


def sign_out_page(base: str, name: str) -> str:
    """Asks, because a link on another page must sign nobody out."""
    body = (
        f"<p>You are signed in as {escape(name)}.</p>"
        f'<form method="post" action="{base}/sign-out">'
        '<button class="main">Sign out</button>'
        '<button name="everywhere" value="yes">Sign out on all devices</button></form>'
        f'<a class="button" href="{base}/">Back</a>'
    )
    return _page("Sign out", body)


def _page(title: str, body: str, fault: DashboardError | None = None) -> str:
    told = f'<p class="fault" role="alert">{escape(str(fault))}</p>' if fault else ""
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="icon" href="data:,">'
        f"<title>{escape(title)} · Persona dashboard</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{told}{body}</main></body></html>"
    )


def _form(action: str, next_: str, fields: str, button: str) -> str:
    return (
        f'<form method="post" action="{escape(action)}">'
        f'<input type="hidden" name="next" value="{escape(next_)}">'
        f'{fields}<button class="main">{escape(button)}</button></form>'
    )


def _email(value: str, id_: str = "email") -> str:
    return _ADDRESS.format(id=id_, email=escape(value))


def _password(label: str, kind: str, least: str = "") -> str:
    return _HIDDEN.format(label=label, kind=kind, least=least)


def _new_password() -> str:
    return _password("New password, at least 10 characters", "new-password", 'minlength="10"')


def _back(base: str) -> str:
    return f'<a class="button" href="{base}/sign-in">Back</a>'


def _shown(provider: str) -> str:
    return provider.replace("_oidc", "").replace("_", " ").capitalize()
