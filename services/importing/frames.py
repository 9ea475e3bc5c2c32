"""What the worker tells: frames of a JSON object and bytes beside it, each with its length before.

{"columns": […], "samples": {…}, "narrow", "sheets": […], "unread": […]}
                                                                a preview
{"row": last, "good": [[number, id, md5, length] …], "problems": [[number, reason] …]}
                                                                rows; beside it their JSON
{"fault": {"problem", "advice"}} · {"limit": "memory"} · {"end": true}
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import IO, Any

_LENGTHS = struct.Struct(">II")
_MOST_BYTES = 64 << 20  # whoever announces more is not our worker any more


def write_frame(out: IO[bytes], head: dict[str, Any], pieces: Sequence[bytes] = ()) -> None:
    """Write one frame; waits while nobody reads."""
    text = json.dumps(head).encode()
    out.write(_LENGTHS.pack(len(text), sum(map(len, pieces))))
    out.write(text)
    out.writelines(pieces)
    out.flush()


def read_frame(pipe: IO[bytes]) -> tuple[dict[str, Any], bytes] | None:
    """The next frame, None behind the last or where it breaks off. Raises ValueError."""
    lengths = pipe.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    head_length, length = _LENGTHS.unpack(lengths)
    if head_length + length > _MOST_BYTES:
        raise ValueError("The frame is too long.")
    text, beside = pipe.read(head_length), pipe.read(length)
    if len(text) < head_length or len(beside) < length:
        return None
    return json.loads(text), beside
