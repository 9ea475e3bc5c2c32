"""An import in a process of its own, that a test can kill: `importing_process FILE MAPPING`."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from uuid import uuid4

from services.importing.jobs import get_import_jobs
from services.importing.runner import ImportRunner


def main(path: str, mapping: str) -> None:
    runner = ImportRunner(get_import_jobs())
    job_id = uuid4()
    runner.take(job_id, path, Path(path).read_bytes())
    runner.check(job_id, json.loads(mapping), "killed")
    while get_import_jobs().read(job_id).status == "checking":
        time.sleep(0.05)
    runner.save(job_id)
    while get_import_jobs().read(job_id).status != "saved":
        time.sleep(0.05)


if __name__ == "__main__":
    main(*sys.argv[1:])
