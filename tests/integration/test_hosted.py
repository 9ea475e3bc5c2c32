"""The dashboard on databases set up as hosted Supabase is, beside another application."""

from __future__ import annotations

import pytest

from services.personas import PersonaCreate, get_persona_repository
from tests import second_application
from tests.hosted import Grants, HostedProject, HostedServer

ANALYST = "6a1f9c1e-0000-4000-8000-000000000001"


def test_personas_are_stored_through_the_api(hosted: HostedProject) -> None:
    created = get_persona_repository().create(
        PersonaCreate(raw_text="Ada keeps bees.", persona={"name": "Ada"})
    )
    assert get_persona_repository().read(created.id).persona == {"name": "Ada"}


@pytest.mark.parametrize("grants", ["old", "new"])
def test_the_other_application_works_without_us(
    hosted_server: HostedServer, grants: Grants
) -> None:
    database = hosted_server.database(grants=grants, migrated=False)
    with database.request("authenticated", ANALYST) as connection:
        second_application.work(connection)
    database.drop()
