"""The steps of the city's review (先审后发): their names, who may sign them, and who may not.

How many there are is the city's to set. Public rules on 信息公开 name, the author counted: two (「经信息员初审，
分管领导审核签字后，方能公开」), three (「先由各科、处、室、所按要求提出公开信息内容，经分管领导把关、局主要领导同意，
再予以公开」) and four (「单位信息拟稿人、股室负责人、分管领导、主要领导4人层层签字审批同意后才能公开」). The step list
starts with three: the author, the section's head and the leader responsible; a city of four adds 主要领导.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from base.audit import note
from base.db import UnitOfWork
from base.errors import Refusal, forbidden
from base.people import Actor, Body, Person, Role
from faq.library import locked_state
from faq.models import EntryRevision, ReviewSignature, ReviewStep, RevisionStatus
from interviews.texts import clean

NAME_LIMIT = 12
STEPS_LIMIT = 8
"""Twice the most that any rule we read asks for."""

SIGNERS = (Role.EDITOR, Role.OFFICE, Role.SUPERVISOR)
BODY_STEP = -1
BODY_NAME = "答复机构"


@dataclass(frozen=True)
class Step:
    """One signature: its name, and who may give it: one of ``people`` where there are any, else of ``roles``."""

    name: str
    roles: tuple[Role, ...] = ()
    people: tuple[int, ...] = ()


DEFAULT = (
    Step("科室负责人", (Role.EDITOR, Role.OFFICE)),
    Step("分管领导", (Role.OFFICE, Role.SUPERVISOR)),
)
BODY = Step(BODY_NAME, (Role.CLERK,))


async def steps(db: AsyncSession) -> list[Step]:
    """The steps in order; the default ones where the city has set none."""
    rows = await db.scalars(select(ReviewStep).order_by(col(ReviewStep.position)))
    own = [Step(row.name, tuple(Role(role) for role in row.roles), tuple(row.people)) for row in rows]
    return own or list(DEFAULT)


async def set_steps(uow: UnitOfWork, wanted: Sequence[Step]) -> int:
    """Replace the list of steps; what is under review starts its signatures anew.

    Returns:
        how many revisions start anew.

    Raises:
        Refusal: ``steps.none``, ``steps.many``, ``steps.same``, ``steps.nobody``, ``steps.person``,
            ``text.empty``, ``text.too_long``; the actor is neither office nor supervisor.
    """
    if uow.actor.role not in (Role.OFFICE, Role.SUPERVISOR):
        raise forbidden()
    await locked_state(uow)
    checked = await _checked(uow.db, wanted)
    if checked == await steps(uow.db):
        return 0
    await uow.db.execute(delete(ReviewStep))
    for position, step in enumerate(checked):
        roles, people = [role.value for role in step.roles], list(step.people)
        uow.db.add(ReviewStep(position=position, name=step.name, roles=roles, people=people))
    under_review = select(EntryRevision).where(col(EntryRevision.status) == RevisionStatus.REVIEW)
    anew = list(await uow.db.scalars(under_review))
    for revision in anew:
        revision.round += 1
        revision.step = first_step(revision)
        revision.changed_at = uow.now
    names = [{"name": s.name, "roles": [r.value for r in s.roles], "people": list(s.people)} for s in checked]
    await note(uow, "review.steps", "catalog", steps=names, anew=[one.id for one in anew])
    return len(anew)


async def _checked(db: AsyncSession, wanted: Sequence[Step]) -> list[Step]:
    if not wanted:
        raise Refusal("steps.none", "至少要有一步。请写上这一步的名称和由谁签。", status=400)
    if len(wanted) > STEPS_LIMIT:
        raise Refusal("steps.many", f"最多{STEPS_LIMIT}步。请删去几步。", status=400)
    known = {person.id for person in await people(db)}
    found: list[Step] = []
    for step in wanted:
        name = clean(step.name, NAME_LIMIT, "步骤的名称")
        if any(one.name == name for one in found) or name == BODY_NAME:
            raise Refusal("steps.same", f"有两步都叫“{name}”。请换一个名称。", status=400)
        if not step.people and not step.roles:
            raise Refusal("steps.nobody", f"“{name}”还没有选由谁签。请选账号类别，或者选人。", status=400)
        if set(step.roles) - set(SIGNERS) or set(step.people) - known:
            raise Refusal("steps.person", f"“{name}”选的人现在不能签。请重新选。", status=400)
        found.append(Step(name, tuple(step.roles), tuple(step.people)))
    return found


async def people(db: AsyncSession) -> list[Person]:
    """Whose accounts may sign a step."""
    query = select(Person).where(
        col(Person.role).in_([role.value for role in SIGNERS]), col(Person.disabled_at).is_(None)
    )
    return list(await db.scalars(query.order_by(col(Person.role), col(Person.id))))


async def bodies(db: AsyncSession) -> dict[int, str]:
    """The names of the organisations, for the step of the one that answered."""
    return {body.id or 0: body.name for body in await db.scalars(select(Body))}


# Who may sign


def first_step(revision: EntryRevision) -> int:
    """Where signatures begin: with the organisation that answered, where there is one."""
    return BODY_STEP if revision.body_id is not None else 0


def step_at(revision: EntryRevision, listed: Sequence[Step]) -> Step:
    """The step whose signature comes next."""
    return BODY if revision.step == BODY_STEP else listed[min(revision.step, len(listed) - 1)]


def why_not(
    revision: EntryRevision,
    actor: Actor,
    listed: Sequence[Step],
    signed: Sequence[ReviewSignature],
    writers: Sequence[int],
) -> Refusal | None:
    """Why somebody may not sign what comes next; ``None`` where they may.

    Args:
        revision: under review, or not.
        actor: who would sign.
        listed: from :func:`steps`.
        signed: the signatures of the revision's present round.
        writers: ids of those who wrote what is to be signed.
    """
    if revision.status != RevisionStatus.REVIEW:
        return Refusal("review.not_open", "这一份现在不在送审。请刷新页面看它到了哪里。")
    if actor.person_id is None:
        return forbidden()
    step = step_at(revision, listed)
    if not _is_for(step, revision, actor):
        return Refusal("review.not_yours", f"现在等“{step.name}”签，您不在这一步的签字人里。", status=403)
    if actor.person_id in writers:
        return Refusal("review.own", "自己起草或者改过的，不能自己签。请等别的人签。", status=403)
    if any(one.person_id == actor.person_id for one in signed):
        return Refusal("review.twice", "您已经签过前面一步。同一份每人只签一次，请等别的人签。", status=403)
    return None


async def who_may_sign(
    db: AsyncSession,
    revision: EntryRevision,
    listed: Sequence[Step],
    signed: Sequence[ReviewSignature],
    writers: Sequence[int],
) -> list[str]:
    """The names of those who may sign what comes next; nobody's where it is stuck, or not under review.

    The arguments are those of :func:`why_not`.
    """
    clerks = select(Person).where(
        col(Person.role) == Role.CLERK,
        col(Person.body_id) == revision.body_id,
        col(Person.disabled_at).is_(None),
    )
    found = await db.scalars(clerks) if revision.step == BODY_STEP else await people(db)
    actors = [Actor(one.id, Role(one.role), one.display_name, one.body_id) for one in found]
    return [one.name for one in actors if why_not(revision, one, listed, signed, writers) is None]


def _is_for(step: Step, revision: EntryRevision, actor: Actor) -> bool:
    if revision.step == BODY_STEP:
        return actor.role is Role.CLERK and actor.body_id == revision.body_id
    if actor.role not in SIGNERS:
        return False
    return actor.person_id in step.people if step.people else actor.role in step.roles


async def signatures(db: AsyncSession, revision_ids: Sequence[int]) -> dict[int, list[ReviewSignature]]:
    """All signatures of some revisions, in order."""
    found: dict[int, list[ReviewSignature]] = {number: [] for number in revision_ids}
    query = select(ReviewSignature).where(col(ReviewSignature.revision_id).in_(revision_ids))
    for one in await db.scalars(query.order_by(col(ReviewSignature.at), col(ReviewSignature.id))):
        found[one.revision_id].append(one)
    return found


def of_round(
    revision: EntryRevision, every: Mapping[int, Sequence[ReviewSignature]]
) -> list[ReviewSignature]:
    """The signatures of a revision's present round."""
    return [one for one in every.get(revision.id or 0, ()) if one.round == revision.round]
