"""Errata (更正): what was said stays as it was said; what corrects it stands beside it, with its reason.

An erratum is an item of the transcript like any other: numbered, and hashed into the chain.
"""

from base import audit, outbox
from base.db import UnitOfWork
from base.errors import Refusal, missing
from base.people import Role
from interviews import access, body_names, changes, facts, texts, transcript, wording
from interviews.lifecycle import ItemKind
from interviews.models import Interview, Item, Question
from interviews.speaking import voice_of

OWN_ONLY = frozenset({Role.GUEST, Role.CLERK})
"""Who may correct only what was said for their own body."""


async def publish(uow: UnitOfWork, item_id: int, text: str, reason: str) -> Item:
    """Put a correction beside an item.

    Args:
        uow: a unit of work of staff who act in the interview.
        item_id: the item that is corrected; of an erratum, the item it is beside is meant.
        text: what is right.
        reason: why it had to be corrected; public.

    Raises:
        Refusal: not there, another body's words, taken down already, or unusable text.
    """
    interview, item = await access.acting_item(uow, item_id)
    if item.of_id is not None:
        interview, item = await access.acting_item(uow, item.of_id)
    if uow.actor.role in OWN_ONLY and not await _own(uow, item):
        raise missing("这一条实录")
    if item.removed_at is not None:
        raise Refusal("item.removed", "这一条已经撤下了，不用再更正。")
    told = texts.clean(text, texts.ANSWER_LIMIT, "更正的内容")
    why = texts.clean(reason, texts.REASON_LIMIT, "更正的原因")
    letter = item.no < 0
    erratum = await transcript.append(
        uow,
        interview,
        ItemKind.ERRATUM,
        await voice_of(uow, interview, None),
        told,
        question_id=item.question_id,
        of_id=item.id,
        note=why,
        letter=letter,
    )
    await audit.note(
        uow,
        "erratum.publish",
        f"item:{item.id}",
        erratum=erratum.id,
        text=erratum.digest,
        reason=audit.text_digest(why),
    )
    await _write(uow, interview, item, erratum)
    uow.record(changes.ErratumPublished(interview.id or 0, facts.item_facts(erratum), public=not letter))
    return erratum


async def _own(uow: UnitOfWork, item: Item) -> bool:
    own = uow.actor.body_id
    return own is not None and item.body_name in (await body_names.names(uow.db)).ever(own)


async def _write(uow: UnitOfWork, interview: Interview, item: Item, erratum: Item) -> None:
    """Tell the asker of a corrected answer by mail, where an address was left."""
    asked = await uow.db.get(Question, item.question_id) if item.question_id else None
    if asked is None or not asked.contact_sealed or item.kind == ItemKind.QUESTION:
        return
    words = await wording.mail(
        uow, "asker_erratum", theme=interview.theme, number=asked.number, receipt=asked.receipt
    )
    to = outbox.SEALED + asked.contact_sealed
    await outbox.queue(uow, f"asker:erratum:{erratum.id}", to, words.subject, words.text)
