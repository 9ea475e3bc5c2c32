"""One table from what a model server says to our fault, and to the advice that helps.

The first row that fits counts. A row fits if the status is one of its own (any, if it has none) and
a code or the words are too (if it has any). Words and codes are in lower case. Nothing a server
says gets into a message but figures.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from services import errors
from services.engines.model.faults.complaint import Complaint
from services.errors.generation import KEPT

Fault = type[errors.GenerationError]
LARGER_CONTEXT = (
    "give the model a larger context at its server (Ollama: OLLAMA_CONTEXT_LENGTH, vLLM: "
    "--max-model-len, llama.cpp: --ctx-size, LM Studio: Context Length)"
)


@dataclass(frozen=True)
class Row:
    """What a complaint looks like, and what it means. None: the text of the fault's class."""

    fault: Fault
    statuses: tuple[int | None, ...] = ()
    codes: tuple[str, ...] = ()
    words: str = ""
    problem: str | None = None
    advice: str | None = None

    def fits(self, complaint: Complaint) -> bool:
        if self.statuses and complaint.status not in self.statuses:
            return False
        if not self.codes and not self.words:
            return True
        named = not complaint.codes.isdisjoint(self.codes)
        return named or bool(self.words and re.search(self.words, complaint.words))


CONTEXT = Row(
    errors.TextTooLongError,
    codes=(
        "context_length_exceeded",
        "context_window_exceeded",
        "exceed_context_size_error",
        "string_above_max_length",
        "request_too_large",
        "model_max_prompt_tokens_exceeded",
    ),
    words=(
        r"context[ _](?:length|size|window)|maximum context|too many (?:input )?tokens|n_ctx"
        r"|prompt is too long|input token count|max_new_tokens`? must be <=|tokens to keep"
        r"|must have less than \d+ tokens|too large for model|must be at least 1, got -"
        r"|context the overflows|maximum input length|max_model_len|input (?:is )?too long"
        r"|prompt \(length \d+\)|tokens? limit exceeded|request too large for"
    ),
)
OUTPUT_LIMIT = Row(
    errors.ModelRequestError,
    statuses=(400, 404, 422, 500, None),
    words=r"max_(?:completion_)?tokens|max_new_tokens|max_output_tokens|output tokens",
    problem="The model may not answer as long as OPENAI_MAX_OUTPUT_TOKENS says.",
)
MALFORMED = Row(
    errors.InvalidOutputError,
    statuses=(400, 422, 500, None),
    codes=("json_validate_failed", "tool_use_failed", "invalid_model_output"),
    words=(
        r"failed to (?:generate|validate) json|json_validate_failed|failed_generation"
        r"|failed to parse (?:the )?(?:model )?(?:output|response|input at pos)|model output error"
    ),
)

CREDIT = Row(
    errors.QuotaExceededError,
    statuses=(400, 402, 403, 429, None),
    codes=(
        "insufficient_quota",
        "insufficient_balance",
        "insufficient_credits",
        "billing_hard_limit_reached",
        "billing_not_active",
        "payment_required",
        "billing_error",
        "arrearage",
    ),
    words=(
        r"insufficient[ _](?:balance|credits?|quota|funds)|credit balance is too low"
        r"|(?:no|more|out of) credits?\b|exceeded your current quota|billing details"
        r"|account is (?:not active|in arrears|overdue)|payment required"
    ),
)

_WRONG_ADDRESS = "Nothing answers chat completions at this address."
_RIGHT_ADDRESS = KEPT + "Set OPENAI_BASE_URL to {suggested} and restart."

