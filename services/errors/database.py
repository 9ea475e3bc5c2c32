"""Every fault a user can meet, each with what to do about it.

    DashboardError                      has .problem and .advice; str() is both
    ├── SettingsError (ValueError)      a setting is nonsense: names the variable
    ├── InvalidInputError (ValueError)  what was given cannot be stored or read
    │   ├── InvalidIdError              not a uuid
    │   ├── InvalidPersonaError         not a JSON object, or not JSON at all (has .line, .column)
    │   ├── InvalidTextError            empty, too long, or not text
    │   │   └── NulCharactersError      holds NUL, which a database cannot store
    │   ├── RefusedMoveError            a persona cannot move from this status to that one
    │   └── FetchError                  a web address whose page cannot or may not be taken
    ├── LocalStackError                 the embedded Supabase could not be installed or started
    ├── SignInError                     signing in did not work
    ├── MigrationError                  a migration was refused
    │   └── MigrationConnectionError    the database of the migrations cannot be reached
    ├── DatabaseError (postgrest APIError; has .retry_after)
    │   ├── DatabaseUnreachableError    no connection
    │   │   ├── DatabaseDownError       the project's server does not answer, or is starting
    │   │   ├── ProjectPausedError      the hosted project sleeps until somebody resumes it
    │   │   ├── LocalRestartError       the local PostgreSQL is started again
    │   │   └── NotSupabaseError        something else answers at SUPABASE_URL
    │   │       └── RedirectedError     … and names another address
    │   ├── DatabaseServerError         Supabase had an internal error
    │   ├── DatabaseBusyError           too many requests or connections, no memory
    │   │   └── LockedError             somebody else is changing the same rows
    │   ├── DatabaseTimeoutError        no answer in time
    │   │   ├── TimeLimitError          the database stopped the request at its own limit
    │   │   └── SearchTimeoutError      a search or filter ran too long and was stopped
    │   ├── ReadOnlyError               nothing can be written
    │   ├── DiskFullError               nothing can be written until there is room
    │   ├── ProjectRestrictedError      over its quota, or a bill is open
    │   ├── InvalidKeyError             the key is refused
    │   │   └── LegacyKeyError          a key of the old kind, which the project has switched off
    │   ├── PermissionDeniedError       the key is known but row level security refuses
    │   │   └── RoleError               the role of who acts does not allow it
    │   │       └── NotSignedInError    the session has ended
    │   ├── BlockedRequestError         a firewall or proxy refuses the request
    │   ├── MissingTableError           the migrations have not been run
    │   ├── HiddenSchemaError           the API does not show the tables
    │   ├── RefusedValueError           a value of the row cannot be stored
    │   │   └── TooLargeError           the request is larger than Supabase takes
    │   ├── ConflictError               somebody was faster (has .theirs, the persona as it is now)
    │   └── NotFoundError               no such row
    │       └── TrashedError            it is in the trash
    └── GenerationError                 has .kind (stored with the request)
        ├── ModelRefusedError           refusal or content filter
        ├── OutputTruncatedError        the output limit was reached
        ├── InvalidOutputError          the answer does not fit the schema
        ├── NoClaimsError               an answer that says nothing, for a text that says something
        ├── ModelUnauthorizedError      401 / 403
        ├── ModelNotFoundError          404
        ├── RateLimitedError            429
        ├── QuotaExceededError          429 with insufficient_quota: waiting does not help
        ├── ModelServerError            5xx
        ├── ModelTimeoutError           no answer in time
        ├── ModelUnreachableError       no connection, or cut before the end
        ├── OverReserveError            it would take more than was set aside for it
        ├── TextTooLongError            more than the limit or the model's context
        ├── ModelRequestError           any other refused request
        ├── NoBatchesError              the server takes no files of questions
        ├── BatchExpiredError           it did not come to this text of a file in time
        ├── NotSavedError               the draft is finished, the database does not take it
        └── InterruptedGenerationError  the process ended in the middle

Vendors' errors are translated where they arise (services/database/faults.py,
services/engines/model/faults/table.py) and nowhere else. No message holds a secret or a
person's text. What helps against a fault stands in its `remedy`; services/database/patience.py and
all that try again go by it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, Literal

from postgrest.exceptions import APIError

if TYPE_CHECKING:
    from services.personas.models import Persona


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


class DatabaseError(DashboardError, APIError):
    """A fault of Supabase or on the way to it. Also a postgrest APIError (code, hint, details).

    `retry_after`: seconds the server asked to wait, None if it did not.
    """

    default_problem = "The database refused the request."

    def __init__(
        self,
        problem: str | None = None,
        advice: str | None = None,
        *,
        code: str | None = None,
        hint: str | None = None,
        details: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        DashboardError.__init__(self, problem, advice)
        fields = {"message": self.problem, "code": code, "hint": hint, "details": details}
        APIError.__init__(self, fields)
        self.retry_after = retry_after


class DatabaseUnreachableError(DatabaseError):
    remedy: ClassVar[Remedy] = "wait"
    default_problem = "Supabase cannot be reached."
    default_advice = (
        "Check SUPABASE_URL and the network, and at supabase.com whether the project is paused, "
        "then try again."
    )


class DatabaseDownError(DatabaseUnreachableError):
    default_problem = "The Supabase project does not answer at the moment."
    default_advice = (
        "Try again in a minute: it may be restarting. If it stays, see the project at "
        "supabase.com, and status.supabase.com."
    )


class LocalRestartError(DatabaseUnreachableError):
    default_advice = (
        "The local PostgreSQL has stopped and is being started again: try again in some seconds. "
        "Nothing stored is lost."
    )


class ProjectPausedError(DatabaseUnreachableError):
    remedy = "person"
    default_problem = "The Supabase project is paused."
    default_advice = "Resume it at supabase.com, wait a few minutes, and try again."


class NotSupabaseError(DatabaseUnreachableError):
    remedy = "person"
    default_problem = "Something answers at SUPABASE_URL, but it is not Supabase."
    default_advice = (
        "Copy the project URL into SUPABASE_URL again (Supabase dashboard → Project settings → "
        "Data API), without any path behind it, and restart."
    )


class RedirectedError(NotSupabaseError):
    default_problem = "SUPABASE_URL is not the project's address: it answers with a redirect."


class DatabaseServerError(DatabaseError):
    remedy = "wait"
    default_problem = "Supabase had an internal error."
    default_advice = (
        "Try again in a minute. If it stays, the logs of the project at supabase.com tell more."
    )


class DatabaseBusyError(DatabaseError):
    remedy = "wait"
    default_problem = "Supabase has too much to do at the moment."
    default_advice = (
        "Try again in a minute. If it happens often, the project needs a larger compute size "
        "(supabase.com → Project settings → Compute)."
    )


class LockedError(DatabaseBusyError):
    default_problem = "Somebody else is changing the same rows at this moment."
    default_advice = "Try again."


class DatabaseTimeoutError(DatabaseError):
    remedy = "less"
    default_problem = "Supabase did not answer in time."
    default_advice = "Try again; if it stays slow, raise SUPABASE_TIMEOUT_SECONDS."


class TimeLimitError(DatabaseTimeoutError):
    default_problem = "The database stopped the request, because it ran into its time limit."
    default_advice = (
        "Try again, with less at once. If it stays, the project is overloaded: see its reports at "
        "supabase.com."
    )


class SearchTimeoutError(DatabaseTimeoutError):
    default_problem = "The search took too long and was stopped."
    default_advice = (
        "Narrow it: add a rarer word, a range of days or another filter, or leave out -words."
    )


class ReadOnlyError(DatabaseError):
    default_problem = "The database is read-only: nothing can be stored at the moment."
    default_advice = (
        "A hosted project becomes read-only when its disk is nearly full: make room or enlarge it "
        "(supabase.com → Database → Settings). Elsewhere, see whether this is a read replica."
    )


class DiskFullError(DatabaseError):
    default_problem = "The disk of the database is full: nothing can be stored."
    default_advice = "Enlarge it (supabase.com → Database → Settings) or make room, and try again."


class ProjectRestrictedError(DatabaseError):
    default_problem = "Supabase has restricted the project: it is over its quota or a bill is open."
    default_advice = "See Billing and Usage of the organization at supabase.com."


class InvalidKeyError(DatabaseError):
    default_problem = "Supabase refuses the key."
    default_advice = (
        "Copy the secret key of the same project into SUPABASE_SECRET_KEY "
        "(Supabase dashboard → Project settings → API keys) and restart."
    )


class LegacyKeyError(InvalidKeyError):
    default_problem = "The key is of the old kind, and the project has switched those off."
    default_advice = (
        "Copy a secret key (sb_secret_…) into SUPABASE_SECRET_KEY "
        "(Supabase dashboard → Project settings → API keys) and restart."
    )


class PermissionDeniedError(DatabaseError):
    default_problem = "Row level security does not let this key work on the table."
    default_advice = (
        "The secret key is missing: set SUPABASE_SECRET_KEY to the project's secret (service role) "
        "key, since the dashboard runs on a server. For a trial without it, run "
        "migrations/optional/allow_anon_key.sql."
    )
    advice_if_privileged: ClassVar[str] = (
        "The key is a secret key, so the migrations' grants are missing: run "
        "`python -m services.database.migrate` with SUPABASE_DB_URL set."
    )


class RoleError(PermissionDeniedError):
    """Who acts may not do this."""

    default_problem = "Your role does not allow this."
    default_advice = "Ask an admin of the dashboard for the role that does (docs/access.md)."


class NotSignedInError(RoleError):
    """Nobody acts: the session has ended."""

    default_problem = "You are not signed in any more."
    default_advice = "Reload the page and sign in. What you typed is kept."


class SignInError(DashboardError):
    """Signing in did not work. Never says whether an address has an account."""

    remedy = "correct"
    default_problem = "This did not work."
    default_advice = "Check e-mail address and password, and try again."


class BlockedRequestError(DatabaseError):
    default_problem = "The request was refused on its way to the database (HTTP 403)."
    default_advice = (
        "A firewall or proxy in between does not let it pass: see its log, or try from another "
        "network."
    )


class MissingTableError(DatabaseError):
    default_problem = "The dashboard's tables are missing in this database."
    default_advice = (
        "Run the migrations: `python -m services.database.migrate` with SUPABASE_DB_URL set, "
        "or paste the files in migrations/ into Supabase's SQL editor, in order."
    )


class HiddenSchemaError(DatabaseError):
    default_problem = "The API of the project does not show the dashboard's tables."
    default_advice = (
        "Turn the Data API on and add the schema public to the exposed schemas "
        "(Supabase dashboard → Project settings → Data API)."
    )


class RefusedValueError(DatabaseError):
    remedy = "correct"
    default_problem = "The database cannot store this: a value has not the form it must have."
    default_advice = "Correct it and try again."


class TooLargeError(RefusedValueError):
    default_problem = "This is larger than Supabase takes in one request."
    default_advice = "Shorten the text and try again."


class NotFoundError(DatabaseError):
    default_problem = "This persona does not exist (any more)."
    default_advice = "Somebody may have deleted it. Go back to the list."


class TrashedError(NotFoundError):
    default_problem = "This persona is in the trash."
    default_advice = "Restore it from the trash to work on it."


class ConflictError(DatabaseError):
    """Somebody changed the persona after it was opened. `theirs` is the persona as it is now."""

    default_problem = "Somebody changed this persona after you opened it."
    default_advice = "Nothing was overwritten. Compare both and save again."

    def __init__(self, theirs: Persona) -> None:
        super().__init__(code="409")
        self.theirs = theirs


class GenerationError(DashboardError):
    """A generation that produced nothing to save. `kind` is stored with the request."""

    kind: ClassVar[str] = "failed"
    default_problem = "The persona could not be generated."
    default_advice = "Your text is kept. Run it again."

    def __init__(
        self,
        problem: str | None = None,
        advice: str | None = None,
        *,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(problem, advice)
        self.retry_after = retry_after  # seconds the server asked us to wait, if it did


class ModelRefusedError(GenerationError):
    kind = "refused"
    default_problem = "The model refused to work on this text."
    default_advice = "Your text is kept. Shorten or rephrase it, or use another engine."


class OutputTruncatedError(GenerationError):
    kind = "truncated"
    default_problem = "The model's answer was cut off at its output limit."
    default_advice = "Your text is kept. Raise OPENAI_MAX_OUTPUT_TOKENS or shorten the text."


class InvalidOutputError(GenerationError):
    kind = "invalid_output"
    default_problem = "The model's answer does not have the form that was asked for."
    default_advice = "Your text is kept. Run it again, or set OPENAI_MODEL to another model."


class NoClaimsError(GenerationError):
    kind = "no_claims"
    default_problem = "The model found nothing about a person in this text."
    default_advice = (
        "Your text is kept. If it is about a person, run it again, or set OPENAI_MODEL to a "
        "stronger model."
    )


class ModelUnauthorizedError(GenerationError):
    kind = "unauthorized"
    default_problem = "The model server refuses the key."
    default_advice = "Your text is kept. Correct OPENAI_API_KEY, restart, and run it again."


class ModelNotFoundError(GenerationError):
    kind = "model_not_found"
    default_problem = "The model server does not know this model or address."
    default_advice = "Your text is kept. Correct OPENAI_MODEL or OPENAI_BASE_URL and restart."


class RateLimitedError(GenerationError):
    kind = "rate_limited"
    default_problem = "The model server is getting too many requests."
    default_advice = "Your text is kept. Wait a little and run it again."


class QuotaExceededError(GenerationError):
    kind = "quota"
    default_problem = "The account at the model server has no credit left."
    default_advice = "Your text is kept. Waiting does not help: check the account's billing."


class ModelServerError(GenerationError):
    kind = "server_error"
    default_problem = "The model server has an internal error."
    default_advice = "Your text is kept. Run it again in a few minutes."


class ModelTimeoutError(GenerationError):
    kind = "timeout"
    default_problem = "The model did not answer in time."
    default_advice = "Your text is kept. Run it again, or raise OPENAI_TIMEOUT_SECONDS."


class ModelUnreachableError(GenerationError):
    kind = "unreachable"
    default_problem = "The connection to the model server failed or was cut."
    default_advice = "Your text is kept. Check OPENAI_BASE_URL and the network, and run it again."


class NoBatchesError(GenerationError):
    kind = "no_batches"
    default_problem = "The model server does not take files of questions (OpenAI's Batch API)."
    default_advice = (
        "Your texts are kept. Start the batch by single calls; docs/models.md names the servers "
        "that take files."
    )


class BatchExpiredError(GenerationError):
    kind = "expired"
    default_problem = "The model server did not come to this text within its 24 hours."
    default_advice = "Your text is kept. Run it again, by single calls if it is urgent."


class OverReserveError(GenerationError):
    """One more request might take more than was set aside for the text, or than the cap allows."""

    kind = "over_reserve"
    default_problem = "This text takes more requests than were set aside for it."
    default_advice = "Your text is kept. Run it again."


class TextTooLongError(GenerationError):
    kind = "too_long"
    default_problem = "The text is too long for this engine."
    default_advice = "Your text is kept. Shorten it, or use a model with a larger context."


class ModelRequestError(GenerationError):
    kind = "request"
    default_problem = "The model server did not accept the request."
    default_advice = "Your text is kept. Check OPENAI_MODEL and OPENAI_BASE_URL."


class NotSavedError(GenerationError):
    """A finished draft that the database does not take, because of `fault`."""

    kind = "not_saved"

    def __init__(self, fault: DashboardError) -> None:
        super().__init__(
            f"The draft is finished, but not saved. {fault.problem}",
            f"{fault.advice} Then run it again: the draft is kept while the dashboard runs, and "
            "the engine is not asked again.",
        )


class InterruptedGenerationError(GenerationError):
    kind = "interrupted"
    default_problem = "The dashboard stopped in the middle of this generation."
    default_advice = (
        "Your text is kept. A running dashboard goes on with it by itself within a minute; if it "
        "does not, run it again."
    )
