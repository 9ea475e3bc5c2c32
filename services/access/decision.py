"""Whether a dashboard may start without anybody having said who may use it."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from services.errors import SettingsError
from services.settings import Settings

_ADVICE = (
    "Set SIGN_IN=supabase, so that people sign in (docs/access.md), or SIGN_IN=off, and everybody "
    "who reaches it may read, change and erase every persona."
)


def check_decision(settings: Settings, listens_on: str) -> None:
    """Raises SettingsError if SIGN_IN has to be decided: others could reach the dashboard, or its
    secret key opens a Supabase elsewhere. `listens_on`: a name or an address, "" for all there are.
    """
    if settings.sign_in is not None:
        return
    if not _is_this_machine(listens_on):
        where = listens_on or "all addresses of this machine"
        raise SettingsError(f"The dashboard would listen on {where} without sign-in.", _ADVICE)
    host = urlsplit(settings.supabase_url or "").hostname
    if host and not _is_this_machine(host) and settings.supabase_key_role != "publishable":
        raise SettingsError(
            f"The dashboard would open {host} with its secret key, without sign-in.", _ADVICE
        )


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
