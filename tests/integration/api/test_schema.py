"""The API against its own description: schemathesis asks what it allows, and what it does not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg

from services.api.handling.security import Gate
from services.local_supabase.stack import LocalSupabase
from tests.integration.api.conftest import Server
from tests.isolated import ROOT

SEED, EXAMPLES = 20261128, 1
# A value that the description allows may still be refused for what is stored (404, 409, 412) or for
# what it says (422); a change without If-Match is 428, as RFC 6585 has it.
CONFIG = """
[auth.openapi.key]
bearer = "${PERSONAS_KEY}"
[checks.positive_data_acceptance]
expected-statuses = ["2xx", 401, 403, 404, 409, 412, 422]
[checks.missing_required_header]
expected-statuses = [400, 401, 403, 406, 415, 422, 428]
"""


PERSONAS = 500  # to be changed, one for each request
STORE = """
insert into personas (raw_text, persona) select 'Ana Ruiz leads a team and writes SQL ' || n,
  jsonb_build_object('name', 'Ana Ruiz', 'role', 'Lead', 'skills', array['SQL'])
from generate_series(1, %s) n returning id::text
"""


def test_no_answer_is_outside_the_description(
    server: Server, database: LocalSupabase, tmp_path: Path
) -> None:
    server.app.state.gate = Gate(1_000_000, failed_tries=1_000_000)
    program = server.program()
    with psycopg.connect(database.db_url, autocommit=True) as connection:
        ids = [row[0] for row in connection.execute(STORE, [PERSONAS])]
    config = tmp_path / "schemathesis.toml"
    config.write_text(CONFIG)
    ended = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")),
            *("--config-file", str(config), "run", f"{server.url}/api/v1/openapi.json"),
            *("--checks=all", "--workers=1"),
            *(f"--max-examples={EXAMPLES}", f"--seed={SEED}", "--no-color"),
            "--continue-on-failure",
        ],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "SCHEMATHESIS_HOOKS": "tests.integration.api.asking",
            "PERSONAS": json.dumps(ids),
            "PERSONAS_KEY": program.key,
        },
        capture_output=True,
        text=True,
        timeout=550,
        check=False,
    )
    (ROOT / "artifacts").mkdir(exist_ok=True)
    (ROOT / "artifacts" / "schemathesis.txt").write_text(ended.stdout)
    print(ended.stdout[ended.stdout.rfind("= SUMMARY ") :])
    assert ended.returncode == 0
