"""Hooks for schemathesis: what a description cannot say, so that requests reach what is stored.

Of the personas in PERSONAS each request that changes one gets a fresh one at version 1; a key of an
Idempotency-Key that fits is made unique, because the same one again is another matter.
"""

from __future__ import annotations

import json
import os
import re
from itertools import cycle
from typing import Any
from uuid import uuid4

import schemathesis

_PERSONAS = json.loads(os.environ["PERSONAS"])
_LASTING, _FRESH = cycle(_PERSONAS[:5]), iter(_PERSONAS[5:])
_UUID = re.compile(r"[0-9a-f-]{36}")


@schemathesis.hook
def before_call(_: Any, case: Any, __: Any) -> None:
    headers = case.headers or {}
    key, version = headers.get("Idempotency-Key"), headers.get("If-Match")
    if isinstance(key, str) and re.fullmatch("[!-~]{1,200}", key):
        headers["Idempotency-Key"] = uuid4().hex
    if isinstance(version, str) and re.fullmatch('(W/)?"[0-9]{1,9}"', version):
        headers["If-Match"] = '"1"'
    given = (case.path_parameters or {}).get("persona_id")
    if isinstance(given, str) and _UUID.fullmatch(given):
        changes = case.method.upper() not in ("GET", "HEAD")
        chosen = next(_FRESH, None) if changes else next(_LASTING)
        case.path_parameters["persona_id"] = chosen or next(_LASTING)
