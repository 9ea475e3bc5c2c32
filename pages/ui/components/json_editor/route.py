"""The address of the editor's script, and the route that serves it from node_modules.

The address holds the installed version, so browsers may keep the script for ever.
"""

from __future__ import annotations

import gzip
import json
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from pages.ui.base_path import base_path

_PACKAGE = Path(__file__).resolve().parents[4] / "node_modules" / "vanilla-jsoneditor"
_ONE_YEAR = "public, max-age=31536000, immutable"


def editor_script_url() -> str | None:
    """The script's address, relative to the dashboard's own; None if it is not installed."""
    if not (_PACKAGE / "standalone.js").is_file():
        return None
    return f"vendor/vanilla-jsoneditor-{_version()}/standalone.js"


def editor_routes() -> list[BaseRoute]:
    """Routes for st.App, below `server.baseUrlPath` where that is set."""
    return [Route(f"{base_path()}/vendor/vanilla-jsoneditor-{{version}}/standalone.js", _serve)]


def _serve(request: Request) -> Response:
    if editor_script_url() is None or request.path_params["version"] != _version():
        return PlainTextResponse("No such version of the editor is installed.", 404)
    plain, packed = _script()
    headers = {
        "Cache-Control": _ONE_YEAR,
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
    }
    accepts_gzip = "gzip" in request.headers.get("accept-encoding", "")
    if accepts_gzip:
        headers["Content-Encoding"] = "gzip"
    return Response(
        packed if accepts_gzip else plain, headers=headers, media_type="text/javascript"
    )


@lru_cache(maxsize=1)
def _script() -> tuple[bytes, bytes]:
    plain = (_PACKAGE / "standalone.js").read_bytes()
    return plain, gzip.compress(plain, compresslevel=6, mtime=0)


@lru_cache(maxsize=1)
def _version() -> str:
    return str(json.loads((_PACKAGE / "package.json").read_text("utf-8"))["version"])
