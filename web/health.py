"""Whether the server lives, whether it can work, and its figures for Prometheus."""

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text

from base.errors import Refusal
from web.keys import SETTINGS, UNITS

routes = web.RouteTableDef()


@routes.get("/healthz")
async def alive(_request: web.Request) -> web.Response:
    """The process answers."""
    return web.json_response({"ok": True})


@routes.get("/readyz")
async def ready(request: web.Request) -> web.Response:
    """Whether it can serve, naming what is not ready."""
    checks = {"database": await _database(request)}
    if request.app[SETTINGS].redis_url:
        checks["redis"] = "off"
    ok = checks["database"] == "ok"
    return web.json_response({"ok": ok, "checks": checks}, status=200 if ok else 503)


async def _database(request: web.Request) -> str:
    try:
        async with request.app[UNITS].read() as uow:
            await uow.db.execute(text("SELECT 1"))
    except Refusal as refusal:
        return refusal.code
    return "ok"


@routes.get("/metrics")
async def metrics(_request: web.Request) -> web.Response:
    """Prometheus text."""
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})
