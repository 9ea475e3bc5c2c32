"""What stands between: LiteLLM, OpenRouter, proxies; and how models answer behind any of them."""

from __future__ import annotations

import json

from services import errors as e
from tests.model_servers import shapes
from tests.model_servers.behaviour import (
    ANSWER,
    Answer,
    Row,
    always,
    answers,
    chunk,
    events,
    first_time,
    output_over,
    says,
    where,
)
from tests.model_servers.hosted import ADDRESS, KEY, MAX, MODEL

LITELLM = (
    Row("normal answer", (answers(),), requests=1),
    Row(
        "option not supported by the provider",
        (
            where(
                "seed",
                says(
                    400,
                    shapes.litellm(
                        "litellm.UnsupportedParamsError: bedrock does not support parameters: "
                        "['seed'], for model=m. To drop these, set `litellm.drop_params=True`.",
                        "400",
                    ),
                ),
            ),
            where(
                "response_format",
                says(
                    400,
                    shapes.litellm(
                        "litellm.UnsupportedParamsError: bedrock does not support parameters: "
                        "['response_format'], for model=m.",
                        "400",
                    ),
                ),
            ),
            answers(),
        ),
    ),
    Row(
        "budget used up",
        always(
            says(
                400,
                shapes.litellm(
                    "Budget has been exceeded! Current cost: 26.075, Max budget: 0.25",
                    "400",
                    "budget_exceeded",
                ),
            )
        ),
        e.QuotaExceededError,
        "max_budget",
    ),
    Row(
        "budget of the team (429)",
        always(
            says(
                429,
                shapes.litellm(
                    "No deployments available - crossed budget: Exceeded budget for deployment "
                    "model_name: m",
                    "429",
                ),
            )
        ),
        e.QuotaExceededError,
        "budget",
        requests=1,
    ),
    Row(
        "end user over budget (401)",
        always(
            says(
                401,
                shapes.litellm(
                    "Authentication Error, ExceededBudget: End User=u over budget. Spend=0.1, "
                    "Budget=0.0001",
                    "401",
                    "auth_error",
                ),
            )
        ),
        e.QuotaExceededError,
        "budget",
    ),
    Row(
        "wrong key",
        always(
            says(
                401,
                shapes.litellm(
                    "Authentication Error, Invalid proxy server token passed. Received API Key = "
                    "sk-...1234",
                    "401",
                    "token_not_found_in_db",
                ),
            )
        ),
        e.ModelUnauthorizedError,
        KEY,
    ),
    Row(
        "key not for this model",
        always(
            says(
                403,
                shapes.litellm(
                    "key not allowed to access model. This key can only access models=['a']. Tried "
                    "to access m",
                    "403",
                    "key_model_access_denied",
                ),
            )
        ),
        e.ModelUnauthorizedError,
        "may not use this model",
    ),
    Row(
        "unknown model",
        always(
            says(
                400,
                {
                    "error": {
                        "message": {
                            "error": "/chat/completions: Invalid model name passed in model=m. "
                            "Call `/v1/models` to view available models for your key."
                        },
                        "type": "None",
                        "param": "None",
                        "code": "400",
                    }
                },
            )
        ),
        e.ModelNotFoundError,
        "/models",
    ),
    Row(
        "provider's context",
        always(
            says(
                400,
                shapes.litellm(
                    "litellm.ContextWindowExceededError: litellm.BadRequestError: OpenAIException "
                    "- This model's maximum context length is 8192 tokens. However, your messages "
                    "resulted in 20432 tokens.",
                    "400",
                ),
            )
        ),
        e.TextTooLongError,
        "8,192",
    ),
    Row(
        "provider's content filter",
        always(
            says(
                400,
                {
                    "error": {
                        "message": "litellm.BadRequestError: litellm.ContentPolicyViolationError: "
                        "AzureException - The response was filtered due to the prompt triggering "
                        "Azure OpenAI's content management policy.",
                        "type": None,
                        "param": None,
                        "code": "400",
                        "provider_specific_fields": {
                            "innererror": {"code": "ResponsibleAIPolicyViolation"}
                        },
                    }
                },
            )
        ),
        e.ModelRefusedError,
        "filter",
    ),
    Row(
        "provider's key wrong",
        always(
            says(
                401,
                shapes.litellm(
                    "litellm.AuthenticationError: AuthenticationError: OpenAIException - "
                    "Incorrect API key provided: sk-1234.",
                    "401",
                ),
            )
        ),
        e.ModelUnauthorizedError,
    ),
    Row(
        "provider not reached",
        always(
            says(
                500,
                shapes.litellm(
                    "litellm.InternalServerError: InternalServerError: OpenAIException - "
                    "Connection error.",
                    "500",
                ),
            )
        ),
        e.ModelServerError,
    ),
    Row(
        "provider too slow",
        always(
            says(
                408,
                shapes.litellm("litellm.Timeout: APITimeoutError - Request timed out.", "408"),
            )
        ),
        e.ModelTimeoutError,
    ),
    Row(
        "no healthy deployment",
        always(
            says(
                400,
                shapes.litellm(
                    "litellm.BadRequestError: You passed in model=m. There are no healthy "
                    "deployments for this model.",
                    "400",
                ),
            )
        ),
        e.ModelNotFoundError,
        MODEL,
    ),
    Row(
        "rate limit within the stream",
        always(
            events(
                shapes.litellm("litellm.RateLimitError: RateLimitError: too many requests", "429")
            )
        ),
        e.RateLimitedError,
    ),
)

