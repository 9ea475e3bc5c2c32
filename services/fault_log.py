"""Faults in the log: type and place, never the message, which may hold a person's text."""

from __future__ import annotations

import logging
import traceback

_FRAMES = 6  # the innermost ones; enough to find the line


def log_fault(log: logging.Logger, what: str, error: BaseException) -> None:
    """Log `what` happened, the type of the error and where it was raised."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    places = " > ".join(f"{frame.filename}:{frame.lineno}" for frame in frames)
    log.error("%s: %s at %s", what, type(error).__name__, places)
