"""What PostgreSQL writes in its log about why it does not start."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

from services.errors import LocalStackError

_LINES = 12
_NO_SPACE = os.strerror(errno.ENOSPC)
_REASON = re.compile(r"(?:FATAL|PANIC): +|LOG: +(?=invalid|could not)")


class ServerLog:
    """What PostgreSQL complains of from now on."""

    def __init__(self, data: Path) -> None:
        self.path = data / "log"
        self._begin = self.path.stat().st_size if self.path.exists() else 0

    def reasons(self) -> list[str]:
        if not self.path.exists():
            return []
        with self.path.open(errors="replace") as file:
            file.seek(self._begin)
            lines = file.read().splitlines()[-_LINES:]
        return [_REASON.split(line, 1)[-1] for line in lines if _REASON.search(line)]

    def lacks_space(self) -> bool:
        return any(_NO_SPACE in reason for reason in self.reasons()[-1:])


def cannot_start(log: ServerLog) -> LocalStackError:
    data = log.path.parent
    if log.lacks_space():
        return LocalStackError(
            f"The disk that holds {data.parent} is full: PostgreSQL cannot start.",
            "Free some space on it and try again. Nothing stored is lost.",
        )
    reasons = "; ".join(log.reasons()[-2:]) or "it does not say why"
    return LocalStackError(
        f"PostgreSQL did not start: {reasons}.",
        f"See {log.path}. Free disk space or memory if that is the reason; the data is still "
        "there. To begin with an empty database, move that folder away.",
    )
