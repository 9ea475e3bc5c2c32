"""The page /api/docs: the OpenAPI document as people read and try it.

npm's swagger-ui-dist, served from node_modules; nothing comes from another host, and what the page
may load is what services/same_origin.py allows: its script stands in a file of its own.
"""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from services.settings import PROJECT_ROOT

_PACKAGE = PROJECT_ROOT / "node_modules" / "swagger-ui-dist"
_FILES = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon-32x32.png": "image/png",
}
_START = """"use strict";
SwaggerUIBundle({
  url: "v1/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  persistAuthorization: false,
  validatorUrl: null,
  tryItOutEnabled: true,
  defaultModelsExpandDepth: 0,
  docExpansion: "list",
});
"""
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Personas: REST API</title>
<link rel="icon" href="docs/favicon-32x32.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<main id="docs"><noscript>This page needs JavaScript; <a href="v1/openapi.json">the document
itself</a> does not.</noscript></main>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""
_MISSING = (
    "The documentation page is not installed. Run `make run` once with a network, or `npm ci "
    "--ignore-scripts` in the project's folder. The OpenAPI document stands at v1/openapi.json."
)


def documentation_routes(base: str) -> list[BaseRoute]:
    """Routes for st.App; `base` is "" or the path that all addresses of the dashboard share."""
    return [
        Route(f"{base}/api", lambda _: RedirectResponse(f"{base}/api/docs")),
        Route(f"{base}/api/", lambda _: RedirectResponse(f"{base}/api/docs")),
        Route(f"{base}/api/docs", _page),
        Route(f"{base}/api/docs/{{name}}", _file),
    ]


def _page(_: Request) -> Response:
    if not (_PACKAGE / "swagger-ui-bundle.js").is_file():
        return PlainTextResponse(_MISSING, 503)
    return HTMLResponse(_PAGE)


def _file(request: Request) -> Response:
    name = request.path_params["name"]
    if name == "start.js":
        return Response(_START, media_type="text/javascript")
    path = _PACKAGE / name
    if name not in _FILES or not path.is_file():
        return PlainTextResponse("There is no such file.", 404)
    plain, packed = _read(path)
    headers = {"Cache-Control": "public, max-age=86400", "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(
            packed, headers={**headers, "Content-Encoding": "gzip"}, media_type=_FILES[name]
        )
    return Response(plain, headers=headers, media_type=_FILES[name])


@lru_cache(maxsize=len(_FILES))
def _read(path: Path) -> tuple[bytes, bytes]:
    plain = path.read_bytes()
    return plain, gzip.compress(plain, compresslevel=6, mtime=0)
