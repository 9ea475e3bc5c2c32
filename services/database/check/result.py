"""What one check found, and how it is told."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from services.database.client import explained
from services.errors import DashboardError

State = Literal["ok", "fault", "unknown", "skipped"]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Check:
    """One check: what it found (`detail`), and what to do (`advice`) where that is not well.

    `sql` are the statements that the advice says to run.

    unknown: cannot be seen with what is configured. skipped: not tried, because of another fault
    or because it was not asked for.
    """

    name: str
    state: State
    detail: str
    advice: str = ""
    sql: tuple[str, ...] = ()
    group: str = ""


def guarded(name: str, check: Callable[[], Check]) -> Check:
    """The check, or the fault that stopped it. Raises nothing but what ends the process."""
    try:
        return check()
    except DashboardError as error:
        known = explained(error)
        return Check(name, "fault", known.problem, known.advice)
    except Exception as error:  # an answer that nobody foresaw must not hide the other checks
        log.debug("%s failed", name, exc_info=error)
        return Check(
            name,
            "fault",
            f"The answer cannot be understood ({type(error).__name__}).",
            "Compare the versions of dashboard and database: "
            "`python -m services.database.migrate --status`.",
        )
