"""What the import page remembers between runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID, uuid4

from pages.ui.state import remembered
from services.errors import DashboardError


@dataclass
class ImportState:
    """The import page: the fault of the last action, and which import each given file is."""

    fault: DashboardError | None = None
    jobs: dict[str, UUID] = field(default_factory=dict)

    def job_id(self, file_id: str) -> UUID:
        """The id of the file's import; the same for every click."""
        return self.jobs.setdefault(file_id, uuid4())


def import_state() -> ImportState:
    """The state of the import page in this session."""
    return remembered("import-state", ImportState)
