"""Supabase Auth over HTTP, hosted and local. Keeps nothing: every call says whose token it brings.

Not by the shared Supabase client: whoever signed in there would act in every later query.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx

from services.database.client import certificates, public_key, supabase_address
from services.errors import DatabaseUnreachableError, SignInError
from services.settings import get_settings

_MAIL = "email"
_REFUSED = (400, 401, 403, 404, 422)


@dataclass(frozen=True)
class Tokens:
    """An account with its tokens; `seconds` until the access token ends."""

    user_id: str
    email: str
    name: str
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    seconds: int


def with_password(email: str, password: str) -> Tokens:
    """Raises SignInError, DatabaseUnreachableError; so do all that follow."""
    return _tokens(_post("token?grant_type=password", {"email": email, "password": password}))


def renewed(refresh: str) -> Tokens:
    """New tokens for a refresh token, which is used up by it."""
    return _tokens(_post("token?grant_type=refresh_token", {"refresh_token": refresh}))


def with_code(email: str, code: str, kind: str = _MAIL) -> Tokens:
    """By the code of a mail. `kind`: email, or recovery for a forgotten password."""
    try:
        return _tokens(_post("verify", {"type": kind, "email": email, "token": code}))
    except SignInError:
        raise SignInError(
            "This code is wrong, or has ended.", "Check it, or ask for a new one."
        ) from None


def with_hash(token_hash: str, kind: str) -> Tokens:
    """By the hash in a link that `invitation` made."""
    return _tokens(_post("verify", {"type": kind, "token_hash": token_hash}))


def with_provider_code(code: str, verifier: str) -> Tokens:
    """After a provider has sent the browser back (PKCE)."""
    return _tokens(_post("token?grant_type=pkce", {"auth_code": code, "code_verifier": verifier}))


def provider_address(provider: str, back_to: str, verifier: str) -> str:
    """Where the browser goes to sign in with a provider; it comes back to `back_to` with a code."""
    digest = hashlib.sha256(verifier.encode()).digest()
    asked = {
        "provider": provider,
        "redirect_to": back_to,
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "s256",
    }
    return f"{supabase_address()}/auth/v1/authorize?{urlencode(asked)}"


def send_code(email: str) -> None:
    """Mail a one-time code to an account that exists; says nothing of whether it does."""
    _quietly("otp", {"email": email, "create_user": False})


def send_recovery(email: str) -> None:
    """Mail a code for a new password; likewise."""
    _quietly("recover", {"email": email})


def set_password(access: str, password: str) -> None:
    """Give the account of this token a new password. Raises SignInError if it is too weak."""
    _post("user", {"password": password}, token=access, method="PUT")


def sign_out(access: str) -> None:
    """End the tokens; what Supabase Auth answers does not matter, our session has ended."""
    _quietly("logout?scope=local", {}, token=access)


def account_of(access: str) -> str:
    """The user id of whose access token this is. Raises SignInError if it has ended."""
    answer = _request("GET", "user", None, access)
    try:
        return str(answer["id"])
    except KeyError:
        raise SignInError from None


def providers() -> list[str]:
    """The names of the providers that the project has enabled, such as google and azure."""
    answer = _request("GET", "settings", None, None)
    external = answer.get("external", {})
    named = [name for name, on in external.items() if on] if isinstance(external, dict) else []
    return sorted(set(named) - {"email", "phone", "anonymous_users"})


def new_account(email: str, password: str) -> Tokens | None:
    """Sign somebody up; None if there is an account, or one that waits for a confirmation."""
    try:
        return _tokens(_post("signup", {"email": email, "password": password}))
    except SignInError:
        return None


def invitation(email: str) -> tuple[str, str, str]:
    """Hosted, by the secret key: a user id, and the hash and kind of a link (`with_hash`)."""
    key = get_settings().supabase_key
    secret = key.get_secret_value() if key else ""
    answer = _post("admin/generate_link", {"type": "magiclink", "email": email}, key=secret)
    return str(answer["id"]), str(answer["hashed_token"]), str(answer["verification_type"])


def _quietly(path: str, body: Mapping[str, object], token: str | None = None) -> None:
    with suppress(SignInError):  # no account, or too many mails: nothing that may be told
        _post(path, body, token=token)


def _post(
    path: str,
    body: Mapping[str, object],
    *,
    token: str | None = None,
    key: str | None = None,
    method: str = "POST",
) -> dict[str, Any]:
    return _request(method, path, body, token, key)


def _request(
    method: str,
    path: str,
    body: Mapping[str, object] | None,
    token: str | None,
    key: str | None = None,
) -> dict[str, Any]:
    settings = get_settings()
    headers = {"apikey": key or public_key()}
    bearer = token or (key if key and not key.startswith("sb_") else None)
    if bearer:
        headers["Authorization"] = f"Bearer {bearer}"
    try:
        response = httpx.request(
            method,
            f"{supabase_address()}/auth/v1/{path}",
            json=body,
            headers=headers,
            timeout=httpx.Timeout(settings.supabase_timeout_seconds, connect=5),
            trust_env=not settings.uses_local_supabase,
            verify=certificates(),
        )
    except httpx.HTTPError as error:
        raise DatabaseUnreachableError from error
    if response.status_code in _REFUSED:
        raise SignInError
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        raise SignInError("Too many tries.", "Wait some minutes, then try again.")
    if not response.is_success:
        raise DatabaseUnreachableError
    try:
        answer = response.json() if response.content else {}
    except ValueError as error:
        raise DatabaseUnreachableError from error
    return answer if isinstance(answer, dict) else {}


def _tokens(answer: Mapping[str, Any]) -> Tokens:
    try:
        user = answer["user"]
        email = str(user.get("email") or "")
        told = user.get("user_metadata") or {}
        name = str(told.get("full_name") or told.get("name") or email.partition("@")[0])
        return Tokens(
            str(user["id"]),
            email,
            name,
            str(answer["access_token"]),
            str(answer["refresh_token"]),
            int(answer.get("expires_in") or 3600),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise SignInError from None
