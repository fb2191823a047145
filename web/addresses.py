"""From whose network address a request comes; the socket library would say 127.0.0.1 of everybody.

A forwarded address is believed only where the peer itself is one of ``FANGTAN_TRUSTED_PROXIES``, and only as far as
such proxies wrote it: whoever stands left of the first address that is not a proxy's may have written anything.
IPv6 is grouped by /64, which is what one household or phone gets.
"""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import structlog
from aiohttp import web

from web.keys import SETTINGS
from web.settings import Network

log = structlog.get_logger(__name__)

Address = IPv4Address | IPv6Address

HOPS = 20
"""How many proxies in a row are followed; a longer header is made up."""


def client_address(request: web.Request) -> str:
    """The address by which a request is counted.

    Returns:
        An IPv4 address, an IPv6 network such as ``2001:db8:1:2::/64``, or nothing for a peer without an address.
    """
    peer, trusted = request.remote or "", request.app[SETTINGS].trusted_proxies
    written = ",".join(request.headers.getall("X-Forwarded-For", ()))
    if written and not trusted:
        _warn(peer)
    return counted_address(peer, written, trusted)


@lru_cache(maxsize=16)
def _warn(peer: str) -> None:
    """Once for each peer that looks like a proxy: without the setting, everybody behind it counts as one."""
    found = _read(peer)
    if found is not None and found.is_private:
        log.warning("proxy.not_trusted", add_to_FANGTAN_TRUSTED_PROXIES=peer)


def counted_address(peer: str, forwarded: str, trusted: tuple[Network, ...]) -> str:
    """The same of its parts; pure.

    Args:
        peer: the address at the other end of the connection.
        forwarded: ``X-Forwarded-For``, every line of it, as sent.
        trusted: networks of proxies whose word is taken.
    """
    found = _read(peer)
    if found is None:
        return ""
    for written in reversed(forwarded.rsplit(",", HOPS)[-HOPS:]):
        if not any(found in network for network in trusted):
            break
        nearer = _read(written)
        if nearer is None:
            break
        found = nearer
    return _group(found)


def _read(written: str) -> Address | None:
    """An address as proxies write it: with a port, in brackets, with a zone; IPv4 inside IPv6 is IPv4."""
    plain = written.strip()
    if plain.startswith("["):
        plain = plain[1:].partition("]")[0]
    elif plain.count(":") == 1:
        plain = plain.partition(":")[0]
    try:
        found = ip_address(plain.partition("%")[0])
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def _group(address: Address) -> str:
    if isinstance(address, IPv4Address):
        return str(address)
    return str(IPv6Network((address, 64), strict=False))
