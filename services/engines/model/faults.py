"""Faults of the model server in the terms of services/errors.py: the only place that knows both.

A server's own message may repeat the person's text or the key. It is looked into to tell the
fault, and never passed on: neither to the user nor into the log nor into a traceback.
"""

from __future__ import annotations

import json
import logging
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2
import openai

from services import errors

logger = logging.getLogger(__name__)

_BY_STATUS: dict[int, type[errors.GenerationError]] = {
    401: errors.ModelUnauthorizedError,
    402: errors.QuotaExceededError,
    403: errors.ModelUnauthorizedError,
    404: errors.ModelNotFoundError,
    408: errors.ModelTimeoutError,
    413: errors.TextTooLongError,
    429: errors.RateLimitedError,
}
_BY_CODE: dict[str, type[errors.GenerationError]] = {
    "content_filter": errors.ModelRefusedError,
    "content_policy_violation": errors.ModelRefusedError,
    "context_length_exceeded": errors.TextTooLongError,
    "insufficient_quota": errors.QuotaExceededError,
    "invalid_api_key": errors.ModelUnauthorizedError,
    "model_not_found": errors.ModelNotFoundError,
    "rate_limit_exceeded": errors.RateLimitedError,
}
_CONTEXT_WORDS = re.compile(r"context (?:length|size|window)|maximum context|too many tokens")
_CONTEXT_ADVICE = (
    "Your text is kept. Shorten it, lower OPENAI_MAX_OUTPUT_TOKENS, or use a model with a "
    "larger context."
)
_LIMIT_ADVICE = "Your text is kept. Lower OPENAI_MAX_OUTPUT_TOKENS to what the model allows."
_LIMIT_NAMES = ("max_tokens", "max_completion_tokens")
_PLAIN_CODE = re.compile(r"[a-z][a-z_]{1,39}")


@contextmanager
def translated_faults() -> Iterator[None]:
    """Turn every fault of the model server, its transport and its encoding into our own."""
    try:
        yield
    except openai.APIStatusError as error:
        raise _of_status(error) from None
    except (openai.APITimeoutError, httpx2.TimeoutException):
        raise _noted(errors.ModelTimeoutError()) from None
    except (openai.APIConnectionError, httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL):
        raise _noted(errors.ModelUnreachableError()) from None
    except openai.APIError as error:  # an error event in the middle of a stream
        fault = _by_code(error) or errors.ModelServerError
        raise _noted(fault(), code=error.code) from None
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise _noted(errors.InvalidOutputError()) from None
    except openai.OpenAIError:
        raise _noted(errors.ModelRequestError()) from None


def is_context_fault(error: openai.APIStatusError) -> bool:
    """Whether the server says that the text and the answer do not fit into the model's context."""
    if error.code == "context_length_exceeded" or error.status_code == 413:
        return True
    return error.status_code < 500 and bool(_CONTEXT_WORDS.search(error.message.lower()))


def complaint_of(error: openai.APIStatusError) -> str:
    """What a refusal names, for finding the option it is about. Not for people's eyes."""
    return f"{error.param} {error.code} {error.message}"


def _of_status(error: openai.APIStatusError) -> errors.GenerationError:
    wait = retry_after(error.response.headers)
    fault = _class_of(error)
    advice = None
    if is_context_fault(error):
        advice = _CONTEXT_ADVICE
    elif fault is errors.ModelRequestError and _names_limit(error):
        advice = _LIMIT_ADVICE
    return _noted(fault(advice=advice, retry_after=wait), error.status_code, error.code)


def _class_of(error: openai.APIStatusError) -> type[errors.GenerationError]:
    if is_context_fault(error):
        return errors.TextTooLongError
    if error.status_code >= 500:
        return errors.ModelServerError
    return _by_code(error) or _BY_STATUS.get(error.status_code, errors.ModelRequestError)


def _by_code(error: openai.APIError) -> type[errors.GenerationError] | None:
    return _BY_CODE.get(str(error.code)) or _BY_CODE.get(str(error.type))


def _names_limit(error: openai.APIStatusError) -> bool:
    return any(name in complaint_of(error) for name in _LIMIT_NAMES)


def retry_after(headers: httpx2.Headers) -> float | None:
    """Seconds the server asks us to wait (RFC 9110: seconds or a date), None if it does not say."""
    value = headers.get("retry-after", "")
    try:
        seconds = float(value)
    except ValueError:
        seconds = _seconds_until(value)
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _seconds_until(date: str) -> float:
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return math.nan
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _noted(
    fault: errors.GenerationError, status: int | None = None, code: str | None = None
) -> errors.GenerationError:
    plain = code if code and _PLAIN_CODE.fullmatch(code) else None
    logger.warning("model server: %s (status %s, code %s)", fault.kind, status, plain)
    return fault
