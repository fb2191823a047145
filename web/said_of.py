"""What the head of an interview's page and of an entry's page says: article, source, words, and schema.org. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from web import structured
from web.pages import Page, site

LONGEST = 150
"""Characters of a description; search engines show no more."""


def interview(
    state: Mapping[str, Any], record: list[dict[str, Any]], changed: datetime | None, base: str
) -> Page:
    """An interview's page.

    Args:
        state: the public state.
        record: the part of the record that the page shows.
        changed: when it was announced, opened or closed, whichever came last; ``None``: planned, no article yet.
        base: the site's address.
    """
    told = state["interview"]
    path = f"/interviews/{told['id']}"
    bodies = [one["name"] for one in told["respondents"]]
    url, about = f"{base}{path}", site()
    crumbs = structured.crumbs(base, [("首页", "/"), ("访谈", "/interviews"), (told["theme"], path)])
    return Page(
        told["theme"],
        description=(told["content"] or f"{'、'.join(bodies)}在线答复：{told['theme']}")[:LONGEST],
        path=path,
        pub_date=changed,
        source=about.office,
        author="、".join(bodies) or None,
        keywords=",".join(dict.fromkeys([told["theme"], *bodies, "网上访谈"])),
        kind="article",
        own=("page",),
        picture=f"{path}/share.png",
        things=(structured.interview(told, url, about.office), *structured.questions(record, url), crumbs),
    )


def entry(told: Mapping[str, Any], number: int, base: str) -> Page:
    """An entry's page.

    Args:
        told: what ``faq_entry.html`` is given.
        number: of the entry.
        base: the site's address.
    """
    path = f"/faq/entries/{number}"
    steps = [("首页", "/"), ("目录", "/catalog"), (told["title"], path)]
    return Page(
        told["title"],
        description=" ".join(f"{told['question'] or ''} {told['body']}".split())[:LONGEST],
        column="目录",
        path=path,
        pub_date=told["published_on"],
        source=told["issuer"],
        author=told["section"] or told["issuer"],
        keywords=told["keywords"] or ",".join([told["title"], *told["path"]]),
        kind="article",
        things=(*structured.entry(told, f"{base}{path}"), structured.crumbs(base, steps)),
    )
