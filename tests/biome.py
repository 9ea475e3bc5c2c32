"""Formats and lints the JavaScript with Biome: `python -m tests.biome check [--write]`."""

from __future__ import annotations

import subprocess
import sys

from services.local_supabase.node import node_binary
from services.settings import PROJECT_ROOT

BIOME = PROJECT_ROOT / "node_modules" / "@biomejs" / "biome" / "bin" / "biome"

if __name__ == "__main__":
    sys.exit(subprocess.call([node_binary(), BIOME, *sys.argv[1:]], cwd=PROJECT_ROOT))
