"""How the catalogue is kept: the tree of its classes, and the steps of its review."""

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from base.errors import Refusal
from base.people import Role
from faq import classes, review_steps
from faq.review_steps import SIGNERS, STEPS_LIMIT, Step
from web import catalog_form, overtaken
from web.catalog_list import PATH
from web.forms import Form, Typed, posted
from web.keys import UNITS
from web.pages import ROLE_LABELS, Page, flash, render
from web.routes.catalog_desk import READERS
from web.routes.gate import staff_of
from web.routes.public import see_other

routes = web.RouteTableDef()

CLASSES_PAGE = Page("目录的类别", room="staff", path=f"{PATH}/classes")
STEPS_PAGE = Page("审核的步骤", room="staff", path=f"{PATH}/steps")
SPARE_ROWS = 2


# Classes


@routes.get(f"{PATH}/classes")
async def classes_page(request: web.Request) -> web.Response:
    """The tree, with how many entries each class has."""
    return await _classes(request, Form(), 200)


async def _classes(request: web.Request, form: Form, status: int) -> web.Response:
    actor = staff_of(request, *READERS)
    async with request.app[UNITS].read(actor) as uow:
        tree = await classes.tree(uow.db)
        used = await classes.used(uow.db)
    context = {
        "nodes": [
            {
                "name": node.name,
                "parent": node.parent or "",
                "depth": node.depth,
                "listed": node.listed,
                "count": used.get(node.name, 0),
                "children": len(tree.children(node.name)),
                "first": tree.children(node.parent)[0].name == node.name,
                "last": [one for one in tree.children(node.parent) if one.listed][-1:] == [node],
                "elsewhere": [
                    (one.name, "　" * one.depth + one.name)
                    for one in tree
                    if one.listed and one.name not in tree.below(node.name)
                ],
            }
            for node in tree
        ],
        "parents": [(one.name, "　" * one.depth + one.name) for one in tree if one.listed],
        "can_edit": actor.role is Role.OFFICE,
        "form": form,
    }
    return await render(request, "office_classes.html", context, page=CLASSES_PAGE, status=status)


@routes.post(f"{PATH}/classes")
async def edit_classes(request: web.Request) -> web.Response:
    """Add, rename, move, order or delete one class."""
    actor = staff_of(request, Role.OFFICE)
    typed = await posted(request)
    act, name = str(typed.get("act", "")), str(typed.get("name", "")).strip()
    try:
        async with request.app[UNITS].act(actor) as uow:
            words = await _edited(uow, act, name, typed)
    except Refusal as refusal:
        return await _classes(request, catalog_form.again(refusal, typed, act), refusal.status)
    response = see_other(f"{PATH}/classes")
    flash(request, response, "good", words)
    return response


async def _edited(uow: Any, act: str, name: str, typed: Typed) -> str:
    under = str(typed.get("under", "")) or None
    if act == "add":
        await classes.add(uow, name, under)
        return f"加上了“{name}”。"
    if act == "rename":
        new = str(typed.get("new", "")).strip()
        moved = await classes.rename(uow, name, new)
        return f"“{name}”改叫“{new}”，{moved}条跟着改了。"
    if act == "move":
        node = next((one for one in await classes.tree(uow.db) if one.name == name), None)
        if node is not None:
            now = ("上级", node.parent or "最上一层")
            overtaken.check(typed, {"under": now}, {"under": under or "最上一层"})
        await classes.move(uow, name, under)
        return f"“{name}”移到了{f'“{under}”下面' if under else '最上一层'}。"
    if act == "drop":
        await classes.drop(uow, name)
        return f"“{name}”删掉了。"
    if act == "up":
        await classes.order(uow, name, "up")
    elif act == "down":
        await classes.order(uow, name, "down")
    else:
        raise Refusal("class.act", "没有这个操作。请刷新页面再试。", status=400)
    return f"“{name}”{'上移' if act == 'up' else '下移'}了一位。"


# Steps


@routes.get(f"{PATH}/steps")
async def steps_page(request: web.Request) -> web.Response:
    """The steps of the review and who signs them."""
    return await _steps(request, Form(), 200)


async def _steps(request: web.Request, form: Form, status: int) -> web.Response:
    actor = staff_of(request, *READERS)
    async with request.app[UNITS].read(actor) as uow:
        listed = await review_steps.steps(uow.db)
        people = await review_steps.people(uow.db)
    shown = _typed_steps(form.typed) if form.act == "steps" else listed
    spare = min(SPARE_ROWS, STEPS_LIMIT - len(shown))
    names = {person.id: f"{person.display_name}（{ROLE_LABELS[Role(person.role)]}）" for person in people}
    context = {
        "steps": [_shown(step) for step in [*shown, *[Step("")] * spare]],
        "now": [
            {
                "name": step.name,
                "who": "、".join(names.get(one, "停用的账号") for one in step.people)
                if step.people
                else "、".join(ROLE_LABELS[role] for role in step.roles),
            }
            for step in listed
        ],
        "roles": [(role.value, ROLE_LABELS[role]) for role in SIGNERS],
        "people": list(names.items()),
        "drawn": {"steps": _in_words(listed)},
        "can_edit": actor.role in (Role.OFFICE, Role.SUPERVISOR),
        "form": form,
    }
    return await render(request, "office_steps.html", context, page=STEPS_PAGE, status=status)


def _in_words(steps: Sequence[Step]) -> str:
    """The steps as one text, by which two people at this form find each other."""
    return "；".join(
        f"{step.name}（{'、'.join(ROLE_LABELS[role] for role in step.roles)}"
        + (f"，只许{len(step.people)}个人：{' '.join(map(str, step.people))}" if step.people else "")
        + "）"
        for step in steps
    )


def _shown(step: Step) -> dict[str, Any]:
    return {"name": step.name, "roles": [role.value for role in step.roles], "people": list(step.people)}


@routes.post(f"{PATH}/steps")
async def edit_steps(request: web.Request) -> web.Response:
    """Replace the list of steps; rows without a name are left out."""
    actor = staff_of(request, Role.OFFICE, Role.SUPERVISOR)
    sent = await request.post()
    typed: Typed = {name: [str(one) for one in sent.getall(name)] for name in dict.fromkeys(sent)}
    try:
        async with request.app[UNITS].act(actor) as uow:
            wanted, now = _typed_steps(typed), await review_steps.steps(uow.db)
            marks = {name: "".join(value) for name, value in typed.items()}
            overtaken.check(marks, {"steps": ("步骤", _in_words(now))}, {"steps": _in_words(wanted)})
            anew = await review_steps.set_steps(uow, wanted)
    except Refusal as refusal:
        return await _steps(request, catalog_form.again(refusal, typed, "steps"), refusal.status)
    response = see_other(f"{PATH}/steps")
    more = f"正在送审的{anew}份从第一步重新签。" if anew else ""
    flash(request, response, "good", f"步骤改好了。{more}")
    return response


def _typed_steps(typed: Typed) -> list[Step]:
    """The rows of the form that have a name, in their order."""
    found = []
    for number in range(1, STEPS_LIMIT + 1):
        name = "".join(typed.get(f"name-{number}", "")).strip()
        roles = [Role(one) for one in typed.get(f"roles-{number}", ()) if one in set(SIGNERS)]
        people = [int(one) for one in typed.get(f"people-{number}", ()) if one.isascii() and one.isdecimal()]
        if name:
            found.append(Step(name, tuple(roles), tuple(one for one in people if one < 2**31)))
    return found
