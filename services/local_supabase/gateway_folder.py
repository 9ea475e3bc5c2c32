"""What a gateway has on the disk: its configuration, which holds its keys, and its log."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from pydantic import SecretStr


class GatewayFolder:
    """A new folder in `parent`, called `<pid>-<random>`, that only this user may read."""

    def __init__(self, parent: Path) -> None:
        parent.mkdir(mode=0o700, exist_ok=True)
        self.path = parent / f"{os.getpid()}-{secrets.token_hex(4)}"
        self.path.mkdir(mode=0o700)
        self._log = self.path / "gateway.log"

    def configure(self, config: str) -> None:
        """Write what the gateway reads when it starts."""
        file = self.path / "supabase" / "config.toml"
        file.parent.mkdir(mode=0o700, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(config)

    def new_log(self) -> BinaryIO:
        """An empty log, to be closed."""
        log = os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)  # it prints keys
        return os.fdopen(log, "wb", buffering=0)

    def log_tail(self, without: Iterable[SecretStr]) -> str:
        """The last lines of the log as one, `without` these secrets."""
        lines = self._log.read_text(errors="replace").strip().splitlines()
        text = " ".join(line.strip() for line in lines[-10:]) or "it left no log."
        for secret in without:
            text = text.replace(secret.get_secret_value(), "***")
        return text

    def last_mail(self, email: str) -> str:
        """The newest mail to this address in the log; "" if there is none."""
        mails = self._log.read_text(errors="replace").split("email captured (not delivered)")
        to = [mail for mail in mails[1:] if mail.strip().splitlines()[0] == f"To: {email}"]
        return to[-1] if to else ""

    def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)


def remove_stale_folders(gateways: Path, living: set[int]) -> None:
    """Remove what gateways of dead processes left. Folders are called `<pid>-<random>`."""
    for folder in gateways.glob("*-*"):
        if not folder.name.split("-")[0].isdecimal() or int(folder.name.split("-")[0]) in living:
            continue
        shutil.rmtree(folder, ignore_errors=True)
