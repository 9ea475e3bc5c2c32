"""Times as a workbook holds them: days since 1899-12-30, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
_FIRST_DAY = 61  # before it Excel has a day too many, the 29 February 1900
_DAY = timedelta(days=1)
_MICROSECONDS = 86_400_000_000  # of a day


def serial_of(time: str) -> float | None:
    """Days since 1899-12-30, as a workbook holds a time in UTC; None if that were not exact."""
    try:
        at = datetime.fromisoformat(time)
        days = (at - _EPOCH) / _DAY
        return days if days >= _FIRST_DAY and time_of(days) == at else None
    except (ValueError, TypeError, OverflowError):  # no time, or of no zone; rounded to year 10000
        return None


def time_of(serial: float) -> datetime:
    """The time that a workbook holds as a number, to the microsecond. Raises OverflowError."""
    days, fraction = divmod(serial, 1)
    return _EPOCH + timedelta(days=days) + timedelta(microseconds=round(fraction * _MICROSECONDS))