OPENROUTER = (
    Row("normal answer after comments", (answers(),), requests=1),
    Row(
        "no provider takes the options (404)",
        (
            where(
                "response_format",
                says(
                    404,
                    shapes.openrouter(
                        "No endpoints found that can handle the requested parameters.", 404
                    ),
                ),
            ),
            answers(),
        ),
    ),
    Row(
        "provider refuses streaming, as JSON in a string",
        (
            where(
                "stream",
                says(
                    400,
                    shapes.routed(
                        shapes.openai(
                            "Your organization must be verified to stream this model.",
                            code="unsupported_value",
                            param="stream",
                        ),
                        400,
                    ),
                ),
                True,
            ),
            answers(),
        ),
    ),
    Row(
        "too little credit for the limit",
        always(
            says(
                402,
                shapes.openrouter(
                    "This request requires more credits, or fewer max_tokens. You requested up to "
                    "8000 tokens, but can only afford 3919. To increase, visit "
                    "https://openrouter.ai/settings/credits and upgrade to a paid account",
                    402,
                    provider_name=None,
                ),
            )
        ),
        e.QuotaExceededError,
        f"{MAX} to 3919",
    ),
    Row(
        "no credit",
        always(says(402, shapes.openrouter("Insufficient credits. Add more using …", 402))),
        e.QuotaExceededError,
    ),
    Row(
        "limit of the key",
        always(
            says(
                403,
                shapes.openrouter("Key limit exceeded (monthly limit). Manage it using …", 403),
            )
        ),
        e.QuotaExceededError,
        "budget",
    ),
    Row(
        "no key",
        always(says(401, shapes.openrouter("No auth credentials found", 401))),
        e.ModelUnauthorizedError,
        "wants a key.*OPENAI_API_KEY",
        key=None,
    ),
    Row(
        "wrong key",
        always(says(401, shapes.openrouter("User not found.", 401))),
        e.ModelUnauthorizedError,
        KEY,
    ),
    Row(
        "unknown model",
        always(says(400, shapes.openrouter("m is not a valid model ID", 400))),
        e.ModelNotFoundError,
        MODEL,
    ),
    Row(
        "no provider for the model",
        always(says(404, shapes.openrouter("No endpoints found for m.", 404))),
        e.ModelNotFoundError,
        MODEL,
    ),
    Row(
        "moderation",
        always(
            says(
                403,
                shapes.openrouter(
                    "m requires moderation on OpenRouter. Your input was flagged for "
                    '"violence/graphic".',
                    403,
                    reasons=["violence/graphic"],
                    flagged_input="…",
                ),
            )
        ),
        e.ModelRefusedError,
        "filter",
    ),
    Row(
        "day's limit of free models",
        always(
            says(
                429,
                shapes.openrouter(
                    "Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free "
                    "model requests per day",
                    429,
                ),
            )
        ),
        e.RateLimitedError,
        "day",
    ),
    Row(
        "provider's rate limit",
        always(
            says(
                429,
                shapes.openrouter(
                    "Provider returned error", 429, raw="m is temporarily rate-limited upstream."
                ),
            )
        ),
        e.RateLimitedError,
    ),
    Row(
        "text too long",
        always(
            says(
                400,
                shapes.openrouter(
                    "This endpoint's maximum context length is 8192 tokens. However, you requested "
                    "about 21054 tokens (13054 of text input, 8000 in the output). Please reduce "
                    "the length of either one.",
                    400,
                ),
            )
        ),
        e.TextTooLongError,
        "8,192 tokens: text and instructions take 13,054",
    ),
    Row(
        "context too small for text and limit",
        (
            output_over(
                7200,
                says(
                    400,
                    shapes.openrouter(
                        "This endpoint's maximum context length is 8192 tokens. However, you "
                        "requested about 9,054 tokens (1,054 of text input, 8000 in the output).",
                        400,
                    ),
                ),
            ),
            answers(),
        ),
        requests=2,
    ),
    Row(
        "error under status 200",
        always(says(200, shapes.openrouter("Insufficient credits", 402))),
        e.QuotaExceededError,
    ),
    Row(
        "provider down",
        always(says(502, shapes.openrouter("Provider returned error", 502, provider_name="P"))),
        e.ModelServerError,
        "does not answer",
    ),
    Row(
        "fault within the stream, beside choices",
        always(
            events(
                chunk(content="{"),
                {
                    **chunk("error", content=""),
                    "error": {"code": "server_error", "message": "Provider disconnected"},
                },
            )
        ),
        e.ModelServerError,
    ),
)

