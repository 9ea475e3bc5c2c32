"""Parts of the API that are pure: rates, shared calls, merge patches."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.api.handling.limits import Rate
from services.api.handling.shared import Shared
from services.personas.merge_patch import merged
from tests.waiting import awaited

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=8,
)


def test_a_rate_is_saved_up_for_a_minute_and_no_longer() -> None:
    now = [0.0]
    rate = Rate(3, lambda: now[0])
    for _ in range(3):
        assert rate.wait("a") == 0
        rate.count("a")
    assert rate.wait("a") == pytest.approx(20)
    assert rate.wait("b") == 0
    now[0] = 19.9
    assert 0 < rate.wait("a") <= 0.11
    now[0] = 20.0
    assert rate.wait("a") == 0
    now[0] = 1e6
    for _ in range(3):
        rate.count("a")
    assert rate.wait("a") > 0


def test_nobody_gets_an_answer_older_than_their_question() -> None:
    async def play() -> None:
        begun: list[asyncio.Event] = []

        async def call(_: str) -> int:
            gate = asyncio.Event()
            begun.append(gate)
            number = len(begun)
            await gate.wait()
            if number == 3:
                raise ValueError
            return number

        shared = Shared(call)
        first = asyncio.create_task(shared.ask("key"))
        while not begun:
            await asyncio.sleep(0)
        later = [asyncio.create_task(shared.ask("key")) for _ in range(5)]
        await asyncio.sleep(0)
        assert len(begun) == 1
        begun[0].set()
        assert await first == 1
        while len(begun) < 2:
            await asyncio.sleep(0)
        third = asyncio.create_task(shared.ask("key"))
        begun[1].set()
        assert await asyncio.gather(*later) == [2] * 5
        while len(begun) < 3:
            await asyncio.sleep(0)
        begun[2].set()
        with pytest.raises(ValueError):
            await third

    awaited(play())


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [  # RFC 7396, appendix A
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_a_merge_patch_does_what_the_rfc_says(target: Any, patch: Any, result: Any) -> None:
    assert merged(target, patch) == result


@given(target=JSON, patch=JSON)
def test_a_patch_twice_is_a_patch_once(target: Any, patch: Any) -> None:
    once = merged(target, patch)
    assert merged(once, patch) == once
