"""Which notices go to whom by which way: what the office allows, and what each person chose within it.

A notice has a kind and goes by mail, by the webhook and onto the start page. For each kind and way the office says
off, free or must; where it is free, the person chooses. What one owes oneself stays on one's start page: that cannot
be switched off by anybody (issue 8).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import UniqueConstraint, select
from sqlmodel import Field, SQLModel, col

from base import audit
from base.db import UnitOfWork
from base.errors import Refusal, forbidden
from base.people import Role


class Kind(StrEnum):
    """What a notice to staff is about."""

    REMINDER = "reminder"
    OVERDUE = "overdue"
    OTHERS_LATE = "others_late"
    URGED = "urged"
    BOUNCED = "bounced"
    CALENDAR = "calendar"
    HANDED = "handed"
    TOLD = "told"
    APPROVAL = "approval"
    INSTRUCTION = "instruction"
    INSTRUCTION_DUE = "instruction_due"
    WAIVER = "waiver"


class Way(StrEnum):
    """How a notice reaches somebody."""

    MAIL = "mail"
    WEBHOOK = "webhook"
    PAGE = "page"


class Allowed(StrEnum):
    """What the office says of a kind and a way."""

    OFF = "off"
    FREE = "free"
    MUST = "must"


Pair = tuple[Kind, Way]

LABELS = {
    Kind.REMINDER: "要办的事快到期",
    Kind.OVERDUE: "自己的事逾期了",
    Kind.OTHERS_LATE: "别的单位逾期了",
    Kind.URGED: "信息办催办",
    Kind.BOUNCED: "汇总报告没有寄到",
    Kind.CALENDAR: "放假通知改了日子",
    Kind.HANDED: "转交的问题到了",
    Kind.TOLD: "访谈改了、取消了，或者定了地点",
    Kind.APPROVAL: "有答复等您审定，或者您交的退回了",
    Kind.INSTRUCTION: "督办写来、退回、撤回，或者有了答复",
    Kind.INSTRUCTION_DUE: "督办快到期、逾期",
    Kind.WAIVER: "申请例外，或者申请有了结果",
}
WAY_LABELS = {Way.MAIL: "邮件", Way.WEBHOOK: "短信或消息", Way.PAGE: "首页"}
ALLOWED_LABELS = {Allowed.OFF: "不发", Allowed.FREE: "各人自己定", Allowed.MUST: "一定发"}

_OWN = "自己要办的事要看得到"
_RULED = "规定要告诉单位和参加的人"
FIXED: Mapping[Pair, str] = {
    **{(kind, Way.PAGE): _OWN for kind in Kind if kind is not Kind.OTHERS_LATE},
    # Handing over, a change and the venue are acts that the rule asks to be told (第十二条至第十四条).
    (Kind.HANDED, Way.MAIL): _RULED,
    (Kind.TOLD, Way.MAIL): _RULED,
}
"""What always goes, which nobody can set otherwise, and why."""

ALWAYS = {
    "report": ("汇总报告", "规定要报送，发给收件单位登记的邮箱；这个单位用不用邮件，在单位那里定。"),
    "asker": ("告诉提问人去向", "提问人自己留了邮箱，等的就是这一封。"),
    "follow": ("订阅的消息", "订的人自己点头、自己退订，每一封里都有退订的网址。"),
    "referral": ("找人问的答复", "找人问的市民自己留了邮箱，答复只从这里给。"),
}
"""What else goes out and is nobody's choice here: by the first word of its key, its name and why."""

AT_FIRST = {Way.MAIL: Allowed.FREE, Way.WEBHOOK: Allowed.OFF, Way.PAGE: Allowed.FREE}
UNLESS_CHOSEN = {Way.MAIL: True, Way.WEBHOOK: False, Way.PAGE: True}

OWN = (Kind.REMINDER, Kind.OVERDUE, Kind.CALENDAR)
KINDS_OF = {
    Role.OFFICE: (*OWN, Kind.BOUNCED, Kind.WAIVER),
    Role.SUPERVISOR: (*OWN, Kind.OTHERS_LATE, Kind.BOUNCED, Kind.INSTRUCTION, Kind.WAIVER),
    Role.CLERK: (
        *OWN,
        Kind.URGED,
        Kind.HANDED,
        Kind.TOLD,
        Kind.APPROVAL,
        Kind.INSTRUCTION,
        Kind.INSTRUCTION_DUE,
    ),
    Role.GUEST: (*OWN, Kind.TOLD, Kind.APPROVAL),
    Role.HOST: (*OWN, Kind.TOLD),
    Role.MODERATOR: (*OWN, Kind.TOLD),
    Role.RECIPIENT: OWN,
}
"""Which kinds of notices reach a role."""

_ADDRESS = re.compile(r"[0-9A-Za-z+@._-]{1,64}")


