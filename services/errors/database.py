"""Faults of the database and of what is between it and us."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from postgrest.exceptions import APIError

from services.errors.base import DashboardError, Remedy

if TYPE_CHECKING:
    from services.personas.models import Persona


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
    default_advice = "Ask an admin of the dashboard for the role that does."


class NotSignedInError(RoleError):
    """Nobody acts: the session has ended."""

    default_problem = "You are not signed in any more."
    default_advice = "Reload the page and sign in. What you typed is kept."


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
