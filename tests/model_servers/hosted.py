"""Services on the Internet: OpenAI, Azure, Groq, Mistral, Gemini, Anthropic, DeepSeek."""

from __future__ import annotations

from services import errors as e
from tests.model_servers import shapes
from tests.model_servers.behaviour import (
    FLAGGED,
    LONG_TEXT,
    THREE_PARTS,
    Request,
    Row,
    always,
    answers,
    chunk,
    events,
    first_time,
    output_over,
    prompt_over,
    says,
    that_says,
    where,
)

MAX = "OPENAI_MAX_OUTPUT_TOKENS"
KEY, MODEL, ADDRESS = "OPENAI_API_KEY", "OPENAI_MODEL", "OPENAI_BASE_URL"


def _unsupported(param: str, message: str, code: str = "unsupported_parameter") -> object:
    return shapes.openai(message, code=code, param=param)


OPENAI = (
    Row("normal answer", (answers(),), requests=1),
    Row(
        "reasoning model: max_tokens and temperature refused",
        (
            where(
                "max_tokens",
                says(
                    400,
                    _unsupported(
                        "max_tokens",
                        "Unsupported parameter: 'max_tokens' is not supported with this model. "
                        "Use 'max_completion_tokens' instead.",
                    ),
                ),
            ),
            where(
                "temperature",
                says(
                    400,
                    _unsupported(
                        "temperature",
                        "Unsupported value: 'temperature' does not support 0 with this model. "
                        "Only the default (1) value is supported.",
                        "unsupported_value",
                    ),
                ),
            ),
            answers(),
        ),
        requests=3,
    ),
    Row(
        "streaming only for verified organisations",
        (
            where(
                "stream",
                says(
                    400,
                    _unsupported(
                        "stream",
                        "Your organization must be verified to stream this model.",
                        "unsupported_value",
                    ),
                ),
                True,
            ),
            answers(),
        ),
        requests=2,
    ),
    Row(
        "older model without json_schema",
        (
            where(
                "response_format.type",
                says(
                    400,
                    shapes.openai(
                        "Invalid parameter: 'response_format' of type 'json_schema' is not "
                        "supported with this model."
                    ),
                ),
                "json_schema",
            ),
            answers(),
        ),
    ),
    Row(
        "output limit of the model",
        (
            output_over(
                4096,
                says(
                    400,
                    shapes.openai(
                        "max_tokens is too large: 8000. This model supports at most 4096 "
                        "completion tokens, whereas you provided 8000.",
                        code="invalid_value",
                        param="max_tokens",
                    ),
                ),
            ),
            answers(),
        ),
        requests=2,
    ),
    Row(
        "context too small for text and limit",
        (
            output_over(
                7000,
                says(
                    400,
                    shapes.openai(
                        "This model's maximum context length is 8192 tokens. However, you "
                        "requested 9192 tokens (1192 in the messages, 8000 in the completion). "
                        "Please reduce the length of the messages or completion.",
                        code="context_length_exceeded",
                        param="messages",
                    ),
                ),
            ),
            answers(),
        ),
        requests=2,
    ),
    Row(
        "text too long",
        always(
            says(
                400,
                shapes.openai(
                    "This model's maximum context length is 8192 tokens. However, your messages "
                    "resulted in 20432 tokens. Please reduce the length of the messages.",
                    code="context_length_exceeded",
                    param="messages",
                ),
            )
        ),
        e.TextTooLongError,
        "8,192 tokens: text and instructions take 20,432",
    ),
    Row(
        "no credit",
        always(
            says(
                429,
                shapes.openai(
                    "You exceeded your current quota, please check your plan and billing details.",
                    "insufficient_quota",
                    "insufficient_quota",
                ),
            )
        ),
        e.QuotaExceededError,
        "billing",
        requests=1,
    ),
    Row(
        "billing not active",
        always(
            says(
                429,
                shapes.openai(
                    "Your account is not active, please check your billing details on our website.",
                    "billing_not_active",
                    "billing_not_active",
                ),
            )
        ),
        e.QuotaExceededError,
        "billing",
        requests=1,
    ),
    Row(
        "wrong key",
        always(
            says(
                401,
                shapes.openai("Incorrect API key provided: sk-...1234.", code="invalid_api_key"),
            )
        ),
        e.ModelUnauthorizedError,
        KEY,
    ),
    Row(
        "no key",
        always(says(401, shapes.openai("You didn't provide an API key."))),
        e.ModelUnauthorizedError,
        "wants a key.*OPENAI_API_KEY",
        key=None,
    ),
    Row(
        "key without the right",
        always(
            says(
                403,
                shapes.openai(
                    "Project `proj_1` does not have access to model `m`.", code="model_not_found"
                ),
            )
        ),
        e.ModelUnauthorizedError,
        "may not use this model",
    ),
    Row(
        "country not supported",
        always(
            says(
                403,
                shapes.openai(
                    "Country, region, or territory not supported",
                    "request_forbidden",
                    "unsupported_country_region_territory",
                ),
            )
        ),
        e.ModelUnauthorizedError,
        "place",
    ),
    Row(
        "unknown model",
        always(
            says(
                404,
                shapes.openai(
                    "The model `m` does not exist or you do not have access to it.",
                    code="model_not_found",
                ),
            )
        ),
        e.ModelNotFoundError,
        MODEL,
    ),
    Row(
        "withdrawn model",
        always(
            says(
                404,
                shapes.openai("The model `m` has been deprecated, learn more here: …", None),
            )
        ),
        e.ModelNotFoundError,
        "no longer",
    ),
    Row(
        "address without /v1",
        always(says(404, shapes.openai("Invalid URL (POST /chat/completions)"))),
        e.ModelNotFoundError,
        "/v1 and restart",
        path="",
    ),
    Row(
        "moderation of one part of a long text",
        (
            that_says(
                FLAGGED,
                says(
                    400,
                    shapes.openai("Flagged.", "invalid_request_error", "content_policy_violation"),
                ),
            ),
            answers(),
        ),
        e.ModelRefusedError,
        r"Part 2 of 3 could not be read: .* 2 parts are read and kept",
        text=THREE_PARTS,
        requests=3,
    ),
    Row(
        "moderation",
        always(
            says(
                400,
                shapes.openai(
                    "Invalid prompt: your prompt was flagged as potentially violating our usage "
                    "policy.",
                    code="invalid_prompt",
                ),
            )
        ),
        e.ModelRefusedError,
        "filter",
    ),
    Row(
        "rate limit, then the answer",
        (
            first_time(
                says(
                    429,
                    shapes.openai(
                        "Rate limit reached for m in organization o on requests per min (RPM): "
                        "Limit 3, Used 3, Requested 1. Please try again in 20s.",
                        "requests",
                        "rate_limit_exceeded",
                    ),
                    **{"retry-after": "0"},
                )
            ),
            answers(),
        ),
        requests=2,
        settings={"openai_max_retries": 1},
    ),
    Row(
        "rate limit that lasts",
        always(
            says(
                429,
                shapes.openai(
                    "Rate limit reached for m on requests per min (RPM): Limit 3, Used 3.",
                    "requests",
                    "rate_limit_exceeded",
                ),
            )
        ),
        e.RateLimitedError,
        "GENERATION_WORKERS",
    ),
    Row(
        "one request over the tokens per minute",
        always(
            says(
                429,
                shapes.openai(
                    "Request too large for m in organization o on tokens per min (TPM): Limit "
                    "6000, Requested 12054. The input or output tokens must be reduced in order "
                    "to run successfully.",
                    "tokens",
                    "rate_limit_exceeded",
                ),
            )
        ),
        e.TextTooLongError,
        "limit of 6,000 tokens a minute",
    ),
    Row(
        "overloaded",
        always(
            says(
                503,
                shapes.openai(
                    "That model is currently overloaded with other requests.", "server_error"
                ),
            )
        ),
        e.ModelServerError,
        "overloaded",
    ),
    Row(
        "fault of its own",
        always(
            says(
                500,
                shapes.openai(
                    "The server had an error while processing your request.", "server_error"
                ),
            )
        ),
        e.ModelServerError,
    ),
    Row(
        "fault within the stream",
        always(
            events(
                chunk(content="{"),
                shapes.openai("The server had an error.", "server_error"),
                done=False,
            )
        ),
        e.ModelServerError,
    ),
    Row(
        "refusal in the answer",
        always(events(chunk(refusal="I'm sorry, I can't assist with that."), chunk("stop"))),
        e.ModelRefusedError,
    ),
    Row(
        "filtered answer",
        (answers('{"name": ', finish="content_filter"),),
        e.ModelRefusedError,
    ),
    Row(
        "cut at the output limit",
        (
            answers(
                '{"name": {"value": ',
                finish="length",
                usage={"prompt_tokens": 900, "completion_tokens": 8000},
            ),
        ),
        e.OutputTruncatedError,
        f"Raise {MAX} .it was 8,000",
    ),
    Row(
        "all of the output limit thought away",
        (
            answers(
                None,
                finish="length",
                reasoning_content="Let me see.",
                usage={"prompt_tokens": 900, "completion_tokens": 8000},
            ),
        ),
        e.OutputTruncatedError,
        "thoughts",
    ),
    Row(
        "organisation may not use the region (401 with words)",
        always(
            says(
                401,
                shapes.openai("You must be a member of an organization to use the API."),
            )
        ),
        e.ModelUnauthorizedError,
    ),
)


