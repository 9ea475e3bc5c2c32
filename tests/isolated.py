"""Runs `python -m <module>` or a script as a developer would, but blind to the developer's files.

    python -m tests.isolated streamlit run streamlit_app.py
    python -m tests.isolated /tmp/snippet.py

Environment variables are the caller's business (`clean_environment`); `.env` and Streamlit's
secrets would win over what is not set there, and lead the tests into somebody's real database.
"""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path

from services.settings import Settings

ROOT = Path(__file__).resolve().parent.parent


def clean_environment(**settings: str) -> dict[str, str]:
    """The environment of this process with these settings of the dashboard and no others."""
    ours = {name.upper() for name in Settings.model_fields}
    kept = {
        name: value
        for name, value in os.environ.items()
        if name.upper() not in ours and not name.upper().startswith("STREAMLIT_")
    }
    return {**kept, "PYTHONPATH": str(ROOT), **settings}


def command(*arguments: str) -> list[str]:
    """The command line that runs `arguments` isolated."""
    return [sys.executable, "-m", "tests.isolated", *arguments]


if __name__ == "__main__":
    Settings.model_config["env_file"] = None
    Settings.model_config["toml_file"] = None
    sys.argv = sys.argv[1:]
    if sys.argv[0].endswith(".py"):
        runpy.run_path(sys.argv[0], run_name="__main__")
    else:
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
