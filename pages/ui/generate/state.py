"""What the generate page remembers between runs."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from uuid import UUID, uuid4, uuid5

from pages.ui.state import remembered
from services.errors import DashboardError
from services.sources.files import SourceText


@dataclass(frozen=True)
class Wanted:
    """A web address or a file whose text was asked for."""

    url: str = ""
    name: str = ""
    content: bytes = b""


def _new_name() -> str:
    return uuid4().hex


@dataclass
class GenerateState:
    """The generate page.

    `composition` names what is being composed: a second click with the same text and engine is the
    same request. `loaded` is the request whose text was put into the box; `set_aside` is what
    stood there before. `wanted` is to be read, `taken` was read and goes into the box, and
    `source_notes` tell how it was read. `draft` names the draft of the text in the box, `seen` is
    that text at the last run.
    """

    composition: UUID = field(default_factory=uuid4)
    fault: DashboardError | None = None
    loaded: str | None = None
    set_aside: str = ""
    wanted: Wanted | None = None
    taken: SourceText | None = None
    source_notes: tuple[str, ...] = ()
    draft: str = field(default_factory=_new_name)
    seen: str = ""

    def new_draft(self) -> None:
        """What is typed from now on is another draft; the one so far stays as it is."""
        self.draft = _new_name()

    def request_id(self, text: str, engine: str, about: str = "") -> UUID:
        """The id under which these are submitted; the same for every click."""
        whole = f"{text}\0{about}" if about else text
        digest = hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()
        return uuid5(self.composition, f"{engine}:{digest}")


def generate_state() -> GenerateState:
    """The state of the generate page in this session."""
    return remembered("generate-state", GenerateState)
