"""A marked text is the text, cut at the edges of its spans, whatever they are."""

from __future__ import annotations

import time
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pages.ui.components.evidence_view.passages import (
    SUPPORTS,
    Span,
    legend,
    marked_blocks,
    pieces,
    raw_end,
    raw_offset,
)
from pages.ui.inert import blocks

SPANS = st.lists(
    st.builds(
        Span,
        claim=st.sampled_from(["/name", "/role", "/goals/0", "/goals/1"]),
        start=st.integers(-2, 30),
        end=st.integers(-2, 30),
        support=st.sampled_from([*SUPPORTS, "something new"]),
    ),
    max_size=8,
)
TEXTS = st.text(st.sampled_from(list("ab \r\n😀é\u0301א")), max_size=30)


def shown(drawn: list[list[Any]]) -> str:
    return "".join(p if isinstance(p, str) else p["text"] for block in drawn for p in block)


@given(TEXTS, SPANS)
def test_nothing_of_the_text_is_lost_or_altered(text: str, spans: list[Span]) -> None:
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    assert shown(marked_blocks(text, spans)) == lines


@given(TEXTS, st.data())
def test_words_marked_on_the_page_are_those_of_the_text(text: str, data: st.DataObject) -> None:
    drawn = [shown([block]) for block in marked_blocks(text, [])] or [""]
    block = data.draw(st.integers(0, len(drawn) - 1))
    start = data.draw(st.integers(0, len(drawn[block])))
    end = data.draw(st.integers(start, len(drawn[block])))
    words = text[raw_offset(text, block, start) : raw_end(text, block, end)]
    assert words.replace("\r\n", "\n").replace("\r", "\n") == drawn[block][start:end]


@given(st.integers(0, 30), SPANS)
def test_every_character_has_exactly_the_claims_of_its_spans(
    length: int, spans: list[Span]
) -> None:
    inside = [span for span in spans if 0 <= span.start < span.end <= length]
    seen = 0
    for piece in pieces(length, spans):
        assert piece.start == seen < piece.end
        seen = piece.end
        for offset in range(piece.start, piece.end):
            assert set(piece.spans) == {s for s in inside if s.start <= offset < s.end}
    assert seen == length


def test_overlapping_claims_share_their_words() -> None:
    text = "work as a mathematician in London"
    spans = [Span("/location", 10, 33, "inferred"), Span("/role", 0, 23, "stated", "role")]
    [block] = marked_blocks(text, spans)
    assert [piece["text"] for piece in block] == ["work as a ", "mathematician", " in London"]
    assert [piece["claims"] for piece in block] == [
        ["/role"],
        ["/location", "/role"],
        ["/location"],
    ]
    assert [piece["support"] for piece in block] == ["stated", "stated", "inferred"]
    assert [piece["label"] for piece in block] == ["", "", "inferred"]
    assert block[1]["title"] == "inferred: /location\nstated: role"


def test_offsets_are_code_points() -> None:
    text = "😀👩‍👩‍👧 e\u0301 tail"
    spans = [Span("/a", text.index("tail"), len(text), "stated")]
    assert marked_blocks(text, spans)[0][-1]["text"] == "tail"


def test_the_legend_goes_from_firm_to_weak() -> None:
    kinds = ["zebra", "rejected", "inferred", "stated"]
    spans = [Span("/a", 0, 1, kind) for kind in kinds]
    assert [entry["support"] for entry in legend(spans)] == [*reversed(kinds[1:]), "zebra"]
    assert legend([]) == []


@given(st.text(st.sampled_from("a \n"), max_size=60))
def test_blocks_join_to_the_text(text: str) -> None:
    long = text * 400
    assert "".join(blocks(long)) == long
    assert all(0 < len(block) <= 8_000 for block in blocks(long))


def test_blocks_end_where_lines_end() -> None:
    assert all(block.endswith("\n") for block in blocks("a line of words\n" * 5_000))
    assert all(block.endswith(" ") for block in blocks("word " * 10_000))


def test_a_megabyte_with_five_hundred_spans_is_cut_fast() -> None:
    text = "A sentence that says little about anybody at all.\r\n" * 20_000
    spans = [Span(f"/m/{i}", i * 2_000, i * 2_000 + 2_500, "inferred") for i in range(500)]
    begun = time.monotonic()
    assert len(shown(marked_blocks(text, spans))) == len(text) - 20_000
    assert time.monotonic() - begun < 2
