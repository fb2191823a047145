"""The files of a letter, made at the moment it goes out from the frozen version of the report that the letter names.

The Word file goes in any case. A PDF that this computer cannot make (no CJK font), or that would make the mail too
large for other servers, is left out: the letter says so, and so does the delivery's row on the office's page.
"""

import asyncio
import re
from collections import OrderedDict
from dataclasses import replace

import structlog

from base.db import Units
from base.errors import Refusal
from base.outbox import Enclosure, Letter, Undelivered
from base.people import SYSTEM
from interviews import report_files, report_word, reports
from interviews.models import Report
from interviews.report_content import Content

log = structlog.get_logger(__name__)

MEDIA = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "html": "text/html; charset=utf-8",
    "json": "application/json; charset=utf-8",
}
LIMIT = 15_000_000
"""Bytes of all files together: as base64 in a mail they are a third more, and 20 MB is what common servers take."""

PATIENCE = 3
"""Attempts at a mail after which it goes without a PDF that broke down in the making, instead of waiting for it."""

KEPT = 4
"""Files kept for the next letter: one version goes to every recipient within seconds."""

THEME = 40
"""Characters of a theme in a file's name; a name of 255 bytes is the most that disks take."""
_UNFIT = re.compile(r'[\s\\/:*?"<>|\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2066-\u2069]+')


def file_name(content: Content, form: str) -> str:
    """``汇总报告-城乡居民医保-第1版.docx``, without what a disk or a mail program stumbles over. Pure."""
    theme = _UNFIT.sub(" ", content["interview"]["theme"]).strip(" .")[:THEME].strip(" .")
    version = content["stamp"]["version"]
    parts = ["汇总报告", theme, f"第{version}版" if version else "草稿"]
    return f"{'-'.join(part for part in parts if part)}.{form}"


class Enclosures:
    """Makes the files of letters.

    Args:
        units: where the versions lie.
    """

    def __init__(self, units: Units) -> None:
        self._units = units
        self._made: OrderedDict[tuple[int, str], Enclosure] = OrderedDict()
        self._one_by_one = asyncio.Lock()

    async def enclosed(self, letter: Letter) -> tuple[Letter, str | None]:
        """A letter with its files, and in what it is not whole.

        Raises:
            Undelivered: the version is gone or even its Word file is too large (for good), or the Word file could
                not be made now.
        """
        files: list[Enclosure] = []
        left_out: str | None = None
        # The Word file first: what is left out for its size must be the other.
        for wish in sorted(letter.enclosures, key=lambda one: str(one["format"])):
            must = wish["format"] == "docx"
            try:
                file = await self._file(int(wish["report"]), str(wish["format"]))
            except Refusal as refusal:
                if must or (refusal.code != "report.no_font" and letter.attempt < PATIENCE):
                    raise Undelivered(f"附件没有做成：{refusal.message}") from None
                left_out = refusal.message
                continue
            if sum(len(one.data) for one in files) + len(file.data) <= LIMIT:
                files.append(file)
            elif must:
                size = len(file.data) // 1_000_000
                raise Undelivered(f"报告的Word文件有{size}兆，邮件寄不了", for_good=True)
            else:
                left_out = "两个附件放在一起太大"
        if left_out is None:
            return replace(letter, files=tuple(files)), None
        log.warning("post.without_pdf", mail=letter.id, cause=left_out)
        text = f"{letter.text}这封信没有附PDF文件，内容和Word文件相同。\n"
        return replace(letter, files=tuple(files), text=text), f"信里没有附PDF：{left_out}"

    async def _file(self, report_id: int, form: str) -> Enclosure:
        """One file, made once for all who get it."""
        async with self._one_by_one:
            content = await self._content(report_id)
            known = self._made.get((report_id, form))
            if known is not None:
                return known
            made = Enclosure(file_name(content, form), MEDIA[form], await printed(content, form))
            self._made[report_id, form] = made
            while len(self._made) > KEPT:
                self._made.popitem(last=False)
            return made

    async def _content(self, report_id: int) -> Content:
        async with self._units.read(SYSTEM) as uow:
            report = await uow.db.get(Report, report_id)
            if report is None:
                raise Undelivered("要附的报告已经不在了", for_good=True)
            if await reports.holds_removed(uow, report.content):
                raise Undelivered(reports.withdrawn(report.version).message, for_good=True)
        return report.content


async def printed(content: Content, form: str) -> bytes:
    """A version as a file; a Word file without its plots where this computer has no font to draw them with.

    Raises:
        Refusal: as ``report_files.write`` does.
    """
    try:
        return (await report_files.write(content, form)).body
    except Refusal as refusal:
        if form != "docx" or refusal.code != "report.no_font":
            raise
        return await asyncio.to_thread(report_word.to_docx, content)
