"""What a member may do: four roles, each includes those before it."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """Kept by user id in the database, never taken from a token or a cookie."""

    VIEWER = "viewer"  # reads, exports
    ANALYST = "analyst"  # and drafts, edits, comments, imports
    REVIEWER = "reviewer"  # and approves, rejects
    ADMIN = "admin"  # and erases, gives roles, changes settings

    def includes(self, needed: Role) -> bool:
        """Whether who has this role may do what `needed` may."""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(needed)
