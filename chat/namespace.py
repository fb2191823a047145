"""The socket's namespace ``/live``: who connects, what they watch, and the way of a command to ``registry.dispatch``.

Only names in the registry, ``watch``, ``unwatch`` and ``ping`` are listened to; ``chat.guard`` keeps the library's own
event names from the wire, so ``connect`` and ``disconnect`` here come from the server itself.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import socketio
import structlog
from sqlalchemy import select
from sqlmodel import col

from base.clock import shanghai_iso, utcnow
from base.db import Units
from base.errors import Refusal
from base.people import SYSTEM, Actor, Caller, Person, Role
from chat import registry, schemas, streams, views
from chat.broadcast import Broadcast
from chat.hints import Hint, Hints, LiveRoom
from chat.presence import Presence
from interviews import programme

log = structlog.get_logger(__name__)

NAMESPACE = "/live"
LOOK_EVERY_SECONDS = 3
PRESENCE_EVERY_SECONDS = 2

Authenticate = Callable[[dict[str, Any], object], Awaitable[Caller]]
AddressOf = Callable[[dict[str, Any]], str]
Holding = Callable[[set[int], set[int]], Awaitable[set[int]]]
"""From the logins behind open sockets, and those of them in use just now, to those that hold."""


class LiveNamespace(socketio.AsyncNamespace):  # type: ignore[misc]  # the library carries no types
    """One process's side of all sockets.

    Args:
        around: what command handlers need.
        authenticate: from the handshake's environ and ``auth`` to a caller; raises a Refusal for a bad token.
        address_of: from the handshake's environ to the address by which its commands are counted.
        holding: which logins still hold.
    """

    units: Units
    """The factory of units of work, set before the first connection: it announces through this namespace."""

    def __init__(
        self,
        around: registry.Surroundings,
        authenticate: Authenticate,
        address_of: AddressOf,
        holding: Holding,
    ) -> None:
        super().__init__(NAMESPACE)
        self._around = around
        self._authenticate = authenticate
        self._address_of = address_of
        self._holding = holding
        self._actors: dict[str, Actor] = {}
        self._logins: dict[str, int] = {}
        self._spoke: set[str] = set()
        self._live: set[int] = set()
        self._addresses: dict[str, str] = {}
        self._watched: dict[str, dict[str, str]] = {}
        self.presence = Presence()
        self.hints = Hints()
        self._peaks: dict[int, int] = {}
        self.broadcast = Broadcast(self._emit)
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to speak and to look after what other processes committed."""
        self.broadcast.start(self.units)
        self._tasks = [
            asyncio.create_task(self._look(), name="look"),
            asyncio.create_task(self._tell_presence(), name="presence"),
            asyncio.create_task(self._tell_hints(), name="hints"),
        ]

    async def stop(self) -> None:
        """Stop the tasks of ``start``."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.broadcast.stop()

    async def _emit(self, stream: str, event: streams.Event) -> None:
        shown = event | {"stream": "me"} if stream.startswith("person:") else event
        await self.emit("event", shown, room=stream)

    async def trigger_event(self, event: str, *args: Any) -> Any:
        """Listen to the server's own connect and disconnect, and to registered names; to nothing else."""
        if event == "connect":
            return await self._connect(args[0], args[1], args[2])
        if event == "disconnect":
            return self._disconnect(args[0])
        sid, sent = args[0], (args[1] if len(args) > 1 else {})
        actor = self._actors.get(sid)
        if actor is None:
            await self.disconnect(sid)
            return None
        try:
            if event == "watch":
                return {"ok": True, "result": await self._watch(sid, actor, sent)}
            if event == "unwatch":
                return {"ok": True, "result": await self._unwatch(sid, sent)}
            if event == "ping":
                _parsed(schemas.Nothing, sent)
                return {"ok": True, "result": {"now": shanghai_iso(utcnow())}}
        except Refusal as refusal:
            return {"ok": False, "error": refusal.body()}
        except Exception:
            log.exception("command.failed", command=event)
            return {"ok": False, "error": registry.unexpected().body()}
        self._spoke.add(sid)
        address = self._addresses.get(sid, "")
        return await registry.answer(self.units, self._around, actor, event, sent, address)

    async def _connect(self, sid: str, environ: dict[str, Any], auth: object) -> None:
        try:
            caller = await self._authenticate(environ, auth)
        except Refusal as refusal:
            raise socketio.exceptions.ConnectionRefusedError(refusal.body()) from None
        except Exception:
            log.exception("connect.failed")
            raise socketio.exceptions.ConnectionRefusedError(registry.unexpected().body()) from None
        self._actors[sid] = caller.actor
        if caller.login is not None:
            self._logins[sid] = caller.login
        self._addresses[sid] = self._address_of(environ)
        self._watched[sid] = {}

    def _disconnect(self, sid: str) -> None:
        actor = self._actors.pop(sid, None)
        self._addresses.pop(sid, None)
        self._logins.pop(sid, None)
        self._spoke.discard(sid)
        for stream in self._watched.pop(sid, {}).values():
            self._left(sid, actor, stream)

    def _who(self, sid: str, actor: Actor | None) -> str:
        return f"person:{actor.person_id}" if actor and actor.person_id else sid

    def _left(self, sid: str, actor: Actor | None, stream: str) -> None:
        if stream.endswith(":public"):
            self.presence.leave(int(stream.split(":")[1]), self._who(sid, actor))

    async def _watch(self, sid: str, actor: Actor, sent: object) -> dict[str, Any]:
        wanted = _parsed(schemas.Watch, sent)
        async with self.units.read(actor) as uow:
            stream = await streams.open_door(uow, actor, wanted.stream)
        # The room before the backlog: what is committed in between comes twice and is dropped by its number,
        # the other way round it would not come at all.
        watched = self._watched.get(sid)
        if watched is None:
            # It was closed while the door was being opened; nobody hears this.
            raise registry.unexpected()
        await self.enter_room(sid, stream)
        if wanted.stream not in watched:
            watched[wanted.stream] = stream
            if stream.endswith(":public"):
                self.presence.enter(int(stream.split(":")[1]), self._who(sid, actor))
        async with self.units.read(actor) as uow:
            found = await streams.read(uow, stream, wanted.after)
        self.broadcast.opened(stream, found["head"])
        if stream.endswith(":public") and (hint := self.hints.away(int(stream.split(":")[1]))):
            await self._tell(hint, sid)
        return found if wanted.stream != "me" else streams.as_me(found)

    async def _unwatch(self, sid: str, sent: object) -> dict[str, Any]:
        wanted = _parsed(schemas.Unwatch, sent)
        stream = self._watched.get(sid, {}).pop(wanted.stream, None)
        if stream is not None:
            await self.leave_room(sid, stream)
            self._left(sid, self._actors.get(sid), stream)
        return {}

    async def cut(self, person_id: int) -> None:
        """Close all sockets of a person who lost a role or logged out."""
        for sid, actor in list(self._actors.items()):
            if actor.person_id == person_id:
                await self.disconnect(sid)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_SECONDS)
            names = {stream for watched in self._watched.values() for stream in watched.values()}
            try:
                await self._cut_the_disabled()
                await self._cut_what_is_over()
                if names:
                    await self.broadcast.look(self.units, sorted(names))
            except Refusal:
                log.warning("look.refused")
            except Exception:
                # A database that is away for a while must not end the looking for good.
                log.exception("look.failed")

    async def _cut_the_disabled(self) -> None:
        """Close the sockets of whoever was disabled, or has another role or body now, on whichever process.

        Socket by socket: a person whose newer socket has the right role may still have one with the old.
        """
        staff = {sid: actor for sid, actor in self._actors.items() if actor.is_staff}
        if not staff:
            return
        query = select(Person).where(col(Person.id).in_({actor.person_id for actor in staff.values()}))
        async with self.units.read(SYSTEM) as uow:
            known = {person.id: person for person in await uow.db.scalars(query)}
        for sid, actor in staff.items():
            person = known.get(actor.person_id)
            standing = (person.role, person.body_id) if person and person.disabled_at is None else None
            if standing != (actor.role, actor.body_id):
                await self.disconnect(sid)

    async def _cut_what_is_over(self) -> None:
        """Close the sockets whose login was revoked or has run out; a command and an open live room are use of it."""
        held = set(self._logins.values())
        if not held:
            return
        spoke, self._spoke = self._spoke, set()
        used = {login for sid, login in self._logins.items() if sid in spoke or self._in_live_room(sid)}
        over = held - await self._holding(held, used)
        for sid, login in list(self._logins.items()):
            if login in over:
                await self.disconnect(sid)

    def _in_live_room(self, sid: str) -> bool:
        """Whether a socket watches an interview that is under way; ``person:31`` is no room."""
        rooms = (stream.split(":") for stream in self._watched.get(sid, {}).values())
        return any(room[0] == "interview" and int(room[1]) in self._live for room in rooms)

    async def _tell_presence(self) -> None:
        while True:
            await asyncio.sleep(PRESENCE_EVERY_SECONDS)
            changed, self.presence.changed = self.presence.changed, set()
            for interview_id in changed:
                told = {"interview": interview_id, "count": self.presence.count(interview_id)}
                await self.emit("presence", told, room=views.public_stream(interview_id))

    async def _keep_peak(self, interview_id: int, count: int) -> None:
        if count <= self._peaks.get(interview_id, 0):
            return
        try:
            async with self.units.act(SYSTEM) as uow:
                await programme.note_peak(uow, interview_id, count)
        except Refusal:
            # The next round tries again; watching must go on while the disk is full.
            log.warning("peak.refused", interview=interview_id)
            return
        self._peaks[interview_id] = count

    async def _tell_hints(self) -> None:
        while True:
            await asyncio.sleep(PRESENCE_EVERY_SECONDS)
            try:
                async with self.units.read(SYSTEM) as uow:
                    live, now = await programme.under_way(uow), uow.now
            except Refusal:
                log.warning("hints.refused")
                continue
            self._live = {number for number, _ in live}
            hosted = self._hosted()
            for number, _ in live:
                await self._keep_peak(number, self.presence.count(number))
            rooms = [LiveRoom(number, limit_at, number in hosted) for number, limit_at in live]
            for hint in self.hints.due(rooms, now):
                await self._tell(hint)

    async def _tell(self, hint: Hint, sid: str | None = None) -> None:
        rooms = [views.public_stream(hint.interview_id), views.staff_stream(hint.interview_id)]
        told = {"code": hint.code, "message": hint.message, "interview": hint.interview_id}
        await self.emit("notice", told, room=sid or rooms)

    def _hosted(self) -> set[int]:
        """The interviews whose staff stream a host watches."""
        return {
            int(stream.split(":")[1])
            for sid, watched in self._watched.items()
            if (actor := self._actors.get(sid)) is not None and actor.role is Role.HOST
            for stream in watched.values()
            if stream.endswith(":staff")
        }


def _parsed(schema: type[Any], sent: object) -> Any:
    return registry.checked(schema, sent)