OTHERS = (
    Row(
        "proxy: gateway time-out as a web page",
        always(says(504, "<html><body><h1>504 Gateway Time-out</h1>nginx</body></html>")),
        e.ModelTimeoutError,
    ),
    Row(
        "proxy: bad gateway as a web page",
        always(says(502, "<html><body><h1>502 Bad Gateway</h1>nginx</body></html>")),
        e.ModelServerError,
        "does not answer",
    ),
    Row(
        "proxy: request too large",
        always(says(413, "<html><body><h1>413 Request Entity Too Large</h1></body></html>")),
        e.TextTooLongError,
    ),
    Row(
        "proxy: forbidden",
        always(says(403, "<html><body><h1>403 Forbidden</h1></body></html>")),
        e.ModelUnauthorizedError,
        "firewall",
    ),
    Row(
        "redirect",
        always(Answer(301, (), {"location": "https://example.org/v1", "content-length": "0"})),
        e.ModelRequestError,
        ADDRESS,
    ),
    Row(
        "a web page instead of an answer",
        always(says(200, "<html><body>Welcome</body></html>")),
        e.ModelNotFoundError,
        ADDRESS,
    ),
    Row(
        "refusal that says nothing, because of the form",
        (where("response_format", Answer(400, ("",), {"content-type": "text/plain"})), answers()),
    ),
    Row(
        "refusal that says nothing, because of an option",
        (where("seed", says(422, {"detail": "Unprocessable Entity"})), answers()),
        requests=2,
    ),
    Row(
        "refusal that says nothing, always",
        always(says(400, {"error": "Bad Request"})),
        e.ModelRequestError,
    ),
    Row(
        "FastAPI's detail",
        (
            where(
                "stream_options",
                says(
                    422,
                    {
                        "detail": [
                            {
                                "type": "extra_forbidden",
                                "loc": ["body", "stream_options"],
                                "msg": "Extra inputs are not permitted",
                            }
                        ]
                    },
                ),
            ),
            answers(),
        ),
        requests=2,
    ),
    Row(
        "streaming not implemented (501)",
        (
            where(
                "stream",
                says(501, {"error": "streaming is not supported"}),
                True,
            ),
            answers(),
        ),
        requests=2,
    ),
    Row("answers in one piece though asked to stream", (answers(streams=False),), requests=1),
    Row(
        "one passing fault, then the answer",
        (first_time(says(500, {"error": "oops"})), answers()),
        requests=2,
        settings={"openai_max_retries": 1},
    ),
)

