"""Where a sign-in leads on to: always an address of this dashboard, whatever is asked for."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from services.access.sign_in.forms import came_from, own_address


@pytest.mark.parametrize(
    ("asked", "leads_to"),
    [
        ("/base/persona?id=1", "/base/persona?id=1"),
        ("https://example.org/base/", "/base/"),
        ("//example.org/base/", "/base/"),
        ("/base/\\example.org", "/base/"),
        ("/base/\n", "/base/"),
        ("http://[", "/base/"),
        (None, "/base/"),
    ],
)
def test_it_leads_to_an_address_of_ours(asked: str | None, leads_to: str) -> None:
    assert own_address(asked, "/base") == leads_to


@pytest.mark.parametrize("referer", [b"http://[", b"http://[::", b"\xff", b"https://example.org/a"])
def test_an_address_of_nobody_or_others_is_no_page_of_ours(referer: bytes) -> None:
    headers = [(b"host", b"ours.example"), (b"referer", referer)]
    assert came_from(Request({"type": "http", "headers": headers}), "/base") == ""
