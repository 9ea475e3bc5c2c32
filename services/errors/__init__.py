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

from importlib import import_module
from typing import TYPE_CHECKING, Any

from services.errors.base import (
    DashboardError,
    FetchError,
    ImportFileError,
    InvalidIdError,
    InvalidInputError,
    InvalidPersonaError,
    InvalidTextError,
    LocalStackError,
    MigrationConnectionError,
    MigrationError,
    NulCharactersError,
    RefusedMoveError,
    Remedy,
    SettingsError,
    SignInError,
)
from services.errors.generation import (
    BatchExpiredError,
    GenerationError,
    InterruptedGenerationError,
    InvalidOutputError,
    ModelNotFoundError,
    ModelRefusedError,
    ModelRequestError,
    ModelServerError,
    ModelTimeoutError,
    ModelUnauthorizedError,
    ModelUnreachableError,
    NoBatchesError,
    NoClaimsError,
    NotSavedError,
    OutputTruncatedError,
    OverReserveError,
    QuotaExceededError,
    RateLimitedError,
    TextTooLongError,
)

if TYPE_CHECKING:
    from services.errors.database import (
        BlockedRequestError,
        ConflictError,
        DatabaseBusyError,
        DatabaseDownError,
        DatabaseError,
        DatabaseServerError,
        DatabaseTimeoutError,
        DatabaseUnreachableError,
        DiskFullError,
        HiddenSchemaError,
        InvalidKeyError,
        LegacyKeyError,
        LocalRestartError,
        LockedError,
        MissingTableError,
        NotFoundError,
        NotSignedInError,
        NotSupabaseError,
        PermissionDeniedError,
        ProjectPausedError,
        ProjectRestrictedError,
        ReadOnlyError,
        RedirectedError,
        RefusedValueError,
        RoleError,
        SearchTimeoutError,
        TimeLimitError,
        TooLargeError,
        TrashedError,
    )
else:

    def __getattr__(name: str) -> Any:
        """Faults of the database bring Supabase's client with them, which a sandbox starts a third
        quicker without: they are made when somebody asks for one."""
        return getattr(import_module("services.errors.database"), name)


__all__ = [
    "BatchExpiredError",
    "BlockedRequestError",
    "ConflictError",
    "DashboardError",
    "DatabaseBusyError",
    "DatabaseDownError",
    "DatabaseError",
    "DatabaseServerError",
    "DatabaseTimeoutError",
    "DatabaseUnreachableError",
    "DiskFullError",
    "FetchError",
    "GenerationError",
    "HiddenSchemaError",
    "ImportFileError",
    "InterruptedGenerationError",
    "InvalidIdError",
    "InvalidInputError",
    "InvalidKeyError",
    "InvalidOutputError",
    "InvalidPersonaError",
    "InvalidTextError",
    "LegacyKeyError",
    "LocalRestartError",
    "LocalStackError",
    "LockedError",
    "MigrationConnectionError",
    "MigrationError",
    "MissingTableError",
    "ModelNotFoundError",
    "ModelRefusedError",
    "ModelRequestError",
    "ModelServerError",
    "ModelTimeoutError",
    "ModelUnauthorizedError",
    "ModelUnreachableError",
    "NoBatchesError",
    "NoClaimsError",
    "NotFoundError",
    "NotSavedError",
    "NotSignedInError",
    "NotSupabaseError",
    "NulCharactersError",
    "OutputTruncatedError",
    "OverReserveError",
    "PermissionDeniedError",
    "ProjectPausedError",
    "ProjectRestrictedError",
    "QuotaExceededError",
    "RateLimitedError",
    "ReadOnlyError",
    "RedirectedError",
    "RefusedMoveError",
    "RefusedValueError",
    "Remedy",
    "RoleError",
    "SearchTimeoutError",
    "SettingsError",
    "SignInError",
    "TextTooLongError",
    "TimeLimitError",
    "TooLargeError",
    "TrashedError",
]
