"""Rules that draft a persona without a model: extractive, deterministic, offline.

The way of a text: `segmentation` cuts it into blocks and sentences, `people` finds the main person,
`subject` marks whose sentence is whose, then each field's rules add candidates to `Findings`, which
keeps the best. Every candidate is a span of the text, so nothing can be invented. Precision before
recall: what no rule is sure of stays blank.

Rules read `plain` and `lower` copies of the text that have the same length as the text itself, so
an offset found in one holds in all. Every repetition in a pattern is bounded and every sentence has
a greatest length, which keeps the work linear in the length of the text.
"""
