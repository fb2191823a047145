"""``create_app`` wires everything: the only place where the rooms meet, each as an argument of another."""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import structlog
from aiohttp import web

from base.db import Database, Units
from base.errors import Refusal
from base.outbox import SEALED, Channel, Letter, Undelivered
from base.people import SYSTEM
from chat import commands, streams
from chat.guard import GuardedServer
from chat.limits import Limits, Pace
from chat.namespace import LiveNamespace
from chat.registry import Surroundings
from faq import views
from faq.askings import Askings
from faq.desk import Desk
from faq.records import Records
from faq.recurring import Recurring
from interviews import law, reopening
from interviews.deliveries import Terms
from scheduler.jobs import TIMETABLE, Job, posting
from scheduler.runner import Bell
from web import asking, audit_walk, auth, checkpoints, learning, monthly_seals, pages, report_links
from web.addresses import client_address
from web.backup_work import BackupWork
from web.beside import Beside
from web.enclosures import Enclosures
from web.following import Following
from web.health import routes as health_routes
from web.import_work import advance_imports, forget_imports
from web.keys import (
    ASKINGS,
    BACKUPS,
    BESIDE,
    DESK,
    FILE_READERS,
    FOLLOWING,
    LIVE,
    PRESSES,
    RECORDS,
    RECURRING,
    RINGS,
    SEAL,
    SETTINGS,
    SURROUNDINGS,
    TAKEN_DOWN,
    UNITS,
    VIEWS,
    WALK,
    YEAR_FIGURES,
)
from web.mailer import Mailer
from web.middleware import refusals, strict_browser, who_asks
from web.openapi import OPENAPI, describe
from web.proof import PROOFS, Proofs
from web.report_work import Presses
from web.routes import ROUTES
from web.sealing import Seal
from web.settings import Settings
from web.taken_down import TakenDown
from web.webhook import Webhook
from web.year_figures import YearFigures

log = structlog.get_logger(__name__)

COMMANDS = commands
"""The handlers; importing them is what fills the registry."""

STATIC = Path(__file__).parent / "static"
BODY_LIMIT = 1024 * 1024


def create_app(settings: Settings) -> web.Application:
    """The application for these settings; nothing is opened before it starts.

    Args:
        settings: checked by ``web.settings.load``.
    """
    app = web.Application(client_max_size=BODY_LIMIT, middlewares=[strict_browser, refusals, who_asks])
    database = Database(settings.database)
    seal = Seal(settings.secret_key)
    around = Surroundings(
        seal=seal.close,
        pace=_pace(settings),
        sending=Terms(report_links.making(seal, settings), settings.report_signature == "required"),
        regulation=settings.regulation or law.DEFAULT,
    )
    app[FOLLOWING] = Following(seal, settings)
    live = _live(app, database, around, settings)
    app[SETTINGS], app[SEAL], app[SURROUNDINGS] = settings, seal, around
    app[UNITS], app[LIVE] = live.units, live
    app[OPENAPI] = describe()
    app[DESK] = Desk(pages.front_office())
    app[ASKINGS] = Askings()
    app[BESIDE] = Beside()
    app[RECORDS], app[VIEWS] = Records(streams.public_heads), views.Views()
    app[TAKEN_DOWN] = TakenDown()
    app[YEAR_FIGURES] = YearFigures()
    app[RECURRING] = Recurring()
    app[PROOFS] = Proofs(seal.key("proof"))
    app[RINGS] = {}
    app[BACKUPS] = BackupWork(settings.data)
    app[WALK] = audit_walk.walker()
    app[FILE_READERS], app[PRESSES] = {}, Presses()
    pages.setup(app)
    app.add_routes(health_routes)
    for table in ROUTES:
        app.add_routes(table)
    app.router.add_static("/static/", STATIC, append_version=False)
    app.cleanup_ctx.append(_running)
    return app


def _pace(settings: Settings) -> Pace:
    limits = Limits(
        submissions=settings.address_submissions,
        visitors=settings.address_visitors,
        supports=settings.address_supports,
        asks=settings.address_asks,
    )
    return Pace(on=settings.pace == "on", limits=limits)


