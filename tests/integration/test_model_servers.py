"""Documented servers (tests/model_servers), asked over HTTP: an answer, or advice that helps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.engines.model.dialect import AnswerForm, Dialect
from services.generation.trial import Trial, try_model
from services.settings import Settings
from tests.model_servers import hosted, local, shapes
from tests.model_servers.behaviour import Request, Row, answers, says, where
from tests.model_servers.server import ModelServers
from tests.model_servers.suite import ROWS, Result, table, try_row

DOCS = Path(__file__).parents[2] / "docs" / "models.md"
Results = list[tuple[str, Row, Result]]


@pytest.fixture(scope="module")
def servers() -> Iterator[ModelServers]:
    with ModelServers.running() as servers:
        yield servers


@pytest.fixture(scope="module")
def results(servers: ModelServers) -> Results:
    return [(server, row, try_row(servers, server, row)) for server, row in ROWS]


@pytest.mark.parametrize(
    "number", range(len(ROWS)), ids=[f"{server}: {row.title}" for server, row in ROWS]
)
def test_answers_or_says_what_helps(results: Results, number: int) -> None:
    _, row, result = results[number]
    assert result.problem(row) is None


def test_the_documentation_holds_the_table(results: Results) -> None:
    assert table(results) in DOCS.read_text(), "python -m tests.model_servers prints the new one"


def test_no_fault_repeats_what_the_server_or_the_text_says(results: Results) -> None:
    told = "".join(str(result.fault) for _, _, result in results)
    for word in ("Ana", "brewery", "sk-", "decommissioned and", "organization `o`"):
        assert word not in told


def test_what_was_learned_is_not_asked_again(servers: ModelServers) -> None:
    row = hosted.OPENAI[1]
    first, second = (try_row(servers, "learning", row) for _ in range(2))
    assert (first.requests, second.requests) == (3, 1)


class TestTrial:
    def trial(self, servers: ModelServers, row: Row) -> Trial:
        base_url = servers.base_url(f"trial-{row.title.replace(' ', '-')}", row)
        return try_model(
            Settings.model_construct(
                openai_base_url=base_url, openai_model="m", openai_api_key=None
            )
        )

    def test_shows_what_the_server_takes(self, servers: ModelServers) -> None:
        found = self.trial(servers, Row("works", (answers(),)))
        assert found.fault is None
        assert found.dialect == Dialect()
        assert found.usage and found.usage.input_tokens > 100
        assert 0 < found.first_seconds <= found.seconds
        assert found.claims == 2

    def test_shows_what_it_does_not_take(self, servers: ModelServers) -> None:
        refusal = says(422, shapes.mistral(("extra_forbidden", "stream_options", "not permitted")))
        schema = says(400, shapes.openai("response_format json_schema is unavailable"))
        rules = (
            where("stream_options", refusal),
            where("response_format.type", schema, "json_schema"),
            answers(),
        )
        found = self.trial(servers, Row("takes less", rules))
        assert found.dialect.form is AnswerForm.OBJECT
        assert not found.dialect.reports_usage
        assert found.usage is None

    def test_shows_the_exact_fault(self, servers: ModelServers) -> None:
        row = next(row for row in local.OLLAMA if row.title == "model not pulled")
        found = self.trial(servers, row)
        assert "ollama pull m" in str(found.fault)
        assert found.other_models == ("a-model", "m")

    def test_learns_the_context_from_the_list_of_models(self, servers: ModelServers) -> None:
        assert self.trial(servers, Row("tells", (answers(),))).context == 8192


def test_azure_gets_the_key_as_api_key_and_no_other(servers: ModelServers) -> None:
    row = next(row for row in hosted.AZURE if row.title == "deployment address")
    try_row(servers, "azure", row)
    (request,) = servers.requests["azure-deployment-address"]
    assert isinstance(request, Request)
    assert request.headers["api-key"] == "key"
    assert "authorization" not in request.headers
    assert request.query == {"api-version": "2024-10-21"}