def _azure_only(request: Request) -> object:
    known = request.headers.get("api-key") == "key" and "authorization" not in request.headers
    if not known:
        return says(
            401,
            shapes.azure(
                "Access denied due to invalid subscription key or wrong API endpoint. Make sure "
                "to provide a valid key for an active subscription.",
                "401",
            ),
        )
    return (
        None
        if "api-version" in request.query
        else says(404, shapes.azure("Resource not found", "404"))
    )


DEPLOYMENT = "/openai/deployments/gpt"

AZURE = (
    Row("deployment address", (_azure_only, answers()), path=DEPLOYMENT, requests=1),
    Row(
        "deployment address with api-version",
        (_azure_only, answers()),
        path=f"{DEPLOYMENT}?api-version=2025-01-01-preview",
        requests=1,
    ),
    Row(
        "address of the whole call, as copied from the portal",
        (_azure_only, answers()),
        path=f"{DEPLOYMENT}/chat/completions?api-version=2024-10-21",
        requests=1,
    ),
    Row("address /openai/v1", (answers(),), path="/openai/v1"),
    Row(
        "api-version without json_schema",
        (
            where(
                "response_format.type",
                says(
                    400,
                    shapes.azure(
                        "response_format value as json_schema is enabled only for api versions "
                        "2024-08-01-preview and later",
                        "BadRequest",
                    ),
                ),
                "json_schema",
            ),
            answers(),
        ),
        path=DEPLOYMENT,
    ),
    Row(
        "api-version without stream_options",
        (
            where(
                "stream_options",
                says(
                    400,
                    shapes.azure(
                        "Unrecognized request argument supplied: stream_options", "BadRequest"
                    ),
                ),
            ),
            answers(),
        ),
        path=DEPLOYMENT,
    ),
    Row(
        "wrong key or endpoint",
        always(
            says(
                401,
                shapes.azure(
                    "Access denied due to invalid subscription key or wrong API endpoint. Make "
                    "sure to provide a valid key for an active subscription and use a correct "
                    "regional API endpoint for your resource.",
                    "401",
                ),
            )
        ),
        e.ModelUnauthorizedError,
        f"{KEY} or {ADDRESS}",
        path=DEPLOYMENT,
    ),
    Row(
        "unknown deployment",
        always(
            says(
                404,
                shapes.azure(
                    "The API deployment for this resource does not exist. If you created the "
                    "deployment within the last 5 minutes, please wait a moment and try again.",
                    "DeploymentNotFound",
                ),
            )
        ),
        e.ModelNotFoundError,
        "name of the deployment",
        path=DEPLOYMENT,
    ),
    Row(
        "content filter",
        always(
            says(
                400,
                shapes.azure(
                    "The response was filtered due to the prompt triggering Azure OpenAI's "
                    "content management policy. Please modify your prompt and retry.",
                    "content_filter",
                    param="prompt",
                    status=400,
                    innererror={"code": "ResponsibleAIPolicyViolation"},
                ),
            )
        ),
        e.ModelRefusedError,
        "filter",
        path=DEPLOYMENT,
    ),
    Row(
        "rate limit of the pricing tier",
        always(
            says(
                429,
                shapes.azure(
                    "Requests to the ChatCompletions_Create Operation under Azure OpenAI API "
                    "version 2024-10-21 have exceeded call rate limit of your current OpenAI S0 "
                    "pricing tier. Please retry after 86 seconds.",
                    "429",
                ),
                **{"retry-after": "86"},
            )
        ),
        e.RateLimitedError,
        path=DEPLOYMENT,
    ),
    Row(
        "rights missing (Entra ID)",
        always(
            says(
                401,
                shapes.azure(
                    "The principal `p` lacks the required data action to perform this operation.",
                    "PermissionDenied",
                ),
            )
        ),
        e.ModelUnauthorizedError,
        path=DEPLOYMENT,
    ),
    Row(
        "first event without choices",
        (
            lambda _: events(
                {"choices": [], "prompt_filter_results": [{"prompt_index": 0}]},
                *[chunk(content=piece) for piece in ('{"name": {"value": "Ana Ruiz", ',)],
                chunk(
                    content='"quote": "I am Ana Ruiz"}, "skills": [{"value": "SQL", "quote": '
                    '"I write SQL"}]}'
                ),
                chunk("stop"),
            ),
        ),
        path=DEPLOYMENT,
    ),
    Row(
        "firewall of the virtual network",
        always(
            says(
                403,
                shapes.azure("Access denied due to Virtual Network/Firewall rules.", "403"),
            )
        ),
        e.ModelUnauthorizedError,
        "firewall",
        path=DEPLOYMENT,
    ),
    Row(
        "output limit",
        (
            output_over(
                4096,
                says(
                    400,
                    shapes.openai(
                        "max_tokens is too large: 8000. This model supports at most 4096 "
                        "completion tokens, whereas you provided 8000.",
                        None,
                        None,
                        param="max_tokens",
                    ),
                ),
            ),
            answers(),
        ),
        path=DEPLOYMENT,
        requests=2,
    ),
)

