"""Servers one runs oneself: vLLM, Ollama, LM Studio, llama.cpp, TGI."""

from __future__ import annotations

import json

from services import errors as e
from tests.model_servers import shapes
from tests.model_servers.behaviour import (
    ANSWER,
    LONG_TEXT,
    NOTHING,
    Answer,
    Row,
    always,
    answers,
    chunk,
    cuts_silently,
    events,
    first_time,
    larger_than,
    prompt_over,
    says,
    where,
)
from tests.model_servers.hosted import ADDRESS, KEY, MAX, MODEL


def _vllm_too_large(context: int, prompt: int, limit: int) -> Answer:
    return says(
        400,
        shapes.vllm(
            f"'max_tokens' or 'max_completion_tokens' is too large: {limit}. This model's maximum "
            f"context length is {context} tokens and your request has {prompt} input tokens "
            f"({limit} > {context} - {prompt})."
        ),
    )


def _vllm_requested(context: int, prompt: int, limit: int) -> Answer:
    return says(
        400,
        shapes.vllm_before_0_10(
            f"This model's maximum context length is {context} tokens. However, you requested "
            f"{prompt + limit} tokens ({prompt} in the messages, {limit} in the completion). "
            "Please reduce the length of the messages or completion."
        ),
    )


def _vllm_plus(context: int, prompt: int, limit: int) -> Answer:
    return says(
        400,
        shapes.vllm(
            f"This model's maximum context length is {context} tokens. However, your request has "
            f"{prompt} input tokens plus {limit} 'max_tokens'. Please reduce one or the other. "
            f"(parameter=input_tokens, max_tokens, value=({prompt}, {limit}))",
            param="input_tokens, max_tokens",
        ),
    )


VLLM = (
    Row("normal answer", (answers(),), requests=1),
    Row("context of 8k", (larger_than(8192, _vllm_too_large), answers()), requests=2),
    Row("context of 8k, older words", (larger_than(8192, _vllm_requested), answers()), requests=2),
    Row("context of 8k, newest words", (larger_than(8192, _vllm_plus), answers()), requests=2),
    Row(
        "context of 8k, long text",
        (larger_than(8192, _vllm_too_large), answers()),
        text=LONG_TEXT,
        requests=2,
    ),
    Row(
        "context of 3k, long text: read in parts",
        (larger_than(3072, _vllm_too_large), answers()),
        text=LONG_TEXT,
    ),
    Row(
        "context of 1k: no room",
        (larger_than(1024, _vllm_too_large), answers()),
        e.TextTooLongError,
        "--max-model-len",
    ),
    Row(
        "prompt over the context",
        always(
            says(
                400,
                shapes.vllm_before_0_10("max_tokens must be at least 1, got -186."),
            )
        ),
        e.TextTooLongError,
    ),
    Row(
        "context full while answering",
        (
            answers(
                '{"name": {"value": ',
                finish="length",
                usage={"prompt_tokens": 900, "completion_tokens": 3196},
            ),
        ),
        e.TextTooLongError,
        f"Raising {MAX} does not help",
    ),
    Row(
        "guided decoding not available",
        (
            where(
                "response_format.type",
                says(
                    400,
                    shapes.vllm(
                        "The provided JSON schema contains features not supported by xgrammar."
                    ),
                ),
                "json_schema",
            ),
            answers(),
        ),
    ),
    Row(
        "chat template without a system role",
        (
            lambda request: (
                says(400, shapes.vllm("System role not supported"))
                if request.body["messages"][0]["role"] == "system"
                else None
            ),
            answers(),
        ),
        requests=2,
    ),
    Row(
        "unknown model",
        always(says(404, shapes.vllm("The model `m` does not exist.", 404, "NotFoundError"))),
        e.ModelNotFoundError,
        MODEL,
    ),
    Row(
        "unknown model, older form",
        always(
            says(
                404, shapes.vllm_before_0_10("The model `m` does not exist.", 404, "NotFoundError")
            )
        ),
        e.ModelNotFoundError,
        MODEL,
    ),
    Row("key wanted", always(says(401, {"error": "Unauthorized"})), e.ModelUnauthorizedError, KEY),
    Row(
        "address without /v1",
        always(says(404, {"detail": "Not Found"})),
        e.ModelNotFoundError,
        f"{ADDRESS} to http.*/v1 and restart",
        path="",
    ),
    Row(
        "fault within the stream",
        always(
            events(
                chunk(content="{"),
                shapes.vllm("EngineCore encountered an issue.", 500, "InternalServerError"),
            )
        ),
        e.ModelServerError,
    ),
    Row(
        "fault within the stream, older form",
        always(
            events(
                shapes.vllm_before_0_10(
                    "This model's maximum context length is 2048 tokens. However, you requested "
                    "9000 tokens (9000 in the messages)."
                )
            )
        ),
        e.TextTooLongError,
        "2,048",
    ),
    Row(
        "all of it in reasoning_content",
        (answers(None, reasoning_content=json.dumps(ANSWER)),),
    ),
    Row(
        "unknown option refused by pydantic",
        (
            where(
                "seed",
                says(
                    400,
                    shapes.vllm_before_0_10(
                        "[{'type': 'extra_forbidden', 'loc': ('body', 'seed'), 'msg': 'Extra "
                        "inputs are not permitted', 'input': 7}]"
                    ),
                ),
            ),
            answers(),
        ),
        requests=2,
    ),
    Row(
        "thoughts without their beginning",
        (answers(f"The user wants {{facts}}.\n</think>\n\n{json.dumps(ANSWER)}"),),
        requests=1,
    ),
)

