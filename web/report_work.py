"""The files of a report, made while their readers see how far they are; what was made before comes at once."""

import hashlib
import json
from collections import OrderedDict
from dataclasses import dataclass, field

from base.errors import Refusal
from interviews.report_words import Content
from web import terminal
from web.backup_contents import Told
from web.enclosures import printed
from web.long_work import LongWork, Work, until_cancelled

STAGES = terminal.REPORT
FORMS = {"pdf": "PDF文件", "docx": "Word文件"}
"""What the press prints; the other forms take no time."""
PRESSES_KEPT = 30
"""Presses that are remembered; each holds the file that was made last."""
KEPT = 10
"""Files kept for the next reader: of one version, five offices read the same."""


def press() -> LongWork:
    """What one reader waits for, or waited for last, of one report in one form."""
    return LongWork(
        Refusal("report.making", "正在给您做另一份文件，一次只做一份。请等它做完，或者先停下它。"),
        Refusal("report.idle", "现在没有正在做的文件。"),
        "停下了，什么也没有留下。报告和记录都没有动。",
        "文件没有做成。请再试一次；还不行，请联系信息化工作办公室。",
    )


@dataclass
class Presses:
    """The presses of a process, each under its reader's key, and the files that were made last."""

    of: OrderedDict[str, LongWork] = field(default_factory=OrderedDict)
    _made: OrderedDict[tuple[str, str], bytes] = field(default_factory=OrderedDict, repr=False)

    def begin(self, key: str, by: str, content: Content, form: str) -> Work:
        """Make a file of a version, or join who waits for the same one; its bytes are the work's ``result``.

        Args:
            key: the reader, the report and the form.
            by: who asked.
            content: the version.
            form: one of ``FORMS``.

        Raises:
            Refusal: ``report.making`` where another version is being made under this key.
        """
        digest = _digest(content)
        self._forget(key)
        one = self.of.setdefault(key, press())
        self.of.move_to_end(key)
        if one.running and one.work is not None and one.work.kind == digest:
            return one.work

        async def doing(work: Work, told: Told) -> str:
            told("press", 1, len(STAGES))
            body = self._made.get((digest, form))
            if body is None:
                body = await until_cancelled(printed(content, form), told, "press", 1, len(STAGES))
                told("keep", 2, len(STAGES))
                self._keep(digest, form, body)
            work.result = (body, form, content)
            return f"{len(body) / 2**20:.1f} MB，可以存到电脑。"

        return one.start(digest, FORMS[form], by, doing)

    def _keep(self, digest: str, form: str, body: bytes) -> None:
        self._made[digest, form] = body
        while len(self._made) > KEPT:
            self._made.popitem(last=False)

    def _forget(self, but: str) -> None:
        idle = [key for key, one in self.of.items() if not one.running and key != but]
        for key in idle[: max(0, len(self.of) - PRESSES_KEPT)]:
            del self.of[key]


def _digest(content: Content) -> str:
    """A version by all that it says: what was taken down since makes another file."""
    said = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()
