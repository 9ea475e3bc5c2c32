"""The field set, and the schema a strict server must accept."""

from __future__ import annotations

from typing import Any

import pytest
from openai.lib._pydantic import to_strict_json_schema
from pydantic import BaseModel, ConfigDict

from services.engines.model.strict_schema import strict_problems, strict_schema
from services.evidence.schema import FIELDS, SUMMARY, Claim, answer_model, claims_of
from tests.llm_double import SAMPLE_ANSWER, SAMPLE_TEXT, persona_answer


def _closed(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _nested(levels: int) -> dict[str, Any]:
    return _closed(a=_nested(levels - 1)) if levels > 1 else _closed(a={"type": "string"})


class TestFields:
    def test_have_names_of_their_own(self):
        names = [spec.name for spec in FIELDS]

        assert len(set(names)) == len(names)
        assert SUMMARY not in names
        assert all(name.isidentifier() and name == name.lower() for name in names)

    def test_all_stand_in_the_answer_in_their_order(self):
        assert list(answer_model().model_fields) == [spec.name for spec in FIELDS]

    def test_give_claims_in_their_order(self):
        answer = answer_model().model_validate(
            persona_answer(skills=["SQL", "Go"], name=("Ana", "I am Ana"))
        )

        assert claims_of(answer) == (
            Claim("name", "Ana", "I am Ana"),
            Claim("skills", "SQL", "SQL"),
            Claim("skills", "Go", "Go"),
        )


class TestAnswerSchema:
    def test_is_strict(self):
        schema = strict_schema(answer_model())

        assert list(strict_problems(schema)) == []
        assert schema["required"] == [spec.name for spec in FIELDS]
        fact = schema["$defs"]["Fact"]
        assert list(fact["properties"]) == ["value", "quote"], "value first: measured better"
        assert fact["additionalProperties"] is False

    def test_equals_what_the_vendor_would_make_of_it(self):
        assert strict_schema(answer_model()) == _without_titles(
            to_strict_json_schema(answer_model())
        )

    def test_fits_the_sample_answer(self):
        claims = claims_of(answer_model().model_validate(SAMPLE_ANSWER))

        assert claims
        assert all(claim.quote in SAMPLE_TEXT for claim in claims)


class TestProblems:
    @pytest.mark.parametrize(
        ("schema", "problem"),
        [
            ({"type": "array", "items": _closed()}, "root must be an object"),
            (_closed() | {"additionalProperties": True}, "additionalProperties must be false"),
            (_closed(a={"type": "string"}) | {"required": []}, "every property must be required"),
            (_closed(a={"type": "string", "default": "x"}), "/properties/a: default is not"),
            (_closed(a={"type": "object", "additionalProperties": {"type": "string"}}), "must be"),
            (_closed(a={"anyOf": [{"type": "object"}]}), "/anyOf/0: additionalProperties"),
            (_closed(a={"type": "array", "items": {"pattern": "x"}}), "/items: pattern is not"),
            (_closed(a={"$ref": "#/$defs/B", "description": "b"}) | {"$defs": {"B": {}}}, "alone"),
            (_closed(**{f"p{n}": {"type": "string"} for n in range(101)}), "101 properties"),
            (_nested(6), "6 levels"),
        ],
    )
    def test_are_named(self, schema, problem):
        assert any(problem in found for found in strict_problems(schema)), list(
            strict_problems(schema)
        )

    def test_none_in_five_levels(self):
        assert list(strict_problems(_nested(5))) == []

    def test_of_endless_nesting_are_found(self):
        class Node(BaseModel):
            model_config = ConfigDict(extra="forbid")
            children: list[Node]

        with pytest.raises(ValueError, match="levels"):
            strict_schema(Node)

    def test_of_a_model_with_defaults_are_raised(self):
        class Loose(BaseModel):
            name: str = "Ana"
            tags: dict[str, str]

        with pytest.raises(ValueError, match="additionalProperties") as caught:
            strict_schema(Loose)

        assert "default is not supported" in str(caught.value)


def _without_titles(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _without_titles(child) for key, child in node.items() if key != "title"}
    return [_without_titles(child) for child in node] if isinstance(node, list) else node