OLLAMA = (
    Row("normal answer", (answers(),), requests=1),
    Row(
        "prompt cut silently at 2k: read in parts",
        (cuts_silently(2048), answers()),
        text=LONG_TEXT,
    ),
    Row(
        "prompt cut silently, too small for any part",
        (cuts_silently(1024), answers()),
        e.NoClaimsError,
        "read only 1,024 tokens.*OLLAMA_CONTEXT_LENGTH",
        text=LONG_TEXT[:2900],
    ),
    Row(
        "model not pulled",
        always(
            says(
                404,
                shapes.ollama('model "m" not found, try pulling it first'),
            )
        ),
        e.ModelNotFoundError,
        "ollama pull m",
    ),
    Row(
        "model not found, newer words",
        always(says(404, shapes.ollama("model 'm' not found", "not_found_error"))),
        e.ModelNotFoundError,
        MODEL,
    ),
    Row(
        "address without /v1",
        always(Answer(404, ("404 page not found",), {"content-type": "text/plain"})),
        e.ModelNotFoundError,
        f"{ADDRESS} to http.*/v1 and restart",
        path="",
    ),
    Row(
        "not enough memory",
        always(
            says(
                500,
                shapes.ollama(
                    "model requires more system memory (5.3 GiB) than is available (3.3 GiB)"
                ),
            )
        ),
        e.ModelRequestError,
        "lacks the memory",
    ),
    Row(
        "runner died",
        always(says(500, shapes.ollama("llama runner process has terminated: exit status 2"))),
        e.ModelRequestError,
        "smaller model",
    ),
    Row(
        "queue full",
        always(
            says(
                503,
                shapes.ollama("server busy, please try again.  maximum pending requests exceeded"),
            )
        ),
        e.ModelServerError,
        "overloaded",
    ),
    Row(
        "format refused",
        (
            where(
                "response_format.type",
                says(500, shapes.ollama("failed to load model vocabulary required for format")),
                "json_schema",
                "json_object",
            ),
            answers(),
        ),
        e.ModelRequestError,
    ),
    Row(
        "input over the context, newer versions",
        always(
            says(
                400,
                shapes.ollama("input length exceeds the context length", "invalid_request_error"),
            )
        ),
        e.TextTooLongError,
        "OLLAMA_CONTEXT_LENGTH",
    ),
    Row(
        "thoughts beside the answer",
        (answers(reasoning="The user wants facts."),),
        requests=1,
    ),
    Row(
        "thoughts in the answer",
        (answers(f"<think>\nLet me see {{x}}.\n</think>\n{json.dumps(ANSWER)}"),),
        requests=1,
    ),
    Row(
        "nothing found",
        (answers(NOTHING),),
        e.NoClaimsError,
        "nothing about a person",
    ),
    Row(
        "cloud model: sign in",
        always(says(401, shapes.ollama("unauthorized", "authentication_error"))),
        e.ModelUnauthorizedError,
        KEY,
    ),
)

