"""A JSON schema that servers with strict output accept, or a clear refusal.

Strict output takes a subset of JSON Schema: a root object; every object closed, with all its
properties required; no defaults and no free maps; at most 100 properties and 5 levels
(https://platform.openai.com/docs/guides/structured-outputs#supported-schemas).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

Schema = dict[str, Any]
MAX_PROPERTIES = 100
MAX_DEPTH = 5
_KEYWORDS = {
    *("$defs", "$ref", "additionalProperties", "anyOf", "description", "enum", "items"),
    *("properties", "required", "type"),
}


def strict_schema(model: type[BaseModel]) -> Schema:
    """The model's schema without titles. Raises ValueError naming what strict output refuses."""
    schema: Schema = _without_titles(model.model_json_schema())
    problems = list(strict_problems(schema))
    if problems:
        raise ValueError("Not usable as a strict schema: " + "; ".join(problems))
    return schema


def strict_problems(schema: Schema) -> Iterator[str]:
    """Everything in `schema` that a strict server would refuse, each with its path."""
    if schema.get("type") != "object":
        yield "the root must be an object"
    nodes = list(_nodes(schema, ""))
    for path, node in nodes:
        yield from _node_problems(path or "/", node)
    count = sum(len(node.get("properties", {})) for _, node in nodes)
    if count > MAX_PROPERTIES:
        yield f"{count} properties, more than {MAX_PROPERTIES}"
    if (depth := _depth(schema, schema, MAX_DEPTH)) > MAX_DEPTH:
        yield f"{depth} levels or more, more than {MAX_DEPTH}"


def _node_problems(path: str, node: Schema) -> Iterator[str]:
    for keyword in sorted(set(node) - _KEYWORDS):
        yield f"{path}: {keyword} is not supported"
    if "$ref" in node and len(node) > 1:
        yield f"{path}: $ref must stand alone"
    if node.get("type") != "object":
        return
    if node.get("additionalProperties") is not False:
        yield f"{path}: additionalProperties must be false"
    if set(node.get("required", ())) != set(node.get("properties", {})):
        yield f"{path}: every property must be required"


def _children(node: Schema) -> Iterator[tuple[str, Schema]]:
    for group in ("properties", "$defs"):
        for name, child in node.get(group, {}).items():
            yield f"/{group}/{name}", child
    for position, child in enumerate(node.get("anyOf", ())):
        yield f"/anyOf/{position}", child
    if isinstance(items := node.get("items"), dict):
        yield "/items", items


def _nodes(node: Schema, path: str) -> Iterator[tuple[str, Schema]]:
    yield path, node
    for step, child in _children(node):
        yield from _nodes(child, path + step)


def _depth(node: Schema, root: Schema, limit: int) -> int:
    """Levels of nested objects, followed through references and counted no further than needed."""
    if limit < 0:
        return 0
    if "$ref" in node:
        return _depth(root["$defs"][node["$ref"].rsplit("/", 1)[-1]], root, limit)
    own = 1 if node.get("type") == "object" else 0
    below = (child for step, child in _children(node) if not step.startswith("/$defs/"))
    return own + max((_depth(child, root, limit - own) for child in below), default=0)


def _without_titles(node: Any) -> Any:
    """Titles repeat the keys and cost tokens. Only pydantic's own are dropped: they are strings."""
    if isinstance(node, list):
        return [_without_titles(child) for child in node]
    if not isinstance(node, dict):
        return node
    return {
        key: _without_titles(child)
        for key, child in node.items()
        if not (key == "title" and isinstance(child, str))
    }
