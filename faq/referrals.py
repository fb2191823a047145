"""From the bot to a human (转人工): a question with a receipt, a day by which the office replies, and its reply.

Anyone who holds the receipt sees how far it is; what was written and what was replied, its asker alone.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, case, func, select, update
from sqlmodel import col

from base import audit, outbox
from base.clock import office_date
from base.db import UnitOfWork, Units
from base.errors import Refusal, forbidden, missing
from base.people import SYSTEM, Person, Role
from faq.models import Ask, Referral
from interviews import law, receipts, texts, wording, wordlists, workdays
from interviews.deadlines import in_words
from interviews.following import DAYS
from interviews.screening import screen

REPLY_WORKDAYS = 5
"""Working days, the day of asking not counted, within which the office replies, as the page promises."""

OPEN, REPLIED = "open", "replied"
SAME_FOR = timedelta(hours=24)
"""So long the same words of the same asker are the same referral."""

ON_A_PAGE = 30


@dataclass(frozen=True)
class Counts:
    """How many wait, and how many of them are past their day."""

    open: int
    late: int


async def refer(
    uow: UnitOfWork,
    text: str,
    ask: int | None = None,
    contact_sealed: str | None = None,
    regulation: str = law.DEFAULT,
) -> tuple[Referral, bool]:
    """Hand a question to the office; once for each ask of an asker, and once for the same words within a day.

    Args:
        uow: the citizen's.
        text: what they wrote; personal data is masked and only the masked text is kept.
        ask: the bot's turn that led here.
        contact_sealed: an encrypted e-mail address to which the reply goes.
        regulation: whose days off count besides the national ones.

    Returns:
        The referral, and whether it is new.

    Raises:
        Refusal: no visitor; ``text.empty``, ``text.too_long``, ``text.unreadable``.
    """
    asker = uow.actor.person_id
    if uow.actor.role is not Role.CITIZEN or asker is None:
        raise Refusal("visitor.missing", "还没有领到您的身份凭证。请刷新页面，再交一次。", status=401)
    written = texts.clean(text, texts.QUESTION_LIMIT, "问题")
    masked = screen(written, await wordlists.current(uow)).text
    # The asker's row is the lock: two presses at once are one referral on every database.
    await uow.db.get(Person, asker, with_for_update=True)
    kept = await uow.db.get(Ask, ask) if ask is not None and 0 < ask < 2**63 else None
    known = await _known(uow, asker, kept, masked)
    if known is not None:
        return known, False
    made = Referral(
        receipt=receipts.new(),
        asker_id=asker,
        ask_id=kept.id if kept else None,
        text=masked,
        contact_sealed=contact_sealed,
        due=await due_on(uow, office_date(uow.now), regulation),
        status=OPEN,
        created_at=uow.now,
    )
    uow.db.add(made)
    await uow.db.flush()
    return made, True


async def _known(uow: UnitOfWork, asker: int, ask: Ask | None, masked: str) -> Referral | None:
    recent = (col(Referral.text) == masked) & (col(Referral.created_at) > uow.now - SAME_FOR)
    same = recent if ask is None else recent | (col(Referral.ask_id) == ask.id)
    query = select(Referral).where(col(Referral.asker_id) == asker, same).order_by(col(Referral.id)).limit(1)
    return (await uow.db.scalars(query)).first()


async def due_on(uow: UnitOfWork, day: date, regulation: str = law.DEFAULT) -> date:
    """The day by which what is asked on ``day`` is replied to, in Shanghai."""
    calendar = (await workdays.present(uow)).with_days_off(law.load(regulation).days_off)
    return calendar.workdays_after(day, REPLY_WORKDAYS)[-1]


async def by_receipt(uow: UnitOfWork, typed: str) -> Referral:
    """The referral with a receipt number, however it was typed.

    Raises:
        Refusal: ``not_found``.
    """
    receipt = receipts.read(typed)
    query = select(Referral).where(col(Referral.receipt) == receipt)
    found = (await uow.db.scalars(query)).one_or_none() if receipt else None
    if found is None:
        raise missing("这个回执编号")
    return found


async def reply(uow: UnitOfWork, referral: int, text: str) -> Referral:
    """The office's reply; whoever left an address gets it by mail.

    Raises:
        Refusal: ``forbidden``; ``not_found``; ``referral.replied`` where somebody was quicker; unusable text.
    """
    if uow.actor.role is not Role.OFFICE:
        raise forbidden()
    said = texts.clean(text, texts.ANSWER_LIMIT, "答复")
    query = select(Referral).where(col(Referral.id) == referral).with_for_update()
    found = (await uow.db.scalars(query.execution_options(populate_existing=True))).one_or_none()
    if found is None:
        raise missing("这一件")
    if found.status != OPEN:
        raise Refusal("referral.replied", f"这一件{found.replied_by}已经答复过了。请刷新页面看。")
    found.status, found.reply = REPLIED, said
    found.replied_by, found.replied_at = uow.actor.name, uow.now
    await audit.note(
        uow,
        "referral.reply",
        f"referral:{found.id}",
        text=audit.text_digest(said),
        late=office_date(uow.now) > found.due,
    )
    await _write_to_asker(uow, found)
    return found


async def _write_to_asker(uow: UnitOfWork, found: Referral) -> None:
    """The reply itself goes by mail: its page shows it only in the browser that asked."""
    if not found.contact_sealed:
        return
    words = await wording.mail(uow, "referral", receipt=found.receipt, asked=found.text, reply=found.reply)
    to = outbox.SEALED + found.contact_sealed
    await outbox.queue(uow, f"referral:{found.id}", to, words.subject, words.text)


def stage(found: Referral) -> str:
    """How far a referral is, for anyone who holds its receipt."""
    if found.status == REPLIED:
        return "已经答复，答复只给提问人看"
    return f"在等答复，最迟{in_words(found.due)}"


# The office's list


async def counts(uow: UnitOfWork) -> Counts:
    """How many referrals wait, and how many are late."""
    late = case((col(Referral.due) < office_date(uow.now), 1), else_=0)
    query = select(func.count(col(Referral.id)), func.coalesce(func.sum(late), 0))
    many, overdue = (await uow.db.execute(query.where(col(Referral.status) == OPEN))).one()
    return Counts(int(many), int(overdue))


async def listed(uow: UnitOfWork, status: str, page: int = 1) -> list[Referral]:
    """Referrals of a status: those that wait by their day, so the overdue first; those replied to, newest first.

    Raises:
        Refusal: ``forbidden`` for whoever is neither office nor editor.
    """
    if uow.actor.role not in (Role.OFFICE, Role.EDITOR):
        raise forbidden()
    query = select(Referral).where(col(Referral.status) == status)
    order = (col(Referral.due), col(Referral.id)) if status == OPEN else (col(Referral.replied_at).desc(),)
    paged = query.order_by(*order).limit(ON_A_PAGE).offset((page - 1) * ON_A_PAGE)
    return list(await uow.db.scalars(paged))


async def count_of(uow: UnitOfWork, status: str) -> int:
    """How many referrals have a status."""
    query = select(func.count(col(Referral.id))).where(col(Referral.status) == status)
    return int(await uow.db.scalar(query) or 0)


async def forget_addresses(units: Units) -> int:
    """Forget the address left with a referral ``DAYS`` after it was replied to; how many."""
    async with units.read(SYSTEM) as uow:
        old = _forgettable(uow.now)
        if await uow.db.scalar(select(col(Referral.id)).where(*old).limit(1)) is None:
            return 0
    async with units.act(SYSTEM) as uow:
        gone = await uow.db.execute(
            update(Referral).where(*_forgettable(uow.now)).values(contact_sealed=None)
        )
        many = int(getattr(gone, "rowcount", 0))
        if many:
            await audit.note(uow, "address.forget", "referrals", addresses=many)
        return many


def _forgettable(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (col(Referral.contact_sealed).is_not(None), col(Referral.replied_at) < now - timedelta(days=DAYS))
