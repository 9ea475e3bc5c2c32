"""python -m tests.model_servers: try every row, print the table, and say on stderr what failed."""

from __future__ import annotations

import logging
import sys

from tests.model_servers.server import ModelServers
from tests.model_servers.suite import ROWS, table, try_row

logging.getLogger("services").setLevel(logging.CRITICAL)
with ModelServers.running() as servers:
    results = [(server, row, try_row(servers, server, row)) for server, row in ROWS]
print(table(results), end="")
problems = [
    f"{server}: {row.title}: {problem}"
    for server, row, result in results
    if (problem := result.problem(row))
]
print(f"{len(results) - len(problems)} of {len(results)} as they should be", file=sys.stderr)
print("\n".join(problems), file=sys.stderr)
sys.exit(bool(problems))
