"""The summary report to read on a screen: what the site's page is given, a file of its own in HTML, and JSON. Pure."""

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from html import escape
from types import MappingProxyType
from typing import Any

from interviews.report_layout import Figure, Line, Style, Table, blocks
from interviews.report_words import STAMP, Content, completed, errata_of, summary, title_of

_TAGS = {
    Style.TITLE: "h1",
    Style.HEADING: "h2",
    Style.SUBHEADING: "h3",
    Style.QUESTION: "h4",
    Style.ATTACHMENT_TITLE: "h1",
}
# The paper's measures; a file that somebody saves has to carry its own style.
_SHEET = """
body{max-width:28em;margin:2em auto;padding:0 1em;color:#000;background:#fff;overflow-wrap:anywhere}
body{font:16pt/28.95pt FangSong,仿宋,"Noto Serif CJK SC",serif}
h1{font:22pt/35pt 方正小标宋简体,SimSun,宋体,serif;text-align:center;font-weight:normal;margin:0 0 28.95pt}
h2{font:inherit;font-family:SimHei,黑体,"Noto Sans CJK SC",sans-serif;text-indent:2em;margin:0;break-after:avoid}
h3{font:inherit;font-family:KaiTi,楷体,serif;text-indent:2em;margin:0;break-after:avoid}
h4{font:inherit;text-indent:2em;margin:0;break-after:avoid}
p{margin:0;text-indent:2em}
figure{margin:0 0 10pt;break-inside:avoid}
figure img{display:block;width:100%;height:auto}
figcaption{font:14pt/28.95pt SimHei,黑体,sans-serif;text-align:center}
.addressee,.attachment-mark{text-indent:0}
.attachment-mark{break-before:page;margin-top:3em;font-family:SimHei,黑体,sans-serif}
.attachments{margin-top:28.95pt}
.signature,.date{text-align:right;padding-right:2em}
.signature{margin-top:57.9pt}
table{width:100%;border-collapse:collapse;font-size:12pt;line-height:19pt;margin:0 0 10pt}
caption{font:14pt/28.95pt SimHei,黑体,sans-serif;break-after:avoid}
th,td{border:1px solid #000;padding:0 .35em;text-align:left}
th{font-family:SimHei,黑体,sans-serif;font-weight:normal}
tr{break-inside:avoid}
.r{text-align:right}
@page{size:A4;margin:37mm 26mm 35mm 28mm}
@media print{body{max-width:none;margin:0;padding:0}}
""".strip()
_NONE: Mapping[str, bytes] = MappingProxyType({})
_FORBIDDEN = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_json(content: Content) -> str:
    """The content itself, for programs."""
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _safe(text: str) -> str:
    return escape(_FORBIDDEN.sub("�", text))


def to_html(content: Content, pictures: Mapping[str, bytes] = _NONE) -> str:
    """A whole HTML file without anything fetched or run; every text is only a text.

    Args:
        content: a version of the report.
        pictures: its plots as SVG, by their ids; a plot without one is left to its table.
    """
    title = _safe(title_of(content["interview"]["theme"]))
    body = "\n".join(_html(content, pictures))
    return (
        '<!doctype html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{_SHEET}\n</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _html(content: Content, pictures: Mapping[str, bytes]) -> Iterator[str]:
    for block in blocks(content):
        if isinstance(block, Table):
            yield _table(block)
        elif isinstance(block, Line):
            yield _line(block)
        elif block.plot in pictures:
            yield _figure(block, pictures[block.plot])


def _figure(figure: Figure, svg: bytes) -> str:
    """An SVG of its own: its ids cannot meet those of another plot."""
    source = f"data:image/svg+xml;base64,{b64encode(svg).decode()}"
    caption = f"<figcaption>{_safe(figure.caption)}</figcaption>"
    return f'<figure><img src="{source}" alt="{_safe(figure.told)}">{caption}</figure>'


def _line(line: Line) -> str:
    tag = _TAGS.get(line.style, "p")
    mark = "" if line.style is Style.BODY else f' class="{line.style}"'
    if tag == "h1":
        return f"<{tag}{mark}>{_safe(line.text).replace(chr(10), '<br>')}</{tag}>"
    return "\n".join(f"<{tag}{mark}>{_safe(text)}</{tag}>" for text in line.text.split("\n"))


def _table(table: Table) -> str:
    heads = "".join(f'<th scope="col">{_safe(head)}</th>' for head in table.heads)
    rows = "\n".join(f"<tr>{_cells(row, table.right)}</tr>" for row in table.rows)
    return (
        f"<table><caption>{_safe(table.caption)}</caption>\n<thead><tr>{heads}</tr></thead>\n"
        f"<tbody>\n{rows}\n</tbody></table>"
    )


def _cells(row: tuple[str, ...], right: frozenset[int]) -> str:
    first, *rest = row
    done = [f'<th scope="row">{_safe(first)}</th>']
    for position, text in enumerate(rest, 1):
        done.append(f'<td class="r">{_safe(text)}</td>' if position in right else f"<td>{_safe(text)}</td>")
    return "".join(done)


def page_context(content: Content, sent_at: str | None = None) -> dict[str, Any]:
    """The ``report`` of the site's page ``report.html``.

    Args:
        content: a version of the report.
        sent_at: when it was sent, RFC 3339; not part of the content, because sending changes nothing in it.
    """
    content = completed(content)
    told = content["interview"]
    beside = errata_of(content)
    items = {
        item["no"]: item | {"errata": [_erratum(one) for one in beside.get(item["no"], [])]} | _gone(item)
        for item in content["transcript"]
    }
    return {
        "title": title_of(told["theme"]),
        "no": told["no"],
        "theme": told["theme"],
        "starts_at": told["starts_at"],
        "opened_at": told["opened_at"],
        "closed_at": told["closed_at"],
        "minutes": told["minutes"],
        "respondents": [one["name"] for one in told["respondents"]],
        "guests": told["guests"],
        "host": told["host"],
        "venue": told["venue"],
        "summary": [*summary(content), *_unseen(content)],
        "counts": content["numbers"],
        "plots": content["plots"],
        "deviations": content["deviations"],
        "questions": [
            {
                "question": question,
                "replies": [items[no] for no in question["replies"]],
                "outcome": question["outcome"],
            }
            for question in content["questions"]
        ],
        "recipients": content["recipients"],
        "office": content["office"],
        "made_at": content[STAMP]["made_at"],
        "sent_at": sent_at,
    }


def _gone(item: Content) -> Content:
    gone = item["text"] is None
    return {"removed": gone, "because": item["reason"] if gone else None}


def _erratum(item: Content) -> Content:
    """An erratum as the site's macro shows it beside the text; see ``chat.views``."""
    kept = {key: item[key] for key in ("item", "no", "of", "text", "reason", "at", "speaker", "role", "body")}
    return kept | _gone(item)


def _unseen(content: Content) -> list[str]:
    """The page has no place of its own for questions that were never public; a sentence tells of them."""
    fates = [f"{fate['outcome']}，{fate['count']}个" for fate in content["unpublished"]]
    return ["没有公开过的提问：" + "；".join(fates) + "。"] if fates else []
