"""The routes of the sign-in. They work before Streamlit has sent anything."""

from __future__ import annotations

import json
from collections.abc import Callable

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from services.access import auth_client
from services.access.auth_client import Tokens
from services.access.people.links import open_link
from services.access.people.members import admins
from services.access.sealing import new_secret, seal, unseal
from services.access.sessions import get_sessions
from services.access.sign_in import page
from services.access.sign_in.cookies import drop_session, is_secure, secret_in, set_session
from services.access.sign_in.forms import (
    came_from,
    email_in,
    form_of,
    new_password_in,
    origin_of,
    own_address,
    status_of,
)
from services.access.sign_in.gate import who
from services.access.sign_in.tries import count_try
from services.errors import DashboardError, SignInError
from services.settings import get_settings

_PROVIDER_COOKIE = "persona_provider"
_PROVIDER_SECONDS = 600
_ENDED = SignInError("You have signed out, or your session has ended.", "Sign in to go on.")
_PRIVATE = {"Cache-Control": "no-store"}  # no Referrer-Policy: a form would come from "null"


def sign_in_routes(base: str) -> list[BaseRoute]:
    """Routes for st.App; `base` is "" or the path that all addresses of the dashboard share."""
    forms = _Forms(base)
    return [
        Route(f"{base}/sign-in", forms.show, methods=["GET"]),
        Route(f"{base}/sign-in", forms.password, methods=["POST"]),
        Route(f"{base}/sign-in/code", forms.send_code, methods=["POST"]),
        Route(f"{base}/sign-in/forgotten", forms.send_recovery, methods=["POST"]),
        Route(f"{base}/sign-in/check", forms.check_code, methods=["POST"]),
        Route(f"{base}/sign-in/with/{{provider}}", forms.to_provider, methods=["GET"]),
        Route(f"{base}/sign-in/back", forms.from_provider, methods=["GET"]),
        Route(f"{base}/sign-in/link/{{secret}}", forms.link, methods=["GET", "POST"]),
        Route(f"{base}/sign-out", forms.sign_out, methods=["GET", "POST"]),
    ]


