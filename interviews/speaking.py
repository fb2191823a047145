"""Who is heard in an interview, and what is said beside the answers: opening words, remarks, what is entered later.

A clerk types for several guests (``speaker``); whoever is heard is one of those told for the interview (第十四条).
"""

from sqlalchemy import select
from sqlmodel import col

from base import audit
from base.db import UnitOfWork
from base.errors import Refusal
from base.people import Body, Person, Role
from interviews import access, body_names, changes, facts, law, texts, transcript
from interviews.lifecycle import InterviewStatus, ItemKind
from interviews.models import Deviation, Guest, Interview, Item
from interviews.transcript import Voice

SUPPLEMENT = "supplement"
"""Where a remark comes from that the host entered after the close (补录)."""


async def voice_of(uow: UnitOfWork, interview: Interview, speaker: str | None) -> Voice:
    """Who is heard: the guest a clerk types for, or the actor, with the body either speaks for.

    ``speaker``: nothing or the actor's own name means the actor.

    Raises:
        Refusal: no guest of the actor's bodies has that name.
    """
    if speaker is not None and speaker.strip() != uow.actor.name:
        query = (
            select(Guest, Body)
            .join(Body, col(Body.id) == col(Guest.body_id))
            .where(col(Guest.interview_id) == interview.id, col(Guest.name) == speaker.strip())
        )
        if uow.actor.body_id is not None:
            query = query.where(col(Guest.body_id).in_(await body_names.acts_for(uow.db, uow.actor.body_id)))
        found = (await uow.db.execute(query)).first()
        if found is None:
            raise Refusal("speaker.unknown", "名单里没有这位嘉宾。请先报参加人员，再替他发言。", status=400)
        guest, body = found
        if body.merged_into is not None:
            body = await uow.db.get_one(Body, body.merged_into)
        return Voice(f"{guest.name}（{guest.post}）", Role.GUEST, body.name)
    person = await uow.db.get(Person, uow.actor.person_id)
    post = f"（{person.post}）" if person and person.post else ""
    speaking_body = await uow.db.get(Body, uow.actor.body_id) if uow.actor.body_id else None
    return Voice(uow.actor.name + post, uow.actor.role, speaking_body.name if speaking_body else None)


async def say(uow: UnitOfWork, interview_id: int, text: str, speaker: str | None = None) -> Item:
    """A remark of the host, a guest or a clerk in the live interview, entered into the transcript.

    After the close of an interview that was extended or closed early, the host enters what was said aloud in
    the meantime; it stands there as 补录.

    Raises:
        Refusal: not there, not live, unusable text, or an unknown speaker.
    """
    interview = await access.acting_interview(uow, interview_id, rehearsal=True)
    origin = SUPPLEMENT if await _may_supplement(uow, interview) else None
    if origin is None:
        require_live(interview)
    voice = await voice_of(uow, interview, speaker)
    cleaned = texts.clean(text, texts.ANSWER_LIMIT, "要说的话")
    item = await transcript.append(uow, interview, ItemKind.SAID, voice, cleaned, origin=origin)
    await audit.note(uow, "interview.say", f"interview:{interview_id}", item=item.id, text=item.digest)
    uow.record(changes.ItemSaid(interview_id, facts.item_facts(item)))
    return item


async def _may_supplement(uow: UnitOfWork, interview: Interview) -> bool:
    """Whether the host may still enter what was said: ended, and with a recorded deviation from its length."""
    if interview.status != InterviewStatus.ENDED or uow.actor.role is not Role.HOST:
        return False
    article = law.load(interview.regulation).length.article
    query = select(col(Deviation.id)).where(
        col(Deviation.interview_id) == interview.id, col(Deviation.article) == article
    )
    return (await uow.db.execute(query.limit(1))).first() is not None


def require_live(interview: Interview) -> None:
    """Go on only while the interview is live.

    Raises:
        Refusal: ``interview.not_live``.
    """
    if interview.status != InterviewStatus.LIVE:
        raise Refusal("interview.not_live", "这场访谈没有在进行，这一步要等开始以后才能办。")
