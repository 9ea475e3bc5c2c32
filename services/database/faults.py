"""Translates every fault of postgrest and httpx into services.errors, in one place.

Codes: PostgREST's own (https://docs.postgrest.org/en/stable/references/errors.html) and
PostgreSQL's SQLSTATE. The local gateway gives the same codes, but "SUP" for a failed check.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from postgrest.exceptions import APIError

from services.errors import (
    DashboardError,
    DatabaseError,
    DatabaseTimeoutError,
    DatabaseUnreachableError,
    InvalidIdError,
    InvalidInputError,
    InvalidKeyError,
    InvalidPersonaError,
    InvalidTextError,
    MissingTableError,
    NotFoundError,
    PermissionDeniedError,
)
from services.settings import get_settings

log = logging.getLogger(__name__)

_DATABASE_FAULTS: dict[str, type[DatabaseError]] = {
    "PGRST205": MissingTableError,  # table not in the schema cache
    "PGRST204": MissingTableError,  # column not in the schema cache
    "PGRST202": MissingTableError,  # function not in the schema cache
    "42P01": MissingTableError,  # undefined_table
    "42703": MissingTableError,  # undefined_column
    "42883": MissingTableError,  # undefined_function
    "42501": PermissionDeniedError,  # insufficient_privilege
    "PGRST116": NotFoundError,  # no row where one was asked for
    "PT410": NotFoundError,  # migration 007: the persona was erased
    "PGRST301": InvalidKeyError,
    "PGRST302": InvalidKeyError,
    "PGRST303": InvalidKeyError,
    "401": InvalidKeyError,
    "403": PermissionDeniedError,
    "57014": DatabaseTimeoutError,  # query_canceled: statement time-out
    "PGRST003": DatabaseTimeoutError,  # no free connection in time
    "504": DatabaseTimeoutError,
    "PGRST000": DatabaseUnreachableError,
    "PGRST001": DatabaseUnreachableError,
    "PGRST002": DatabaseUnreachableError,
    "502": DatabaseUnreachableError,
    "503": DatabaseUnreachableError,
    "57P01": DatabaseUnreachableError,  # admin_shutdown
    "57P02": DatabaseUnreachableError,  # crash_shutdown
    "57P03": DatabaseUnreachableError,  # cannot_connect_now: starting up
    "540": DatabaseUnreachableError,  # hosted project is paused
}
_INPUT_FAULTS: dict[str, type[InvalidInputError]] = {
    "22P02": InvalidIdError,  # invalid_text_representation: a bad uuid
    "22021": InvalidTextError,  # character_not_in_repertoire: NUL
    "22P05": InvalidTextError,  # untranslatable_character: \u0000 in JSON
    "23514": InvalidPersonaError,  # check_violation: persona is not an object
}
_NUL_PROBLEM = "The text holds NUL characters, which a database cannot store."
_NUL_ADVICE = "Remove them (they often come from binary files) and try again."
_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)
_CUT_PROBLEM = "The connection to Supabase broke off in the middle."
_CUT_ADVICE = "Look whether the change is there before you try again: it may have been stored."
_NOT_SUPABASE_ADVICE = (
    "Something answers at SUPABASE_URL, but it is not Supabase: copy the project URL again, "
    "without any path behind it."
)
_AWAY = re.compile(
    "ECONNREFUSED|ECONNRESET|CONNECTION_(CLOSED|ENDED|DESTROYED)|ENOENT"
    "|database system is (starting up|shutting down|in recovery mode)|not yet accepting connections"
    "|terminating connection"
)
_RESTART_ADVICE = (
    "The local PostgreSQL has stopped and is being started again: try again in some seconds. "
    "Nothing stored is lost."
)


@contextmanager
def translated_faults() -> Iterator[None]:
    """Turn what the Supabase client raises inside into the classes of services.errors."""
    try:
        yield
    except DashboardError:
        raise
    except APIError as error:
        raise translate(error) from error
    except httpx.TimeoutException as error:
        raise DatabaseTimeoutError from error
    except _NEVER_SENT as error:
        raise DatabaseUnreachableError from error
    except (httpx.HTTPError, OSError) as error:
        raise DatabaseUnreachableError(_CUT_PROBLEM, _CUT_ADVICE) from error
    except UnicodeEncodeError as error:
        raise InvalidTextError(
            "The text holds half characters (lone surrogates), which cannot be stored.",
            "Copy the text again from its source.",
        ) from error


def translate(error: APIError) -> DashboardError:
    """The class of services.errors for a fault Supabase reported, cause left to the caller."""
    code, message = str(error.code or ""), str(error.message or "")
    log.info("Supabase refused a request: code %s", code or "none")
    if code in _INPUT_FAULTS:
        return _input_fault(code)
    if code in _DATABASE_FAULTS:
        return _database_fault(_DATABASE_FAULTS[code], code, error.hint)
    if "due to statement timeout" in message:  # the local gateway gives it no code
        return DatabaseTimeoutError(code=code, hint=error.hint)
    if "violates check constraint" in message:
        return InvalidPersonaError()
    if _AWAY.search(message):  # the local gateway gives that no code either
        return DatabaseUnreachableError(advice=_RESTART_ADVICE, code=code)
    if "invalid api key" in message.lower() or "no api key" in message.lower():
        return InvalidKeyError(code=code)
    if "JSON could not be generated" in message or code in ("404", "405"):
        return DatabaseUnreachableError(advice=_NOT_SUPABASE_ADVICE, code=code)
    return DatabaseError(
        f"Supabase refused the request (code {code or 'unknown'}).", code=code, hint=error.hint
    )


def expect_json_list(data: object) -> list[dict[str, object]]:
    """The rows that a function gave as one text. Raises DatabaseUnreachableError otherwise."""
    try:
        return expect_rows(json.loads(data) if isinstance(data, str) else data)
    except ValueError:
        raise DatabaseUnreachableError(advice=_NOT_SUPABASE_ADVICE) from None


def expect_rows(data: object) -> list[dict[str, object]]:
    """The rows of a response. Raises DatabaseUnreachableError if it is not a list of rows."""
    if not isinstance(data, list):
        raise DatabaseUnreachableError(advice=_NOT_SUPABASE_ADVICE)
    return data


def _database_fault(kind: type[DatabaseError], code: str, hint: str | None) -> DatabaseError:
    advice = None
    if kind is PermissionDeniedError and get_settings().supabase_key_role == "secret":
        advice = PermissionDeniedError.advice_if_privileged
    return kind(advice=advice, code=code, hint=hint)


def _input_fault(code: str) -> InvalidInputError:
    if code in ("22021", "22P05"):
        return InvalidTextError(_NUL_PROBLEM, _NUL_ADVICE)
    return _INPUT_FAULTS[code]()
