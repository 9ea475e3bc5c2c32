"""Installs the Node parts from the command line.

python -m services.local_supabase.install [--dev]    --dev: with the parts that only tests use
"""

from __future__ import annotations

import argparse
import sys

from services.errors import LocalStackError
from services.local_supabase.node import install_node_parts


def main(arguments: list[str] | None = None) -> int:
    """Install; 0 if everything is there now, 1 with a message if not."""
    parser = argparse.ArgumentParser(description="Install the Node parts of the dashboard.")
    parser.add_argument("--dev", action="store_true", help="with the parts that only tests use")
    options = parser.parse_args(arguments)
    try:
        install_node_parts(on_step=print, dev=options.dev)
    except LocalStackError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
