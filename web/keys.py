"""What the application and a request carry, by typed key."""

from aiohttp import web

from base.db import Units
from base.people import Actor
from chat.namespace import LiveNamespace
from chat.registry import Surroundings
from faq.askings import Askings
from faq.desk import Desk
from faq.records import Records
from faq.views import Views
from web.offline import TakenDown
from web.sealing import Seal
from web.settings import Settings

SETTINGS = web.AppKey("settings", Settings)
UNITS = web.AppKey("units", Units)
SEAL = web.AppKey("seal", Seal)
SURROUNDINGS = web.AppKey("surroundings", Surroundings)
LIVE = web.AppKey("live", LiveNamespace)
DESK = web.AppKey("desk", Desk)
RECORDS = web.AppKey("records", Records)
VIEWS = web.AppKey("views", Views)
ASKINGS = web.AppKey("askings", Askings)
TAKEN_DOWN = web.AppKey("taken_down", TakenDown)

ACTOR = web.RequestKey("actor", Actor)
LOGIN_OVER = web.RequestKey("login_over", bool)
NEW_BROWSER = web.RequestKey("new_browser", str)
