"""Where the dashboard's Supabase is, how the way to it is secured, and what its key is."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from socket import create_connection
from urllib.parse import SplitResult, parse_qs, urlsplit

import httpx

from services.database.check.result import Check
from services.database.client import explained, get_supabase_client
from services.errors import (
    DashboardError,
    DatabaseTimeoutError,
    DatabaseUnreachableError,
    InvalidKeyError,
    LocalStackError,
)
from services.setting_values import is_near
from services.settings import Settings

_AWAY = (DatabaseUnreachableError, DatabaseTimeoutError, LocalStackError)
_TLS_SECONDS = 5
_NOT_ASKED = "Not tried: Supabase is away or refuses the key."


def first_answer() -> DashboardError | None:
    """What comes back for one row of personas: None if all is well. Starts a local Supabase."""
    try:
        get_supabase_client().check()
    except DashboardError as error:
        return explained(error)
    return None


def is_away(answer: DashboardError | None) -> bool:
    """Whether nobody answered who is Supabase."""
    return isinstance(answer, _AWAY)


def address(settings: Settings, answer: DashboardError | None) -> Check:
    if answer is not None and is_away(answer):
        return Check("Address", "fault", answer.problem, answer.advice)
    if settings.uses_local_supabase:
        detail = f"The local Supabase, data in {settings.local_supabase_dir}"
    else:
        detail = f"{urlsplit(settings.supabase_url or '').hostname} answers as Supabase does"
    return Check("Address", "ok", detail)


def encryption(settings: Settings) -> Check:
    """Whether keys and texts can be read on their way."""
    parts = urlsplit(settings.supabase_url or "")
    if parts.scheme == "https":
        return _certificate(parts)
    if settings.uses_local_supabase:
        return Check("Encryption", "ok", "Nothing leaves this machine")
    return Check("Encryption", "ok", "http, to a server that is near")  # settings.py refuses others


def key(settings: Settings, answer: DashboardError | None) -> Check:
    if isinstance(answer, InvalidKeyError):
        return Check("Key", "fault", answer.problem, answer.advice)
    kind = _kind_of_key(settings)
    if is_away(answer):
        return Check("Key", "skipped", f"{kind}; nobody was there to accept it")
    if settings.supabase_key_role == "publishable":
        return Check(
            "Key",
            "fault",
            f"{kind}: accepted, but it may do nothing here",
            "Set SUPABASE_SECRET_KEY to the project's secret key (Supabase dashboard → Project "
            "settings → API keys).",
        )
    return Check("Key", "ok", f"{kind}, accepted")


def api(answer: DashboardError | None) -> Check:
    if answer is None:
        return Check("API", "ok", "The API shows the schema public")
    if is_away(answer) or isinstance(answer, InvalidKeyError):
        return Check("API", "skipped", _NOT_ASKED)
    return Check("API", "fault", answer.problem, answer.advice)


def way_to_database(settings: Settings, tls: str | None) -> Check:
    """How SUPABASE_DB_URL connects; `tls` is the version in use, None for none."""
    if settings.uses_local_supabase:
        return Check("Database", "ok", "On this machine")
    url = urlsplit(settings.supabase_db_url.get_secret_value() if settings.supabase_db_url else "")
    asked = parse_qs(url.query)
    ours, other = _project(urlsplit(settings.supabase_url or "")), _project(url)
    if ours and other and ours != other:
        return Check(
            "Database",
            "fault",
            f"SUPABASE_DB_URL leads to the project {other}, SUPABASE_URL to {ours}",
            "Copy both from the same project.",
        )
    mode = asked.get("sslmode", ["require"])[-1]  # as services/database/direct.py connects
    host = asked.get("host", [url.hostname or ""])[-1]
    if tls:
        checked = "checked" if mode.startswith("verify-") else "not checked"
        detail = f"Reached by {tls}, certificate {checked} (sslmode={mode})"
        return Check("Database", "ok", detail)
    if not host or host.startswith("/") or is_near(host):
        return Check("Database", "ok", "Not encrypted, but near")
    return Check(
        "Database",
        "fault",
        f"SUPABASE_DB_URL connects in clear (sslmode={mode}): others can read the texts",
        "Write sslmode=require in it, or nothing.",
    )


def _project(parts: SplitResult) -> str:
    """The name of a hosted project, from its address or its user at the pooler; "" elsewhere."""
    host = parts.hostname or ""
    if host.endswith(".pooler.supabase.com"):
        return (parts.username or "").partition(".")[2]
    return host.removesuffix(".supabase.co").removeprefix("db.") if "supabase.co" in host else ""


def _certificate(parts: SplitResult) -> Check:
    host, port = parts.hostname or "", parts.port or 443
    try:
        with (
            create_connection((host, port), _TLS_SECONDS) as connection,
            # the certificates that the client of Supabase trusts as well
            httpx.create_ssl_context().wrap_socket(connection, server_hostname=host) as secured,
        ):
            ends = (secured.getpeercert() or {})["notAfter"]
            version = secured.version()
    except ssl.SSLCertVerificationError as error:
        return Check(
            "Encryption",
            "fault",
            f"The certificate of {host} is not valid: {error.verify_message}.",
            "Check SUPABASE_URL and the clock of this machine; behind a proxy that opens https, "
            "set SSL_CERT_FILE to its certificate.",
        )
    except OSError:  # a proxy may be the only way out
        return Check("Encryption", "unknown", "https; no direct way to look at the certificate")
    day = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(ends)), UTC)
    return Check("Encryption", "ok", f"https ({version}), certificate valid until {day:%Y-%m-%d}")


def _kind_of_key(settings: Settings) -> str:
    if settings.uses_local_supabase:
        return "Secret key"
    role = settings.supabase_key_role.capitalize()
    value = settings.supabase_key.get_secret_value() if settings.supabase_key else ""
    if value.startswith("sb_") or role == "Unknown":
        return f"{role} key"
    return f"{role} key of the older kind (JWT), which Supabase is ending"
