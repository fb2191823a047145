"""The editor's desk: the list of entries, an entry with its revisions, and the form in which one is written."""

from typing import Any

from aiohttp import web
from multidict import MultiMapping

from base.clock import office_date
from base.db import UnitOfWork
from base.errors import Refusal
from base.people import Actor, Role
from faq import classes, drafts, numbering, review, revisions
from faq.drafts import Draft
from faq.models import CatalogEntry, EntryRevision, EntryStatus, Openness, RevisionAction
from web import catalog_form, catalog_list, entry_page, signing, working_list
from web.catalog_list import PATH
from web.forms import Form, Typed, Unreadable, posted
from web.keys import UNITS
from web.pages import Page, flash, render
from web.routes.api import path_number
from web.routes.gate import staff_of
from web.routes.public import see_other

routes = web.RouteTableDef()

READERS = (Role.EDITOR, Role.OFFICE, Role.SUPERVISOR)
WRITERS = (Role.EDITOR, Role.OFFICE)
LIST_PAGE = Page("目录编辑", room="staff", path=PATH)
NEW_PAGE = Page("新写一条", room="staff", path=f"{PATH}/new")


# The list


@routes.get(PATH)
async def catalog_page(request: web.Request) -> web.Response:
    """Entries of every status, narrowed; first of all what waits for one's own signature."""
    return await show_list(request, request.query, Form())


@routes.get(f"{PATH}.xlsx")
async def exported(request: web.Request) -> web.StreamResponse:
    """What the address asks for, as an Excel file of any length."""
    actor = staff_of(request, *READERS)
    async with request.app[UNITS].read(actor) as uow:
        asked = (await catalog_list.read(uow, request.query)).asked
    parts = catalog_list.exported(request.app[UNITS], actor, asked)
    return await working_list.send_xlsx(request, "目录条目", "catalog", catalog_list.COLUMNS, parts, asked)


async def show_list(
    request: web.Request,
    query: MultiMapping[str],
    form: Form,
    *,
    signed: signing.Signed | None = None,
    wanted: signing.Wanted | None = None,
    status: int = 200,
) -> web.Response:
    """The list; after several were signed, with what became of them."""
    actor = staff_of(request, *READERS)
    async with request.app[UNITS].read(actor) as uow:
        context = await catalog_list.page_of(uow, await catalog_list.read(uow, query))
    context |= {"can_write": actor.role in WRITERS, "form": form, "became": signing.became(wanted, signed)}
    return await render(request, "office_catalog.html", context, page=LIST_PAGE, status=status)


# An entry


@routes.get(f"{PATH}/{{id:\\d+}}")
async def entry_of_desk(request: web.Request) -> web.Response:
    """An entry, what is proposed for it, and all its revisions with their signatures."""
    return await show(request, path_number(request), Form(), 200)


async def show(request: web.Request, number: int, form: Form, status: int) -> web.Response:
    """The entry's page, with a form that was refused where there is one."""
    actor = staff_of(request, *READERS)
    async with request.app[UNITS].read(actor) as uow:
        entry = await revisions.find_entry(uow.db, number)
        context = await entry_page.seen(uow, entry, await revisions.open_of(uow.db, number))
        context["use"] = await entry_page.used(uow, entry)
    context |= {"can": _acts(actor, entry, context["revision"]), "form": form}
    page = Page(entry.title or "没有标题", room="staff", path=f"{PATH}/{number}")
    return await render(request, "office_entry.html", context, page=page, status=status)


def _acts(actor: Actor, entry: CatalogEntry, revision: dict[str, Any] | None) -> dict[str, bool]:
    """What may be begun; while something is on its way, nothing."""
    free = actor.role in WRITERS and revision is None
    public = entry.status == EntryStatus.PUBLISHED
    return {"change": free and public, "publish": free and not public, "end": free and public}


# Writing


@routes.get(f"{PATH}/new")
async def new_page(request: web.Request) -> web.Response:
    """The form of a new entry, with a number that is free."""
    actor = staff_of(request, *WRITERS)
    async with request.app[UNITS].read(actor) as uow:
        number = await numbering.suggest(uow.db, office_date(uow.now))
    typed = {"index_no": number, "openness": Openness.OPEN.value, "in_force": "yes"}
    return await _form(request, None, Form(typed), 200)


@routes.post(f"{PATH}/new")
async def write_new(request: web.Request) -> web.Response:
    """Keep a new entry as a draft, or send it into the review at once."""
    actor = staff_of(request, *WRITERS)
    typed = await posted(request)
    try:
        draft = catalog_form.read(typed)
        async with request.app[UNITS].act(actor) as uow:
            revision = await _propose(uow, None, RevisionAction.PUBLISH, draft, typed)
            await _go_on(uow, revision, typed)
    except Refusal as refusal:
        return await _form(request, None, catalog_form.again(refusal, typed, "write"), refusal.status)
    return saved(request, revision.entry_id, typed)


