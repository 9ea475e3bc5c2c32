"""Server-sent events: the same wherever the network cuts them."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.engines.model.http.events import events

VALUES = [{"a": "é\n"}, {"choices": [{"delta": {"content": "x" * 50}}]}, [1, None]]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@given(cuts=st.lists(st.integers(0, 400), max_size=20), data=st.sampled_from(["data: ", "data:"]))
def test_are_whole_wherever_they_are_cut(end: str, cuts: list[int], data: str) -> None:
    lines = [": a comment", ""]
    for value in VALUES:
        lines += ["event: message", f"{data}{json.dumps(value, ensure_ascii=False)}", "", ""]
    lines += [f"{data}[DONE]", "", f"{data}behind the end", "", ""]
    sent = end.join(lines).encode()
    places = [0, *sorted(cut % len(sent) for cut in cuts), len(sent)]
    pieces = [sent[a:b] for a, b in pairwise(places)]
    assert list(events(pieces)) == VALUES


def test_may_have_several_lines() -> None:
    assert list(events([b'data: {"a":\r', b"\ndata: 1}\r\n\r\n"])) == [{"a": 1}]


def test_that_are_cut_give_nothing() -> None:
    assert list(events([b'data: {"a": 1}\n\ndata: {"b": 2}\n', b'data: {"c"'])) == [{"a": 1}]


def test_may_hold_halves_of_surrogate_pairs() -> None:
    assert list(events([b'data: {"a": "\\ud83d"}\n\n'])) == [{"a": "\ud83d"}]


def test_that_are_no_json_are_a_fault() -> None:
    with pytest.raises(json.JSONDecodeError):
        list(events([b"data: oops\n\n"]))
