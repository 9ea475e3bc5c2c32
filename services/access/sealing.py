"""What is stored of a session: hashes of what browsers hold, and tokens that only we can read."""

from __future__ import annotations

import base64
import hashlib
import secrets

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from services.database.client import get_local_supabase
from services.errors import SettingsError
from services.settings import get_settings

_PURPOSE = b"persona dashboard: tokens of sessions"


def new_secret() -> str:
    """A random text for a cookie or a link: 43 characters."""
    return secrets.token_urlsafe(32)


def hashed(secret: str) -> str:
    """What is stored of it: 64 hexadecimal digits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def seal(text: str) -> str:
    """The text encrypted for the database."""
    return _fernet().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str | None:
    """The text again; None if it was sealed under another key."""
    try:
        return _fernet().decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def _fernet() -> Fernet:
    """By a secret that all processes share and that outlasts them; it stays out of the database."""
    settings = get_settings()
    secret = (
        get_local_supabase().token_secret if settings.uses_local_supabase else settings.supabase_key
    )
    if secret is None:
        raise SettingsError("SIGN_IN is not supabase.", "Set SIGN_IN=supabase and start again.")
    key = HKDF(SHA256(), 32, None, _PURPOSE).derive(secret.get_secret_value().encode())
    return Fernet(base64.urlsafe_b64encode(key))
