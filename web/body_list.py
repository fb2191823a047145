"""The bodies as the office's list, its Excel file and its printed directory (通讯录) show them: whom one calls where.

The page has a line for each body, the file and the directory one for each contact: what is looked for finds a body by
any of its contacts, and a number however it is written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from base.db import UnitOfWork
from base.people import Body
from interviews import bodies, body_contacts, telephone
from interviews.bodies import Listed
from interviews.body_models import BodyContact
from web import working_list
from web.working_list import Asked, Cell, Column, Filter, Line

PATH = "/office/bodies"
KIND_WORDS = {
    "department": "部门",
    "district": "区县",
    "enterprise": "公共企事业单位",
    "office": "工作机构",
    "supervisor": "主管部门",
    "recipient": "收件单位",
}
COLUMNS = (
    Column("name", "单位"),
    Column("short", "简称", shown=False),
    Column("kind", "类别"),
    Column("contact", "先打给"),
    Column("post", "科室、职务"),
    Column("line", "办公电话"),
    Column("mobile", "手机"),
    Column("others", "其余联系人", number=True),
    Column("people", "办事的账号", shown=False),
    Column("email", "单位的邮箱", shown=False),
    Column("reports", "汇总报告", shown=False),
)
IN_FILE = (
    Column("name", "单位"),
    Column("kind", "类别"),
    Column("contact", "联系人"),
    Column("first", "先打给"),
    Column("post", "科室、职务"),
    Column("line", "办公电话"),
    Column("mobile", "手机"),
    Column("address", "联系人的邮箱"),
    Column("note", "备注"),
    Column("email", "单位的邮箱"),
    Column("people", "办事的账号"),
    Column("reports", "汇总报告"),
)
SHOWS = [
    ("now", "现在的单位"),
    ("respondents", "答复单位"),
    ("recipients", "收件单位"),
    ("merged", "并入别的单位的"),
]
FILTERS = (
    Filter("show", "哪些单位", SHOWS, fixed=SHOWS[0][0]),
    Filter("reach", "联系人", [("yes", "有"), ("no", "还没有")]),
)


@dataclass(frozen=True)
class Known:
    """A body with its accounts and its contacts, the first to call before the others."""

    listed: Listed
    contacts: Sequence[BodyContact]

    @property
    def body(self) -> Body:
        """Its row."""
        return self.listed.body


def answers(body: Body) -> bool:
    """Whether it can be chosen to answer in an interview."""
    return not body.recipient and body.kind != "office"


def reports_of(body: Body) -> str:
    """Whether and how it gets the summary reports, in words."""
    if not body.recipient:
        return "不收"
    by_mail_too = "，也寄邮件" if body.email else ""
    return "收，只走邮件" if body.by_mail else f"收，在平台里看{by_mail_too}"


async def every(uow: UnitOfWork) -> list[Known]:
    """All bodies, merged ones too.

    Raises:
        Refusal: ``forbidden`` for whoever may not read the contacts.
    """
    found = await body_contacts.by_body(uow)
    return [Known(one, found.get(one.body.id or 0, ())) for one in await bodies.listed(uow)]


def lines(known: Sequence[Known], asked: Asked) -> list[Line]:
    """The bodies that the address asks to be read, one line each."""
    names = {one.body.id or 0: one.body.name for one in known}
    return [_line(one, names) for one in known if _is_of(one.body, asked.chosen["show"])]


def _is_of(body: Body, show: str) -> bool:
    if (body.merged_into is not None) != (show == "merged"):
        return False
    return {"respondents": answers(body), "recipients": body.recipient}.get(show, True)


def _line(one: Known, names: Mapping[int, str]) -> Line:
    body, first = one.body, one.contacts[0] if one.contacts else None
    cells: dict[str, Cell] = _of_body(one, names) | {
        "contact": first.name if first else "没有" if body.merged_into is None else "",
        "post": first.post if first else None,
        "line": first.line if first else None,
        "mobile": first.mobile if first else None,
        "others": max(len(one.contacts) - 1, 0) or None,
        # No column: what is looked for is found here too.
        "found": " ".join(_words(contact) for contact in one.contacts),
    }
    tags = {"reach": "yes" if one.contacts else "no"}
    return Line(cells, tags, f"{PATH}/{body.id}", body.id, inside=_dialled(first))


def _dialled(one: BodyContact | None) -> dict[str, list[tuple[str, str]]]:
    """What a press on a cell with a number dials."""
    numbers = {"line": one.line, "mobile": one.mobile} if one else {}
    return {name: [(number, telephone.dialled(number))] for name, number in numbers.items() if number}


def _of_body(one: Known, names: Mapping[int, str]) -> dict[str, Cell]:
    body = one.body
    into = f"并入{names.get(body.merged_into, '')}" if body.merged_into is not None else ""
    return {
        "name": body.name,
        "short": body.short_name,
        "kind": into or KIND_WORDS.get(body.kind, body.kind),
        "people": "、".join(person.display_name for person in one.listed.people),
        "email": body.email,
        "reports": reports_of(body),
    }


def _words(one: BodyContact) -> str:
    numbers = [number for number in (one.line, one.mobile) if number]
    said = [one.name, one.post, one.email, *numbers, *map(telephone.digits, numbers)]
    return " ".join(word for word in said if word)


def asked_of(known: Sequence[Known], asked: Asked) -> list[Known]:
    """The bodies of the lines that the address asks for, in its order."""
    by_number = {one.body.id: one for one in known}
    found = working_list.chosen(lines(known, asked), asked, FILTERS)
    return [by_number[line.id] for line in found if isinstance(line.id, int)]


def in_file(found: Sequence[Known], names: Mapping[int, str]) -> list[Line]:
    """A line for each contact of these bodies; one that has none has a line all the same."""
    return [
        Line(_of_body(one, names) | (_of_contact(contact) if contact else {}))
        for one in found
        for contact in (one.contacts or (None,))
    ]


def _of_contact(one: BodyContact) -> dict[str, Cell]:
    return {
        "contact": one.name,
        "first": "是" if one.first else "",
        "post": one.post,
        "line": one.line,
        "mobile": one.mobile,
        "address": one.email,
        "note": one.note,
    }


def narrowed_to(asked: Asked) -> str:
    """What the address narrows the list to, in words; empty where it is of all bodies that there are now."""
    plain = asked.chosen["show"] == SHOWS[0][0]
    return working_list.in_words(asked, FILTERS[1:] if plain else FILTERS)


def whole(asked: Asked) -> Asked:
    """The address with every column of the file: the page's choice of columns is another."""
    return replace(asked, columns=tuple(one.name for one in IN_FILE))
