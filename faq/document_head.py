"""What a document says of itself: its title, issuer, dates and numbers, proposed from its head. Pure.

Cities publish the same decree as an official letter, as a page with a table of labels above it, and as a copy on a
library of samples with that site's own words around it. What stands around is taken off, what is said is read, and
whatever is not said stays empty for the person to give.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from faq.table_file import LINE_LIMIT


@dataclass(frozen=True)
class Marked:
    """A document's lines, and what its markup or its maker says of it.

    Attributes:
        lines: in reading order, empty ones included.
        title: from markup made for it; empty where there is none.
        said: column to text, from markup made for it.
        remarks: what could not be brought over.
    """

    lines: tuple[str, ...]
    title: str = ""
    said: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Proposed:
    """What an entry would be made of: cells by column, and what the person should know."""

    cells: Mapping[str, str]
    remarks: tuple[str, ...]


HEAD_LINES = 40
TITLE_LIMIT = 90

_LABELS = {
    "索引号": "index_no",
    "标题": "title",
    "名称": "title",
    "信息名称": "title",
    "发布机构": "issuer",
    "发布部门": "issuer",
    "发布单位": "issuer",
    "发文机关": "issuer",
    "发文单位": "issuer",
    "制发机关": "issuer",
    "信息来源": "issuer",
    "来源": "issuer",
    "责任处室": "section",
    "责任部门": "section",
    "公开目录": "class",
    "信息分类": "class",
    "主题分类": "class",
    "所属类别": "class",
    "文号": "document_no",
    "发文字号": "document_no",
    "文件编号": "document_no",
    "主题词": "keywords",
    "关键词": "keywords",
    "成文日期": "made_on",
    "生成日期": "made_on",
    "发布日期": "published_on",
    "发布时间": "published_on",
    "发文日期": "published_on",
    "公开日期": "published_on",
    "时间": "published_on",
    "日期": "published_on",
    "公开属性": "openness",
    "有效性": "in_force",
    "时效性": "in_force",
    "效力状态": "in_force",
    "废止日期": "repealed_on",
    "失效日期": "repealed_on",
    "公开方式": "",
    "栏目": "",
    "浏览量": "",
    "浏览次数": "",
    "阅读次数": "",
    "点击数": "",
    "作者": "",
    "本文作者": "",
    "编辑": "",
    "字号": "",
    "字体": "",
}
"""Label to column; an empty one is a label whose value nobody keeps."""
_SPACED = {label: r"[ \u3000]*".join(map(re.escape, label)) for label in _LABELS}
_LABEL = re.compile(
    r"(?:^|(?<=[\s|｜;；,，下载\]】]))[【\[]?("
    + "|".join(_SPACED[label] for label in sorted(_LABELS, key=len, reverse=True))
    + r")[】\]]?\s*(?:[:：]\s*|(?=\s)|$)"
)
_CHROME = re.compile(
    r"(?:无障碍浏览|打开适老化模式|适老化|长者模式|范文|菜单|首页|登录|注册|搜索|返回|打印|关闭|收藏|x|×|大|中|小"
    r"|当前位置.*|您现在的位置.*|你的位置.*|字体.*|字号.*|分享到?.*|扫一扫.*|【?(?:打印|关闭)[^。]{0,12})?",
    re.IGNORECASE,
)
_SITE_WORDS = re.compile(r"^(?:简介|开篇|导读|前言|编者按|声明)\s*[:：].*(?:小编|范文|文库|会员|精心整理)")
_BLURB_TITLE = re.compile(
    r"整理的?\s*(?:了|的)?\s*(?:\d+|[一二三四五六七八九十]+)?篇?([^,，。的]{4,40})[,，。]"
)
_AFTER = re.compile(
    r"^(?:为你推荐|相关(?:范文|文章|阅读|推荐|内容)(?:推荐)?|猜你喜欢|上一[篇条][:：].*|下一[篇条][:：].*|点此处下载文档"
    r"|下载.{0,60}(?:word格式文档|\.docx?)|将本文档下载.*|扫一扫.{0,20}(?:打开|分享).*|责任编辑[:：].*)$"
)
_NUMBER = re.compile(r"^([\u4e00-\u9fff*]{2,14})[〔\[［(（﹝【„](\d{4})[〕\]］)）﹞】‟](\d{1,5})号$")
_ORGAN = re.compile(
    r"^[\u4e00-\u9fff()（）]{2,28}(?:局|委员会|委|办公室|政府|厅|部|院|中心|支队|总队|银行|支行|公司|协会|学校|馆)(?:文件)?$"
)
_DAY = re.compile(r"(\d{4})\s*[-年/.]\s*(\d{1,2})\s*[-月/.]\s*(\d{1,2})")
_DAY_LINE = re.compile(
    r"^[(（]?\s*(?:\d{4}年\d{1,2}月\d{1,2}日|[二一][○〇零OoО0一二三四五六七八九]{3}年[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}日)\s*[)）]?$"
)
_DIGITS = str.maketrans("○〇零OoО一二三四五六七八九", "000000123456789")
_PIECE = re.compile(r"^第[一二三四五六七八九十]+篇\s*[:：]\s*(.*)$")
_ENDINGS = (
    "通知", "意见", "方案", "办法", "规定", "公告", "决定", "报告", "要点", "细则", "指南", "条例", "函", "批复",
    "计划", "规划", "制度", "公示", "通告", "解读", "说明", "问答", "须知", "纪要",
)  # fmt: skip
_CLASSES = (
    ("机构", "机构职能"),
    ("法规", "政策法规"),
    ("政策", "政策法规"),
    ("规范性文件", "政策法规"),
    ("计划", "规划计划"),
    ("规划", "规划计划"),
    ("要点", "规划计划"),
    ("指南", "办事指南"),
    ("办事", "办事指南"),
    ("公告", "公告"),
    ("公示", "公告"),
    ("业务", "业务工作"),
    ("工作", "业务工作"),
)
"""A word in a site's own class, and the class of ours; the first that fits."""
_CLASS_LINES = frozenset({"政策", "法规", "政策法规", "公告", "公示", "通知公告", "办事指南", "工作动态"})
# Word set these brackets in a font of its own, and copies of such letters show what the codes mean elsewhere.
_BROKEN = (
    (re.compile("•([^•‣\n]{1,80})‣"), r"《\1》"),
    (re.compile("„(\\d{4})‟"), r"〔\1〕"),
    (re.compile("†([^†‡\n]{1,80})‡"), r"〈\1〉"),
)