_A, _Q = '"value": "Ana Ruiz"', '"quote": "I am Ana Ruiz"'
_BARE = f'{{"name": {{{_A}, {_Q}}}, "skills": [{{"value": "SQL", "quote": "I write SQL"}}]}}'


def _model(title: str, content: object, **more: object) -> Row:
    return Row(title, (answers(content, **more),), requests=1)


MODELS = (
    _model("missing keys", _BARE),
    _model("null instead of lists", json.dumps(ANSWER | {"goals": None, "traits": None})),
    _model("a wrapper object", json.dumps({"persona": ANSWER})),
    _model("a list around the object", json.dumps([ANSWER])),
    _model("a wrapper in the style of the schema", json.dumps({"PersonaFacts": {"facts": ANSWER}})),
    _model("JSON in a string", json.dumps(json.dumps(ANSWER))),
    _model("keys the schema does not have", json.dumps(ANSWER | {"confidence": 0.9, "notes": []})),
    _model(
        "keys written otherwise", _BARE.replace('"name"', '"Name"').replace('"skills"', '"Skills"')
    ),
    _model("a single fact instead of a list", _BARE.replace("[", "").replace("]", "")),
    _model("a list instead of a single fact", json.dumps(ANSWER | {"name": [ANSWER["name"]]})),
    _model("facts with more keys", _BARE.replace(_Q, f'{_Q}, "confidence": 0.93')),
    _model(
        "line breaks within strings", _BARE.replace('"value"', '\n"value"').replace("}]", ",\n}]")
    ),
    _model("a comma too many", _BARE.replace("}]", "},]")),
    _model("a fence", f"```json\n{_BARE}\n```"),
    _model(
        "a remark before and after", f"Sure! {{Here}} it is:\n{_BARE}\nI hope this helps {{:-)}}"
    ),
    _model("thoughts in tags", f"<think>Is it {{so}}?</think>{_BARE}"),
    _model(
        "thoughts without their beginning", f"Is it {_BARE.replace('Ana', 'Eva')}?</think>{_BARE}"
    ),
    _model("thoughts in square tags", f"[THINK]Let me see.[/THINK]{_BARE}"),
    _model(
        "channel tags",
        f"<|channel|>analysis<|message|>So.<|end|><|start|>assistant<|channel|>final<|message|>{_BARE}<|return|>",
    ),
    _model("thoughts beside the answer", _BARE, reasoning="Let me see."),
    _model("nothing but thoughts, which are the answer", None, reasoning_content=_BARE),
    _model("content as a list of parts", [{"type": "text", "text": _BARE}]),
    Row(
        "an answer of the wrong form, then the right one",
        (first_time(events(chunk(content="I would rather not."), chunk("stop"))), answers()),
        requests=2,
    ),
    Row(
        "never the right form",
        (answers("I would rather not."),),
        e.InvalidOutputError,
        MODEL,
        requests=2,
    ),
    Row(
        "all null",
        (answers(json.dumps(dict.fromkeys(ANSWER))),),
        e.NoClaimsError,
        "nothing about a person",
    ),
    Row(
        "the schema instead of an answer",
        (answers('{"type": "object", "properties": {"name": {"anyOf": [{"type": "null"}]}}}'),),
        e.NoClaimsError,
    ),
)
