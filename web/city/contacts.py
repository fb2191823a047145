"""Whom one calls at the bodies of the example city (联系人), entered by its office when the city is founded."""

from base.db import UnitOfWork
from interviews import body_contacts
from interviews.body_contacts import Sent
from web.city.cast import Cast
from web.city.data import read_file


async def enter(uow: UnitOfWork, made: Cast) -> None:
    """Enter what the city's file says; a body that is not in it has nobody yet.

    Args:
        uow: the office's, at the instant at which the city begins.
        made: the city's bodies.
    """
    for key, people in read_file("contacts.yaml").items():
        for one in people:
            await body_contacts.add(uow, made.bodies[key], Sent(**one))