LM_STUDIO = (
    Row("normal answer", (answers(),), requests=1),
    Row(
        "only json_schema or text",
        (
            where(
                "response_format.type",
                says(400, shapes.plain("'response_format.type' must be 'json_schema' or 'text'")),
                "json_object",
            ),
            answers(),
        ),
    ),
    Row(
        "schema not supported by the engine",
        (
            where(
                "response_format.type",
                says(400, shapes.plain("Structured output is not supported for this model.")),
            ),
            answers(),
        ),
    ),
    Row(
        "context too small",
        always(
            says(
                400,
                shapes.plain(
                    "The number of tokens to keep from the initial prompt is greater than the "
                    "context length (n_keep: 13055>= n_ctx: 4096). Try to load the model with a "
                    "larger context length, or provide a shorter input."
                ),
            )
        ),
        e.TextTooLongError,
        "4,096 tokens: text and instructions take 13,055.*Context Length",
    ),
    Row(
        "context too small, within the stream",
        always(
            events(
                {
                    "error": {
                        "message": "Trying to keep the first 14538 tokens when context the "
                        "overflows. However, the model is loaded with context length of only 2048 "
                        "tokens, which is not enough."
                    }
                },
                event="error",
            )
        ),
        e.TextTooLongError,
        "2,048 tokens: text and instructions take 14,538",
    ),
    Row(
        "context too small, as a string within the stream",
        always(
            events(
                {
                    "error": "Trying to keep the first 6547 tokens when context the overflows. "
                    "However, the model is loaded with context length of only 4096 tokens."
                }
            )
        ),
        e.TextTooLongError,
        "4,096 tokens",
    ),
    Row(
        "no model loaded",
        always(
            says(
                404,
                shapes.openai(
                    "No models loaded. Please load a model in the developer page or use the "
                    "`lms load` command.",
                    code="model_not_found",
                    param="model",
                ),
            )
        ),
        e.ModelNotFoundError,
        "lms load",
    ),
    Row(
        "unknown model",
        always(
            says(
                400,
                shapes.openai(
                    'Invalid model identifier "m". Please specify a valid downloaded model.',
                    code="model_not_found",
                ),
            )
        ),
        e.ModelNotFoundError,
        MODEL,
    ),
    Row(
        "model cannot be loaded",
        always(
            says(
                400,
                shapes.openai(
                    'Failed to load model "m". Error: Model loading was stopped due to '
                    "insufficient system resources.",
                    code="model_load_failed",
                ),
            )
        ),
        e.ModelRequestError,
        "memory",
    ),
    Row(
        "model crashed",
        always(says(400, shapes.plain("The model has crashed without additional information."))),
        e.ModelServerError,
        "crashed",
    ),
    Row(
        "address without /v1",
        always(says(200, {"error": "Unexpected endpoint or method. (POST /chat/completions)"})),
        e.ModelNotFoundError,
        f"{ADDRESS} to http.*/v1 and restart",
        path="",
    ),
    Row(
        "system role not in the template",
        (
            lambda request: (
                says(
                    400,
                    shapes.plain(
                        'Error rendering prompt with jinja template: "Only user and assistant '
                        'roles are supported!".'
                    ),
                )
                if request.body["messages"][0]["role"] == "system"
                else None
            ),
            answers(),
        ),
        requests=2,
    ),
    Row(
        "raw channel tags",
        (
            answers(
                "<|channel|>analysis<|message|>We need {JSON}.<|end|><|start|>assistant<|channel|>"
                "final <|constrain|>json<|message|>" + json.dumps(ANSWER)
            ),
        ),
        requests=1,
    ),
)


def _llama_cpp_too_long(context: int, prompt: int) -> Answer:
    return says(
        400,
        shapes.llama_cpp(
            f"request ({prompt} tokens) exceeds the available context size ({context} tokens), try "
            "increasing it",
            type_="exceed_context_size_error",
            n_prompt_tokens=prompt,
            n_ctx=context,
        ),
    )


