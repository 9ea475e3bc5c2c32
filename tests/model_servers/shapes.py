"""The bodies in which servers wrap a complaint, as their documentation and threads show them."""

from __future__ import annotations

import json
from typing import Any


def openai(
    message: str, type_: str | None = "invalid_request_error", code: Any = None, **more: Any
) -> Any:
    return {"error": {"message": message, "type": type_, "param": None, "code": code, **more}}


def azure(message: str, code: str, **more: Any) -> Any:
    return {"error": {"code": code, "message": message, **more}}


def vllm(message: str, code: int = 400, type_: str = "BadRequestError", **more: Any) -> Any:
    return {"error": {"message": message, "type": type_, "param": None, "code": code, **more}}


def vllm_before_0_10(message: str, code: int = 400, type_: str = "BadRequestError") -> Any:
    return {"object": "error", "message": message, "type": type_, "param": None, "code": code}


def ollama(message: str, type_: str = "api_error", code: Any = None) -> Any:
    return {"error": {"message": message, "type": type_, "param": None, "code": code}}


def plain(message: str) -> Any:
    """LM Studio and small servers."""
    return {"error": message}


def llama_cpp(
    message: str, code: int = 400, type_: str = "invalid_request_error", **more: Any
) -> Any:
    return {"error": {"code": code, "message": message, "type": type_, **more}}


def litellm(message: str, code: str, type_: str | None = None) -> Any:
    return {"error": {"message": message, "type": type_, "param": None, "code": code}}


def openrouter(message: str, code: int, **metadata: Any) -> Any:
    return {"error": {"message": message, "code": code, "metadata": metadata}, "user_id": "user_1"}


def routed(upstream: Any, code: int) -> Any:
    """OpenRouter passing on what the provider said, as JSON in a string."""
    return openrouter("Provider returned error", code, raw=json.dumps(upstream), provider_name="P")


def mistral(*details: tuple[str, str, str]) -> Any:
    """(type, option, message): Mistral checks as pydantic does."""
    found = [
        {"type": kind, "loc": ["body", option], "msg": message, "input": True}
        for kind, option, message in details
    ]
    return {
        "object": "error",
        "message": {"detail": found},
        "type": "invalid_request_error",
        "param": None,
        "code": None,
    }


def mistral_flat(message: str, code: Any = None, type_: str = "invalid_request_error") -> Any:
    return {"object": "error", "message": message, "type": type_, "param": None, "code": code}


def gemini(message: str, code: int, status: str, reason: str | None = None) -> Any:
    error: dict[str, Any] = {"code": code, "message": message, "status": status}
    if reason:
        kind = "type.googleapis.com/google.rpc.ErrorInfo"
        error["details"] = [{"@type": kind, "reason": reason, "domain": "googleapis.com"}]
    return [{"error": error}]


def anthropic(message: str, type_: str) -> Any:
    return {"type": "error", "error": {"type": type_, "message": message}, "request_id": "req_1"}


def tgi(message: str, type_: str) -> Any:
    return {"error": message, "error_type": type_}
