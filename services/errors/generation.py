"""Faults of a generation. Each has a `kind`, which is stored with the request."""

from __future__ import annotations

from typing import ClassVar

from services.errors.base import DashboardError

KEPT = "Your text is kept. "  # how an advice begins


class GenerationError(DashboardError):
    """A generation that produced nothing to save. `kind` is stored with the request."""

    kind: ClassVar[str] = "failed"
    default_problem = "The persona could not be generated."
    default_advice = "Your text is kept. Run it again."

    def __init__(
        self,
        problem: str | None = None,
        advice: str | None = None,
        *,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(problem, advice)
        self.retry_after = retry_after  # seconds the server asked us to wait, if it did

    @property
    def advice_without_text(self) -> str:
        """The advice where no text was given that could be kept."""
        return self.advice.removeprefix(KEPT)


class ModelRefusedError(GenerationError):
    kind = "refused"
    default_problem = "The model refused to work on this text."
    default_advice = "Your text is kept. Shorten or rephrase it, or use another engine."


class OutputTruncatedError(GenerationError):
    kind = "truncated"
    default_problem = "The model's answer was cut off at its output limit."
    default_advice = "Your text is kept. Raise OPENAI_MAX_OUTPUT_TOKENS or shorten the text."


class InvalidOutputError(GenerationError):
    kind = "invalid_output"
    default_problem = "The model's answer does not have the form that was asked for."
    default_advice = "Your text is kept. Run it again, or set OPENAI_MODEL to another model."


class NoClaimsError(GenerationError):
    kind = "no_claims"
    default_problem = "The model found nothing about a person in this text."
    default_advice = (
        "Your text is kept. If it is about a person, run it again, or set OPENAI_MODEL to a "
        "stronger model."
    )


class ModelUnauthorizedError(GenerationError):
    kind = "unauthorized"
    default_problem = "The model server refuses the key."
    default_advice = "Your text is kept. Correct OPENAI_API_KEY, restart, and run it again."


class ModelNotFoundError(GenerationError):
    kind = "model_not_found"
    default_problem = "The model server does not know this model or address."
    default_advice = "Your text is kept. Correct OPENAI_MODEL or OPENAI_BASE_URL and restart."


class RateLimitedError(GenerationError):
    kind = "rate_limited"
    default_problem = "The model server is getting too many requests."
    default_advice = "Your text is kept. Wait a little and run it again."


class QuotaExceededError(GenerationError):
    kind = "quota"
    default_problem = "The account at the model server has no credit left."
    default_advice = "Your text is kept. Waiting does not help: check the account's billing."


class ModelServerError(GenerationError):
    kind = "server_error"
    default_problem = "The model server has an internal error."
    default_advice = "Your text is kept. Run it again in a few minutes."


class ModelTimeoutError(GenerationError):
    kind = "timeout"
    default_problem = "The model did not answer in time."
    default_advice = "Your text is kept. Run it again, or raise OPENAI_TIMEOUT_SECONDS."


class ModelUnreachableError(GenerationError):
    kind = "unreachable"
    default_problem = "The connection to the model server failed or was cut."
    default_advice = "Your text is kept. Check OPENAI_BASE_URL and the network, and run it again."


class NoBatchesError(GenerationError):
    kind = "no_batches"
    default_problem = "The model server does not take files of questions (OpenAI's Batch API)."
    default_advice = (
        "Your texts are kept. Start the batch by single calls; docs/models.md names the servers "
        "that take files."
    )


class BatchExpiredError(GenerationError):
    kind = "expired"
    default_problem = "The model server did not come to this text within its 24 hours."
    default_advice = "Your text is kept. Run it again, by single calls if it is urgent."


class OverReserveError(GenerationError):
    """One more request might take more than was set aside for the text, or than the cap allows."""

    kind = "over_reserve"
    default_problem = "This text takes more requests than were set aside for it."
    default_advice = "Your text is kept. Run it again."


class TextTooLongError(GenerationError):
    kind = "too_long"
    default_problem = "The text is too long for this engine."
    default_advice = "Your text is kept. Shorten it, or use a model with a larger context."


class ModelRequestError(GenerationError):
    kind = "request"
    default_problem = "The model server did not accept the request."
    default_advice = "Your text is kept. Check OPENAI_MODEL and OPENAI_BASE_URL."


class NotSavedError(GenerationError):
    """A finished draft that the database does not take, because of `fault`."""

    kind = "not_saved"

    def __init__(self, fault: DashboardError) -> None:
        super().__init__(
            f"The draft is finished, but not saved. {fault.problem}",
            f"{fault.advice} Then run it again: the draft is kept while the dashboard runs, and "
            "the engine is not asked again.",
        )


class InterruptedGenerationError(GenerationError):
    kind = "interrupted"
    default_problem = "The dashboard stopped in the middle of this generation."
    default_advice = (
        "Your text is kept. A running dashboard goes on with it by itself within a minute; if it "
        "does not, run it again."
    )
