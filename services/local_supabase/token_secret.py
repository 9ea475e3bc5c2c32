"""The secret that signs people's tokens: one for all processes on a folder, kept across starts."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from pydantic import SecretStr

from services.errors import LocalStackError
from services.local_supabase.holders import folder_lock

FILE = "token_secret"


def token_secret(directory: Path) -> SecretStr:
    """The secret of this folder, made at first use. Raises LocalStackError."""
    folder = directory.expanduser().resolve()
    path = folder / FILE
    try:
        with folder_lock(folder):
            if not path.exists():
                _write_private(path, secrets.token_urlsafe(48))
            return SecretStr(path.read_text("ascii").strip())
    except OSError as error:
        raise LocalStackError(
            f"The file {path} cannot be used ({error.strerror or type(error).__name__}).",
            "Give this user access to it, or set LOCAL_SUPABASE_DIR to another folder.",
        ) from None


def _write_private(path: Path, text: str) -> None:
    unfinished = path.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    file = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(file, text.encode("ascii"))
        os.fsync(file)
    finally:
        os.close(file)
    unfinished.replace(path)  # whole, or not at all
