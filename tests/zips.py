"""ZIP archives as people and others make them."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from collections.abc import Mapping


def zip_of(files: Mapping[str, str | bytes]) -> bytes:
    """An ordinary archive of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def odd_zip() -> bytes:
    """Good files under odd names, and what cannot or must not be read."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("/etc/passwd.txt", "Ann bakes bread.")
        archive.writestr("../../above.md", "Bo drives a lorry.")
        archive.writestr("folder\\windows.txt", "Cy mends lifts.")
        archive.writestr("__MACOSX/._above.md", b"\x00\x05\x16\x07")
        archive.writestr("folder/.DS_Store", b"\x00")
        archive.writestr("inner.zip", zip_of({"a.txt": "Ann"}))
        archive.writestr("renamed.txt", zip_of({"a.txt": "Ann"}))
        archive.writestr("table.csv", "text\nAnn\n")
        archive.writestr("blank.txt", " \n ")
        archive.writestr("picture.png", b"\x89PNG\r\n\x1a\n")
        archive.writestr("bomb.txt", b" " * 50_000_000)
        archive.writestr(_link("link.txt"), "/etc/passwd")
        archive.writestr("wrong-sum.txt", "Dee repairs ovens.")
        archive.writestr("secret.txt", "Eve keeps bees.")
        archive.writestr(zipfile.ZipInfo("M\u00fcller.txt"), "Frau M\u00fcller pflegt.")
    content = out.getvalue()
    content = _patched(content, b"wrong-sum.txt", 14, struct.pack("<I", 1))
    content = _patched(content, b"secret.txt", 6, struct.pack("<H", 1))
    return _patched(content, "M\u00fcller.txt".encode(), 6, struct.pack("<H", 0))  # UTF-8, unmarked


def lying_zip() -> bytes:
    """One that says of a bomb that it is small."""
    content = zip_of({"small.txt": b" " * 50_000_000})
    return _patched(content, b"small.txt", 22, struct.pack("<I", 10))


def _link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def _patched(content: bytes, name: bytes, place: int, value: bytes) -> bytes:
    """With `value` at this place of the file's head (of 30 bytes) and of its line in the list."""
    for mark, head in ((b"PK\x03\x04", 30), (b"PK\x01\x02", 46)):
        at = content.index(mark)
        while content[at + head : at + head + len(name)] != name:
            at = content.index(mark, at + 1)
        at += place + (2 if head == 46 else 0)
        content = content[:at] + value + content[at + len(value) :]
    return content