GROQ = (
    Row("normal answer", (answers(),)),
    Row(
        "model without json_schema",
        (
            where(
                "response_format.type",
                says(
                    400,
                    shapes.openai(
                        "This model does not support response format `json_schema`. See supported "
                        "models at https://console.groq.com/docs/structured-outputs"
                    ),
                ),
                "json_schema",
            ),
            answers(),
        ),
    ),
    Row(
        "JSON mode does not stream",
        (
            where(
                "response_format.type",
                says(400, shapes.openai("response_format `json_schema` is not supported")),
                "json_schema",
            ),
            lambda request: (
                says(400, shapes.openai("response_format` does not support streaming"))
                if request.body["stream"] and "response_format" in request.body
                else None
            ),
            answers(),
        ),
    ),
    Row(
        "JSON that failed to validate, then the answer",
        (
            where(
                "response_format.type",
                says(
                    400,
                    shapes.openai(
                        "Failed to generate JSON. Please adjust your prompt. See "
                        "'failed_generation' for more details.",
                        code="json_validate_failed",
                        failed_generation='{"name": Ana',
                    ),
                ),
                "json_schema",
            ),
            answers(),
        ),
    ),
    Row(
        "JSON that never validates",
        always(
            says(
                400,
                shapes.openai(
                    "Failed to validate JSON. Please adjust your prompt.",
                    code="json_validate_failed",
                    failed_generation="",
                ),
            )
        ),
        e.InvalidOutputError,
        MODEL,
    ),
    Row(
        "output limit of the model",
        (
            output_over(
                1024,
                says(
                    400,
                    shapes.openai(
                        "`max_tokens` must be less than or equal to `1024`, the maximum value for "
                        "`max_tokens` is less than the `context_window` for this model",
                        param="max_tokens",
                    ),
                ),
            ),
            answers(),
        ),
        requests=2,
    ),
    Row(
        "request larger than the tokens per minute (413)",
        always(
            says(
                413,
                shapes.openai(
                    "Request too large for model `m` in organization `o` service tier `on_demand` "
                    "on tokens per minute (TPM): Limit 6000, Requested 9850, please reduce your "
                    "message size and try again.",
                    "tokens",
                    "rate_limit_exceeded",
                ),
            )
        ),
        e.TextTooLongError,
        f"6,000 tokens a minute.*{MAX}",
    ),
    Row(
        "day's limit",
        always(
            says(
                429,
                shapes.openai(
                    "Rate limit reached for model `m` on tokens per day (TPD): Limit 100000, Used "
                    "99930, Requested 1200. Please try again in 16m17s.",
                    "tokens",
                    "rate_limit_exceeded",
                ),
            )
        ),
        e.RateLimitedError,
        "day",
    ),
    Row(
        "rate limit",
        always(
            says(
                429,
                shapes.openai(
                    "Rate limit reached for model `m` on requests per minute (RPM): Limit 30.",
                    "requests",
                    "rate_limit_exceeded",
                ),
            )
        ),
        e.RateLimitedError,
    ),
    Row(
        "wrong key",
        always(says(401, shapes.openai("Invalid API Key", code="invalid_api_key"))),
        e.ModelUnauthorizedError,
        KEY,
    ),
    Row(
        "withdrawn model",
        always(
            says(
                400,
                shapes.openai(
                    "The model `m` has been decommissioned and is no longer supported.",
                    code="model_decommissioned",
                ),
            )
        ),
        e.ModelNotFoundError,
        "no longer",
    ),
    Row(
        "unknown model",
        always(
            says(
                404,
                shapes.openai(
                    "The model `m` does not exist or you do not have access to it.",
                    code="model_not_found",
                ),
            )
        ),
        e.ModelNotFoundError,
        MODEL,
    ),
    Row(
        "flex tier at capacity (498)",
        always(says(498, shapes.openai("Flex tier capacity exceeded", "capacity"))),
        e.ModelServerError,
        "overloaded",
    ),
    Row(
        "over capacity",
        always(
            says(
                503,
                shapes.openai(
                    "m is currently over capacity. Please try again.", "internal_server_error"
                ),
            )
        ),
        e.ModelServerError,
    ),
    Row(
        "spend limit",
        always(
            says(
                400,
                shapes.openai(
                    "Your organization has reached its configured spend limit.",
                    code="blocked_api_access",
                ),
            )
        ),
        e.QuotaExceededError,
        "budget",
    ),
)


