"""What a test does in the sandbox: `confined WHAT`. It answers "done", if it may."""

from __future__ import annotations

import os
import sys
import tempfile
import time


def main(what: str) -> None:
    if what == "memory":
        bytearray(1 << 30)
    elif what == "write":
        with tempfile.TemporaryFile() as file:
            file.write(b"x" * 100_000)
    elif what == "compute":
        while True:
            pass
    elif what == "sleep":
        time.sleep(600)
    elif what == "environment":
        print(sorted(name for name in os.environ if name != "LC_CTYPE"))
    print("done", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
