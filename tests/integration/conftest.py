"""Fixtures of the integration tests: the test double of the OpenAI API, and no way around it."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from services.database import reset_supabase_client
from services.engines.model import server as openai_server
from services.engines.model.generator import OpenAIGenerator
from services.settings import Settings
from tests.conftest import EMPTY, new_stack_folder
from tests.llm_double import LLMDouble
from tests.team import Team, running_team, use_team
from tests.waiting import free_port


@pytest.fixture(scope="session", autouse=True)
def no_real_model() -> Iterator[None]:
    """A test that forgets the double reaches nobody: neither by the default address nor by name."""
    look_up = socket.getaddrinfo

    def guarded(host: Any, *arguments: Any, **options: Any) -> Any:
        assert "openai.com" not in str(host), "a test tried to call a real model"
        return look_up(host, *arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", guarded)
        patch.setattr(openai_server, "OPENAI_ADDRESS", f"http://127.0.0.1:{free_port()}/v1")
        yield


@pytest.fixture(scope="session")
def team_stack() -> Iterator[Team]:
    """A Supabase where people sign in, with somebody of each role: one for the session."""
    with running_team(new_stack_folder()) as started:
        yield started


@pytest.fixture
def team(team_stack: Team, monkeypatch: pytest.MonkeyPatch) -> Iterator[Team]:
    """The dashboard's services on it, with empty tables."""
    use_team(monkeypatch, team_stack)
    team_stack.sql(EMPTY)
    yield team_stack
    reset_supabase_client()


@dataclass(frozen=True)
class ScopedDouble:
    """The double as one test sees it: a text that only this test uses, and its own journal."""

    double: LLMDouble
    test_id: str

    @property
    def text(self) -> str:
        return f"I am Ana Ruiz and I write SQL. {self.test_id}"

    def answer(self, content: Any, **fixture: Any) -> None:
        self.double.answer(self.test_id, content, **fixture)

    def fail(self, status: int, **error: Any) -> None:
        self.double.fail(self.test_id, status, **error)

    def generator(self, **settings: Any) -> OpenAIGenerator:
        """A generator on the double, impatient unless the settings say otherwise."""
        values = {
            "openai_base_url": self.double.base_url,
            "openai_model": f"model-{self.test_id}",
            "openai_timeout_seconds": 5,
            "openai_max_retries": 0,
            **settings,
        }
        # Not from the environment: a developer's key must not get into a test.
        return OpenAIGenerator.from_settings(
            Settings.model_construct(**values), headers={"X-Test-Id": self.test_id}
        )

    def sent(self) -> list[dict[str, Any]]:
        """The bodies of this test's requests, in order."""
        return [entry["body"] for entry in self.double.journal(self.test_id)]

    def statuses(self) -> list[int]:
        return [entry["response"]["status"] for entry in self.double.journal(self.test_id)]


@pytest.fixture
def llm(llm_server: LLMDouble) -> ScopedDouble:
    return ScopedDouble(llm_server, uuid.uuid4().hex)
