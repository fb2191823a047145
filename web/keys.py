"""What the application and a request carry, by typed key."""

from datetime import datetime

from aiohttp import web

from base.db import Units
from base.people import Actor
from chat.namespace import LiveNamespace
from chat.registry import Surroundings
from faq.askings import Askings
from faq.desk import Desk
from faq.records import Records
from faq.recurring import Recurring
from faq.views import Views
from web.backup_work import BackupWork
from web.beside import Beside
from web.following import Following
from web.long_work import LongWork
from web.report_work import Presses
from web.sealing import Seal
from web.settings import Settings
from web.taken_down import TakenDown
from web.year_figures import YearFigures

SETTINGS = web.AppKey("settings", Settings)
UNITS = web.AppKey("units", Units)
SEAL = web.AppKey("seal", Seal)
SURROUNDINGS = web.AppKey("surroundings", Surroundings)
LIVE = web.AppKey("live", LiveNamespace)
DESK = web.AppKey("desk", Desk)
RECORDS = web.AppKey("records", Records)
VIEWS = web.AppKey("views", Views)
ASKINGS = web.AppKey("askings", Askings)
FOLLOWING = web.AppKey("following", Following)
BESIDE = web.AppKey("beside", Beside)
TAKEN_DOWN = web.AppKey("taken_down", TakenDown)
RECURRING = web.AppKey("recurring", Recurring)
YEAR_FIGURES = web.AppKey("year_figures", YearFigures)
BACKUPS = web.AppKey("backups", BackupWork)
WALK = web.AppKey("walk", LongWork)
"""The walk over the audit chain: one at a time, for all auditors."""
FILE_READERS = web.AppKey("readers", dict[int, LongWork])
"""The files for the catalogue that are being read, by who sent them."""
PRESSES = web.AppKey("presses", Presses)
"""The files of reports that are being made, by whom they are made for."""
RINGS = web.AppKey("rings", dict[str, datetime])
"""When each job of the bell was last done to its end."""

ACTOR = web.RequestKey("actor", Actor)
LOGIN_OVER = web.RequestKey("login_over", bool)
NEW_BROWSER = web.RequestKey("new_browser", str)
MEDIA = web.RequestKey("media", tuple[str, ...])
"""The other origins whose films the page that is being answered plays."""
