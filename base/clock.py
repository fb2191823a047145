"""Legal time is the calendar of Asia/Shanghai; stored time is UTC.

Every instant that crosses a function of this project is an aware ``datetime``. A naive one is refused,
because nobody can tell afterwards which clock it was read from.
"""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def utcnow() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def as_utc(moment: datetime) -> datetime:
    """The same instant in UTC.

    Raises:
        ValueError: ``moment`` is naive.
    """
    if moment.tzinfo is None:
        raise ValueError("a naive datetime has no place here")
    return moment.astimezone(UTC)


def office_date(moment: datetime) -> date:
    """The date on the office's wall at ``moment``; lateness is judged by it, never by the second."""
    return as_utc(moment).astimezone(SHANGHAI).date()


def shanghai_iso(moment: datetime) -> str:
    """RFC 3339 with +08:00, whole seconds, as every interface of the product writes an instant."""
    return as_utc(moment).astimezone(SHANGHAI).replace(microsecond=0).isoformat()


def maybe_iso(moment: datetime | None) -> str | None:
    """``shanghai_iso`` of an instant that may be missing."""
    return None if moment is None else shanghai_iso(moment)
