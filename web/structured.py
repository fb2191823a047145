"""What search engines read of a page: schema.org as JSON-LD, from the same state that the page shows, nothing beside.

Pure. An interview is an ``Event`` held online; what was asked and answered in it, and an entry of the catalogue, is
a ``QAPage``. What was taken down or taken back is not told. ``script`` writes it so that no text of a citizen can
leave the ``<script type="application/ld+json">`` that holds it; a block of that type is data and is never run.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from markupsafe import Markup

Thing = dict[str, Any]

CONTEXT = "https://schema.org"
TOLD = 500
"""Characters of a question or an answer that are told; the page and its address have the rest."""
MOST = 30
"""Questions of one page that are told."""
_SCHEDULED, _CANCELLED = f"{CONTEXT}/EventScheduled", f"{CONTEXT}/EventCancelled"
_RESCHEDULED = f"{CONTEXT}/EventRescheduled"
_ESCAPES = {ord(char): f"\\u{ord(char):04x}" for char in "<>&'\u2028\u2029"}
"""What would end the element or a line of script; inside JSON such a character stands in a string alone."""


def script(things: Sequence[Thing]) -> Markup:
    """Things as the text of a data block; empty where there are none."""
    if not things:
        return Markup("")
    told: Thing = {"@context": CONTEXT}
    told |= things[0] if len(things) == 1 else {"@graph": list(things)}
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Markup(text.translate(_ESCAPES))  # noqa: S704 - nothing is left that a browser could read as markup


def organization(name: str) -> Thing:
    """A body or an office."""
    return {"@type": "GovernmentOrganization", "name": name}


def site(name: str, base: str) -> Thing:
    """The site with its search."""
    target = {"@type": "EntryPoint", "urlTemplate": f"{base}/search?q={{words}}"}
    search = {"@type": "SearchAction", "target": target, "query-input": "required name=words"}
    return {
        "@type": "WebSite",
        "name": name,
        "url": f"{base}/",
        "inLanguage": "zh-CN",
        "potentialAction": search,
    }


def interview(told: Mapping[str, Any], url: str, organizer: str) -> Thing:
    """An interview as an event.

    Args:
        told: ``state["interview"]`` of the public state.
        url: its address.
        organizer: the office that holds it.
    """
    event: Thing = {
        "@type": "Event",
        "@id": f"{url}#event",
        "name": told["theme"],
        "url": url,
        "startDate": told["opened_at"] or told["starts_at"],
        "endDate": told["closed_at"] or told["ends_at"],
        "eventStatus": _status(told),
        "eventAttendanceMode": f"{CONTEXT}/OnlineEventAttendanceMode",
        "location": {"@type": "VirtualLocation", "url": url},
        "organizer": organization(organizer),
        "performer": [organization(one["name"]) for one in told["respondents"]] + _guests(told["guests"]),
        "isAccessibleForFree": True,
        "inLanguage": "zh-CN",
    }
    if told["content"]:
        event["description"] = _cut(told["content"])
    return event


def _status(told: Mapping[str, Any]) -> str:
    if told["status"] == "cancelled":
        return _CANCELLED
    return _RESCHEDULED if any(one["kind"] == "moved" for one in told["changes"]) else _SCHEDULED


def _guests(guests: Iterable[Mapping[str, Any]]) -> list[Thing]:
    """The people a body sends, each with the post under which they were announced."""
    return [
        {
            "@type": "Person",
            "name": one["name"],
            "jobTitle": one["post"],
            "worksFor": organization(one["body"]),
        }
        for one in guests
    ]


def questions(record: Iterable[Mapping[str, Any]], url: str) -> list[Thing]:
    """The answered questions of a page as one ``QAPage``; nothing where there are none.

    Args:
        record: what the page shows, as ``web.record.record`` gives it.
        url: the interview's address.
    """
    found = [one for one in (_question(row, url) for row in record if row["type"] == "question") if one]
    if not found:
        return []
    page = {"@type": "QAPage", "@id": f"{url}#record", "url": url, "inLanguage": "zh-CN"}
    return [page | {"mainEntity": found[:MOST]}]


def _question(row: Mapping[str, Any], url: str) -> Thing | None:
    question = row["question"]
    answers = [_answer(one, url) for one in row["replies"] if one["kind"] == "answer" and not one["removed"]]
    if question["text"] is None or not answers:
        return None
    told: Thing = {
        "@type": "Question",
        "@id": f"{url}#q{question['number']}",
        "url": f"{url}#q{question['number']}",
        "name": _cut(question["text"]),
        "text": _cut(question["text"]),
        "dateCreated": question["at"],
        "upvoteCount": question["supports"],
        "answerCount": len(answers),
        "acceptedAnswer": answers[0],
    }
    if len(answers) > 1:
        told["suggestedAnswer"] = answers[1:]
    if question["nickname"]:
        told["author"] = {"@type": "Person", "name": question["nickname"]}
    return told


def _answer(item: Mapping[str, Any], url: str) -> Thing:
    told: Thing = {
        "@type": "Answer",
        "text": _cut(item["text"]),
        "dateCreated": item["at"],
        "url": f"{url}#n{item['no']}",
    }
    if item["body"]:
        told["author"] = organization(item["body"])
    corrected = [
        {"@type": "CorrectionComment", "text": _cut(one["text"]), "datePublished": one["at"]}
        for one in item["errata"]
        if not one["removed"]
    ]
    return told | ({"correction": corrected} if corrected else {})


def entry(told: Mapping[str, Any], url: str) -> list[Thing]:
    """An entry of the catalogue: the question it answers, in the words of whoever issued it.

    Args:
        told: what ``faq_entry.html`` is given.
        url: its address.
    """
    answer: Thing = {
        "@type": "Answer",
        "text": _cut(told["body"]),
        "url": url,
        "author": organization(told["issuer"]),
    }
    published, amended = told["published_on"], told["amended_on"]
    answer |= _dated("datePublished", published) | _dated("dateModified", amended)
    asked = told["question"] or told["title"]
    question: Thing = {"@type": "Question", "name": asked, "text": asked, "answerCount": 1}
    question |= {"author": organization(told["issuer"]), "acceptedAnswer": answer}
    question |= _dated("datePublished", published)
    page: Thing = {"@type": "QAPage", "@id": url, "url": url, "name": told["title"], "inLanguage": "zh-CN"}
    page |= {"identifier": told["index_no"], "mainEntity": question, "isAccessibleForFree": True}
    return [page]


def _dated(name: str, day: date | None) -> Thing:
    return {name: day.isoformat()} if day else {}


def crumbs(base: str, path: Sequence[tuple[str, str]]) -> Thing:
    """Where a page stands: names and addresses from the home page down."""
    places = [
        {"@type": "ListItem", "position": place, "name": name, "item": base + address}
        for place, (name, address) in enumerate(path, 1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": places}


def _cut(text: str) -> str:
    return text if len(text) <= TOLD else f"{text[: TOLD - 1]}…"
