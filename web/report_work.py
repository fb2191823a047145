"""The file of a report, made while its reader sees how far it is; what is made in a moment comes at once."""

from base.errors import Refusal
from interviews.report_words import Content
from web import terminal
from web.backup_contents import Told
from web.enclosures import printed
from web.long_work import LongWork, Work, until_cancelled

STAGES = terminal.REPORT
FORMS = {"pdf": "PDF文件", "docx": "Word文件"}
"""What the press prints; the other forms take no time."""


def press() -> LongWork:
    """One person's: what they wait for, or waited for last."""
    return LongWork(
        Refusal("report.making", "正在给您做另一份文件，一次只做一份。请等它做完，或者先停下它。"),
        Refusal("report.idle", "现在没有正在做的文件。"),
        "停下了，什么也没有留下。报告和记录都没有动。",
        "文件没有做成。请再试一次；还不行，请联系管理员。",
    )


def begin(of: LongWork, by: str, content: Content, form: str) -> Work:
    """Make a file of a version; its bytes are the work's ``result``.

    Raises:
        Refusal: ``report.making``.
    """

    async def doing(work: Work, told: Told) -> str:
        told("press", 1, len(STAGES))
        body: bytes = await until_cancelled(printed(content, form), told, "press", 1, len(STAGES))
        told("keep", 2, len(STAGES))
        work.result = (body, form, content)
        return f"{len(body) / 2**20:.1f} MB，可以存到电脑。"

    return of.start("report", FORMS[form], by, doing)