LLAMA_CPP = (
    Row("normal answer", (answers(),), requests=1),
    Row(
        "text too long for the context: read in parts",
        (prompt_over(2500, _llama_cpp_too_long), answers()),
        text=LONG_TEXT,
    ),
    Row(
        "text too long for the context",
        (prompt_over(400, _llama_cpp_too_long), answers()),
        e.TextTooLongError,
        "400 tokens: text and instructions take .*--ctx-size",
    ),
    Row(
        "text too long, older form (500)",
        always(
            says(
                500,
                shapes.llama_cpp(
                    "the request exceeds the available context size. try increasing the context "
                    "size or enable context shift",
                    500,
                    "server_error",
                ),
            )
        ),
        e.TextTooLongError,
        "--ctx-size",
    ),
    Row(
        "text too long, the error under status 200",
        always(
            says(
                200,
                shapes.llama_cpp(
                    "the request exceeds the available context size",
                    type_="exceed_context_size_error",
                    n_prompt_tokens=14429,
                    n_ctx=8192,
                ),
            )
        ),
        e.TextTooLongError,
        "8,192 tokens: text and instructions take 14,429",
    ),
    Row(
        "context full while answering",
        (
            answers(
                '{"name": {"value": ',
                finish="length",
                usage={"prompt_tokens": 900, "completion_tokens": 1148},
            ),
        ),
        e.TextTooLongError,
        "before its answer was complete",
    ),
    Row(
        "loading, then the answer",
        (
            first_time(says(503, shapes.llama_cpp("Loading model", 503, "unavailable_error"))),
            answers(),
        ),
        requests=2,
        settings={"openai_max_retries": 1},
    ),
    Row(
        "still loading",
        always(says(503, shapes.llama_cpp("Loading model", 503, "unavailable_error"))),
        e.ModelServerError,
        "still loading",
    ),
    Row(
        "grammar that cannot be made",
        (
            where(
                "response_format.type",
                says(
                    400,
                    shapes.llama_cpp("Failed to initialize samplers: failed to parse grammar"),
                ),
                "json_schema",
            ),
            answers(),
        ),
    ),
    Row(
        "grammar that cannot be made (500)",
        (
            where(
                "response_format.type",
                says(500, shapes.llama_cpp("failed to parse grammar", 500, "server_error")),
                "json_schema",
                "json_object",
            ),
            answers(),
        ),
    ),
    Row(
        "wrong key",
        always(says(401, shapes.llama_cpp("Invalid API Key", 401, "authentication_error"))),
        e.ModelUnauthorizedError,
        KEY,
    ),
    Row(
        "no slot",
        always(says(503, shapes.llama_cpp("No slot available", 503, "unavailable_error"))),
        e.ModelServerError,
        "overloaded",
    ),
    Row(
        "address of the web page",
        always(says(404, shapes.llama_cpp("File Not Found", 404, "not_found_error"))),
        e.ModelNotFoundError,
        path="",
    ),
    Row(
        "fault within the stream",
        always(
            events(
                chunk(content="{"),
                shapes.llama_cpp("Compute error.", 500, "server_error"),
            )
        ),
        e.ModelServerError,
    ),
)


def _tgi_too_large(context: int, prompt: int, limit: int) -> Answer:
    return says(
        422,
        shapes.tgi(
            f"Input validation error: `inputs` tokens + `max_new_tokens` must be <= {context}. "
            f"Given: {prompt} `inputs` tokens and {limit} `max_new_tokens`",
            "validation",
        ),
    )


TGI = (
    Row("normal answer", (answers(),), requests=1),
    Row("tokens in all", (larger_than(4096, _tgi_too_large), answers()), requests=2),
    Row(
        "input too long",
        always(
            says(
                422,
                shapes.tgi(
                    "Input validation error: `inputs` must have less than 1024 tokens. Given: 1512",
                    "validation",
                ),
            )
        ),
        e.TextTooLongError,
        "1,024 tokens",
    ),
    Row(
        "input too long, wrapped by the hub",
        always(
            says(
                422,
                {
                    "error": {
                        "message": "Input validation error: `inputs` tokens + `max_new_tokens` "
                        "must be <= 4096. Given: 8740 `inputs` tokens and 500 `max_new_tokens`",
                        "http_status_code": 422,
                    }
                },
            )
        ),
        e.TextTooLongError,
        "4,096 tokens: text and instructions take 8,740",
    ),
    Row(
        "grammar off",
        (
            where(
                "response_format.type",
                says(
                    422,
                    shapes.tgi("Input validation error: grammar is not supported", "validation"),
                ),
            ),
            answers(),
        ),
    ),
    Row(
        "json_schema not known: data did not match",
        (
            where(
                "response_format.type",
                Answer(
                    422,
                    (
                        "Failed to deserialize the JSON body into the target type: "
                        "response_format: unknown variant `json_schema`",
                    ),
                    {"content-type": "text/plain"},
                ),
                "json_schema",
            ),
            answers(),
        ),
    ),
    Row(
        "overloaded",
        always(says(429, shapes.tgi("Model is overloaded", "overloaded"))),
        e.ModelServerError,
        "overloaded",
    ),
    Row(
        "generation failed",
        always(
            says(424, shapes.tgi("Request failed during generation: Server error: ", "generation"))
        ),
        e.ModelServerError,
        "crashed",
    ),
    Row(
        "fault within the stream",
        always(
            events(
                chunk(content="{"),
                shapes.tgi("Request failed during generation: CUDA out of memory", "generation"),
            )
        ),
        e.ModelRequestError,
        "memory",
    ),
    Row(
        "still loading",
        always(
            says(
                503,
                {"error": "Model m is currently loading", "estimated_time": 176.7},
            )
        ),
        e.ModelServerError,
        "still loading",
    ),
    Row(
        "template without a system role",
        (
            lambda request: (
                says(
                    422,
                    shapes.tgi(
                        "Template error: invalid operation: System role not supported",
                        "template_error",
                    ),
                )
                if request.body["messages"][0]["role"] == "system"
                else None
            ),
            answers(),
        ),
        requests=2,
    ),
)