def _only(*known: str) -> object:
    """Mistral knows no other options than these."""

    def rule(request: Request) -> object:
        extra = [name for name in request.body if name not in known]
        details = [("extra_forbidden", name, "Extra inputs are not permitted") for name in extra]
        return says(422, shapes.mistral(*details)) if details else None

    return rule


_MISTRAL_KNOWS = ("model", "messages", "stream", "max_tokens", "temperature", "response_format")

MISTRAL = (
    Row(
        "normal answer, no stream_options, no seed", (_only(*_MISTRAL_KNOWS), answers()), requests=2
    ),
    Row(
        "the same, the detail as JSON in a string",
        (
            where(
                "stream_options",
                says(
                    422,
                    shapes.mistral_flat(
                        '{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],'
                        '"msg":"Extra inputs are not permitted","input":{"include_usage":true}}]}',
                        "1000",
                        "internal_error_proxy",
                    ),
                ),
            ),
            answers(),
        ),
    ),
    Row(
        "usage in the last event without being asked",
        (
            _only(*_MISTRAL_KNOWS),
            lambda _: events(
                chunk(content='{"name": {"value": "Ana Ruiz", "quote": "I am Ana Ruiz"},'),
                chunk(content='"skills": [{"value": "SQL", "quote": "I write SQL"}]}'),
                chunk("stop") | {"usage": {"prompt_tokens": 7, "completion_tokens": 9}},
            ),
        ),
    ),
    Row(
        "reasoning model: content as a list of parts",
        (
            answers(
                [
                    {"type": "thinking", "thinking": [{"type": "text", "text": "Let me see {"}]},
                    {
                        "type": "text",
                        "text": '{"name": {"value": "Ana Ruiz", "quote": "I am Ana Ruiz"}, '
                        '"skills": [{"value": "SQL", "quote": "I write SQL"}]}',
                    },
                ]
            ),
        ),
    ),
    Row(
        "wrong key",
        always(says(401, {"detail": "Unauthorized"})),
        e.ModelUnauthorizedError,
        KEY,
    ),
    Row(
        "wrong key, the older form",
        always(says(401, {"message": "Unauthorized", "request_id": "1"})),
        e.ModelUnauthorizedError,
        KEY,
    ),
    Row(
        "unknown model",
        always(says(400, shapes.mistral_flat("Invalid model: m", "1500", "invalid_model"))),
        e.ModelNotFoundError,
        MODEL,
    ),
    Row(
        "text too long",
        always(
            says(
                400,
                shapes.mistral_flat(
                    "Prompt contains 40120 tokens and 0 draft tokens, too large for model with "
                    "32768 maximum context length",
                    "3051",
                    "invalid_request_prompt",
                ),
            )
        ),
        e.TextTooLongError,
        "32,768 tokens: text and instructions take 40,120",
    ),
    Row(
        "context full while answering (model_length)",
        (answers('{"name": {"value"', finish="model_length"),),
        e.TextTooLongError,
        "before its answer was complete",
    ),
    Row(
        "rate limit",
        always(
            says(
                429,
                shapes.mistral_flat("Requests rate limit exceeded", "1300", "rate_limited"),
            )
        ),
        e.RateLimitedError,
    ),
    Row(
        "capacity of the tier",
        always(
            says(
                429,
                shapes.mistral_flat(
                    "Service tier capacity exceeded for this model.",
                    "3505",
                    "service_tier_capacity_exceeded",
                ),
            )
        ),
        e.ModelServerError,
        "overloaded",
    ),
    Row(
        "payment required",
        always(says(402, {"detail": "Payment required"})),
        e.QuotaExceededError,
        "billing",
    ),
    Row(
        "options checked one after another",
        (
            where(
                "seed",
                says(
                    422,
                    shapes.mistral(("extra_forbidden", "seed", "Extra inputs are not permitted")),
                ),
            ),
            where(
                "stream_options",
                says(
                    422,
                    shapes.mistral(
                        ("extra_forbidden", "stream_options", "Extra inputs are not permitted")
                    ),
                ),
            ),
            answers(),
        ),
        requests=3,
    ),
    Row(
        "server fault as a web page",
        always(
            says(
                503, "<html><head><title>503 Service Temporarily Unavailable</title></head></html>"
            )
        ),
        e.ModelServerError,
    ),
)

