"""Translates every fault of postgrest, httpx and psycopg into services.errors, in one place.

A fault is known by the code in its body (PostgREST's own or PostgreSQL's SQLSTATE), else by the
HTTP status: Cloudflare, the API gateway and proxies answer without a code, and often in HTML.

PostgREST:  https://docs.postgrest.org/en/stable/references/errors.html
PostgreSQL: https://www.postgresql.org/docs/current/errcodes-appendix.html
Supabase:   https://supabase.com/docs/guides/platform/http-status-codes
Cloudflare: https://developers.cloudflare.com/support/troubleshooting/http-status-codes/
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from postgrest.exceptions import APIError, APIErrorFromJSON, generate_default_error_message
from pydantic import ValidationError

from services.database.fault_codes import FAULTS, MESSAGES, Fault
from services.errors import (
    DashboardError,
    DatabaseError,
    DatabaseTimeoutError,
    DatabaseUnreachableError,
    InvalidInputError,
    InvalidTextError,
    NotSupabaseError,
    PermissionDeniedError,
)
from services.settings import get_settings

log = logging.getLogger(__name__)

_SQLSTATE = re.compile("[0-9A-Z]{5}")
_CODE = re.compile("[0-9A-Z]{3,8}")
_OWN_CODE = re.compile("PT4[0-9]{2}")  # of what a migration refuses, in words of its own
_LONGEST = 200
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_NO_ADDRESS = (httpx.UnsupportedProtocol, httpx.InvalidURL)
_CUT_PROBLEM = "The connection to Supabase broke off in the middle."
_CUT_ADVICE = "Look whether the change is there before you try again: it may have been stored."
_UNTRUSTED_PROBLEM = "The certificate of the server at SUPABASE_URL is not to be trusted."
_UNTRUSTED_ADVICE = (
    "See that SUPABASE_URL is the project's own address. Behind a proxy that reads encrypted "
    "traffic, name its certificate in SSL_CERT_FILE and restart."
)


class AnsweredError(APIError):
    """A fault as Supabase answered it: what postgrest makes of it, and what it leaves out.

    `status` is the HTTP status, `retry_after` the seconds the server asked to wait, if it did.
    """

    def __init__(self, response: httpx.Response) -> None:
        try:
            fields = dict(APIErrorFromJSON.model_validate_json(response.content))
        except ValidationError:  # HTML, or nothing
            fields = generate_default_error_message(response)
        super().__init__(fields)
        self.args = (repr(self),)
        self.status = response.status_code
        wait = response.headers.get("retry-after", "")
        self.retry_after = float(wait) if wait.isdecimal() else None


def raise_for_fault(response: httpx.Response) -> None:
    """Hook of the HTTP client. Raises AnsweredError unless it is a success and no web page."""
    is_page = response.headers.get("content-type", "").startswith("text/html")
    if is_page or not response.is_success:
        response.read()
        raise AnsweredError(response)


@contextmanager
def translated_faults() -> Iterator[None]:
    """Turn what the Supabase client raises inside into the classes of services.errors."""
    try:
        yield
    except DashboardError:
        raise
    except APIError as error:
        raise translate(error) from error
    except _NEVER_SENT as error:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            raise NotSupabaseError(_UNTRUSTED_PROBLEM, _UNTRUSTED_ADVICE) from error
        raise DatabaseUnreachableError from error
    except _NO_ADDRESS as error:
        raise NotSupabaseError from error
    except httpx.TimeoutException as error:
        raise DatabaseTimeoutError from error
    except (httpx.HTTPError, OSError) as error:
        raise DatabaseUnreachableError(_CUT_PROBLEM, _CUT_ADVICE) from error
    except UnicodeEncodeError as error:
        raise InvalidTextError(
            "The text holds half characters (lone surrogates), which cannot be stored.",
            "Copy the text again from its source.",
        ) from error


def translate(error: APIError) -> DashboardError:
    """The class of services.errors for a fault Supabase reported, cause left to the caller."""
    fault = fault_for(
        error.code or "",
        error.message or "",
        status=getattr(error, "status", None),
        hint=error.hint,
        retry_after=getattr(error, "retry_after", None),
    )
    log.info("Supabase refused a request: %s (code %s)", type(fault).__name__, _plain(error.code))
    return fault


def fault_for(
    code: str,
    message: str = "",
    *,
    status: int | None = None,
    hint: str | None = None,
    retry_after: float | None = None,
) -> DashboardError:
    """The fault of this code (PostgREST's or SQLSTATE), or of this HTTP status without one."""
    kind = _kind(code, str(status or ""), message)
    if issubclass(kind, InvalidInputError):
        return kind()
    problem = advice = None
    if kind is DatabaseError and _OWN_CODE.fullmatch(code) and _is_told(message):
        problem, advice = message[:_LONGEST], hint  # as a migration says it
    elif kind is DatabaseError:
        problem = f"Supabase refused the request (code {_plain(code) or status or 'unknown'})."
    if kind is PermissionDeniedError and get_settings().supabase_key_role == "secret":
        advice = PermissionDeniedError.advice_if_privileged
    return kind(problem, advice, code=code or None, hint=hint, retry_after=retry_after)


def expect_json_list(data: object) -> list[dict[str, object]]:
    """The rows that a function gave as one text. Raises NotSupabaseError otherwise."""
    try:
        return expect_rows(json.loads(data) if isinstance(data, str) else data)
    except ValueError:
        raise NotSupabaseError from None


def expect_rows(data: object) -> list[dict[str, object]]:
    """The rows of a response. Raises NotSupabaseError if it is not a list of rows."""
    if not isinstance(data, list):
        raise NotSupabaseError
    return data


def _is_told(message: str) -> bool:
    return bool(message.strip()) and message.isprintable()


def _plain(code: str | None) -> str | None:
    return code if code and _CODE.fullmatch(code) else None  # whoever answers may write anything


def _kind(code: str, status: str, message: str) -> Fault:
    if code in FAULTS:
        return FAULTS[code]
    if _SQLSTATE.fullmatch(code):
        return FAULTS.get(code[:2], DatabaseError)
    for pattern, kind in MESSAGES:
        if pattern.search(message):
            return kind
    if code.startswith("PGRST") or code == "SUP":
        return DatabaseError
    return FAULTS.get(status) or FAULTS.get(status[:1]) or DatabaseError
