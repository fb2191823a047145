"""What is forgotten when its purpose is over (个人信息保护法 第十九条): the addresses that askers left for an answer.

Followers' addresses go by ``following``, what the bot was asked by ``faq.misses``, the contacts of bodies that the
office removed by ``body_contacts``. The network addresses of visitors are kept by the web server alone, as long as
网络安全法 第二十一条 asks (``docs/operator.md``).
"""

from datetime import timedelta

from sqlalchemy import select, update
from sqlmodel import col

from base import audit, outbox
from base.db import UnitOfWork
from base.outbox import ON_THE_WAY, OutboxMail
from interviews.following import DAYS, DONE, last_heard, went_into
from interviews.lifecycle import QuestionStatus
from interviews.models import Question


async def forget_addresses(uow: UnitOfWork) -> int:
    """Forget the address that an asker left, ``DAYS`` after the question is done; how many questions.

    What was sent to it by then is left in the outbox without the address and the text; so is every other letter to a
    citizen that is as old.
    """
    before = uow.now - timedelta(days=DAYS)
    query = select(Question).where(
        col(Question.contact_sealed).is_not(None), col(Question.submitted_at) < before
    )
    count = 0
    for question in list(await uow.db.scalars(query.order_by(col(Question.id)))):
        last = await went_into(uow, question)
        heard = await last_heard(uow, last)
        over = QuestionStatus(last.status) in DONE and last.reopened_at is None
        if over and heard is not None and heard < before:
            question.contact_sealed = None
            count += 1
    await uow.db.flush()
    letters = update(OutboxMail).where(
        col(OutboxMail.to).startswith(outbox.SEALED),
        col(OutboxMail.created_at) < before,
        col(OutboxMail.status).not_in(ON_THE_WAY),
    )
    await uow.db.execute(letters.values(to="", text="").execution_options(synchronize_session=False))
    if count:
        await audit.note(uow, "address.forget", "questions", addresses=count)
    return count