@routes.get(f"{PATH}/{{id:\\d+}}/edit")
async def edit_page(request: web.Request) -> web.Response:
    """The form of an entry: what is being written for it, or else what it says."""
    actor = staff_of(request, *WRITERS)
    number = path_number(request)
    async with request.app[UNITS].read(actor) as uow:
        entry = await revisions.find_entry(uow.db, number)
        revision = await revisions.open_of(uow.db, number)
    if revision is not None and not _may_be_written(revision):
        return see_other(f"{PATH}/{number}")
    draft = drafts.of_revision(revision) if revision else drafts.of_entry(entry)
    typed = catalog_form.typed_of(draft, revision.reason if revision else None)
    return await _form(request, number, Form(typed), 200)


def _may_be_written(revision: EntryRevision) -> bool:
    return revision.status in review.EDITABLE and revision.action != RevisionAction.RETIRE


@routes.post(f"{PATH}/{{id:\\d+}}/edit")
async def write(request: web.Request) -> web.Response:
    """Keep what was written for an entry, or send it into the review at once."""
    actor = staff_of(request, *WRITERS)
    number, typed = path_number(request), await posted(request)
    try:
        draft = catalog_form.read(typed)
        async with request.app[UNITS].act(actor) as uow:
            revision = await _kept(uow, number, draft, typed)
            await _go_on(uow, revision, typed)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return await _form(request, number, catalog_form.again(refusal, typed, "write"), refusal.status)
    return saved(request, number, typed)


async def _kept(uow: UnitOfWork, number: int, draft: Draft, typed: Typed) -> EntryRevision:
    """The revision that is on its way written anew, or a new one begun."""
    entry = await revisions.find_entry(uow.db, number)
    revision = await revisions.open_of(uow.db, number)
    seen = str(typed.get("seen", ""))
    if revision is None or not seen:
        public = entry.status == EntryStatus.PUBLISHED
        action = RevisionAction.CHANGE if public else RevisionAction.PUBLISH
        return await _propose(uow, number, action, draft, typed)
    return await review.edit(
        uow,
        revision.id or 0,
        draft.row,
        str(typed.get("reason", "")),
        amended_on=draft.amended_on,
        review_on=draft.review_on,
        seen=seen,
    )


async def _propose(
    uow: UnitOfWork, number: int | None, action: RevisionAction, draft: Draft, typed: Typed
) -> EntryRevision:
    return await review.propose(
        uow,
        number,
        action,
        draft.row,
        str(typed.get("reason", "")),
        amended_on=draft.amended_on,
        review_on=draft.review_on,
    )


async def _go_on(uow: UnitOfWork, revision: EntryRevision, typed: Typed) -> None:
    if typed.get("then") == "submit":
        await review.submit(uow, revision.id or 0)


def saved(request: web.Request, number: int, typed: Typed) -> web.Response:
    """Back to the entry, which says what comes next."""
    response = see_other(f"{PATH}/{number}")
    if typed.get("then") == "submit":
        flash(request, response, "good", "送审了。下一步由谁签，写在下面；签完最后一步才公开。")
    else:
        flash(request, response, "good", "存成草稿了，还没有公开。看过没有问题，就送审。")
    return response


async def _form(request: web.Request, number: int | None, form: Form, status: int) -> web.Response:
    """The form, fresh or refused; after somebody else saved in between, with what they changed."""
    actor = staff_of(request, *WRITERS)
    async with request.app[UNITS].read(actor) as uow:
        entry = await revisions.find_entry(uow.db, number) if number is not None else None
        revision = await revisions.open_of(uow.db, number) if number is not None else None
        tree = await classes.tree(uow.db)
        issuers = await catalog_list.issuers(uow)
    # Somebody else saved: what is sent next has been compared with theirs, so it may replace it.
    replaced = revision is not None and form.typed["seen"] not in ("", drafts.stamp(revision))
    context = {
        "entry": {"id": number, "title": entry.title, "public": entry.status == EntryStatus.PUBLISHED}
        if entry
        else None,
        "seen": drafts.stamp(revision) if revision else "",
        "theirs": _theirs(form.typed, revision) if replaced and revision else None,
        "classes": [(node.name, "　" * node.depth + node.name) for node in tree],
        "opennesses": [(one.value, one.value) for one in Openness],
        "issuers": issuers,
        "form": form,
        "back": f"{PATH}/{number}" if number is not None else PATH,
    }
    page = Page(f"起草：{entry.title}", room="staff", path=f"{PATH}/{number}/edit") if entry else NEW_PAGE
    return await render(request, "office_entry_form.html", context, page=page, status=status)


def _theirs(typed: Typed, revision: EntryRevision) -> list[drafts.Difference]:
    try:
        mine = catalog_form.read(typed)
    except Unreadable:
        return []
    return drafts.differences(mine, drafts.of_revision(revision))
