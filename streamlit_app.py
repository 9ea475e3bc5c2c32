"""The composition root: what runs beside the pages, and for how long.

`streamlit run streamlit_app.py` finds `app`. The pages stand under pages/_main.py, so that no
address reaches a page past its gate.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route

sys.path.insert(0, str(Path(__file__).parent))

from pages.ui.base_path import base_path
from pages.ui.components.json_editor.route import editor_routes
from pages.ui.leave_message import leave_message
from services import lifecycle
from services.access.sign_in.gate import Gate
from services.access.sign_in.routes import sign_in_routes
from services.api.app import api_routes, make_api
from services.api.documentation import documentation_routes
from services.browser_identity import BrowserIdentity
from services.exports.routes import export_routes
from services.front_end import FrontEnd, page_script
from services.same_origin import SameOrigin
from services.settings import get_settings

lifecycle.check_settings(listens_on=st.get_option("server.address") or "")
SIGNS_IN = get_settings().signs_in
BASE = base_path()

STYLE = Path(__file__).parent / "pages" / "ui" / "style.css"


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """The database and the background work live exactly as long as the server."""
    await anyio.to_thread.run_sync(lifecycle.start)
    try:
        yield
    finally:
        await anyio.to_thread.run_sync(lifecycle.stop)


def to_list(_: Request) -> RedirectResponse:
    """The list stands at the root; its name leads there too."""
    return RedirectResponse(f"{BASE}/")


# The API asks for keys of its own.
gate = Middleware(Gate, base=BASE, leave_message=leave_message, open_paths=["/api/v1", "/api/docs"])
api = make_api(get_settings(), lifecycle.background())
app = st.App(
    "pages/_main.py",
    lifespan=lifespan,
    routes=[
        Route("/personas", to_list),
        *editor_routes(),
        *export_routes(BASE),
        *(sign_in_routes(BASE) if SIGNS_IN else ()),
        *documentation_routes(BASE),
        *api_routes(BASE, api),
    ],
    middleware=[
        Middleware(
            SameOrigin,
            allowed_hosts=get_settings().allowed_hosts,
            scripts=[page_script(BASE)],
        ),
        Middleware(BrowserIdentity),
        *([gate] if SIGNS_IN else ()),
        Middleware(FrontEnd, base=BASE, style=STYLE.read_text("utf-8")),
    ],
)
