"""Who reads a report without a login, by a signed link that went with the mail, and whether what they read is the last."""

from sqlalchemy import func, select
from sqlmodel import col

from base.db import UnitOfWork
from base.errors import missing
from base.people import Actor, Body, Role
from interviews.models import Delivery, Report


async def by_link(uow: UnitOfWork, delivery_id: int) -> Actor:
    """The body that the report went to, without a person; the audit says so.

    Raises:
        Refusal: ``not_found`` where the delivery is gone, or its body receives no reports any more.
    """
    query = (
        select(Body)
        .join(Delivery, col(Delivery.body_id) == col(Body.id))
        .where(col(Delivery.id) == delivery_id, col(Body.recipient).is_(True))
    )
    body = (await uow.db.scalars(query)).one_or_none()
    if body is None:
        raise missing("这份报告")
    return Actor(None, Role.RECIPIENT, body.name, body.id)


async def newer_version(uow: UnitOfWork, delivery_id: int) -> int | None:
    """The number of a later version that went to the same body; ``None`` while this is the last."""
    this = (
        select(col(Delivery.body_id), col(Report.interview_id), col(Report.version))
        .join(Report, col(Report.id) == col(Delivery.report_id))
        .where(col(Delivery.id) == delivery_id)
        .subquery()
    )
    query = (
        select(func.max(col(Report.version)))
        .join(Delivery, col(Delivery.report_id) == col(Report.id))
        .join(this, this.c.body_id == col(Delivery.body_id))
        .where(col(Report.interview_id) == this.c.interview_id, col(Report.version) > this.c.version)
    )
    found: int | None = await uow.db.scalar(query)
    return found
