"""The README's Python, run as printed."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.isolated import ROOT, clean_environment, command

README = (ROOT / "README.md").read_text("utf-8")
SNIPPET = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SNIPPETS = SNIPPET.findall(README)
SECONDS = 120


def run(code: str, tmp_path: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    script = tmp_path / "snippet.py"
    script.write_text(code, "utf-8")
    return subprocess.run(
        command(str(script)),
        cwd=ROOT,
        env=clean_environment(**settings),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def test_there_are_snippets_and_each_parses() -> None:
    assert len(SNIPPETS) >= 2
    for code in SNIPPETS:
        compile(code, "README.md", "exec")


@pytest.mark.parametrize("code", SNIPPETS, ids=[code.splitlines()[0] for code in SNIPPETS])
def test_a_snippet_runs_as_printed(code: str, tmp_path: Path, stack_folder: Path) -> None:
    ended = run(code, tmp_path, LOCAL_SUPABASE_DIR=str(stack_folder))
    assert ended.returncode == 0, ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout.strip()


def test_all_snippets_one_after_the_other_share_their_data(
    tmp_path: Path, stack_folder: Path
) -> None:
    ended = run("\n".join(SNIPPETS), tmp_path, LOCAL_SUPABASE_DIR=str(stack_folder))
    assert ended.returncode == 0, ended.stderr
