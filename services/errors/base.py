"""What all faults have, and those of settings, of what was given, and of the local Supabase."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Literal

Remedy = Literal[
    "wait",  # it passes by itself: try again, after longer and longer pauses
    "less",  # a time limit was met: ask for half of it, because the same again takes as long
    "correct",  # what was given is at fault: the same again is refused again, others are not
    "person",  # somebody must do something: trying again does not help
]


class DashboardError(Exception):
    """A fault with a message for the user: what is wrong (`problem`), what to do (`advice`)."""

    remedy: ClassVar[Remedy] = "person"
    default_problem: ClassVar[str] = "Something went wrong."
    default_advice: ClassVar[str] = "Try again; if it stays, see the Status page."

    def __init__(self, problem: str | None = None, advice: str | None = None) -> None:
        self.problem = problem or self.default_problem
        self.advice = advice or self.default_advice
        Exception.__init__(self, f"{self.problem} {self.advice}")

    def __str__(self) -> str:
        return f"{self.problem} {self.advice}"

    __repr__ = Exception.__repr__


class SettingsError(DashboardError, ValueError):
    """A setting cannot be used; the message names its variable."""


class InvalidInputError(DashboardError, ValueError):
    remedy = "correct"
    default_problem = "This input cannot be used."
    default_advice = "Correct it and try again."


class InvalidIdError(InvalidInputError):
    default_problem = "This is not a valid id."
    default_advice = "Ids look like 6f1c0f9e-8d0b-4c57-9a43-0d6f3c1f2b11; open one from a list."


class InvalidPersonaError(InvalidInputError):
    """The persona is not a JSON object. `line` and `column` count from 1, None if unknown."""

    default_problem = "A persona must be a JSON object."
    default_advice = "Write it as { … } with names and values."

    def __init__(
        self,
        problem: str | None = None,
        advice: str | None = None,
        *,
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        super().__init__(problem, advice)
        self.line = line
        self.column = column


class InvalidTextError(InvalidInputError):
    default_problem = "This text cannot be used."
    default_advice = "Paste plain text about one person."


class NulCharactersError(InvalidTextError):
    default_problem = "The text holds NUL characters, which a database cannot store."
    default_advice = "Remove them (they often come from binary files) and try again."


class RefusedMoveError(InvalidInputError):
    """A move that review does not know, from `status` to `wanted`; `allowed` are those it does."""

    def __init__(self, status: str, wanted: str, allowed: Iterable[str]) -> None:
        def words(name: str) -> str:
            return name.replace("_", " ")

        self.status, self.wanted, self.allowed = status, wanted, tuple(allowed)
        super().__init__(
            f"A persona that is {words(status)} cannot become {words(wanted)}.",
            f"It can become {' or '.join(words(name) for name in self.allowed)}.",
        )


class ImportFileError(InvalidInputError):
    """A file for import cannot be read at all, or not beyond some row."""

    default_problem = "This file cannot be read."
    default_advice = "Give a CSV, JSON Lines, Excel (.xlsx) or Parquet file."


class FetchError(InvalidInputError):
    default_problem = "The page at this address cannot be taken."
    default_advice = "Copy the text of the page and paste it."


class LocalStackError(DashboardError):
    default_problem = "The local Supabase could not be started."
    default_advice = "Run `make clean` and `make run`, or set SUPABASE_URL to a hosted project."


class MigrationError(DashboardError):
    """A migration was refused; what was applied before it stays, the rest did not run."""

    default_problem = "The migrations could not be applied."
    default_advice = "Correct the file and run the migrations again."


class MigrationConnectionError(MigrationError):
    """The database could not be reached; nothing was tried."""

    default_advice = (
        "Check SUPABASE_DB_URL (Supabase dashboard → Connect → Session pooler) and the network."
    )


class SignInError(DashboardError):
    """Signing in did not work. Never says whether an address has an account."""

    remedy = "correct"
    default_problem = "This did not work."
    default_advice = "Check e-mail address and password, and try again."
