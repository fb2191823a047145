"""How pages write times, labels and paragraphs: the filters that ``templates/README.md`` names. Pure.

Dates and numbers follow Chinese habit; an instant is always told in Asia/Shanghai. All but ``paragraphs``,
``dayparts`` and the labels take ``None`` and give an empty string.
"""

import functools
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from markupsafe import Markup, escape

from base.clock import SHANGHAI, office_date
from faq.terms import segment
from interviews import telephone
from interviews.deadlines import in_words
from interviews.lifecycle import DECLINE_WORDS

Moment = str | date | datetime | None

KINDS = {"inquiry": "咨询", "opinion": "意见", "suggestion": "建议"}
STATUSES = {
    "planned": "已列入计划",
    "announced": "已发预告",
    "live": "正在进行",
    "ended": "整理中",
    "archived": "已归档",
    "cancelled": "已取消",
}
GROUNDS = {"state_secret": "国家秘密", "trade_secret": "商业秘密", "personal_privacy": "个人隐私"}
DECLINES = {reason.value: words for reason, words in DECLINE_WORDS.items()}
_NO_BREAK_BEFORE = frozenset("，。、；：！？”’）》」』…—")
_NO_BREAK_AFTER = frozenset("“‘（《「『")


def read(value: str | date | datetime) -> date | datetime:
    """A date, or an instant on the clock of Asia/Shanghai, from what a page is given."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI)
    return value


def cndate(value: Moment) -> str:
    """``2026年5月18日（周一）``."""
    return "" if value is None else in_words(_day(value))


def cnday(value: Moment) -> str:
    """``5月18日``."""
    if value is None:
        return ""
    day = _day(value)
    return f"{day.month}月{day.day}日"


def nearday(value: Moment, now: datetime) -> str:
    """``5月18日`` of this year, ``2025年5月18日`` of another; ``now`` says which year this is."""
    if value is None:
        return ""
    return day_near(_day(value), office_date(now))


def day_near(day: date, today: date) -> str:
    """``5月18日``, with its year where that is not this year's."""
    return cnday(day) if day.year == today.year else f"{day.year}年{cnday(day)}"


def cntime(value: Moment) -> str:
    """``5月18日 10:19``; a date without a time stays a date."""
    return f"{cnday(value)} {hm(value)}".strip()


def stamp(value: Moment) -> str:
    """``2026-05-18 10:19``, the way government pages write times."""
    if value is None:
        return ""
    moment = read(value)
    return f"{moment:%Y-%m-%d %H:%M}" if isinstance(moment, datetime) else moment.isoformat()


def hm(value: Moment) -> str:
    """``10:19``."""
    moment = None if value is None else read(value)
    return f"{moment:%H:%M}" if isinstance(moment, datetime) else ""


def iso(value: Moment) -> str:
    """What ``datetime=`` wants: the text itself, or RFC 3339."""
    if value is None or isinstance(value, str):
        return value or ""
    return read(value).isoformat()


def dayparts(value: str | date | datetime) -> dict[str, str]:
    """Month, day, weekday and year apart, for the margin of a list."""
    day = _day(value)
    weekday = f"周{'一二三四五六日'[day.weekday()]}"
    return {"month": f"{day.month}月", "day": str(day.day), "weekday": weekday, "year": str(day.year)}


def _day(value: str | date | datetime) -> date:
    moment = read(value)
    return moment.date() if isinstance(moment, datetime) else moment


def isoday(value: str | date | datetime) -> str:
    """``2026-05-18``, the office's day; such texts compare as the days do."""
    return _day(value).isoformat()


def paragraphs(text: str | None) -> list[str]:
    """The lines of a text that are not empty."""
    return [line.strip() for line in (text or "").split("\n") if line.strip()]


@functools.lru_cache(maxsize=2048)
def breaks(text: str | None) -> Markup:
    """A title that may break between words alone: ``<wbr>`` between them, none inside punctuation."""
    if not text:
        return Markup("")
    words = segment(text)
    if "".join(words) != text:
        return Markup(escape(text))  # noqa: S704 - escaped on the spot
    parts: list[str] = []
    for word in words:
        if parts and (word[:1] in _NO_BREAK_BEFORE or parts[-1][-1:] in _NO_BREAK_AFTER):
            parts[-1] += word
        else:
            parts.append(word)
    return Markup("<wbr>").join(parts)


def _label(words: dict[str, str]) -> Callable[[str | None], str]:
    return lambda value: words.get(value, value) if value else ""


FILTERS: dict[str, Callable[..., Any]] = {
    "cndate": cndate,
    "cnday": cnday,
    "nearday": nearday,
    "cntime": cntime,
    "stamp": stamp,
    "hm": hm,
    "iso": iso,
    "isoday": isoday,
    "dayparts": dayparts,
    "paragraphs": paragraphs,
    "breaks": breaks,
    "kind_label": _label(KINDS),
    "status_label": _label(STATUSES),
    "ground_label": _label(GROUNDS),
    "decline_label": _label(DECLINES),
    "dialled": telephone.dialled,
}
