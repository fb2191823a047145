"""What the head of a page says to machines: its column as government sites name it, its one address, who may index it.

Pure. The columns' words are the ones of 政府网站发展指引 (国办发〔2017〕47号), annex 2: ``ColumnName``,
``ColumnDescription``, ``ColumnKeywords`` and ``ColumnType``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Column:
    """A column (栏目) of the site: its type, what is in it, and its words."""

    type: str
    description: str
    keywords: str


_TALKS = Column(
    "互动交流",
    "答复单位按主题在网上回答公众提问：预告、征集问题、现场和实录。",
    "网上访谈,在线答复,征集问题,访谈实录",
)
COLUMNS = {
    "网上访谈": _TALKS,
    "问机器人": Column("互动交流", "问一句，机器人引用已经公开的原文来答，写明出处。", "智能问答,常见问题"),
    "目录": Column(
        "信息公开", "政府信息公开目录：按类别、单位、年份查，每条有索引号。", "信息公开目录,索引号"
    ),
    "统计": Column(
        "信息公开", "网上访谈办了多少场，收到多少提问，答得怎么样。", "访谈场次,提问答复,统计数据"
    ),
    "规定": Column(
        "政策文件", "网上访谈的规定原文，各个日子怎么算，自己也能算。", "网上访谈规定,工作日,期限"
    ),
    "审核公开": Column("信息公开", "没有公开和撤下的提问、答复，逐件写明原因。", "提问审核,审核记录,撤下"),
    "搜索": Column("互动交流", "公开的访谈、提问、答复和目录，一起找。", "全文检索,访谈搜索"),
    "开放数据": Column("信息公开", "公开过的访谈和目录，CSV 和 JSON，注明出处就能用。", "开放数据,数据下载"),
    "关于本站": Column("网站信息", "本站的无障碍声明，留什么信息、留多久。", "无障碍,隐私,个人信息保护"),
}
"""Every column by its name; a page names one of them, or is of the first."""

HIDDEN = (
    "/questions",
    "/answers",
    "/follow",
    "/faq/referrals",
    "/reports",
    "/login",
    "/password",
    "/logout",
    "/staff",
    "/office",
    "/desk",
    "/host",
    "/supervise",
    "/inbox",
    "/offline",
)
"""Where nothing is for search engines: receipts, letters, signed links, and all that staff see."""
ASKED = frozenset(
    {"q", "text", "talk", "ask", "at", "show", "order", "kind", "by", "sort", "refresh", "pool"}
)
"""Names in an address that make it somebody's search, talk or view of a page that has an address of its own."""


def column(name: str) -> Column:
    """A column by its name."""
    return COLUMNS.get(name, _TALKS)


def indexed(path: str, query: Iterable[Pair]) -> bool:
    """Whether search engines may keep this page.

    Args:
        path: of the request.
        query: its names and values; empty values ask for nothing.
    """
    kept = not any(path == one or path.startswith(f"{one}/") for one in HIDDEN)
    kept = kept and not path.endswith(("/screen", "/poster"))
    return kept and not any(name in ASKED and value for name, value in query)


def canonical(base: str, path: str, query: Sequence[Pair], own: Sequence[str]) -> str:
    """The one address of a page, whatever else stood in the one by which it was opened.

    Args:
        base: of the site, without a slash at its end.
        path: of the page.
        query: names and values of the request.
        own: the names that make another page of it, in the order in which they are written; page 1 is no other page.
    """
    told = dict(query)
    kept = [(name, told[name]) for name in own if told.get(name) and (name, told[name]) != ("page", "1")]
    return f"{base}{path}" + (f"?{urlencode(kept)}" if kept else "")
