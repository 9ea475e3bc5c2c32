"""A table to be read: what stands in its cells is inert."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def draw() -> None:
    from pages.ui.plain_table import plain_table

    plain_table([{"Who": "<b>Ann</b>", "What": "a & b\ud800"}], label='Who "did"')


def test_values_headings_and_label_are_inert() -> None:
    at = AppTest.from_function(draw).run()
    assert not at.exception
    (drawn,) = at.get("html")
    body = drawn.proto.body
    assert "<td>&lt;b&gt;Ann&lt;/b&gt;</td><td>a &amp; b\ufffd</td>" in body
    assert '<th scope="col">Who</th>' in body
    assert 'aria-label="Who &quot;did&quot;"' in body
