"""From a complaint to our fault, its advice naming the setting that helps and the value to set."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from services import errors
from services.engines.model.faults.complaint import Complaint
from services.engines.model.faults.limits import Limits, limits_in
from services.engines.model.faults.table import (
    CONTEXT,
    CREDIT,
    LARGER_CONTEXT,
    MALFORMED,
    OUTPUT_LIMIT,
    TABLE,
    Row,
)
from services.errors.generation import KEPT

_WORTH_SAYING = 15.0  # seconds
_NO_KEY = "The model server wants a key."


@dataclass(frozen=True)
class Asked:
    """What was asked of whom: for advice that names the value to set."""

    model: str = ""
    base_url: str = ""
    limit: int = 0
    with_key: bool = True


NOBODY = Asked()


def is_about_context(complaint: Complaint) -> bool:
    """Whether text and answer do not fit into the model's context, or the request is too large."""
    if complaint.status in (401, 402) or CREDIT.fits(complaint):
        return False
    return complaint.status == 413 or CONTEXT.fits(complaint)


def is_about_output_limit(complaint: Complaint) -> bool:
    """Whether the server finds the output limit too high, whatever the text."""
    return OUTPUT_LIMIT.fits(complaint) and not is_about_context(complaint)


def fault_of(
    complaint: Complaint, asked: Asked, retry_after: float | None
) -> errors.GenerationError:
    """Our fault for a refusal that nothing could be done about."""
    limits = limits_in(complaint.words)
    if MALFORMED.fits(complaint):
        return errors.InvalidOutputError(retry_after=retry_after)
    if is_about_context(complaint):
        return _context_fault(limits, complaint, retry_after)
    row = next((row for row in TABLE if row.fits(complaint)), None) or _by_status(complaint)
    if row.fault is errors.ModelRequestError and is_about_output_limit(complaint):
        row = OUTPUT_LIMIT
    problem = _NO_KEY if _lacks_key(row, asked) else row.problem
    return row.fault(problem, _advice(row, limits, asked, retry_after), retry_after=retry_after)


def _lacks_key(row: Row, asked: Asked) -> bool:
    return row.fault is errors.ModelUnauthorizedError and not row.problem and not asked.with_key


def _by_status(complaint: Complaint) -> Row:
    if complaint.status is None or complaint.status >= 500:
        return Row(errors.ModelServerError)
    return Row(errors.ModelRequestError)


def _pause(seconds: float) -> str:
    minutes = math.ceil(seconds / 60)
    return f"{minutes} minutes" if minutes > 1 else f"{math.ceil(seconds)} seconds"


def _advice(row: Row, limits: Limits, asked: Asked, retry_after: float | None) -> str | None:
    if row is OUTPUT_LIMIT:
        value = f"to {limits.output} or less" if limits.output else "to what the model allows"
        return f"{KEPT}Set OPENAI_MAX_OUTPUT_TOKENS {value} and restart."
    if row.fault is errors.QuotaExceededError and limits.affordable:
        return (
            f"{KEPT}Add credit there, or set OPENAI_MAX_OUTPUT_TOKENS to {limits.affordable} or "
            "less: that much the account can pay."
        )
    if _lacks_key(row, asked):
        return f"{KEPT}Set OPENAI_API_KEY and restart."
    if row.fault is errors.RateLimitedError and retry_after and retry_after > _WORTH_SAYING:
        return f"{KEPT}The server asks to wait {_pause(retry_after)}; run it again then."
    if row.advice is None:
        return None
    return row.advice.format(
        model=asked.model, base_url=asked.base_url, suggested=_suggested(asked.base_url)
    )


def _suggested(base_url: str) -> str:
    """The address that is most likely meant."""
    base = base_url.partition("?")[0].rstrip("/")
    if re.search(r"/v\d[a-z]*(?:/openai)?$", base) or not base:
        return "the address that the server's documentation gives, mostly ending in /v1"
    return f"{base}/v1"


def _context_fault(
    limits: Limits, complaint: Complaint, retry_after: float | None
) -> errors.GenerationError:
    if re.search(r"tokens per (?:minute|day)|\(i?tp[md]\)", complaint.words):
        share = f" of {limits.context:,} tokens" if limits.context else ""
        return errors.TextTooLongError(
            f"The text alone exceeds the account's limit{share} a minute.",
            f"{KEPT}Lower OPENAI_MAX_OUTPUT_TOKENS, which counts too, shorten the text, or raise "
            "the limit at the server.",
            retry_after=retry_after,
        )
    size = f" of {limits.context:,} tokens" if limits.context else ""
    need = f": text and instructions take {limits.prompt:,}" if limits.prompt else ""
    return errors.TextTooLongError(
        f"The text does not fit into the model's context{size}{need}.",
        f"{KEPT}Shorten it, {LARGER_CONTEXT}, or set OPENAI_MODEL to one with a larger context.",
    )
