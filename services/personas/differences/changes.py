"""What differs between two personas, leaf by leaf."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from services.evidence.schema import in_field_order
from services.personas.differences.three_way_merge import same

_MISSING = object()


@dataclass(frozen=True)
class Change:
    """One difference. `path` is a JSON Pointer (RFC 6901); `before` or `after` may be absent."""

    path: str
    kind: Literal["added", "removed", "changed"]
    before: Any = None
    after: Any = None


def changes(old: dict[str, Any], new: dict[str, Any], *, lists_whole: bool = False) -> list[Change]:
    """The differences in the order of the fields, then what only the old one has.

    With `lists_whole` a list with any difference is one change.
    """
    return list(_compare(in_field_order(old), in_field_order(new), "", lists_whole))


def _compare(old: Any, new: Any, path: str, lists_whole: bool) -> Iterator[Change]:
    if old is _MISSING:
        yield Change(path, "added", after=new)
    elif new is _MISSING:
        yield Change(path, "removed", before=old)
    elif isinstance(old, dict) and isinstance(new, dict):
        for key in [*new, *(key for key in old if key not in new)]:
            child = f"{path}/{key.replace('~', '~0').replace('/', '~1')}"
            yield from _compare(old.get(key, _MISSING), new.get(key, _MISSING), child, lists_whole)
    elif isinstance(old, list) and isinstance(new, list) and not lists_whole:
        for index in range(max(len(old), len(new))):
            before = old[index] if index < len(old) else _MISSING
            after = new[index] if index < len(new) else _MISSING
            yield from _compare(before, after, f"{path}/{index}", lists_whole)
    elif not same(old, new):
        yield Change(path, "changed", old, new)
