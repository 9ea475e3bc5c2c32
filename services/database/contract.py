"""What the dashboard has in its database, by name, and what its key may do with it.

Tests hold this list against the catalogue; `services.database.check` tries it against whatever
is configured. Nothing that is not named here may be reached through the API.
"""

from __future__ import annotations

from collections.abc import Mapping

EXPOSED = "public"  # the schema that the API shows: tables, views and callable functions only
PRIVATE = "persona_dashboard"  # helpers, trigger functions, the record of migrations

API_ROLE = "service_role"  # what the secret key works as
MEMBER_ROLE = "authenticated"  # what people's own tokens work as; having an account means nothing
CLOSED_ROLES = ("anon",)  # what a publishable key works as
EXTENSIONS = ("pg_trgm",)

_WORK = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})
_READ = frozenset({"SELECT"})

# What API_ROLE may do with each table and view.
RELATIONS: Mapping[str, frozenset[str]] = {
    "personas": _WORK,
    "generation_requests": _WORK,
    "generation_batches": frozenset({"SELECT", "DELETE"}),
    "generation_failures": _READ,
    "generation_files": _READ,
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
    "persona_overview": _READ,
    "persona_members": frozenset({"SELECT", "INSERT", "UPDATE"}),
    "persona_audit": _READ,
}

# What MEMBER_ROLE may do, as far as row level security and the triggers of 021 let who acts. What
# is not named here is for the secret key alone.
MEMBER_RELATIONS: Mapping[str, frozenset[str]] = {
    **{
        name: RELATIONS[name]
        for name in (
            "personas",
            "generation_requests",
            "generation_batches",
            "generation_failures",
            "generation_files",
            "drafts",
            "import_jobs",
            "import_problems",
            "persona_comments",
            "persona_versions",
            "persona_erasures",
            "persona_history",
            "persona_list",
            "persona_overview",
            "persona_audit",
        )
    },
    "generation_parts": frozenset({"SELECT", "UPDATE", "DELETE"}),
    "persona_members": _READ,
}

# Single columns that API_ROLE may update where it may not update the whole row.
UPDATABLE_COLUMNS: Mapping[str, frozenset[str]] = {
    "api_keys": frozenset({"revoked_at", "revoked_by"}),
    "persona_comments": frozenset({"resolved_at", "resolved_by"}),
}
MEMBER_COLUMNS: Mapping[str, frozenset[str]] = {
    "persona_comments": UPDATABLE_COLUMNS["persona_comments"],
    "persona_members": frozenset({"role", "name"}),
}

# Every function that the API may call, as PostgreSQL writes its signature.
CALLABLE_FUNCTIONS = (
    "batch_quality(uuid)",
    "begin_request(text,text,text,boolean)",
    "change_batch(uuid,text)",
    "claim_generation(uuid,text,integer)",
    "claim_generations(text,text,integer,integer,text)",
    "claim_import(uuid,text,integer)",
    "close_file(uuid)",
    "count_personas(text)",
    "create_batch(text)",
    "earlier_drafts(text)",
    "end_generation(uuid,text,text)",
    "end_in_file(uuid,text)",
    "end_member_sessions(uuid)",
    "end_request(text,text,text,uuid)",
    "enqueue_generations(uuid,text)",
    "fill_file(text)",
    "finish_generation(uuid,text,text,text,text)",
    "heartbeat_generation(uuid,text)",
    "heartbeat_generations(text,text)",
    "known_import_rows(text,text)",
    "matching_personas(text,uuid)",
    "member_sessions()",
    "note_export(text)",
    "note_file(uuid,text,text)",
    "persona_export_page(text,text,text,text)",
    "persona_export_start(text,boolean,text)",
    "persona_search_language()",
    "purge_persona(uuid,text)",
    "release_request(text,text)",
    "restore_persona_version(uuid,integer,integer,text)",
    "restore_personas(text,text)",
    "resume_generation(text,text,integer)",
    "review_queue(text,integer,bigint,uuid,boolean)",
    "review_queue_length(text,integer)",
    "save_generation(uuid,text,text)",
    "save_generations(text,text)",
    "save_import(uuid,text,text)",
    "search_personas(text)",
    "session_begin(text)",
    "session_claim_renewal(text,text)",
    "session_end(text,boolean)",
    "session_read(text,integer,integer)",
    "session_renew(text,text,text,integer)",
    "set_status(text,text,text,text)",
    "sign_in_link_make(text,text,integer)",
    "sign_in_link_take(text)",
    "sign_in_try(text,integer,integer)",
    "similar_personas(text,integer)",
    "take_file(text,text,integer)",
    "take_turns(text)",
    "trash_personas(text,text)",
    "use_api_key(text)",
)

# Of them, those that a member's request may call; the others are for background work, the sign-in
# and the API, with the secret key alone.
MEMBER_FUNCTIONS = (
    "batch_quality(uuid)",
    "change_batch(uuid,text)",
    "count_personas(text)",
    "create_batch(text)",
    "end_member_sessions(uuid)",
    "enqueue_generations(uuid,text)",
    "known_import_rows(text,text)",
    "matching_personas(text,uuid)",
    "member_sessions()",
    "note_export(text)",
    "persona_export_page(text,text,text,text)",
    "persona_export_start(text,boolean,text)",
    "persona_search_language()",
    "purge_persona(uuid,text)",
    "restore_persona_version(uuid,integer,integer,text)",
    "restore_personas(text,text)",
    "review_queue(text,integer,bigint,uuid,boolean)",
    "review_queue_length(text,integer)",
    "search_personas(text)",
    "set_status(text,text,text,text)",
    "similar_personas(text,integer)",
    "trash_personas(text,text)",
)
KEY_FUNCTIONS = tuple(name for name in CALLABLE_FUNCTIONS if name not in MEMBER_FUNCTIONS)