def propose(document: Marked) -> Proposed:
    """The cells of an entry as far as the document says them.

    Args:
        document: its lines and its markup.

    Returns:
        ``title``, ``body``, and of ``index_no issuer section class document_no keywords made_on published_on
        openness in_force repealed_on`` those that were found; dates in ISO form.
    """
    lines, mended = _mended([_tidy(line) for line in document.lines])
    lines = _without_what_follows(lines)
    head = _Head(dict(document.said), document.title)
    start = head.read(lines)
    body = lines[start:]
    head.look_through(_first_piece(body))
    cells = head.cells | {"body": _joined(body)}
    for name in ("made_on", "published_on", "repealed_on"):
        cells[name] = day_of(cells.get(name, ""))
    cells["class"] = _our_class(cells.get("class", ""))
    cells = {name: text if name == "body" else text[:LINE_LIMIT] for name, text in cells.items()}
    return Proposed(cells, document.remarks + _remarks(lines, mended))


def _tidy(line: str) -> str:
    return re.sub(r"[ \t\u00a0\u3000\u2002\u2003\u200b\ufeff]+", " ", line).strip()


def _mended(lines: list[str]) -> tuple[list[str], int]:
    text, count = "\n".join(lines), 0
    for broken, right in _BROKEN:
        text, found = broken.subn(right, text)
        count += found
    return text.split("\n"), count


def _without_what_follows(lines: list[str]) -> list[str]:
    """Without what a site puts under a text: recommendations, downloads, the way to the next one."""
    half = sum(map(len, lines)) / 2
    passed = 0
    for position, line in enumerate(lines):
        passed += len(line)
        if passed > half and len(line) < 100 and _AFTER.match(line):
            return lines[:position]
    return lines


def _first_piece(body: list[str]) -> list[str]:
    """Of several documents on one page the first, so that no date of another is taken for its own."""
    for position, line in enumerate(body):
        if _PIECE.match(line):
            return body[:position]
    return body