GEMINI = (
    Row("normal answer", (answers(),), path="/v1beta/openai"),
    Row(
        "schema with too many states",
        (
            where(
                "response_format.type",
                says(
                    400,
                    shapes.gemini(
                        "The specified schema produces a constraint that has too many states for "
                        "serving.",
                        400,
                        "INVALID_ARGUMENT",
                    ),
                ),
                "json_schema",
            ),
            answers(),
        ),
        path="/v1beta/openai",
    ),
    Row(
        "schema refused without saying why",
        (
            where(
                "response_format.type",
                says(
                    400,
                    shapes.gemini("Request contains an invalid argument.", 400, "INVALID_ARGUMENT"),
                ),
                "json_schema",
            ),
            answers(),
        ),
        path="/v1beta/openai",
    ),
    Row(
        "unknown option",
        (
            where(
                "seed",
                says(
                    400,
                    shapes.gemini(
                        'Invalid JSON payload received. Unknown name "seed": Cannot find field.',
                        400,
                        "INVALID_ARGUMENT",
                    ),
                ),
            ),
            answers(),
        ),
        path="/v1beta/openai",
        requests=2,
    ),
    Row(
        "output limit of the model",
        (
            output_over(
                1999,
                says(
                    400,
                    shapes.gemini(
                        "Unable to submit request because it has a maxOutputTokens value of 8000 "
                        "but the supported range is from 1 (inclusive) to 2000 (exclusive).",
                        400,
                        "INVALID_ARGUMENT",
                    ),
                ),
            ),
            answers(),
        ),
        path="/v1beta/openai",
        requests=2,
    ),
    Row(
        "wrong key",
        always(
            says(
                400,
                shapes.gemini(
                    "API key not valid. Please pass a valid API key.",
                    400,
                    "INVALID_ARGUMENT",
                    "API_KEY_INVALID",
                ),
            )
        ),
        e.ModelUnauthorizedError,
        KEY,
        path="/v1beta/openai",
    ),
    Row(
        "no key",
        always(
            says(
                401,
                shapes.gemini(
                    "Request had invalid authentication credentials.", 401, "UNAUTHENTICATED"
                ),
            )
        ),
        e.ModelUnauthorizedError,
        "wants a key.*OPENAI_API_KEY",
        path="/v1beta/openai",
        key=None,
    ),
    Row(
        "unknown model",
        always(
            says(
                404,
                shapes.gemini(
                    "models/m is not found for API version v1main, or is not supported for "
                    "generateContent.",
                    404,
                    "NOT_FOUND",
                ),
            )
        ),
        e.ModelNotFoundError,
        MODEL,
        path="/v1beta/openai",
    ),
    Row(
        "place not supported",
        always(
            says(
                400,
                shapes.gemini(
                    "User location is not supported for the API use.", 400, "FAILED_PRECONDITION"
                ),
            )
        ),
        e.ModelUnauthorizedError,
        "place",
        path="/v1beta/openai",
    ),
    Row(
        "limit of the free tier",
        always(
            says(
                429,
                shapes.gemini(
                    "You exceeded your current quota, please check your plan and billing details. "
                    "Please retry in 37.2s.",
                    429,
                    "RESOURCE_EXHAUSTED",
                ),
            )
        ),
        e.RateLimitedError,
        path="/v1beta/openai",
    ),
    Row(
        "text too long",
        always(
            says(
                400,
                shapes.gemini(
                    "The input token count (1200345) exceeds the maximum number of tokens allowed "
                    "(1048576).",
                    400,
                    "INVALID_ARGUMENT",
                ),
            )
        ),
        e.TextTooLongError,
        "1,048,576 tokens: text and instructions take 1,200,345",
        path="/v1beta/openai",
    ),
    Row(
        "overloaded",
        always(
            says(
                503,
                shapes.gemini(
                    "The model is overloaded. Please try again later.", 503, "UNAVAILABLE"
                ),
            )
        ),
        e.ModelServerError,
        "overloaded",
        path="/v1beta/openai",
    ),
    Row(
        "answer blocked",
        (answers(None, finish="content_filter: SAFETY"),),
        e.ModelRefusedError,
        path="/v1beta/openai",
    ),
    Row(
        "error as JSON in the message",
        always(
            says(
                400,
                {
                    "error": {
                        "message": '{"error": {"code": 400, "message": "API key not valid. Please '
                        'pass a valid API key.", "status": "INVALID_ARGUMENT"}}',
                        "code": 400,
                        "status": "Bad Request",
                    }
                },
            )
        ),
        e.ModelUnauthorizedError,
        KEY,
        path="/v1beta/openai",
    ),
)

