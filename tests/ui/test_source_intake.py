"""Files and web addresses: what they hold goes into the box, and what stood there is kept."""

from __future__ import annotations

import io
from typing import Any

import docx
import pytest

from pages.ui.generate import source_intake
from services.errors import FetchError
from services.generation.requests import get_generation_requests
from services.sources.fetch import FetchedPage
from tests.ui.conftest import button, open_page, text_of

BOX = "source-text"


def word(text: str) -> bytes:
    out = io.BytesIO()
    document = docx.Document()
    document.add_paragraph(text)
    document.save(out)
    return out.getvalue()


def fetch(at: Any, url: str) -> None:
    at.text_input(key="source-url").set_value(url)
    button(at, "Fetch").click().run()


def test_a_document_goes_into_the_box_and_what_was_typed_comes_back() -> None:
    at = open_page("generate")
    at.text_area(key=BOX).set_value("Half a thought").run()
    at.file_uploader(key="source-file").upload("cv.docx", word("Mira Solberg"), "application/x")
    at.run()
    assert at.text_area(key=BOX).value == "Mira Solberg"
    button(at, "Bring back the previous text").click().run()
    assert at.text_area(key=BOX).value == "Half a thought"
    at.run()
    assert at.text_area(key=BOX).value == "Half a thought"


def test_a_page_goes_into_the_box_with_its_notes_for_review(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def page(url: str) -> FetchedPage:
        asked.append(url)
        return FetchedPage(url, "Mira Solberg is a nurse.", ("Taken from team.example.",))

    monkeypatch.setattr(source_intake, "fetch_url", page)
    at = open_page("generate")
    fetch(at, " https://team.example/mira ")
    assert at.text_area(key=BOX).value == "Mira Solberg is a nurse."
    assert "Taken from team.example. Read it through" in text_of(at)
    at.text_area(key=BOX).set_value("Mira.").run()
    assert at.text_area(key=BOX).value == "Mira."
    assert asked == ["https://team.example/mira"]
    assert get_generation_requests().unfinished() == []


def test_an_address_inside_is_refused_and_the_text_stays() -> None:
    at = open_page("generate")
    at.text_area(key=BOX).set_value("Half a thought").run()
    fetch(at, "http://169.254.169.254/latest/meta-data/")
    assert "does not lead to a public web page" in text_of(at)
    assert at.text_area(key=BOX).value == "Half a thought"


def test_a_page_that_cannot_be_taken_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(url: str) -> FetchedPage:
        raise FetchError

    monkeypatch.setattr(source_intake, "fetch_url", refuse)
    at = open_page("generate")
    fetch(at, "https://team.example/")
    assert "Copy the text of the page and paste it." in text_of(at)
    fetch(at, "")
    assert at.text_area(key=BOX).value == ""