def _joined(lines: list[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _remarks(lines: list[str], mended: int) -> tuple[str, ...]:
    remarks = []
    pieces = sum(1 for line in lines if _PIECE.match(line))
    if pieces > 1:
        remarks.append(f"这份文件里像是有{pieces}篇，都收在一条里。要分开的，请分成几份文件再导入。")
    if mended:
        remarks.append(f"有{mended}处书名号、括号是乱码，已经照样子改成《》和〔〕。请核对。")
    return tuple(remarks)


def _our_class(theirs: str) -> str:
    return next((ours for word, ours in _CLASSES if word in theirs), "")


def day_of(text: str) -> str:
    """The first date in a text, in ISO form; empty where there is none, or no such day in the calendar."""
    found = _DAY.search(_arabic(text))
    if not found:
        return ""
    try:
        return date(*(int(part) for part in found.groups())).isoformat()
    except ValueError:
        return ""


def _arabic(text: str) -> str:
    """二○○八年八月二十一日 as 2008年8月21日."""
    if not _DAY_LINE.match(text) or text[:5].strip("(（ ")[:4].isdigit():
        return text
    year, _, rest = text.strip("(（)） ").partition("年")
    month, _, day = rest.partition("月")
    return f"{year.translate(_DIGITS)}年{_small(month)}月{_small(day.rstrip('日'))}日"


def _small(number: str) -> int:
    tens, ten, ones = number.rpartition("十")
    units = int(ones.translate(_DIGITS)) if ones else 0
    return units + 10 * int(tens.translate(_DIGITS) or 1) if ten else units


class _Head:
    """Reads the lines above a body one after the other and keeps what they say; what markup said comes first."""

    def __init__(self, said: dict[str, str], title: str) -> None:
        self.cells = {name: text for name, text in said.items() if text}
        self._open = not title
        if title:
            self.cells["title"] = title

    def read(self, lines: list[str]) -> int:
        """Read the head; where the body begins."""
        position = 0
        for position, line in enumerate(lines[:HEAD_LINES]):
            if self._takes(line, lines[position + 1 :]):
                continue
            if not self._open or not self._title(line):
                return position
        return min(position + 1, len(lines))

    def _takes(self, line: str, following: list[str]) -> bool:
        if _is_chrome(line) or self._blurb(line) or self._labels(line):
            return True
        piece = _PIECE.match(line)
        if _same(piece[1] if piece else line, self.cells.get("title", "")):
            self._open = False
            return True
        if number := _NUMBER.match(line.replace(" ", "")):
            self._keep("document_no", f"{number[1]}〔{number[2]}〕{number[3]}号")
            return True
        if _ORGAN.match(line) and any(following):
            self._keep("issuer", line.removesuffix("文件"))
            return True
        if line in _CLASS_LINES:
            self._keep("class", line)
            return True
        return False

    def _title(self, line: str) -> bool:
        """Take a line for the title, or for its second half; whether it was one."""
        title = self.cells.get("title", "")
        if len(line) > TITLE_LIMIT or line.endswith(("。", "；", ";", "：", ":")):
            self._open = False
            return False
        if not title:
            self.cells["title"] = line
            self._open = not line.endswith(_ENDINGS)
            return True
        self._open = False
        halves = (
            len(title + line) <= TITLE_LIMIT and line.endswith(_ENDINGS) and not re.match(r"[（(一\d]", line)
        )
        if (halves and title.startswith("关于")) or (halves and title.endswith(("关于", "的", "印发"))):
            self.cells["title"] = title + line
            return True
        return False

    def _blurb(self, line: str) -> bool:
        """What a library of samples says about itself; it names what it collected."""
        if not _SITE_WORDS.match(line):
            return False
        named = _BLURB_TITLE.search(line)
        if named and self._open:
            self.cells.setdefault("title", named[1].strip("《》 "))
        return True

    def _labels(self, line: str) -> bool:
        found = list(_LABEL.finditer(line)) if len(line) <= 200 else []
        if not found or found[0].start() > 1:
            return False
        ends = [one.start() for one in found[1:]] + [len(line)]
        for one, end in zip(found, ends, strict=True):
            name = _LABELS[re.sub(r"\s", "", one[1])]
            value = line[one.end() : end].strip(" |｜;；,，【[")
            if name in ("made_on", "published_on", "repealed_on"):
                value = day_of(value)
            if name and value:
                self._keep(name, value)
        return True

    def _keep(self, name: str, value: str) -> None:
        if name == "title":
            self._open = False
        self.cells.setdefault(name, value)

    def look_through(self, body: list[str]) -> None:
        """Read what stands in a body and says something of the whole: its date, who signed it, its 主题词."""
        for position, line in enumerate(body):
            if _DAY_LINE.match(line) and "made_on" not in self.cells:
                self.cells["made_on"] = line
                signer = next((one for one in reversed(body[:position]) if one), "")
                if position and _ORGAN.match(signer):
                    self.cells.setdefault("issuer", signer)
            elif line.startswith("主题词") and len(line) < 100:
                self._labels(line)


def _is_chrome(line: str) -> bool:
    """Whether a line holds nothing, or only what a site writes around its texts."""
    return len(line) < 200 and all(_CHROME.fullmatch(part.strip()) for part in re.split(r"[|｜]", line))


def _same(line: str, title: str) -> bool:
    return bool(title) and re.sub(r"\W", "", line) == re.sub(r"\W", "", title)
