"""Signed addresses of reports: whoever got one by mail may read that report and say that it came, without a login.

An address holds the number of the delivery and the day until which it holds, and their signature under a key of its
own (HMAC-SHA-256). Nothing is stored: it ends by itself, with the delivery, or when the body receives no reports.
"""

import base64
import hmac
import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from base.errors import Refusal
from interviews.deliveries import MakeLink
from web.sealing import Seal
from web.settings import Settings

PURPOSE = "report-link"
_TOKEN = re.compile(r"([1-9][0-9]{0,9})\.([1-9][0-9]{0,11})\.([A-Za-z0-9_-]{43})", re.ASCII)


def making(seal: Seal, settings: Settings) -> MakeLink:
    """What puts addresses into the mails of this installation; none where ``report_link_days`` is 0."""
    days = settings.report_link_days

    def link(delivery_id: int, now: datetime) -> str | None:
        if not days:
            return None
        return f"{settings.base_url}/reports/{token(seal, delivery_id, now + timedelta(days=days))}"

    return link


def token(seal: Seal, delivery_id: int, until: datetime) -> str:
    """The last part of the address: the delivery, the second until which it holds, the signature of both."""
    said = f"{delivery_id}.{int(until.timestamp())}"
    return f"{said}.{_signature(seal, said)}"


def _signature(seal: Seal, said: str) -> str:
    made = hmac.new(seal.key(PURPOSE), said.encode(), sha256).digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def delivery_of(seal: Seal, settings: Settings, sent: str, now: datetime) -> int:
    """The delivery that an address opens.

    Raises:
        Refusal: ``not_found`` for one that this installation never made; ``link.expired`` for one past its day, or
            where links were switched off since.
    """
    found = _TOKEN.fullmatch(sent)
    if found is None or not hmac.compare_digest(_signature(seal, f"{found[1]}.{found[2]}"), found[3]):
        raise Refusal(
            "not_found",
            "这个链接打不开，可能没有复制完整。请从邮件里重新点开，或者看邮件的附件。",
            status=404,
        )
    if not settings.report_link_days or datetime.fromtimestamp(int(found[2]), UTC) < now:
        raise Refusal(
            "link.expired",
            "这个链接已经过期。报告在邮件的附件里；要从网页上看，请信息化工作办公室再发一封。",
            status=410,
        )
    return int(found[1])