def _live(
    app: web.Application, database: Database, around: Surroundings, settings: Settings
) -> LiveNamespace:
    server = GuardedServer(
        address_of=client_address,
        per_address=settings.address_sockets if settings.pace == "on" else sys.maxsize,
        async_mode="aiohttp",
        async_handlers=False,
        always_connect=True,
        transports=["websocket"],
        cors_allowed_origins=list(settings.origins),
        cors_credentials=True,
        http_compression=False,
        ping_interval=25,
        ping_timeout=20,
        max_http_buffer_size=512 * 1024,
        logger=False,
        engineio_logger=False,
    )

    async def authenticate(environ: dict[str, Any], sent: object) -> Any:
        return await asking.handshake_caller(app, environ["aiohttp.request"], sent)

    def address_of(environ: dict[str, Any]) -> str:
        return client_address(environ["aiohttp.request"])

    async def holding(held: set[int], used: set[int]) -> set[int]:
        return await auth.holding(live.units, held, used)

    live = LiveNamespace(around, authenticate, address_of, holding)
    told = app[FOLLOWING].before(learning.told)
    live.units = Units(database, told, live.broadcast.announce)
    server.register_namespace(live)
    server.attach(app, socketio_path="socket.io")
    return live


async def _running(app: web.Application) -> AsyncIterator[None]:
    """What runs beside requests: the voice, the bell; and the check that acknowledged means kept."""
    units = app[UNITS]
    synchronous = await units.database.synchronous()
    if synchronous not in ("FULL", "EXTRA", "server"):
        raise Refusal(
            "storage.unsafe", "数据库没有设成断电不丢数据的方式，没有启动。请检查数据库文件。", status=500
        )
    async with units.act(SYSTEM) as uow:
        await app[DESK].open(uow)
    app[RECORDS].start(units)
    await app[LIVE].start()
    settings = app[SETTINGS]
    post: tuple[Job, ...] = (
        (posting(_opened_and_sent(units, app[SEAL], settings)),) if settings.smtp_url else ()
    )
    if settings.webhook_url:
        gateway = Webhook(settings.webhook_url, settings.webhook_secret)
        post += (posting(_called(gateway), Channel.WEBHOOK),)
    intake = (Job("advance_imports", 1, advance_imports), Job("forget_imports", 3600, forget_imports))
    counting = (Job("count_views", views.EVERY, app[VIEWS].flush),)
    keeping = (_keeping(app[DESK]), _reopening(reopening.Terms(settings.reopen_at, settings.reopen_days)))
    seals = (monthly_seals.sealing(settings.data, app[SEAL].key(checkpoints.PURPOSE)),)
    jobs = TIMETABLE + intake + counting + keeping + learning.LEARNING + post + seals
    bell = Bell(units, jobs, app[RINGS])
    bell.start()
    yield
    for work in (app[BACKUPS].long, app[WALK], *app[FILE_READERS].values(), *app[PRESSES].of.values()):
        await work.close()
    await bell.stop()
    await app[VIEWS].flush(units)
    await app[LIVE].stop()
    await app[RECORDS].close()
    await app[DESK].close()
    await units.database.close()


def _keeping(desk: Desk) -> Job:
    """The job that keeps what the bot's desk has learned, for the next start of this process and for the others."""

    async def run(units: Units) -> bool:
        if not desk.present.has_new_calibration:
            return False
        async with units.act(SYSTEM) as uow:
            return await desk.keep_calibration(uow)

    return Job("keep_calibration", 5, run)


def _reopening(terms: reopening.Terms) -> Job:
    """The job that reopens what its askers say often enough was not solved."""

    async def run(units: Units) -> int:
        async with units.read(SYSTEM) as uow:
            found = await reopening.often_enough(uow, terms)
        count = 0
        for question_id in found:
            async with units.act(SYSTEM) as uow:
                count += await reopening.reopen(uow, question_id, terms)
        return count

    return Job("reopen", 60, run)


def _called(gateway: Webhook) -> Callable[[Letter], Awaitable[str | None]]:
    """Send a notice to the city's gateway; what it takes, it takes whole."""

    async def send(letter: Letter) -> str | None:
        await gateway.send(letter)
        return None

    return send


def _opened_and_sent(
    units: Units, seal: Seal, settings: Settings
) -> Callable[[Letter], Awaitable[str | None]]:
    """Send a letter; a citizen's address is opened, and a report's files are made, only here."""
    mailer = Mailer(settings.smtp_url, settings.base_url)
    enclosures = Enclosures(units)

    async def send(letter: Letter) -> str | None:
        if letter.to.startswith(SEALED):
            address = seal.open(letter.to.removeprefix(SEALED))
            if address is None:
                raise Undelivered("the secret key has changed since this address was left", for_good=True)
            letter = replace(letter, to=address)
        letter, remark = await enclosures.enclosed(letter)
        await mailer.send(letter)
        return remark

    return send
