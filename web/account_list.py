"""The accounts as the administrator's list shows them: narrowed and paged by the address, its columns chosen there."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from multidict import MultiMapping

from web import rows, working_list
from web.administration import Account
from web.pages import ROLE_LABELS
from web.working_list import Column, Line

PATH = "/admin"
ON_A_PAGE = 40
NAME_LIMIT = 40
STATES = (
    ("", "在用的"),
    ("closed", "停用的"),
    ("plain", "没有开两步登录的"),
    ("waiting", "还没换一次性密码的"),
)
COLUMNS = (
    Column("name", "账号"),
    Column("role", "角色和单位"),
    Column("login", "登录"),
    Column("two_step", "两步登录"),
    Column("email", "邮箱", shown=False),
)
"""What the page shows; what can be done with an account always stands last."""

FILE = (
    Column("name", "账号"),
    Column("shown", "名字"),
    Column("role", "角色"),
    Column("body", "单位"),
    Column("email", "邮箱"),
    Column("open_logins", "登录着几处", number=True),
    Column("bearers", "程序凭证", number=True),
    Column("two_step", "两步登录"),
    Column("seen_at", "最近来过"),
    Column("disabled_at", "停用"),
)
_CHOSEN_BY = {"role": ("role", "body"), "login": ("open_logins", "bearers", "seen_at")}


def _stands(one: Account, state: str) -> bool:
    closed = one.disabled_at is not None
    if state == "closed":
        return closed
    return not closed and (not state or (one.one_time if state == "waiting" else not one.two_step))


def chosen(
    every: Sequence[Account], query: MultiMapping[str]
) -> tuple[list[Account], dict[str, str], dict[str, int]]:
    """The accounts that an address asks for, what it asks, and how many there are of each state."""
    states, roles = {value for value, _ in STATES}, {role.value for role in ROLE_LABELS}
    asked = {
        "state": query.get("state", "") if query.get("state", "") in states else "",
        "role": query.get("role", "") if query.get("role", "") in roles else "",
        "q": query.get("q", "").strip()[:NAME_LIMIT],
    }
    wanted = asked["q"].lower()
    found = [one for one in every if wanted in f"{one.name} {one.shown} {one.body or ''}".lower()]
    found = [one for one in found if not asked["role"] or one.role == asked["role"]]
    counts = {value: sum(_stands(one, value) for one in found) for value in states}
    return [one for one in found if _stands(one, asked["state"])], asked, counts


def page(every: Sequence[Account], query: MultiMapping[str]) -> dict[str, Any]:
    """What the page shows: its rows, the links to the others, the columns."""
    found, asked, counts = chosen(every, query)
    wanted = working_list.asked(query, COLUMNS, ())
    columns = [("col", name) for name in wanted.columns if wanted.own_columns]
    kept = [("role", asked["role"]), ("q", asked["q"]), *columns]
    here = f"{PATH}?{urlencode([('state', asked['state']), *kept])}"
    pager = rows.pager(wanted.page, len(found), ON_A_PAGE, f"{here}&page=")
    start = (pager["page"] - 1) * ON_A_PAGE
    others = urlencode(kept).replace("{", "%7B").replace("}", "%7D")
    options = [(value, label, counts[value]) for value, label in STATES]
    return {
        "rows": [(one, ROLE_LABELS[one.role]) for one in found[start : start + ON_A_PAGE]],
        "total": len(found),
        "states": rows.filters(options, asked["state"], f"{PATH}?state={{}}&{others}"),
        **asked,
        "columns": COLUMNS,
        "cols": wanted.columns,
        "all_ticked": wanted.all_ticked,
        "pager": pager,
        "back": f"{here}&page={pager['page']}",
        "export": f"{PATH}/accounts.xlsx?{urlencode([('state', asked['state']), *kept])}",
    }


def to_xlsx(every: Sequence[Account], query: MultiMapping[str]) -> bytes:
    """The accounts that an address asks for, as an Excel file."""
    found, _, _ = chosen(every, query)
    shown = working_list.asked(query, COLUMNS, ())
    left_out = {
        part
        for one in COLUMNS
        if shown.own_columns and one.name not in shown.columns
        for part in _CHOSEN_BY.get(one.name, (one.name,))
    }
    columns = [one for one in FILE if one.name not in left_out]
    lines = [
        Line(
            {
                "name": one.name,
                "shown": one.shown,
                "role": ROLE_LABELS[one.role],
                "body": one.body,
                "email": one.email,
                "open_logins": one.open_logins,
                "bearers": one.bearers,
                "two_step": "开了" if one.two_step else "没有",
                "seen_at": one.seen_at,
                "disabled_at": one.disabled_at,
            }
        )
        for one in found
    ]
    wanted = working_list.asked(_everything(columns), columns, ())
    return working_list.to_xlsx("账号", columns, lines, wanted)


def _everything(columns: Sequence[Column]) -> MultiMapping[str]:
    return working_list.address([("col", one.name) for one in columns])