TABLE: tuple[Row, ...] = (
    Row(
        errors.RateLimitedError,
        statuses=(429, None),
        words=r"please retry in \d|requests? per minute|\((?:rpm|tpm)\)(?!.*request too large)",
        advice=KEPT
        + "Wait a minute and run it again; if it happens often, lower GENERATION_WORKERS.",
    ),
    Row(
        errors.QuotaExceededError,
        codes=("budget_exceeded", "budget_exceeded_error"),
        words=(
            r"budget has been exceeded|exceeded ?budget|over budget|crossed budget"
            r"|spend(?:ing)? limit|key limit exceeded|monthly limit|budget limit"
        ),
        problem="The budget of this key at the model server is used up.",
        advice=KEPT + "Waiting does not help: raise the key's budget there (LiteLLM: max_budget), "
        "or set another OPENAI_API_KEY and restart.",
    ),
    CREDIT,
    Row(errors.QuotaExceededError, statuses=(402,)),
    Row(errors.BatchExpiredError, codes=("batch_expired",)),
    Row(
        errors.BatchExpiredError,
        codes=("batch_cancelled",),
        problem="The batch at the model server was cancelled before it came to this text.",
    ),
    Row(
        errors.RateLimitedError,
        codes=("token_limit_exceeded",),
        words=r"enqueued token limit",
        problem="The model server has as many texts of this account waiting as it takes.",
        advice=KEPT + "The rest is sent by itself when those are done.",
    ),
    Row(
        errors.ModelRefusedError,
        codes=(
            "content_filter",
            "content_policy_violation",
            "responsibleaipolicyviolation",
            "moderation_blocked",
            "prohibited_content",
            "sensitive_words_detected",
            "data_inspection_failed",
            "safety",
        ),
        words=(
            r"content[ _](?:management )?(?:policy|filter)|contentpolicyviolation|\bmoderation\b"
            r"|(?:was|been|input) flagged|content exists risk|safety (?:system|filter|settings?)"
            r"|prohibited_content|inappropriate content|usage policies"
        ),
        problem="The model server's content filter does not let this text pass.",
        advice=KEPT + "Shorten or rephrase it, relax the filter at the server, or choose the "
        "offline engine.",
    ),
    Row(
        errors.ModelUnauthorizedError,
        codes=("unsupported_country_region_territory",),
        words=(
            r"location is not supported|country, region, or territory not supported"
            r"|free tier is not available"
        ),
        problem="The model server does not serve the place this machine is in.",
        advice=KEPT + "Use a server that does (OPENAI_BASE_URL), or the offline engine.",
    ),
    Row(
        errors.ModelUnauthorizedError,
        statuses=(401, 403),
        codes=("key_model_access_denied", "team_model_access_denied", "model_access_denied"),
        words=(
            r"(?:not allowed|not have access|no access|not have permission|not authorized"
            r"|not entitled) (?:to )?.{0,60}(?:model|deployment|project)|can only access models"
        ),
        problem="The key may not use this model.",
        advice=KEPT + "Let the key use {model} at the server, or set OPENAI_MODEL to one it may "
        "use, and restart.",
    ),
    Row(
        errors.ModelUnauthorizedError,
        statuses=(401,),
        words=r"wrong api endpoint",
        problem="The model server refuses the key at this address.",
        advice=KEPT + "Key and address have to belong to the same resource: correct "
        "OPENAI_API_KEY or OPENAI_BASE_URL and restart.",
    ),
    Row(
        errors.ModelUnauthorizedError,
        statuses=(400, 401, 403, 500, None),
        codes=(
            "invalid_api_key",
            "api_key_invalid",
            "authentication_error",
            "invalid_authentication",
            "unauthenticated",
            "unauthorized",
            "auth_error",
        ),
        words=(
            r"api[ _-]?key (?:not|is|was|has)? ?(?:not )?(?:valid|invalid|missing|expired|required)"
            r"|(?:invalid|incorrect|wrong|missing|no|expired|unregistered) (?:x-)?api[ _-]?key"
            r"|no auth credentials|invalid (?:bearer |proxy server )?token|user not found"
            r"|authentication (?:fails|failed|error)|access token is (?:missing|invalid)"
        ),
    ),
    Row(errors.ModelUnauthorizedError, statuses=(401,)),
    Row(
        errors.ModelNotFoundError,
        codes=("deploymentnotfound", "deployment_not_found"),
        words=r"deployment for this resource does not exist",
        problem="The Azure resource has no deployment of this name.",
        advice=KEPT + "Set OPENAI_MODEL (or the name in OPENAI_BASE_URL) to the name of the "
        "deployment, not of the model, and restart. A new deployment needs some minutes.",
    ),
    Row(
        errors.ModelNotFoundError,
        words=r"try pulling it",
        problem="The model is not on the model server.",
        advice=KEPT + "Pull it there (ollama pull {model}), or set OPENAI_MODEL to one it has.",
    ),
    Row(
        errors.ModelNotFoundError,
        codes=("no_models_loaded",),
        words=r"no models? (?:is |are )?loaded|model (?:is )?not loaded|please load a model",
        problem="The model server has no model loaded.",
        advice=KEPT + "Load {model} there (LM Studio: Developer page, or `lms load`), and run it "
        "again.",
    ),
    Row(
        errors.ModelNotFoundError,
        codes=("model_decommissioned", "model_deprecated"),
        words=(
            r"has been (?:decommissioned|deprecated|retired|shut down)|is retired"
            r"|no longer (?:supported|available)"
        ),
        problem="The model server no longer has this model.",
        advice=KEPT + "Set OPENAI_MODEL to one of its present models and restart.",
    ),
    Row(
        errors.ModelNotFoundError,
        statuses=(400, 403, 404, 422, 500, 503, None),
        codes=("model_not_found", "model_not_exist", "invalid_model", "not_found_error"),
        words=(
            r"model [^ ]{0,120} ?(?:was )?(?:not found|does not exist|not exist|is not found)"
            r"|model (?:not|does not) (?:found|exist)|no such model|invalid model|unknown model"
            r"|not a valid model|model_not_found|no endpoints found for|models?/[^ ]+ is not found"
            r"|there are no healthy deployments|no matching (?:model|route)"
            r"|the model .{0,120} (?:does not exist|is not available|not found)"
        ),
        problem="The model server does not know this model.",
        advice=KEPT + "Set OPENAI_MODEL to a name as the server lists it ({base_url}/models) and "
        "restart.",
    ),
    Row(
        errors.ModelNotFoundError,
        words=r"unexpected endpoint or method",
        problem=_WRONG_ADDRESS,
        advice=_RIGHT_ADDRESS,
    ),
    Row(
        errors.ModelNotFoundError,
        statuses=(404, 405),
        problem=_WRONG_ADDRESS,
        advice=_RIGHT_ADDRESS,
    ),
    Row(
        errors.ModelRequestError,
        words=(
            r"requires more system memory|out of memory|insufficient (?:memory|resource)"
            r"|cudamalloc|failed to (?:load|allocate)|process has terminated|error loading model"
        ),
        problem="The model server cannot load this model: it lacks the memory, or the file is "
        "broken.",
        advice=KEPT + "Set OPENAI_MODEL to a smaller model, or lower the model's context at the "
        "server.",
    ),
    Row(
        errors.ModelServerError,
        words=(
            r"loading model|(?:is|currently|still) loading|model is (?:starting|not ready)"
            r"|warming up"
        ),
        problem="The model server is still loading the model.",
        advice=KEPT + "Run it again in a minute.",
    ),
    Row(
        errors.ModelServerError,
        statuses=(400, 408, 429, 498, 500, 502, 503, 529, None),
        codes=("overloaded_error", "overloaded", "engine_overloaded", "engine_overloaded_error"),
        words=(
            r"overloaded|(?:at|over) capacity|capacity (?:exceeded|reached)|queue is full|too busy"
            r"|server (?:is )?busy|no (?:free )?slots?|experiencing high (?:demand|load)"
        ),
        problem="The model server is overloaded.",
        advice=KEPT + "Run it again in a few minutes; if it happens often, lower "
        "GENERATION_WORKERS.",
    ),
    Row(
        errors.RateLimitedError,
        statuses=(429, None),
        words=r"per day|\((?:rpd|tpd)\)|daily|free-models-per-day",
        problem="The day's limit at the model server is used up.",
        advice=KEPT + "Run it again tomorrow, or raise the limit at the server.",
    ),
    Row(errors.RateLimitedError, statuses=(429, 498)),
    Row(
        errors.RateLimitedError,
        statuses=(400, 403, 500, 503, None),
        codes=(
            "rate_limit_exceeded",
            "rate_limit_error",
            "resource_exhausted",
            "ratelimitreached",
        ),
        words=r"rate[ _]limit|too many requests|throttl",
    ),
    Row(
        errors.ModelUnauthorizedError,
        statuses=(403,),
        problem="The model server, or a firewall before it, refuses the request.",
        advice=KEPT + "See that OPENAI_API_KEY may use {model}, and that the network lets requests "
        "to OPENAI_BASE_URL pass.",
    ),
    Row(
        errors.ModelTimeoutError,
        statuses=(408, 500, 504, 524, None),
        codes=("timeout", "request_timeout", "deadline_exceeded"),
        words=r"timed? ?out|deadline exceeded",
        problem="The model server gave up waiting for its model.",
        advice=KEPT + "Run it again; if it stays, use a faster model or a shorter text.",
    ),
    Row(errors.ModelTimeoutError, statuses=(408, 504, 524)),
    Row(
        errors.ModelServerError,
        words=r"has crashed|failed during generation|compute error|enginecore|engine is dead",
        problem="The model crashed at its server.",
        advice=KEPT + "Run it again. If it stays, see the server's log: a smaller model or context "
        "often helps.",
    ),
    Row(
        errors.ModelServerError,
        statuses=(500, 502, 503),
        words=r"bad gateway|service (?:temporarily )?unavailable|provider returned|connect",
        problem="The model behind the server does not answer.",
        advice=KEPT + "See whether the model itself runs, and run it again in a few minutes.",
    ),
    Row(
        errors.ModelRequestError,
        statuses=(301, 302, 303, 307, 308),
        problem="The address of the model server leads elsewhere.",
        advice=KEPT
        + "Set OPENAI_BASE_URL to the address it leads to (https:// instead of http://, "
        "most often) and restart. A text is never sent on to an address that nobody set.",
    ),
)
