"""Which fault a code is, a status, or the words of a message: see `faults`."""

from __future__ import annotations

import re

from services.errors import (
    BlockedRequestError,
    DatabaseBusyError,
    DatabaseDownError,
    DatabaseError,
    DatabaseServerError,
    DatabaseTimeoutError,
    DiskFullError,
    HiddenSchemaError,
    InvalidIdError,
    InvalidInputError,
    InvalidKeyError,
    InvalidPersonaError,
    LegacyKeyError,
    LocalRestartError,
    LockedError,
    MissingTableError,
    NotFoundError,
    NotSupabaseError,
    NulCharactersError,
    PermissionDeniedError,
    ProjectPausedError,
    ProjectRestrictedError,
    ReadOnlyError,
    RedirectedError,
    RefusedValueError,
    RoleError,
    TimeLimitError,
    TooLargeError,
)

Fault = type[DatabaseError] | type[InvalidInputError]

FAULTS: dict[str, Fault] = {
    # PostgREST
    "PGRST000": DatabaseDownError,  # no connection to PostgreSQL
    "PGRST001": DatabaseDownError,
    "PGRST002": DatabaseDownError,  # it is reading the schema
    "PGRST003": DatabaseBusyError,  # no free connection in time
    "PGRST106": HiddenSchemaError,
    "PGRST116": NotFoundError,  # no row where one was asked for
    "PGRST202": MissingTableError,  # function, column, table not in the schema cache
    "PGRST204": MissingTableError,
    "PGRST205": MissingTableError,
    "PGRST301": InvalidKeyError,
    "PGRST302": InvalidKeyError,
    "PGRST303": InvalidKeyError,
    "PGRSTX00": DatabaseServerError,
    "PT403": RoleError,  # migration 021: the role of who acts does not allow it
    "PT410": NotFoundError,  # migration 007: the persona was erased
    "PT422": RefusedValueError,  # migration 015: it could not be read again
    # SQLSTATE: one condition, or its class (the first two characters)
    "08": DatabaseDownError,  # connection exception
    "22": RefusedValueError,  # data exception
    "22021": NulCharactersError,  # character_not_in_repertoire
    "22P02": InvalidIdError,  # invalid_text_representation: a bad uuid
    "22P05": NulCharactersError,  # untranslatable_character: \u0000 in JSON
    "23": RefusedValueError,  # integrity constraint violation
    "23514": InvalidPersonaError,  # check_violation: persona is not an object
    "25006": ReadOnlyError,
    "28": InvalidKeyError,  # invalid authorization specification
    "40": LockedError,  # transaction rollback: deadlock, serialization failure
    "42501": PermissionDeniedError,
    "42703": MissingTableError,  # undefined column, function, table
    "42883": MissingTableError,
    "42P01": MissingTableError,
    "53": DatabaseBusyError,  # insufficient resources: memory, connections
    "53100": DiskFullError,
    "55P03": LockedError,  # lock_not_available
    "57": DatabaseDownError,  # operator intervention: shutting down, starting up
    "57014": TimeLimitError,  # query_canceled
    "58": DatabaseServerError,  # system error
    "XX": DatabaseServerError,  # internal error
    # HTTP status, or its class (the first digit)
    "2": NotSupabaseError,  # a web page: a sign-in of the network, say
    "3": RedirectedError,  # redirects are not followed: they would take the key along
    "401": InvalidKeyError,
    "402": ProjectRestrictedError,
    "403": BlockedRequestError,
    "404": NotSupabaseError,
    "405": NotSupabaseError,
    "408": DatabaseTimeoutError,
    "413": TooLargeError,
    "429": DatabaseBusyError,
    "5": DatabaseDownError,  # Cloudflare's 520 to 530 among them
    "500": DatabaseServerError,
    "504": TimeLimitError,
    "524": TimeLimitError,  # Cloudflare waited 100 s
    "540": ProjectPausedError,
    "544": TimeLimitError,  # the API gateway's limit
}
MESSAGES: tuple[tuple[re.Pattern[str], Fault], ...] = (  # where no code tells
    (re.compile("legacy api keys are disabled", re.I), LegacyKeyError),
    # The local gateway has a code, SUP, for everything else.
    (re.compile("due to statement timeout"), TimeLimitError),
    (re.compile("violates check constraint"), InvalidPersonaError),
    (re.compile("deadlock detected|could not serialize access"), LockedError),
    (
        re.compile(
            "ECONNREFUSED|ECONNRESET|CONNECTION_(CLOSED|ENDED|DESTROYED)|ENOENT"
            "|database system is (starting up|shutting down|in recovery mode)"
            "|not yet accepting connections|terminating connection"
        ),
        LocalRestartError,
    ),
)
