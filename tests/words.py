"""Every text of the pages, to be read at once: `make words`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PAGES = Path(__file__).parents[1] / "pages"
_SHOWN = re.compile(r"[A-Z].*[a-z]|[a-z]+ [a-z]+")  # a sentence, a label, some words
_NOT_SHOWN = re.compile(r"^[\w./-]+$|[<{};=]{2}|^:material|^_|--|^select ")
_IN_SCRIPT = re.compile(r"[\"`]([A-Z“][^\"`<>=;]{2,})[\"`]")


def words() -> Iterator[tuple[str, int, str]]:
    """File, line and text, in the order of the files."""
    for path in sorted(PAGES.rglob("*.py")):
        yield from ((_name(path), line, text) for line, text in _of_python(path.read_text("utf-8")))
    for path in sorted(PAGES.rglob("*.js")):
        for line, code in enumerate(path.read_text("utf-8").splitlines(), start=1):
            if not code.strip().startswith("//"):
                yield from ((_name(path), line, found[1]) for found in _IN_SCRIPT.finditer(code))


def _of_python(code: str) -> Iterator[tuple[int, str]]:
    tree = ast.parse(code)
    inside = {id(part) for node in ast.walk(tree) for part in _parts_of_others(node)}
    found = [node for node in ast.walk(tree) if id(node) not in inside]
    for node in sorted(found, key=lambda node: getattr(node, "lineno", 0)):
        text = _text(node)
        if text and _SHOWN.search(text) and not _NOT_SHOWN.search(text):
            yield node.lineno, " ".join(text.split())  # type: ignore[attr-defined]


def _parts_of_others(node: ast.AST) -> list[ast.AST]:
    """Docstrings, and the pieces of f-strings, which are read as a whole."""
    if isinstance(node, ast.JoinedStr):
        return list(node.values)
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
        return [node.body[0].value]  # type: ignore[attr-defined]
    return []


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values
        )
    return ""


def _name(path: Path) -> str:
    return str(path.relative_to(PAGES))


if __name__ == "__main__":
    file = ""
    for name, line, text in words():
        if name != file:
            print(f"\n{name}")
            file = name
        print(f"{line:5}  {text}")
