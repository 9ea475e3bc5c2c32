"""The editor's script over HTTP: right type, cached for ever, compressed, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pages.ui.components.json_editor import route


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=route.editor_routes()))


def test_the_script_is_served_compressed_and_immutable(client: TestClient) -> None:
    url = route.editor_script_url()
    assert url is not None
    packed = client.get(f"/{url}", headers={"Accept-Encoding": "gzip"})
    plain = client.get(f"/{url}", headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content
    assert b"createJSONEditor" in plain.content
    for answer in (packed, plain):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/javascript")
        assert "immutable" in answer.headers["cache-control"]
    assert int(packed.headers["content-length"]) < len(plain.content) / 3


@pytest.mark.parametrize(
    "path",
    [
        "/vendor/vanilla-jsoneditor-0.0.1/standalone.js",
        "/vendor/vanilla-jsoneditor-3.13.0/package.json",
        "/vendor/vanilla-jsoneditor-3.13.0/../package.json",
        "/vendor/vanilla-jsoneditor-%2e%2e%2f/standalone.js",
    ],
)
def test_nothing_else_is_served(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_without_the_package_there_is_no_address(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = route.editor_script_url()
    monkeypatch.setattr(route, "_PACKAGE", tmp_path)
    assert route.editor_script_url() is None
    assert client.get(f"/{url}").status_code == 404
