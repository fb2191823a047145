"""What a revision proposes: its fields as values and as JSON, its digest, and what differs from what is there. Pure."""

import difflib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from base.audit import text_digest
from faq.models import CatalogEntry, EntryRevision
from faq.table_file import FIELDS, Row

NAMES = {
    "index_no": "索引号",
    "category": "类别",
    "title": "标题",
    "question": "问题",
    "alts": "别的问法",
    "body": "正文",
    "issuer": "发布机构",
    "section": "责任科室",
    "document_no": "文号",
    "keywords": "主题词",
    "made_on": "成文日期",
    "published_on": "发布日期",
    "openness": "公开属性",
    "in_force": "是否有效",
    "amended_on": "修改日期",
    "repealed_on": "废止日期",
    "successor": "由哪一条代替",
    "review_on": "复查日期",
}
"""The fields in the order of the form, with their names on paper."""

WRITERS = "written_by"
BASE = "base"
_DATES = ("made_on", "published_on", "repealed_on", "amended_on", "review_on")
_BARE = frozenset({"title", "body", "in_force"})


@dataclass(frozen=True)
class Draft:
    """What an entry is to say: the row of the catalogue, and the two dates that no file brings."""

    row: Row
    amended_on: date | None = None
    review_on: date | None = None

    def value(self, name: str) -> Any:
        """A field by its name, of the row or of the draft."""
        return getattr(self, name) if name in ("amended_on", "review_on") else getattr(self.row, name)

    def values(self) -> dict[str, Any]:
        """Field to value, as the columns of an entry hold them."""
        found = {name: self.value(name) for name in NAMES}
        return found | {"alts": list(self.row.alts)}


def of_entry(entry: CatalogEntry) -> Draft:
    """What an entry says now."""
    row = Row(**{name: getattr(entry, name) for name in FIELDS})
    return Draft(replace(row, alts=tuple(entry.alts)), entry.amended_on, entry.review_on)


def of_revision(revision: EntryRevision) -> Draft:
    """What a revision proposes."""
    return of_fields(revision.fields)


def of_fields(fields: Mapping[str, Any]) -> Draft:
    """What the fields of a revision say, as :func:`as_json` gives them; other keys are left out."""
    kept = dict(fields)
    for name in _DATES:
        kept[name] = date.fromisoformat(kept[name]) if kept.get(name) else None
    row = Row(**{name: kept[name] for name in FIELDS if name != "alts"}, alts=tuple(kept["alts"]))
    return Draft(row, kept["amended_on"], kept["review_on"])


def as_json(draft: Draft) -> dict[str, Any]:
    """The fields of a revision: JSON values, dates in ISO form."""
    found = draft.values()
    return found | {name: found[name].isoformat() if found[name] else None for name in _DATES}


def writers(revision: EntryRevision) -> list[int]:
    """Ids of everybody who wrote what the revision says."""
    return list(revision.fields.get(WRITERS, ()))


def facts(draft: Draft) -> list[tuple[str, str]]:
    """The fields that are filled in, but title and body, each with its name on paper."""
    found = []
    for name, label in NAMES.items():
        value = draft.value(name)
        if value and name not in _BARE:
            found.append((label, "\n".join(value) if isinstance(value, tuple) else str(value)))
    return [*found, ("效力", "现行有效" if draft.row.in_force else "已经失效")]


# What is signed


def digest(revision: EntryRevision) -> str:
    """The digest that a signature in the audit names: of the act, its fields and its reason."""
    said = {name: value for name, value in revision.fields.items() if name in NAMES}
    return _digest({"action": revision.action, "reason": revision.reason, "fields": said})


def base_of(entry: CatalogEntry) -> str:
    """The digest of what an entry says now, by which a revision knows that somebody else changed it since.

    Its class is left out, since what is being written follows when the office renames one, and so is the day by
    which somebody looks again: the public does not read it.
    """
    return _digest(as_json(of_entry(entry)) | {"category": None, "review_on": None})


def stamp(revision: EntryRevision) -> str:
    """What a page remembers of the revision it showed: another one means that somebody was quicker."""
    return f"{revision.status}.{revision.round}.{revision.step}.{revision.changed_at.isoformat()}"


def _digest(value: Mapping[str, Any]) -> str:
    return text_digest(json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")))


# What differs


@dataclass(frozen=True)
class Difference:
    """A field that differs: its name on paper, and its pieces, each ``same``, ``gone`` or ``new``."""

    name: str
    pieces: tuple[tuple[str, str], ...]


def differences(before: Draft | None, after: Draft) -> list[Difference]:
    """What another draft says otherwise, field by field; everything where there was nothing before."""
    found = []
    for name, label in NAMES.items():
        was = _shown(before.value(name)) if before else ""
        now = _shown(after.value(name))
        if was != now:
            found.append(Difference(label, tuple(_pieces(was, now))))
    return found


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "有效" if value else "失效"
    if isinstance(value, tuple | list):
        return "\n".join(value)
    return value.isoformat() if isinstance(value, date) else str(value)


LETTERS_AT_MOST = 4000
"""Longer texts are compared by lines: by letters the worst case, one letter 4,000 times, takes 0.9 s already."""

_LETTERS = re.compile(r"[0-9A-Za-z]+|.", re.DOTALL)
"""A number or a foreign word is compared whole."""


def _pieces(was: str, now: str) -> list[tuple[str, str]]:
    by_letters = len(was) + len(now) <= LETTERS_AT_MOST
    old, new = (
        _LETTERS.findall(text) if by_letters else text.splitlines(keepends=True) for text in (was, now)
    )
    found: list[tuple[str, str]] = []
    compared = difflib.SequenceMatcher(None, old, new, autojunk=not by_letters)
    for kind, a0, a1, b0, b1 in compared.get_opcodes():
        if kind == "equal":
            found.append(("same", "".join(old[a0:a1])))
            continue
        found += [
            (mark, text)
            for mark, text in (("gone", "".join(old[a0:a1])), ("new", "".join(new[b0:b1])))
            if text
        ]
    return found
