"""Files: the words in them come out, and no file can hang, fill or mislead the dashboard."""

from __future__ import annotations

import io
import time
import zipfile
import zlib
from encodings.aliases import aliases

import docx
import pytest
from docx.oxml import parse_xml
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter

from services.errors import InvalidTextError
from services.sources import files
from services.sources.extract import clean
from services.sources.files import SourceText, text_of_content, text_of_file
from services.sources.plain_text import decode_page, decode_text, known_encoding

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def pdf(*pages: str, packed: bytes | None = None) -> bytes:
    """A PDF with one line of text a page; "" is a page without text. `packed` replaces streams."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    objects.append("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    kids, streams = [], {}
    for text in pages:
        number = len(objects) + 1
        kids.append(f"{number} 0 R")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {number + 1} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        drawn = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET" if text else "0 0 10 10 re f"
        streams[number + 1] = packed or zlib.compress(drawn.encode("latin-1"))
        objects.append(f"<< /Length {len(streams[number + 1])} /Filter /FlateDecode >>")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    return _assembled(objects, streams)


def _assembled(objects: list[str], streams: dict[int, bytes]) -> bytes:
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        stream = streams.get(number)
        tail = b"\nstream\n" + stream + b"\nendstream" if stream is not None else b""
        out += f"{number} 0 obj\n{body}".encode("latin-1") + tail + b"\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}".encode()
    out += f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n".encode()
    return out + b"%%EOF\n"


def locked_pdf(password: str) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf("Mira Solberg is a nurse."))))
    writer.encrypt(user_password=password, owner_password="fictional", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def word(*paragraphs: str, xml: str = "") -> bytes:
    """A Word document; `xml` is put at the end of its body."""
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    if xml:
        document.element.body.append(parse_xml(xml))
    return _saved(document)


def _saved(document: docx.document.Document) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def package(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def page(body: str, head: str = "") -> bytes:
    return f"<!doctype html><html><head>{head}</head><body>{body}</body></html>".encode()


def refusal(name: str, content: bytes) -> str:
    with pytest.raises(InvalidTextError) as caught:
        text_of_file(name, content)
    assert len(caught.value.advice) > 10
    return caught.value.problem


# ---------------------------------------------------------------- plain text


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"Mira\r\nnurse\rOslo\n", "Mira\nnurse\nOslo\n"),
        ("Zoë 🐝".encode(), "Zoë 🐝"),
        ("Zoë".encode("utf-8-sig"), "Zoë"),
        ("Zoë".encode("utf-16"), "Zoë"),
        ("Zoë".encode("utf-32"), "Zoë"),
        ("Zoë".encode("cp1252"), "Zoë"),
        ("Zoë 🐝".encode()[:-1], "Zoë "),
        ("Zoë 🐝".encode("utf-16")[:-2], "Zoë "),
        (b"bell\x07 and escape\x1b", "bell and escape"),
    ],
)
def test_plain_text_in_any_usual_encoding(content: bytes, text: str) -> None:
    assert text_of_file("notes.md", content) == SourceText(text)


@given(st.text())
def test_cleaned_text_has_no_control_or_half_characters(text: str) -> None:
    cleaned = clean(text)
    assert not set(cleaned) & {"\x00", "\r", "\x0b", "\x0c"}
    assert cleaned.encode("utf-8").decode("utf-8") == cleaned
    assert clean(cleaned.lstrip("\ufeff")) == cleaned.lstrip("\ufeff")


@given(st.binary(max_size=300))
def test_any_bytes_are_text_or_refused(content: bytes) -> None:
    try:
        text = text_of_content(b"- " + content, "text").text
    except InvalidTextError:
        return
    assert "\x00" not in text


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.txt", b"", "empty"),
        ("a.txt", b" \n\t", "empty"),
        ("a.txt", bytes(range(256)) * 8, "plain text"),
        ("a.txt", b"x" * 10_000_001, "10 MB"),
        ("a.pdf", b"just words", "damaged"),
        ("a.pdf", pdf("Mira")[:150], "damaged"),
        ("a.docx", b"just words", "damaged"),
        ("a.docx", word("Mira")[:500], "damaged"),
        ("a.docx", package({"word/document.xml": b"<w:document>"}), "damaged"),
        ("a.docx", package({"xl/workbook.xml": b"<x/>"}), "archive|damaged"),
        ("a.txt", package({"xl/workbook.xml": b"<x/>"}), "archive"),
        ("a.doc", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "older Office"),
        ("a.txt", rb"{\rtf1 Mira}", "Rich Text"),
        ("a.exe", b"MZ words", "this kind"),
        ("a.html", page("<script>let mira = 1</script>"), "no text"),
    ],
)
def test_what_cannot_be_read_is_refused_with_advice(
    name: str, content: bytes, problem: str
) -> None:
    assert any(part in refusal(name, content) for part in problem.split("|"))


# ---------------------------------------------------------------- PDF


def test_pdf_pages_and_a_note_about_those_without_text() -> None:
    source = text_of_file("cv.pdf", pdf("Mira Solberg", "", "Nurse in Oslo"))
    assert source.text == "Mira Solberg\n\nNurse in Oslo"
    assert source.notes == ("3 pages; 1 held no text (pictures are not read).",)


def test_scanned_pdf_is_refused() -> None:
    assert "no text" in refusal("scan.pdf", pdf("", ""))


def test_pdf_with_a_password_is_refused_but_not_one_that_only_forbids_printing() -> None:
    assert "password" in refusal("cv.pdf", locked_pdf("secret"))
    assert text_of_file("cv.pdf", locked_pdf("")).text == "Mira Solberg is a nurse."


def test_pdf_of_too_many_pages_is_refused() -> None:
    assert "500 pages" in refusal("book.pdf", pdf(*["Mira"] * 501))


def test_pdf_that_unpacks_without_end_is_refused_in_time() -> None:
    drawn = b"BT /F1 12 Tf (Mira) Tj ET " * 4_000_000
    bomb = zlib.compress(drawn)
    del drawn
    before = time.monotonic()
    assert refusal("bomb.pdf", pdf("x", packed=bomb))
    assert time.monotonic() - before < files.READ_SECONDS + 5


def test_a_document_that_takes_too_long_is_given_up() -> None:
    slow = page("<p>word</p>" * 400_000)
    before = time.monotonic()
    with pytest.raises(InvalidTextError, match="too long to read"):
        text_of_content(slow, "html", seconds=0.3)
    assert time.monotonic() - before < 5


# ---------------------------------------------------------------- Word


def test_word_document_with_tables_lists_header_text_box_and_control() -> None:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Mira Solberg, CV"
    document.add_paragraph("Nurse\tOslo")
    document.add_paragraph("Triage", style="List Bullet")
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Languages", "Norwegian"
    body = document.element.body
    body.append(
        parse_xml(
            f"<w:sdt {W}><w:sdtContent><w:p><w:r><w:t>In a control</w:t></w:r></w:p>"
            "</w:sdtContent></w:sdt>"
        )
    )
    body.append(
        parse_xml(
            f"<w:p {W}><w:r><w:t>Beside</w:t><w:pict><w:txbxContent><w:p><w:r><w:t>In a box</w:t>"
            "</w:r></w:p></w:txbxContent></w:pict></w:r>"
            "<w:del><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>"
        )
    )
    assert text_of_file("cv.docx", _saved(document)).text.split("\n") == [
        "Mira Solberg, CV",
        "",
        "Nurse\tOslo",
        "- Triage",
        "Languages | Norwegian",
        "In a control",
        "Beside",
        "In a box",
    ]


def test_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = package({"word/document.xml": bytes(70_000_000)})
    assert len(bomb) < 100_000
    assert "unpacks to more" in refusal("bomb.docx", bomb)


def test_entities_in_a_word_document_are_not_unfolded() -> None:
    laughs = '<!DOCTYPE d [<!ENTITY a "Mira"><!ENTITY f SYSTEM "file:///etc/hostname">]>'
    run = "<w:p><w:r><w:t>Hi &f;&a;</w:t></w:r></w:p>"
    document = f"{laughs}<w:document {W}><w:body>{run}</w:body></w:document>"
    original = zipfile.ZipFile(io.BytesIO(word("x")))
    parts = {name: original.read(name) for name in original.namelist()}
    parts["word/document.xml"] = document.encode()
    try:
        text = text_of_file("a.docx", package(parts)).text
    except InvalidTextError:
        return
    assert text == "Hi"


# ---------------------------------------------------------------- HTML


def test_html_is_read_as_a_reader_sees_it() -> None:
    body = """<nav>Home</nav><h1>Mira Solberg</h1>
      <p>A <b>nurse</b>
      in&nbsp;Oslo.<br>She said: &lt;b&gt;</p>
      <ul><li>Triage</li><li><p>Care</p></li></ul>
      <table><tr><th>Role</th><td>Head nurse</td></tr></table>
      <p hidden>secret</p><p style="display: none">secret</p><p aria-hidden="true">secret</p>
      <script>secret</script><style>secret</style><noscript>secret</noscript><!-- secret -->
      <template>secret</template><button>secret</button><footer>secret</footer>"""
    source = text_of_file("a.html", page(body, "<title>Our team</title><script>secret</script>"))
    assert source.text.replace("\xa0", " ") == (
        "Our team\n\nMira Solberg\n\nA nurse in Oslo.\nShe said: <b>\n\n- Triage\n- Care\n\n"
        "Role | Head nurse"
    )
    assert source.notes == ("Scripts, menus and hidden parts were left out.",)


def test_html_main_part_is_taken_if_it_is_the_main_part() -> None:
    about = "Mira is a nurse. " * 20
    source = text_of_file("a.htm", page(f"<div>Ads</div><main><p>{about}</p></main>"))
    assert source.text == about.strip()
    assert source.notes == ("Only the main part of the page was taken.",)
    assert "Ads" in text_of_file("a.htm", page(f"<main>x</main><div>{about} Ads</div>")).text


@pytest.mark.parametrize(
    ("content", "charset", "text"),
    [
        ("<p>Zoë".encode("cp1252"), "iso-8859-1", "<p>Zoë"),
        ('<meta charset="windows-1251"><p>Мира'.encode("cp1251"), None, "Мира"),
        ('<meta charset="windows-1251"><p>Zoë'.encode(), "utf-8", "Zoë"),
        ("<p>Zoë".encode("utf-16"), "latin-1", "Zoë"),
        ("<p>Zoë".encode(), "unicode_escape", "Zoë"),
        ("<p>Zoë".encode("utf-16-le"), "utf-16", "Zoë"),
        ("<p>Zoë".encode("utf-16-be"), "utf-16", "Zoë"),
        ("<p>Мира".encode("utf-16-le"), "UTF-16", "Мира"),
        (b"<p>Mira", "utf-16", "<p>Mira"),
    ],
)
def test_encoding_of_a_page(content: bytes, charset: str | None, text: str) -> None:
    assert text in decode_page(content, charset)


CHARSETS = [
    *sorted({*aliases.values()}),
    "utf-16", "utf16", "unicode", "ucs-2", "utf-7", "idna", "punycode", "unicode_escape",
    "raw_unicode_escape", "undefined", "unicode_internal", "x-user-defined", "?",
]  # fmt: skip


@settings(max_examples=25)
@pytest.mark.parametrize("charset", CHARSETS)
@given(content=st.binary(min_size=1) | st.text(min_size=1).map(str.encode))
def test_whatever_charset_a_server_names_there_is_a_text_or_our_refusal(
    charset: str, content: bytes
) -> None:
    for decode in (decode_page, lambda raw, name: decode_text(raw, known_encoding(name))):
        try:
            assert isinstance(decode(content, charset), str)
        except InvalidTextError as error:
            assert error.advice


@pytest.mark.parametrize(
    "name", ["zip", "idna", "unicode_escape", "rot13", "hex", "../x", "", None]
)
def test_codecs_that_are_no_encodings_of_pages_are_unknown(name: str | None) -> None:
    assert known_encoding(name) is None


@pytest.mark.parametrize("opened", ["<div>", "<b>", "<table><tr><td>", "<ul><li>"])
def test_html_nested_without_end_neither_crashes_nor_hangs(opened: str) -> None:
    source = text_of_file("a.html", page(f"<p>Mira</p>{opened * 100_000}deep"))
    assert "Mira" in source.text
    assert "some of its text is missing" in source.notes[-1]


# ---------------------------------------------------------------- what it really is


@pytest.mark.parametrize("name", ["cv.txt", "cv.docx", "cv.html", "cv"])
def test_content_decides_not_the_name(name: str) -> None:
    assert text_of_file(name, pdf("Mira Solberg")).text == "Mira Solberg"
    assert text_of_file(name, word("Mira Solberg")).text == "Mira Solberg"
    assert text_of_file(name, page("Mira Solberg")).text == "Mira Solberg"


def test_a_wrong_name_is_told() -> None:
    assert "Read as a PDF" in text_of_file("cv.txt", pdf("Mira")).notes[0]


def test_the_reading_process_has_no_settings_and_a_crash_is_a_refusal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = {}

    def crashed(command: list[str], **options: object) -> object:
        asked.update(options)
        return type("Done", (), {"stdout": b"", "returncode": -11})

    monkeypatch.setattr(files.subprocess, "run", crashed)
    assert "damaged" in refusal("a.pdf", pdf("Mira"))
    assert asked["env"] == {}
