"""The files of the real-input test: documents of real offices and service items where they are, else our own few.

Where the folders lie is said by ``FANGTAN_SEEDS`` and ``FANGTAN_EXAMS``; nothing of them is copied.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.faq.files import HEAD, sheet, word

SEEDS = Path(os.environ.get("FANGTAN_SEEDS", "../shared/seeds"))
SERVICES = Path(os.environ.get("FANGTAN_EXAMS", "../shared/exams")) / "public" / "govsvcdev.catalog.jsonl"
OWN = Path(__file__).parent.parent / "faq" / "data" / "city.catalog.jsonl"


@dataclass(frozen=True)
class Letter:
    """A document and what must come out of it; an empty issuer is one that it does not name."""

    name: str
    content: bytes
    title: str
    issuer: str = ""
    document_no: str = ""
    published_on: str = ""
    begins: str = ""
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class Files:
    """All of a run: documents, of which the first goes by the page, and question lines."""

    said: str
    letters: tuple[Letter, ...]
    lines: Path
    asked: tuple[str, str, str]
    """A question to the bot, the entry that is meant, and words of the answer."""

    @property
    def content(self) -> bytes:
        """The question lines as they are sent."""
        return self.lines.read_bytes()


def files() -> Files:
    """The real ones where all of them are there, else the repository's own."""
    found = {path.name[:3]: path for path in sorted(SEEDS.glob("*.txt"))}
    if set(_SEEDS) <= set(found) and SERVICES.exists():
        letters = tuple(_SEEDS[key](found[key].name, found[key].read_bytes()) for key in _SEEDS)
        said = f"真实材料：{SEEDS}的{len(letters)}份文件和{SERVICES.name}"
        return Files(said, letters, SERVICES, _SERVICE_ASKED)
    return Files("仓库自编的小材料：Word、网页、Excel各一份和city.catalog.jsonl", _own(), OWN, _OWN_ASKED)


_SEEDS: dict[str, Callable[[str, bytes], Letter]] = {
    "002": lambda name, content: Letter(
        name, content, "昌宁县投资促进局全面推进政务公开标准化规范化工作实施方案", "昌宁县投资促进局",
        published_on="2020-07-13", begins="根据《国务院办公厅关于", without=("无障碍浏览", "浏览量", "索引号"),
    ),
    "000": lambda name, content: Letter(
        name, content, "局政务公开实施方案", begins="120XX局政务公开实施方案", without=("为你推荐", "栏目:", "菜单"),
    ),
    "001": lambda name, content: Letter(
        name, content, "信息公开工作计划", published_on="2022-07-25", begins="本报告由工作情况概述",
        without=("小编", "开篇:"),
    ),
    "003": lambda name, content: Letter(
        name, content, "苏州市安监局关于进一步加强政务公开的意见", "苏州市安全生产监督管理局", "苏安监办〔2008〕38号",
        "2019-05-13", "局机关各处室", ("写写帮", "word格式文档", "相关范文推荐", "•条例‣"),
    ),
    "004": lambda name, content: Letter(
        name, content, "泸州关于印发2011年全市政府信息公开工作要点和2011年全市政务公开工作要点的通知",
        "泸州市人民政府办公室", published_on="2011-04-06", begins="各区、县人民政府", without=("发布部门", "有效性:"),
    ),
}  # fmt: skip
_SERVICE_ASKED = (
    "实验动物生产许可怎么变更",
    "实验动物生产许可(变更)",
    "申请实验动物生产许可证变更的单位和个人",
)
_OWN_ASKED = ("社会保障卡丢了怎样补办", "社会保障卡丢了怎样补办", "持本人有效身份证件")


def _own() -> tuple[Letter, ...]:
    one = ("索引号", "SL-2026-0801", "发布机构", "示例市水务局")
    two = ("公开目录", "工作计划", "发布日期", "2026-01-12")
    works = ("一、总体要求", "各区要按时完成老旧供水管网改造。", "二、时间安排", "十月底前完工。")
    signed = ("示例市水务局", "2026年1月9日")
    letter = word(*works, *signed, title="示例市老旧供水管网改造工作方案", table=[one, two])
    page = (
        "<html><head><title>示例市</title></head><body><nav>首页 通知</nav><h1>关于调整公交线路的通知</h1>"
        "<p>发布机构：示例市交通运输局</p><p>发布时间：2026-02-03</p><p>示交发〔2026〕5号</p>"
        "<p>自二月十日起，3路车改经人民路。</p><footer>网站地图</footer></body></html>"
    )
    plain = "范文\n菜单\n示例市档案馆查档须知\n时间: 05-20 栏目:须知\n查档请带身份证。\n为你推荐"
    table = sheet(HEAD, ("SL-2026-0901", "夜间施工许可怎么办", "提前三天在网上申请。", "示例市城管局"))
    return (
        Letter(
            "方案.docx", letter, "示例市老旧供水管网改造工作方案", "示例市水务局", "", "2026-01-12", "一、总体要求"
        ),
        Letter(
            "通知.html", page.encode("gb18030"), "关于调整公交线路的通知", "示例市交通运输局", "示交发〔2026〕5号",
            "2026-02-03", "自二月十日起", ("网站地图", "首页"),
        ),
        Letter("须知.txt", plain.encode(), "示例市档案馆查档须知", begins="查档请带身份证", without=("范文", "推荐")),
        Letter("许可.xlsx", table, "夜间施工许可怎么办", "示例市城管局", begins="提前三天"),
    )  # fmt: skip