class _Forms:
    def __init__(self, base: str) -> None:
        self._base = base

    async def show(self, request: Request) -> Response:
        """The page; whoever is signed in goes on, or learns that they wait for a role."""
        came = came_from(request, self._base)
        next_ = self._own(request.query_params.get("next") or came)
        try:
            actor = await who(secret_in(request.cookies))
            if actor is None:
                return await self._sign_in_page(next_, fault=_ENDED if came else None)
            if actor.role is not None:
                return RedirectResponse(next_, 303, _PRIVATE)
            names = await to_thread.run_sync(admins)
            return HTMLResponse(page.waiting_page(self._base, actor.name, names), 200, _PRIVATE)
        except DashboardError as error:
            return await self._sign_in_page(next_, fault=error, status=503)

    async def password(self, request: Request) -> Response:
        given = await form_of(request)
        return await self._attempt(
            request, given, lambda: auth_client.with_password(email_in(given), given["password"])
        )

    async def send_code(self, request: Request) -> Response:
        return await self._send(request, auth_client.send_code, "email")

    async def send_recovery(self, request: Request) -> Response:
        return await self._send(request, auth_client.send_recovery, "recovery")

    async def check_code(self, request: Request) -> Response:
        given = await form_of(request)
        kind = "recovery" if given.get("kind") == "recovery" else "email"

        def check() -> Tokens:
            password = new_password_in(given) if kind == "recovery" else ""
            tokens = auth_client.with_code(email_in(given), given.get("code", "").strip(), kind)
            if password:
                auth_client.set_password(tokens.access, password)
            return tokens

        try:
            return await self._begin(request, given, check)
        except DashboardError as error:
            text = page.code_page(
                self._base, self._own(given.get("next")), given.get("email", ""), kind, error
            )
            return HTMLResponse(text, status_of(error), _PRIVATE)

    async def to_provider(self, request: Request) -> Response:
        """Keep the verifier in a sealed cookie of this browser, and go."""
        provider = request.path_params["provider"]
        next_ = self._own(request.query_params.get("next"))
        try:
            if provider not in await to_thread.run_sync(auth_client.providers):
                raise SignInError("There is no such way to sign in.", "Choose one of those below.")
            verifier = new_secret()
            back = f"{origin_of(request)}{self._base}/sign-in/back"
            address = await to_thread.run_sync(
                auth_client.provider_address, provider, back, verifier
            )
            kept = await to_thread.run_sync(seal, json.dumps([verifier, next_]))
        except DashboardError as error:
            return await self._sign_in_page(next_, fault=error, status=status_of(error))
        response = RedirectResponse(address, 303, _PRIVATE)
        response.set_cookie(
            _PROVIDER_COOKIE,
            kept,
            max_age=_PROVIDER_SECONDS,
            path=f"{self._base}/sign-in",
            secure=is_secure(request),
            httponly=True,
            samesite="lax",
        )
        return response

    async def from_provider(self, request: Request) -> Response:
        text = unseal(request.cookies.get(_PROVIDER_COOKIE, ""))
        verifier, next_ = json.loads(text) if text else ("", "")
        code = request.query_params.get("code", "")

        def exchange() -> Tokens:
            if not verifier or not code:
                raise SignInError("The other side did not sign you in.", "Try again.")
            return auth_client.with_provider_code(code, verifier)

        response = await self._attempt(request, {"next": next_}, exchange, counted=False)
        response.delete_cookie(_PROVIDER_COOKIE, path=f"{self._base}/sign-in")
        return response

    async def link(self, request: Request) -> Response:
        secret = request.path_params["secret"][:100]
        fault: DashboardError | None = None
        if request.method == "POST":
            given = await form_of(request)
            try:
                return await self._begin(
                    request,
                    {**given, "email": f"link {secret}"},
                    lambda: open_link(secret, new_password_in(given)),
                )
            except DashboardError as error:
                fault = error
        text = page.link_page(self._base, secret, fault)
        return HTMLResponse(text, status_of(fault) if fault else 200, _PRIVATE)

    async def sign_out(self, request: Request) -> Response:
        secret = secret_in(request.cookies)
        try:
            actor = await who(secret)
            if request.method == "GET" and actor is not None:
                return HTMLResponse(page.sign_out_page(self._base, actor.name), 200, _PRIVATE)
            if request.method == "POST":
                given = await form_of(request)
                everywhere = given.get("everywhere") == "yes"
                await to_thread.run_sync(lambda: get_sessions().end(secret, everywhere=everywhere))
        except DashboardError as error:
            return await self._sign_in_page(f"{self._base}/", fault=error, status=503)
        response = RedirectResponse(f"{self._base}/sign-in", 303, _PRIVATE)
        drop_session(response, self._base)
        return response

    async def _attempt(
        self,
        request: Request,
        given: dict[str, str],
        sign_in: Callable[[], Tokens],
        *,
        counted: bool = True,
    ) -> Response:
        try:
            return await self._begin(request, given, sign_in, counted=counted)
        except DashboardError as error:
            next_, email = self._own(given.get("next")), given.get("email", "")
            return await self._sign_in_page(
                next_, email=email, fault=error, status=status_of(error)
            )

    async def _begin(
        self,
        request: Request,
        given: dict[str, str],
        sign_in: Callable[[], Tokens],
        *,
        counted: bool = True,
    ) -> Response:
        """Sign in and begin a session with a new id. Raises DashboardError."""
        source = request.client.host if request.client else ""

        def begin() -> str:
            if counted:
                count_try(email_in(given), source)
            return get_sessions().begin(sign_in())

        secret = await to_thread.run_sync(begin)
        response = RedirectResponse(self._own(given.get("next")), 303, _PRIVATE)
        set_session(response, request, self._base, secret)
        return response

    async def _send(self, request: Request, send: Callable[[str], None], kind: str) -> Response:
        given = await form_of(request)
        next_ = self._own(given.get("next"))
        source = request.client.host if request.client else ""

        def count_and_send() -> None:
            count_try(email_in(given), source)
            send(email_in(given))

        try:
            await to_thread.run_sync(count_and_send)
        except DashboardError as error:
            return await self._sign_in_page(next_, fault=error, status=status_of(error))
        text = page.code_page(self._base, next_, email_in(given), kind, None)
        return HTMLResponse(text, 200, _PRIVATE)

    async def _sign_in_page(
        self,
        next_: str,
        *,
        email: str = "",
        fault: DashboardError | None = None,
        status: int = 200,
    ) -> Response:
        try:
            known = await to_thread.run_sync(auth_client.providers)
        except DashboardError as error:
            known, fault, status = [], fault or error, 503
        mails = not get_settings().uses_local_supabase
        text = page.sign_in_page(self._base, next_, known, mails=mails, email=email, fault=fault)
        return HTMLResponse(text, status, _PRIVATE)

    def _own(self, address: str | None) -> str:
        return own_address(address, self._base)
