"""Reading a model's answer: the checked object at the end, the live view on the way."""

from __future__ import annotations

import json
from typing import Any

import jiter
from pydantic import BaseModel, ValidationError

from services.errors import InvalidOutputError
from services.evidence.schema import answer_model

_THOUGHT_START, _THOUGHT_END = "<think>", "</think>"


def parse_answer(content: str) -> BaseModel:
    """The answer in `content`, which may be wrapped in thoughts, a fence or a remark.

    Raises InvalidOutputError, without any word of the answer, unless it fits `answer_model()`.
    """
    try:
        return answer_model().model_validate_json(_json_part(content))
    except ValidationError:
        raise InvalidOutputError from None


def live_view(content: str) -> str:
    """What has arrived so far, indented if it is the beginning of a JSON object."""
    start = _after_thoughts(content).lstrip()
    if not start.startswith("{"):
        return content
    try:
        value: Any = jiter.from_json(
            start.encode("utf-8", "replace"), partial_mode="trailing-strings"
        )
    except ValueError:
        return content
    return json.dumps(value, ensure_ascii=False, indent=2)


def _json_part(content: str) -> str:
    answer = _after_thoughts(content)
    start, end = answer.find("{"), answer.rfind("}")
    return answer[start : end + 1] if 0 <= start < end else answer


def _after_thoughts(content: str) -> str:
    """Reasoning models behind plain servers put their thoughts before the answer."""
    if not content.lstrip().startswith(_THOUGHT_START):
        return content
    _, _, answer = content.partition(_THOUGHT_END)
    return answer
