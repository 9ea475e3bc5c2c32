"""A text as a question in a file, asked as it would be by itself."""

from __future__ import annotations

from dataclasses import replace

from services.engines.model.answer import answer_schema, persona_form
from services.engines.model.batches.lines import question_line
from services.engines.model.dialect import PROCESS_MEMORY
from services.engines.model.prompts import Part, build_prompt
from services.engines.model.question import prompt_tokens, question_body
from services.engines.model.room import OutputRoom
from services.engines.model.server import ModelServer


def batch_line(server: ModelServer, id: str, text: str, about: str) -> bytes:
    """The line for a text of one part, in the dialect that the server is known to take."""
    prompt = build_prompt(text, answer_schema(), Part(about=about))
    dialect = replace(PROCESS_MEMORY.recall(server.base_url, server.model), streams=False)
    room = OutputRoom(server.max_output_tokens)
    limit = room.limit(dialect, prompt_tokens(prompt, dialect))
    body = question_body(server.model, prompt, persona_form(), dialect, limit)
    del body["stream"]  # files know no such option
    return question_line(id, body)
