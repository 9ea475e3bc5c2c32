"""Removes the rows that the round trip (services/round_trip) stored, also those of a killed run.

Its personas are known by three marks together: their author, how their text begins and how their
name begins. So nothing that a person stored is ever taken for one of them.
"""

from __future__ import annotations

from typing import Any

from supabase import Client

from services.database.direct import connect_to_database
from services.database.faults import expect_rows, translated_faults
from services.database.snapshot import translated_psycopg

MARK = "persona-dashboard-check"  # the author, and how every text begins
NAME = "Dashboard Check"  # how every name begins
_FIRST_PLACE, _LAST_PLACE = f"={NAME.lower()} ", f"={NAME.lower()}!"  # persona_place, migration 010
_MOST = 500

# The list is read by the index of its names, the trash by that of its own.
_FIND = """
select id from public.personas
where created_by = %(mark)s and starts_with(raw_text, %(mark)s) and id in (
  select id from public.persona_list where name_place >= %(first)s and name_place < %(last)s
  union all select id from public.personas where deleted_at is not null and created_by = %(mark)s)
"""
_TRASH = "update public.personas set deleted_at = now() where id = any(%s) and deleted_at is null"
_PURGE = "select public.purge_persona(id, %s) from unnest(%s::uuid[]) id"
_REST = (
    "delete from public.generation_requests where created_by = %(mark)s and persona_id is null"
    " and starts_with(raw_text, %(mark)s)",
    "delete from public.drafts where owner = %(mark)s",
    "delete from public.persona_erasures where erased_by = %(mark)s",
)


def remove_as_owner(db_url: str) -> int:
    """Remove every trace; how many personas there were. Raises DatabaseError, MigrationError."""
    marks = {"mark": MARK, "first": _FIRST_PLACE, "last": _LAST_PLACE}
    with connect_to_database(db_url) as connection, translated_psycopg():
        connection.execute("set local statement_timeout = '60s'")
        ids = [row[0] for row in connection.execute(_FIND, marks)]
        connection.execute(_TRASH, [ids])
        connection.execute(_PURGE, [MARK, ids])
        for statement in _REST:
            connection.execute(statement.encode(), marks)
    return len(ids)


def remove_by_api(client: Client) -> int:
    """Remove all but the notes of erasure; how many personas there were. Raises DatabaseError."""
    personas = client.table("personas")
    with translated_faults():
        listed = client.table("persona_list").select("id").gte("name_place", _FIRST_PLACE)
        named = _ids(listed.lt("name_place", _LAST_PLACE))
        trashed = personas.select("id").not_.is_("deleted_at", "null")
        ids = _marked(trashed) + _marked(personas.select("id").in_("id", named))
        if ids:
            gone = personas.update({"deleted_at": "now"}).in_("id", ids).is_("deleted_at", "null")
            gone.execute()
        for one in ids:
            client.rpc("purge_persona", {"persona_id": one, "erased_by": MARK}).execute()
        requests = client.table("generation_requests").delete().eq("created_by", MARK)
        requests.neq("status", "saved").like("raw_text", f"{MARK}%").execute()
        client.table("drafts").delete().eq("owner", MARK).execute()
    return len(ids)


def _marked(query: Any) -> list[str]:
    return _ids(query.eq("created_by", MARK).like("raw_text", f"{MARK}%"))


def _ids(query: Any) -> list[str]:
    return [str(row["id"]) for row in expect_rows(query.limit(_MOST).execute().data)]


def notes_of_erasure(client: Client) -> int:
    """How many notes stay that marked personas were erased. Raises DatabaseError."""
    with translated_faults():
        query = client.table("persona_erasures").select("persona_id").eq("erased_by", MARK)
        return len(expect_rows(query.limit(_MOST).execute().data))
