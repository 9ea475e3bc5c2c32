"""The contract, tried against whatever is configured.

    python -m services.database.check [--write] [--json]

Exit codes: 0 all that could be tried is well, 1 something is not, 2 nothing could be tried
(settings, no connection), 130 stopped by hand.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from textwrap import wrap
from types import FrameType

from services import round_trip  # this file is an entry point: it may reach above its room
from services.database.check import checks
from services.database.check.result import Check
from services.database.client import close_database
from services.errors import DashboardError
from services.settings import get_settings

WIDTH = 100
_NAME, _STATE = 22, 9
_STOPPED = 130


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        found = _found(write=options.write)
    except DashboardError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return _STOPPED
    finally:
        close_database()
    code = _exit_code(found)
    print(_as_json(found, code) if options.json else _as_table(found))
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m services.database.check",
        description="Try what the dashboard needs against the Supabase of SUPABASE_URL (and "
        "SUPABASE_DB_URL), or against the local one when it is not set.",
    )
    parser.add_argument(
        "--write",
        action="store_true",
        help="also store, change, find, export and erase marked rows; they are removed again",
    )
    parser.add_argument("--json", action="store_true", help="for programs")
    return parser


def _found(*, write: bool) -> list[Check]:
    settings = get_settings()
    found = checks(settings, thorough=True)
    if not write:
        return found
    if any(check.state in ("fault", "skipped") for check in found if check.group == "Connection"):
        return [*found, round_trip.not_tried()]
    return found + round_trip.round_trip(settings)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _exit_code(found: Sequence[Check]) -> int:
    if any(check.name == "Address" and check.state == "fault" for check in found):
        return 2
    return 1 if any(check.state == "fault" for check in found) else 0


def _as_json(found: Sequence[Check], code: int) -> str:
    return json.dumps({"ok": code == 0, "checks": [asdict(check) for check in found]}, indent=2)


def _as_table(found: Sequence[Check]) -> str:
    lines: list[str] = []
    for group, checks_of_group in groupby(found, key=lambda check: check.group):
        lines += [group, *(line for check in checks_of_group for line in _lines(check)), ""]
    return "\n".join([*lines, _last_line(found)])


def _lines(check: Check) -> list[str]:
    width = WIDTH - _NAME - _STATE
    texts = wrap(check.detail, width) or [""]
    if check.advice:
        texts += wrap(f"→ {check.advice}", width, subsequent_indent="  ")
    for statement in check.sql:
        texts += wrap(statement, width, initial_indent="  ", subsequent_indent="    ")
    heads = [f"  {check.name:{_NAME - 2}}{check.state:{_STATE}}"]
    heads += [" " * (_NAME + _STATE)] * (len(texts) - 1)
    return [head + text for head, text in zip(heads, texts, strict=True)]


def _last_line(found: Sequence[Check]) -> str:
    counts = {state: sum(check.state == state for check in found) for state in ("ok", "fault")}
    rest = len(found) - sum(counts.values())
    parts = [f"{counts['ok']} of {len(found)} checks are ok"]
    parts += [f"{counts['fault']} failed"] if counts["fault"] else []
    parts += [f"{rest} not tried or not known"] if rest else []
    return ", ".join(parts) + "."


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _stop)  # what --write stored is removed then as well
    sys.exit(main())