ANTHROPIC = (
    Row("normal answer", (answers(),)),
    Row(
        "response_format ignored: an answer with a remark and a fence",
        (
            answers(
                "Here is the persona:\n\n```json\n"
                '{"name": {"value": "Ana Ruiz", "quote": "I am Ana Ruiz"},\n'
                ' "skills": [{"value": "SQL", "quote": "I write SQL"}]}\n```\n\nAnything else?'
            ),
        ),
        requests=1,
    ),
    Row(
        "response_format refused",
        (
            where(
                "response_format.type",
                says(
                    400,
                    shapes.anthropic(
                        "response_format.json_schema.strict: Field required to be true; "
                        "output_format is not supported for this model",
                        "invalid_request_error",
                    ),
                ),
                "json_schema",
                "json_object",
            ),
            answers(),
        ),
    ),
    Row(
        "output limit of the model",
        (
            output_over(
                4096,
                says(
                    400,
                    shapes.anthropic(
                        "max_tokens: 8000 > 4096, which is the maximum allowed number of output "
                        "tokens for m",
                        "invalid_request_error",
                    ),
                ),
            ),
            answers(),
        ),
        requests=2,
    ),
    Row(
        "text too long",
        always(
            says(
                400,
                shapes.anthropic(
                    "prompt is too long: 210345 tokens > 200000 maximum", "invalid_request_error"
                ),
            )
        ),
        e.TextTooLongError,
        "200,000 tokens: text and instructions take 210,345",
    ),
    Row(
        "request too large",
        always(
            says(
                413,
                shapes.anthropic("Request exceeds the maximum size", "request_too_large"),
            )
        ),
        e.TextTooLongError,
    ),
    Row(
        "no credit",
        always(
            says(
                400,
                shapes.anthropic(
                    "Your credit balance is too low to access the Anthropic API. Please go to "
                    "Plans & Billing to upgrade or purchase credits.",
                    "invalid_request_error",
                ),
            )
        ),
        e.QuotaExceededError,
        "billing",
    ),
    Row(
        "wrong key",
        always(says(401, shapes.anthropic("invalid x-api-key", "authentication_error"))),
        e.ModelUnauthorizedError,
        KEY,
    ),
    Row(
        "key without the right",
        always(
            says(
                403,
                shapes.anthropic(
                    "Your API key does not have permission to use the specified resource.",
                    "permission_error",
                ),
            )
        ),
        e.ModelUnauthorizedError,
    ),
    Row(
        "unknown model",
        always(says(404, shapes.anthropic("model: m", "not_found_error"))),
        e.ModelNotFoundError,
        MODEL,
    ),
    Row(
        "rate limit",
        always(
            says(
                429,
                shapes.anthropic(
                    "This request would exceed your organization's rate limit of 40,000 input "
                    "tokens per minute.",
                    "rate_limit_error",
                ),
            )
        ),
        e.RateLimitedError,
    ),
    Row(
        "overloaded (529)",
        always(says(529, shapes.anthropic("Overloaded", "overloaded_error"))),
        e.ModelServerError,
        "overloaded",
    ),
    Row(
        "overloaded within the stream",
        always(events(shapes.anthropic("Overloaded", "overloaded_error"), event="error")),
        e.ModelServerError,
        "overloaded",
    ),
    Row(
        "refused answer",
        (answers("", finish="refusal"),),
        e.ModelRefusedError,
    ),
)

