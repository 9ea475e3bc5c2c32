"""Faults of the way to the model server in our terms; what a server says is openai_fault_table.py.

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
from services.engines.model.faults.advice import NOBODY, Asked, fault_of
from services.engines.model.faults.complaint import Complaint, complaint_of
from services.engines.stopping import Stop, StoppedError

logger = logging.getLogger(__name__)

_SILENCE = Complaint()
_PLAIN_CODE = re.compile(r"[a-z][a-z_]{1,39}")


@contextmanager
def translated_faults(asked: Asked = NOBODY, stop: Stop | None = None) -> Iterator[None]:
    """Turn every fault of the model server, its transport and its encoding into our own.

    A connection that was shut because of `stop` is no fault: StoppedError.
    """
    try:
        yield
    except (openai.OpenAIError, httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL) as error:
        if stop is not None and stop.is_set():
            raise StoppedError from None
        raise _translated(error, asked) from None
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise _noted(errors.InvalidOutputError()) from None
    except errors.GenerationError:
        if stop is not None and stop.is_set():  # an answer that was cut by it looks like its end
            raise StoppedError from None
        raise


def _translated(error: Exception, asked: Asked) -> errors.GenerationError:
    if isinstance(error, openai.APITimeoutError | httpx2.TimeoutException):
        return _noted(errors.ModelTimeoutError())
    if isinstance(error, openai.APIConnectionError):
        return _noted(errors.ModelUnreachableError())
    if isinstance(error, openai.APIError) and (complaint := complaint_of(error)):
        return _noted(fault_of(complaint, asked, _pause_asked(error)), complaint)
    if isinstance(error, openai.OpenAIError):
        return _noted(errors.ModelRequestError())
    return _noted(errors.ModelUnreachableError())


def _pause_asked(error: openai.APIError) -> float | None:
    return retry_after(error.response.headers) if isinstance(error, openai.APIStatusError) else None


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
    fault: errors.GenerationError, complaint: Complaint = _SILENCE
) -> errors.GenerationError:
    codes = sorted(code for code in complaint.codes if _PLAIN_CODE.fullmatch(code))
    logger.warning(
        "model server: %s (status %s, codes %s)", fault.kind, complaint.status, codes[:3]
    )
    return fault