class NoticeRule(SQLModel, table=True):
    """What the office said of one kind and one way; ``allowed`` is an ``Allowed``."""

    __tablename__ = "notice_rule"
    __table_args__ = (UniqueConstraint("kind", "channel", name="uq_notice_rule_kind_channel"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    channel: str
    allowed: str


class NoticeChoice(SQLModel, table=True):
    """What one person chose."""

    __tablename__ = "notice_choice"
    __table_args__ = (
        UniqueConstraint("person_id", "kind", "channel", name="uq_notice_choice_person_kind_channel"),
    )

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    kind: str
    channel: str
    wanted: bool


class NoticeContact(SQLModel, table=True):
    """The number or name under which the city's gateway reaches one person."""

    __tablename__ = "notice_contact"

    person_id: int = Field(
        primary_key=True, foreign_key="person.id", sa_column_kwargs={"autoincrement": False}
    )
    address: str


@dataclass(frozen=True)
class Wishes:
    """The office's rules and everybody's choices at one instant.

    Attributes:
        rules: what the office set.
        choices: what persons chose, by their number.
        addresses: where the gateway reaches them, by their number.
    """

    rules: Mapping[Pair, Allowed]
    choices: Mapping[tuple[int, Kind, Way], bool]
    addresses: Mapping[int, str]

    def allowed(self, kind: Kind, way: Way) -> Allowed:
        """What holds for a kind and a way."""
        return Allowed.MUST if (kind, way) in FIXED else self.rules.get((kind, way)) or AT_FIRST[way]

    def wants(self, person_id: int | None, kind: Kind, way: Way) -> bool:
        """Whether a notice of this kind goes to a person that way; ``None`` is a body's own address."""
        allowed = self.allowed(kind, way)
        if allowed is not Allowed.FREE:
            return allowed is Allowed.MUST
        return self.choices.get((person_id or 0, kind, way), UNLESS_CHOSEN[way])


def kinds_of(role: Role) -> tuple[Kind, ...]:
    """The kinds of notices that reach somebody in a role; none for those who owe nothing."""
    return KINDS_OF.get(role, ())


async def wishes(uow: UnitOfWork) -> Wishes:
    """What holds now, for everybody: a city has some hundred members of staff."""
    rules = {(row.kind, row.channel): row.allowed for row in await uow.db.scalars(select(NoticeRule))}
    chosen = await uow.db.scalars(select(NoticeChoice))
    addresses = await uow.db.scalars(select(NoticeContact))
    return Wishes(
        {(Kind(kind), Way(way)): Allowed(said) for (kind, way), said in rules.items()},
        {(row.person_id, Kind(row.kind), Way(row.channel)): row.wanted for row in chosen},
        {row.person_id: row.address for row in addresses},
    )


async def set_rules(uow: UnitOfWork, said: Mapping[Pair, Allowed]) -> int:
    """The office says what is off, free or must; how many changed.

    Raises:
        Refusal: ``forbidden`` for other roles; ``notice.fixed`` for what always goes.
    """
    if uow.actor.role is not Role.OFFICE:
        raise forbidden()
    before = await wishes(uow)
    changed = {pair: allowed for pair, allowed in said.items() if before.allowed(*pair) is not allowed}
    for kind, way in changed:
        if (kind, way) in FIXED:
            raise Refusal(
                "notice.fixed",
                f"“{LABELS[kind]}”的{WAY_LABELS[way]}不能关：{FIXED[kind, way]}。",
                status=400,
            )
    for (kind, way), allowed in changed.items():
        query = select(NoticeRule).where(col(NoticeRule.kind) == kind, col(NoticeRule.channel) == way)
        row = (await uow.db.scalars(query)).one_or_none() or NoticeRule(kind=kind, channel=way, allowed="")
        row.allowed = allowed
        uow.db.add(row)
    if changed:
        listed = {f"{kind}.{way}": allowed.value for (kind, way), allowed in changed.items()}
        await audit.note(uow, "notice.rules", "notices", **listed)
    return len(changed)


async def choose(uow: UnitOfWork, said: Mapping[Pair, bool], address: str) -> None:
    """A member of staff chooses for themselves, within what is free, and says where the gateway reaches them.

    Args:
        uow: of that person.
        said: by kind and way; a pair that the office has decided meanwhile is passed over.
        address: a telephone number or the gateway's name for them; empty takes it back.

    Raises:
        Refusal: ``notice.address``, or ``forbidden`` for whoever gets no notices.
    """
    person_id, kinds = uow.actor.person_id, kinds_of(uow.actor.role)
    if person_id is None or not kinds:
        raise forbidden()
    plain = address.strip()
    if plain and _ADDRESS.fullmatch(plain) is None:
        raise Refusal(
            "notice.address",
            "号码写得不对。只能用数字、字母和 + @ . _ -，最多64个，例如 13900001111。不要了就清空。",
            status=400,
        )
    now = await wishes(uow)
    free = {
        pair: wanted
        for pair, wanted in said.items()
        if pair[0] in kinds and now.allowed(*pair) is Allowed.FREE
    }
    mine = select(NoticeChoice).where(col(NoticeChoice.person_id) == person_id)
    rows = {(row.kind, row.channel): row for row in await uow.db.scalars(mine)}
    for (kind, way), wanted in free.items():
        row = rows.get((kind, way)) or NoticeChoice(
            person_id=person_id, kind=kind, channel=way, wanted=wanted
        )
        row.wanted = wanted
        uow.db.add(row)
    contact = await uow.db.get(NoticeContact, person_id)
    if contact is not None and not plain:
        await uow.db.delete(contact)
    elif contact is not None:
        contact.address = plain
    elif plain:
        uow.db.add(NoticeContact(person_id=person_id, address=plain))
    listed = {f"{kind}.{way}": wanted for (kind, way), wanted in free.items()}
    await audit.note(uow, "notice.choose", f"person:{person_id}", reached=bool(plain), **listed)
