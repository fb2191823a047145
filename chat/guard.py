"""The guard between the wire and the socket library.

What the stock server does with hostile packets was measured on python-socketio 5.18.1: a client's event named
``connect`` runs the connect handler again with forged arguments, binary packets may announce any number of
attachments and are held in memory, and malformed frames leave tracebacks. Here only EVENT packets with a plain
name and one object pass; anything else closes the connection without a word in the log's error lines.

It overrides ``_handle_eio_message``, a private method: the versions are pinned, and ``tests/chat/test_socket.py``
is the gate of an upgrade.
"""

from typing import Any

import socketio
import structlog
from socketio import packet

log = structlog.get_logger(__name__)

RESERVED = frozenset({"connect", "connect_error", "disconnect", "disconnecting", "error", "message"})
MAX_FRAME = 512 * 1024
_SYSTEM = (packet.CONNECT, packet.DISCONNECT)


class GuardedServer(socketio.AsyncServer):  # type: ignore[misc]  # the library carries no types
    """A Socket.IO server that lets through only what the protocol of this product knows."""

    async def _handle_eio_message(self, eio_sid: str, data: Any) -> None:
        found = self._read(data)
        if found is None:
            log.info("guard.cut", cause="malformed")
            self._cut(eio_sid)
            return
        if found.packet_type in _SYSTEM:
            await super()._handle_eio_message(eio_sid, data)
            return
        await self._handle_event(eio_sid, found.namespace, found.id, found.data)

    def _cut(self, eio_sid: str) -> None:
        """End the connection at its transport: the library's own close waits for the client to agree."""
        request = self.environ.get(eio_sid, {}).get("aiohttp.request")
        if request is not None and request.transport is not None:
            request.transport.abort()

    def _read(self, data: Any) -> Any:
        """The packet, or ``None`` for what no client of ours sends."""
        if not isinstance(data, str) or len(data) > MAX_FRAME or data[:1] not in ("0", "1", "2"):
            return None
        try:
            found = self.packet_class(encoded_packet=data)
        except (ValueError, TypeError, IndexError, KeyError, RecursionError, AttributeError):
            return None
        if found.packet_type == packet.EVENT and not _is_command(found.data):
            return None
        return found


def _is_command(data: Any) -> bool:
    """``[name]`` or ``[name, object]`` with a name that is not the library's own."""
    if not isinstance(data, list) or not 1 <= len(data) <= 2:
        return False
    name = data[0]
    return isinstance(name, str) and len(name) <= 64 and name not in RESERVED
