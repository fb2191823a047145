"""The example city (示例市): a year of interviews told through the real verbs, around whatever day it is today.

``data`` reads the city's texts, ``year`` lays the dates, ``script`` turns one interview into acts with honest past
instants, ``cast`` makes bodies and people, ``fill`` lets it all happen, ``following`` goes on with it at a later
start, ``catalogue`` gives the bot what it answers from. Nothing is written past the verbs.
"""

from web.city.catalogue import fill_catalogue
from web.city.fill import Account, ensure

__all__ = ["Account", "ensure", "fill_catalogue"]