DEEPSEEK = (
    Row(
        "no json_schema",
        (
            where(
                "response_format.type",
                says(
                    400,
                    shapes.openai("This response_format type is unavailable now"),
                ),
                "json_schema",
            ),
            answers(),
        ),
    ),
    Row(
        "reasoning_content before the answer",
        (answers(reasoning_content="The text is about {Ana}."),),
        requests=1,
    ),
    Row(
        "output limit of the model",
        (
            output_over(
                4096,
                says(
                    400,
                    shapes.openai(
                        "Invalid max_tokens value, the valid range of max_tokens is [1, 4096]"
                    ),
                ),
            ),
            answers(),
        ),
        requests=2,
    ),
    Row(
        "text too long",
        always(
            says(
                400,
                shapes.openai(
                    "This model's maximum context length is 65536 tokens. However, you requested "
                    "80123 tokens (79123 in the messages, 1000 in the completion). Please reduce "
                    "the length of the messages or completion."
                ),
            )
        ),
        e.TextTooLongError,
        "65,536 tokens: text and instructions take 79,123",
    ),
    Row(
        "no credit",
        always(
            says(
                402, shapes.openai("Insufficient Balance", "unknown_error", "invalid_request_error")
            )
        ),
        e.QuotaExceededError,
        "billing",
    ),
    Row(
        "wrong key",
        always(
            says(
                401,
                shapes.openai(
                    "Authentication Fails, Your api key: ****1234 is invalid",
                    "authentication_error",
                    "invalid_request_error",
                ),
            )
        ),
        e.ModelUnauthorizedError,
        KEY,
    ),
    Row(
        "unknown model",
        always(says(400, shapes.openai("Model Not Exist", code="invalid_request_error"))),
        e.ModelNotFoundError,
        MODEL,
    ),
    Row(
        "content risk",
        always(says(400, shapes.openai("Content Exists Risk", code="invalid_request_error"))),
        e.ModelRefusedError,
        "filter",
    ),
    Row(
        "server busy",
        always(
            says(
                503,
                shapes.openai(
                    "Service is too busy. We advise users to switch.", "service_unavailable_error"
                ),
            )
        ),
        e.ModelServerError,
        "overloaded",
    ),
    Row(
        "stopped for lack of resources",
        (answers('{"name": ', finish="insufficient_system_resource"),),
        e.ModelServerError,
        "broke its answer off",
    ),
    Row(
        "keep-alive lines before the answer",
        (
            lambda _: events(
                chunk(content='{"name": {"value": "Ana Ruiz", "quote": "I am Ana Ruiz"},'),
                chunk(content='"skills": [{"value": "SQL", "quote": "I write SQL"}]}'),
                chunk("stop"),
            ),
        ),
    ),
    Row(
        "context full for a long text: read in parts",
        (
            prompt_over(
                3000,
                lambda context, prompt: says(
                    400,
                    shapes.openai(
                        f"This model's maximum context length is {context} tokens. However, your "
                        f"messages resulted in {prompt} tokens."
                    ),
                ),
            ),
            answers(),
        ),
        text=LONG_TEXT,
    ),
)
