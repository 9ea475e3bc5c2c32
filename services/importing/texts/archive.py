"""The files in a ZIP, one after the other; nothing is ever unpacked to disk.

What a ZIP says of itself is not believed: sizes are counted while it is unpacked, names are only
shown. Only the sandbox calls this.
"""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from services.errors import ImportFileError
from services.importing.texts.names import given_as

ENTRIES = 20_000
ENTRY_BYTES = 10_000_000  # as services/sources/files.py takes of one file
EXPANDED_BYTES = 2 << 30
NAME_CHARACTERS = 200

_PROTECTED = "It is protected with a password; pack it without one."
_TOO_LARGE = "It unpacks to more than 10 MB."
_DAMAGED = "It is damaged in the archive."
_PACKED = "It is packed in a way that cannot be read; pack the folder as an ordinary ZIP."
_LINK = "It is a link to a file, not a file."
_NESTED = "It is an archive inside the archive; give it by itself."
_TABLE = "It is a table; give it by itself, to choose the column with the texts."
_EMPTY = "It is empty."
_UNICODE_NAME = 0x7075  # https://pkware.cachefly.net/webdocs/APPNOTE/APPNOTE-6.3.9.TXT, 4.6.9
_CP437_FLAG = 0x800


@dataclass(frozen=True)
class Entry:
    """A file of the archive: its content, or why it is not read."""

    name: str
    content: bytes = b""
    fault: str | None = None


def entries(file: BinaryIO) -> Iterator[Entry]:
    """Every file of the archive in its order, without folders and what systems add by themselves.

    Raises ImportFileError if it is no ZIP or holds more than ENTRIES files or EXPANDED_BYTES.
    """
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, ValueError, NotImplementedError) as error:
        raise ImportFileError(
            "The file is no ZIP archive, or is damaged.", "Pack the folder again."
        ) from error
    infos = [info for info in archive.infolist() if not _is_beside(info)]
    if len(infos) > ENTRIES:
        raise ImportFileError(
            f"The archive holds more than {ENTRIES:,} files.", "Split it into several."
        )
    left = EXPANDED_BYTES
    for info in infos:
        entry = _entry(archive, info)
        left -= len(entry.content)
        if left < 0:
            raise ImportFileError(
                f"The archive unpacks to more than {EXPANDED_BYTES >> 30} GB.",
                "Split it into several.",
            )
        yield entry


def name_of(info: zipfile.ZipInfo) -> str:
    """The name as its author saw it, without what would lead out of a folder."""
    name = _unicode_name(info) or _decoded(info)
    parts = [part for part in PurePosixPath(name.replace("\\", "/")).parts if part.strip("./ ")]
    return "/".join(parts)[-NAME_CHARACTERS:] or "without a name"


def _entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Entry:
    name = name_of(info)
    if fault := _refused(info, name):
        return Entry(name, fault=fault)
    try:
        with archive.open(info) as packed:
            content = packed.read(ENTRY_BYTES + 1)
    except NotImplementedError:
        return Entry(name, fault=_PACKED)
    except RuntimeError:  # what zipfile raises for a password
        return Entry(name, fault=_PROTECTED)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, struct.error):
        return Entry(name, fault=_DAMAGED)
    if len(content) > ENTRY_BYTES:
        return Entry(name, fault=_TOO_LARGE)
    return Entry(name, content, None if content.strip() else _EMPTY)


def _refused(info: zipfile.ZipInfo, name: str) -> str | None:
    """Why it is not even opened."""
    if info.flag_bits & 0x1:
        return _PROTECTED
    if stat.S_ISLNK(info.external_attr >> 16):
        return _LINK
    kind = given_as(name)
    if kind == "archive":
        return _NESTED
    if kind == "table":
        return _TABLE
    return _TOO_LARGE if info.file_size > ENTRY_BYTES else None


def _is_beside(info: zipfile.ZipInfo) -> bool:
    """Folders, and what macOS and Windows put beside the files."""
    parts = PurePosixPath(info.filename.replace("\\", "/")).parts
    if info.is_dir() or not parts or "__MACOSX" in parts:
        return True
    return parts[-1].startswith("._") or parts[-1] in (".DS_Store", "Thumbs.db", "desktop.ini")


def _decoded(info: zipfile.ZipInfo) -> str:
    """zipfile takes a name without the mark of UTF-8 for DOS letters; many are UTF-8 all the
    same."""
    if info.flag_bits & _CP437_FLAG:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def _unicode_name(info: zipfile.ZipInfo) -> str | None:
    """The name that Info-ZIP writes beside one in other letters, if there is one."""
    extra, place = info.extra, 0
    while place + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, place)
        if kind == _UNICODE_NAME and length > 5:
            try:
                return extra[place + 9 : place + 4 + length].decode("utf-8")
            except UnicodeError:
                return None
        place += 4 + length
    return None
