"""Supabase, hosted or local: the client, the migrations, the embedded stack."""

from services.database.client import (
    SupabaseConnection,
    close_database,
    explained,
    get_supabase_client,
    reset_supabase_client,
)

__all__ = [
    "SupabaseConnection",
    "close_database",
    "explained",
    "get_supabase_client",
    "reset_supabase_client",
]
