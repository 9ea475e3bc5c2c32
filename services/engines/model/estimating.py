"""What a text takes, before anything is sent: tokens to expect, and at most."""

from __future__ import annotations

from services.engines.generator import Estimate
from services.engines.model.answer import answer_schema
from services.engines.model.prompts import Part, Prompt, build_prompt, most_tokens
from services.engines.model.server import ModelServer
from services.engines.model.thoughts import PROCESS_THOUGHTS
from services.engines.usage import Usage
from services.evidence.text.chunking import estimate_tokens, split_text

_OUTPUT_OVERHEAD = 300  # tokens of an answer that says nothing: its keys
_OUTPUT_SHARE = 2  # an answer quotes up to about half of what it read
_LOOK_OVERHEAD = 400  # tokens of the second look's instructions
_LOOKS_PER_PART = 1  # questions of a second look
_VERDICT_SHARE = 4  # of the tokens of the claims it judges
_BYTES_PER_TOKEN = 4  # of an answer that is sent back


def expected(text: str, server: ModelServer, reads_twice: bool, looks_again: bool) -> Estimate:
    """Tokens that drafting this text will take, rather too many than too few."""
    chunks = split_text(text)
    read = sum(map(_prompt_tokens, _prompts(text)))
    answers = [_OUTPUT_OVERHEAD + estimate_tokens(chunk.text) // _OUTPUT_SHARE for chunk in chunks]
    written = sum(_with_thoughts(answer, server) for answer in answers)
    if reads_twice and len(chunks) > 1:
        read, written = 2 * read + written, 2 * written
    if looks_again and chunks:
        read += _LOOK_OVERHEAD + sum(answers)
        written += _with_thoughts(_OUTPUT_OVERHEAD + sum(answers) // _VERDICT_SHARE, server)
    return Estimate(read, written, len(chunks))


def most(text: str, server: ModelServer, reads_twice: bool, looks_again: bool) -> Usage:
    """Tokens that one try takes at most, with room for one answer that is asked for again.

    No token is shorter than a byte, and no answer longer than its limit.
    """
    reads = [most_tokens(prompt) for prompt in _prompts(text)]
    limit = server.max_output_tokens
    read, written = sum(reads), limit * len(reads)
    if reads_twice and len(reads) > 1:
        read, written = 2 * read + written * _BYTES_PER_TOKEN, 2 * written
    if looks_again:
        looks = len(reads) * _LOOKS_PER_PART
        read += looks * (_LOOK_OVERHEAD * _BYTES_PER_TOKEN + limit * _BYTES_PER_TOKEN)
        written += looks * limit
    return Usage(read + max(reads, default=0), written + limit)


def _prompts(text: str) -> list[Prompt]:
    chunks = split_text(text)
    return [
        build_prompt(chunk.text, answer_schema(), Part(number, len(chunks)))
        for number, chunk in enumerate(chunks, start=1)
    ]


def _with_thoughts(answer: int, server: ModelServer) -> int:
    """Tokens of an answer and of the thoughts before it."""
    thoughts = PROCESS_THOUGHTS.expected(server.base_url, server.model)
    return min(answer + thoughts, server.max_output_tokens)


def _prompt_tokens(prompt: Prompt) -> int:
    schema = prompt.answer_form  # sent beside the messages or inside them
    return estimate_tokens(prompt.system) + estimate_tokens(prompt.user) + estimate_tokens(schema)
