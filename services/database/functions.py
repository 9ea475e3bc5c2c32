"""Calls of the database's functions (services/database/contract.py lists them)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.database.client import get_supabase_client
from services.database.faults import translated_faults


def call_function(name: str, arguments: Mapping[str, Any]) -> object:
    """What the function answers, unchecked. Raises the faults of services.errors."""
    with translated_faults():
        data: object = get_supabase_client().client.rpc(name, dict(arguments)).execute().data
    return data
