"""Documented model servers, each behaviour a row: an answer, or the advice that helps.

`python -m tests.model_servers` asks every one of them over HTTP and prints the table of
docs/models.md.
"""
