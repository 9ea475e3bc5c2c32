"""JSON Pointers (RFC 6901): how evidence names a place in a persona."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from services.evidence.schema import SUMMARY

Scalar = str | int | float | bool | None


def pointer(*tokens: str | int) -> str:
    """The pointer to a place: pointer("skills", 0) is "/skills/0", pointer() the whole document."""
    return "".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in tokens)


def is_within(path: str, parent: str) -> bool:
    """Whether a pointer names `parent` or something in it."""
    return path == parent or path.startswith(f"{parent}/")


def tokens(path: str) -> list[str]:
    """The tokens of a pointer, unescaped. Raises ValueError if it is none."""
    if path and not path.startswith("/"):
        raise ValueError(f"not a JSON Pointer: {path!r}")
    return [token.replace("~1", "/").replace("~0", "~") for token in path.split("/")[1:]]


def resolve(document: Any, path: str) -> Any:
    """The value at `path`. Raises KeyError if there is none, ValueError if it is no pointer."""
    node = document
    for token in tokens(path):
        if isinstance(node, dict) and token in node:
            node = node[token]
        elif isinstance(node, list) and token.isdecimal() and int(token) < len(node):
            node = node[int(token)]
        else:
            raise KeyError(path)
    return node


def nodes(document: Any) -> Iterator[tuple[str, Any]]:
    """Every place of a document with its value, in document order, containers before contents."""
    open_nodes: list[tuple[str, Any]] = [("", document)]
    while open_nodes:
        path, node = open_nodes.pop()
        yield path, node
        open_nodes.extend(reversed(list(children(path, node))))


def children(path: str, node: Any) -> Iterator[tuple[str, Any]]:
    """The places directly within a container; none for a scalar."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield path + pointer(key), value
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield path + pointer(index), value


def claims_of_persona(persona: dict[str, Any]) -> list[tuple[str, Scalar]]:
    """Every single value of a persona as (pointer, value), in its order.

    Left out are empty strings and nulls, which claim nothing, and the top-level summary, which is
    written from the other claims and has no words of its own.
    """
    return [
        (path, value)
        for path, value in nodes(persona)
        if not isinstance(value, dict | list)
        and value not in (None, "")
        and path != pointer(SUMMARY)
    ]
