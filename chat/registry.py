"""Commands introduce themselves: name, schema and permission stand on the handler.

Read the ``@command`` lines of ``chat.commands`` and you have read the protocol. Socket and HTTP come through the
same ``dispatch``: known name, role, schema, one unit of work, one way to say no.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import structlog
from pydantic import BaseModel, ValidationError

from base.db import UnitOfWork, Units
from base.errors import Refusal, forbidden
from base.people import Actor, Role
from chat.limits import Pace
from interviews import deliveries, law

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Surroundings:
    """What handlers need beside the unit of work; ``web`` fills it.

    Attributes:
        seal: encrypts a citizen's contact address.
        pace: how fast visitors and addresses may act.
        sending: how reports go out.
        regulation: the rule by which new interviews are planned.
    """

    seal: Callable[[str], str]
    pace: Pace
    sending: deliveries.Terms = field(default_factory=deliveries.Terms)
    regulation: str = law.DEFAULT


@dataclass(frozen=True)
class Call:
    """One command under way.

    Attributes:
        uow: its unit of work.
        around: what handlers need beside it.
        address: from where it comes, as ``web.addresses`` counts it; empty for a program of our own.
        undo: what is done where the command comes to nothing after all, be it at the commit.
    """

    uow: UnitOfWork
    around: Surroundings
    address: str = ""
    undo: list[Callable[[], None]] = field(default_factory=list)


@dataclass(frozen=True)
class Outcome:
    """What a command gives back; ``created`` tells a first submission from a resend."""

    result: dict[str, Any] = field(default_factory=dict)
    created: bool = True


Handler = Callable[[Call, Any], Awaitable[Outcome]]


@dataclass(frozen=True)
class Command:
    """A registered command."""

    name: str
    schema: type[BaseModel]
    allow: frozenset[Role]
    handler: Handler
    about: str


REGISTRY: dict[str, Command] = {}


def command(name: str, schema: type[BaseModel], *, allow: set[Role]) -> Callable[[Handler], Handler]:
    """Register a handler under the name that sockets and HTTP call.

    Args:
        name: as in the contract, such as ``question.submit``.
        schema: what the one object of the command must look like.
        allow: roles that have the command at all; which rows they reach is the matter of ``interviews.access``.
    """

    def register(handler: Handler) -> Handler:
        if name in REGISTRY:
            raise ValueError(f"two handlers for {name}")
        about = (handler.__doc__ or "").strip().splitlines()[0]
        REGISTRY[name] = Command(name, schema, frozenset(allow), handler, about)
        return handler

    return register


def parse(found: Command, sent: object) -> BaseModel:
    """The command's object, checked against its schema.

    Raises:
        Refusal: ``input.invalid``; names the field.
    """
    return checked(found.schema, sent)


FIELDS = 100
"""More than any command has. Naming each of 58,000 unknown ones held everybody up for a quarter of a second."""


def checked(schema: type[BaseModel], sent: object) -> BaseModel:
    """An object checked against a schema.

    Raises:
        Refusal: ``input.invalid``; names the field.
    """
    if isinstance(sent, dict) and len(sent) > FIELDS:
        raise Refusal("input.invalid", "发来的内容有太多项。请按格式重新发送。", status=400)
    try:
        return schema.model_validate(sent)
    except ValidationError as error:
        raise invalid(error) from None
    except RecursionError:
        raise Refusal("input.invalid", "内容套得太深，读不了。请按格式重新发送。", status=400) from None


def invalid(error: ValidationError) -> Refusal:
    """The first thing wrong with an object, in words."""
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"])[:80]
    where = f"“{place}”这一项" if place else "发来的内容"
    words = {
        "missing": "没有填",
        "string_unicode": "里有认不出来的字符",
        "extra_forbidden": "不认识",
        "string_too_long": "太长",
        "string_too_short": "太短",
        "enum": "不在可选的范围里",
        "literal_error": "不在可选的范围里",
    }.get(first["type"], "格式不对")
    return Refusal("input.invalid", f"{where}{words}。请改好再交。", status=400)


async def dispatch(
    units: Units, around: Surroundings, actor: Actor, name: str, sent: object, address: str = ""
) -> Outcome:
    """Carry out a command in one unit of work.

    Raises:
        Refusal: unknown command, no such right, a malformed object, or whatever the verb refuses.
    """
    found = REGISTRY.get(name)
    if found is None:
        raise Refusal("command.unknown", "没有这个操作。请刷新页面再试。", status=404)
    if actor.role not in found.allow:
        raise _stranger(actor, found)
    wanted = parse(found, sent)
    undo: list[Callable[[], None]] = []
    try:
        async with units.act(actor) as uow:
            return await found.handler(Call(uow, around, address, undo), wanted)
    except BaseException:
        for step in undo:
            step()
        raise


def _stranger(actor: Actor, found: Command) -> Refusal:
    if actor.role is not Role.ANYONE:
        return forbidden()
    if Role.CITIZEN in found.allow:
        return Refusal("visitor.missing", "还没有领到您的身份凭证。请刷新页面再试。", status=401)
    return Refusal("login.required", "请先登录，再办这件事。", status=401)


async def answer(
    units: Units, around: Surroundings, actor: Actor, name: str, sent: object, address: str = ""
) -> dict[str, Any]:
    """``dispatch`` in the socket's envelope; nothing that goes wrong inside leaves as a traceback."""
    try:
        outcome = await dispatch(units, around, actor, name, sent, address)
    except Refusal as refusal:
        return {"ok": False, "error": refusal.body()}
    except Exception:
        log.exception("command.failed", command=name)
        return {"ok": False, "error": unexpected().body()}
    return {"ok": True, "result": outcome.result}


def unexpected() -> Refusal:
    """What a person is told when the fault is ours."""
    return Refusal("internal", "我们这边出了错，这一步没有办成。您写的没有丢，请稍后再试。", status=500)
