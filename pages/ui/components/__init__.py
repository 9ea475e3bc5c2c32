"""Components that run in the browser: Python, JavaScript and style of each."""

from __future__ import annotations

import re
from pathlib import Path

_IMPORT = re.compile(r'^import .*? from "\./.*?";\n', re.DOTALL | re.MULTILINE)
_EXPORT = re.compile(r"^export (?!default)", re.MULTILINE)


def one_script(folder: Path, *names: str) -> str:
    """Modules that import from each other as one: Streamlit takes a component's script as a text,
    which has no address to import from. Whoever is imported comes first."""
    scripts = (folder.joinpath(name).read_text("utf-8") for name in names)
    return "\n".join(_EXPORT.sub("", _IMPORT.sub("", script)) for script in scripts)
