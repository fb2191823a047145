"""The address of a film or a recording that lies elsewhere: https, a kind that browsers play, and its origin. Pure."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from base.errors import Refusal

ADDRESS_LIMIT = 500

_HOST = re.compile(
    r"(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])"
)
_PLAIN = re.compile(r"[!-~]+")
_TYPES = {
    "m3u8": ("video", "application/vnd.apple.mpegurl"),
    "mp4": ("video", "video/mp4"),
    "mp3": ("audio", "audio/mpeg"),
    "m4a": ("audio", "audio/mp4"),
}
"""By the ending of the address: what it is, and its media type (RFC 8216 section 4; IANA)."""


@dataclass(frozen=True)
class Film:
    """A film or a recording somewhere else.

    Attributes:
        address: as it was given, only ASCII.
        kind: ``video`` or ``audio``.
        media_type: for a browser to see whether it can play it.
        origin: scheme, host and port: what a page that plays it must allow.
    """

    address: str
    kind: str
    media_type: str
    origin: str

    @property
    def is_stream(self) -> bool:
        """Whether it is HLS, which not every browser plays by itself."""
        return self.media_type == "application/vnd.apple.mpegurl"


def film_at(address: str) -> Film:
    """What lies at an address, judged by the address alone.

    Raises:
        Refusal: ``film.address``.
    """
    given = address.strip()
    if not given:
        raise _refused("请写上视频或者音频的地址。")
    if len(given) > ADDRESS_LIMIT:
        raise _refused(f"地址最多{ADDRESS_LIMIT}个字符。请换一个短的。")
    if _PLAIN.fullmatch(given) is None or "\\" in given:
        raise _refused("地址里有空格、汉字或者看不见的字符。请从播放的网站重新复制。")
    try:
        parts = urlsplit(given)
        port = parts.port
    except ValueError:
        raise _refused("这个地址读不懂。请从播放的网站重新复制。") from None
    if parts.scheme.lower() != "https":
        raise _refused("地址要用https开头。请向放视频的网站要https的地址。")
    host = (parts.hostname or "").lower()
    if _HOST.fullmatch(host) is None or "@" in parts.netloc:
        raise _refused(
            "地址里的网站名不对。请写成https://v.example.gov.cn/a.mp4这样，网站名用域名，不带用户名。"
        )
    found = _TYPES.get(parts.path.rpartition(".")[2].lower())
    if found is None:
        raise _refused("只收以.m3u8、.mp4、.mp3、.m4a结尾的地址。网页的地址放不出来，请要视频本身的地址。")
    kind, media_type = found
    origin = f"https://{host}" + (f":{port}" if port not in (None, 443) else "")
    return Film(given, kind, media_type, origin)


def _refused(message: str) -> Refusal:
    return Refusal("film.address", message, status=400)
