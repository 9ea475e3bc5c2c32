"""What the dashboard has in its database, by name, and what its key may do with it.

Tests hold this list against the catalogue; `services.database.check` tries it against whatever
is configured. Nothing that is not named here may be reached through the API.
"""

from __future__ import annotations

from collections.abc import Mapping

EXPOSED = "public"  # the schema that the API shows: tables, views and callable functions only
PRIVATE = "persona_dashboard"  # helpers, trigger functions, the record of migrations

API_ROLE = "service_role"  # what the secret key works as
CLOSED_ROLES = ("anon", "authenticated")  # what a publishable key and a signed-in account work as
EXTENSIONS = ("pg_trgm",)

_WORK = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})
_READ = frozenset({"SELECT"})

# What API_ROLE may do with each table and view.
RELATIONS: Mapping[str, frozenset[str]] = {
    "personas": _WORK,
    "generation_requests": _WORK,
    "generation_parts": _WORK,
    "drafts": _WORK,
    "import_jobs": _WORK,
    "import_problems": _WORK,
    "api_keys": frozenset({"SELECT", "INSERT"}),
    "persona_comments": frozenset({"SELECT", "INSERT", "DELETE"}),
    "persona_versions": _READ,
    "persona_erasures": _READ,
    "persona_history": _READ,
    "persona_list": _READ,
}

# Single columns that API_ROLE may update where it may not update the whole row.
UPDATABLE_COLUMNS: Mapping[str, frozenset[str]] = {
    "api_keys": frozenset({"revoked_at", "used_at"}),
    "persona_comments": frozenset({"resolved_at", "resolved_by"}),
}

# Every function that the API may call, as PostgreSQL writes its signature.
CALLABLE_FUNCTIONS = (
    "begin_request(text,text,text,boolean)",
    "claim_generation(uuid,text,integer)",
    "claim_import(uuid,text,integer)",
    "count_personas(text)",
    "end_request(text,text,text,uuid)",
    "finish_generation(uuid,text,text,text,text)",
    "heartbeat_generation(uuid,text)",
    "known_import_rows(text,text)",
    "matching_personas(text,uuid)",
    "persona_export_page(text,text,text,text)",
    "persona_export_start(text,boolean,text)",
    "persona_search_language()",
    "purge_persona(uuid,text)",
    "restore_persona_version(uuid,integer,integer,text)",
    "restore_personas(text,text)",
    "resume_generation(text,text,integer)",
    "review_queue(text,integer,bigint,uuid,boolean)",
    "review_queue_length(text,integer)",
    "save_import(uuid,text,text)",
    "search_personas(text)",
    "set_status(text,text,text,text)",
    "similar_personas(text,integer)",
    "trash_personas(text,text)",
)
