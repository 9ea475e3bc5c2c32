"""Rules that draft a persona without a model: extractive, deterministic, offline.

The way of a text: `cutting` makes blocks and sentences of it, `main_person` finds whom it is about
and marks whose sentence is whose, then the rules of `fields` add candidates to `Findings`, which
keeps the best. Every candidate is a span of the text, so nothing can be invented. Precision before
recall: what no rule is sure of stays blank.

Rules read `plain` and `lower` copies of the text that have the same length as the text itself, so
an offset found in one holds in all. Every repetition in a pattern is bounded and every sentence has
a greatest length, which keeps the work linear in the length of the text.
"""
