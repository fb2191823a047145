"""Personal data in a text: what looks like a number, an account or an address of a person, and where it stands.

Pure. Digits are read as people write them to slip past a filter: full-width, circled, with separators or unseen
characters between them, written out (一三八…). Identity numbers: GB 11643-1999 with its check character (ISO 7064
MOD 11-2); the residence permits of 港澳台 residents (81, 82, 83) and the foreign permanent resident card of 2023
(from 9) have the same form. Bank cards: the Luhn check of ISO/IEC 7812. Mobile numbers: eleven digits from 13 to 19.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

Sound = Callable[[re.Match[str]], bool]

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_PROVINCES = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
_CARDS = re.compile(r"62|9558|4|5[1-5]|3[05-7]|6[05]|2[2-7]|81")
_NUMERALS = str.maketrans("零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖两", "0012345678911234567892")
_GAP = r"[ \-‐‑‒–—―_.·•・*~/]{0,2}"
_GAPS = re.compile(r"[^0-9A-Za-z×]+")


@dataclass(frozen=True)
class Found:
    """One piece of personal data: what it looks like, and its place in the text as it was written.

    ``shown`` is the first place that is masked; what stands before it tells the asker which number is meant.
    """

    what: str
    start: int
    end: int
    shown: int


@dataclass(frozen=True)
class _Finder:
    what: str
    pattern: re.Pattern[str]
    keep: int
    sound: Sound | None = None
    numerals: bool = False


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.replace("~GAP~", _GAP), re.IGNORECASE)


# Checks


def _plain(match: re.Match[str]) -> str:
    return _GAPS.sub("", match["x"]).upper().replace("×", "X")


def _is_day(year: int, month: str, day: str) -> bool:
    try:
        return 1900 <= date(year, int(month), int(day)).year <= 2099
    except ValueError:
        return False


def _is_identity(match: re.Match[str]) -> bool:
    """Eighteen characters with a birthday in them, and a right check character or a province before it.

    A number with one digit mistyped still tells who somebody is, so the check alone does not let it pass.
    """
    number = _plain(match)
    if len(number) != 18 or not _is_day(int(number[6:10]), number[10:12], number[12:14]):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _ID_WEIGHTS, strict=True))
    return _ID_CHECKS[total % 11] == number[17] or _PROVINCES.match(number) is not None


def _is_old_identity(match: re.Match[str]) -> bool:
    number = _plain(match)
    born = number[6:12]
    return _PROVINCES.match(number) is not None and _is_day(1900 + int(born[:2]), born[2:4], born[4:])


def _is_old_resident(match: re.Match[str]) -> bool:
    born = _plain(match)[7:13]
    return _is_day(1900 + int(born[:2]), born[2:4], born[4:])


def _is_card(match: re.Match[str]) -> bool:
    number = _plain(match)
    total = 0
    for position, digit in enumerate(reversed([int(digit) for digit in number])):
        doubled = digit * 2 if position % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0 and _CARDS.match(number) is not None


def _of_one_hand(match: re.Match[str]) -> bool:
    """Whether one kind of separator stands between the digits: 19.9.1-2020.12.1 is two dates."""
    return len({gap.strip() for gap in _GAPS.findall(match["x"])}) <= 1


def _is_account(match: re.Match[str]) -> bool:
    """An account of its own: announced by a word for it, or with a digit in it (微信Android版 is none)."""
    return bool(match["said"]) or any(char.isdigit() or char == "_" for char in match["x"])


# What is looked for, the surest first: what one finder has taken, the later ones leave alone.

_N = r"(?:\d{1,4}|[一二三四五六七八九十百]{1,4}|[a-z]\d{0,3})"
_NOT_A_DOOR = (
    r"(?!\d|线|文|令|台风|公告|通知|机|井|地块|院|门诊|窗口|站|桥|闸|渠|出口|口|字|以|之|到|至|前|后|起)"
)

_FINDERS = (
    _Finder(
        "电子邮箱",
        _compiled(
            r"(?<![a-z0-9._%+-])(?P<x>[a-z0-9._%+-]{1,64}(?:\s?(?:@|\(at\)|\[at\])\s?(?:[a-z0-9-]{1,63}[.。])+[a-z]{2,}"
            r"|\s?(?:@|#|艾特|at)\s?(?:qq|163|126|139|189|sina|sohu|gmail|foxmail|outlook|hotmail|icloud|aliyun)"
            r"\s?(?:[.。]|点)\s?(?:com|cn|net)))"
        ),
        1,
    ),
    _Finder(
        "身份证件号码",
        _compiled(r"(?<![\da-z])(?P<x>[1-9](?:~GAP~\d){16}~GAP~[\dx×])(?![\da-z])"),
        3,
        _is_identity,
        numerals=True,
    ),
    _Finder(
        "身份证件号码", _compiled(r"(?<![\da-z.])(?P<x>[1-8]\d{14})(?![\da-z]|\.\d)"), 3, _is_old_identity
    ),
    _Finder("身份证件号码", _compiled(r"(?<![a-z])(?P<x>[a-z]{3}\d{12})(?![\da-z])"), 3, _is_old_resident),
    _Finder(
        "身份证件号码",
        _compiled(
            r"(?:身份证|居住证|永居证|证件号)[^\da-z\n]{0,8}(?P<x>[a-z]{0,3}\d(?:~GAP~\d){10,16}~GAP~[\dx×])(?![\da-z])"
        ),
        3,
        numerals=True,
    ),
    # 国药准字H20260012 is a medicine, not a person.
    _Finder("通行证号码", _compiled(r"(?<![\da-z])(?<!字)(?<!批号)(?<!型号)(?P<x>[hm]\d{8}(?:\d{2})?)(?![\da-z])"), 1),
    _Finder(
        "护照或者通行证号码",
        _compiled(
            r"(?:台胞证|台湾居民[^\da-z\n]{0,8}证|通行证|护照|回乡证)[^\da-z\n]{0,8}(?P<x>[a-z]{0,2}\d{7,10})(?!\d)"
        ),
        1,
    ),
    _Finder(
        "手机号码",
        _compiled(
            r"(?<!\d)(?:\+?(?:00)?86~GAP~|0)?(?P<x>1[3-9]\d{9})(?!\d|\.\d|\s?(?:元|块钱|万元|亿元|美元))"
        ),
        3,
        numerals=True,
    ),
    _Finder(
        "手机号码",
        _compiled(
            r"(?<!\d)(?:\+?(?:00)?86~GAP~)?(?P<x>1[3-9]\d(?:[ -]\d{4}[ -]\d{4}|[ -]\d{3}[ -]\d{5}))(?!\d)"
        ),
        3,
        numerals=True,
    ),
    _Finder(
        "手机号码",
        _compiled(r"(?<!\d)(?<!\d[ .\-/])(?P<x>1~GAP~[3-9](?:~GAP~\d){9})(?!~GAP~\d|\s?(?:元|块钱|万元|亿元|美元))"),
        3,
        _of_one_hand,
        numerals=True,
    ),
    _Finder(
        "银行卡号", _compiled(r"(?<![\da-z])(?P<x>\d(?:~GAP~\d){15,18})(?![\da-z])"), 4, _is_card, numerals=True
    ),
    _Finder(
        "卡号或者账号",
        _compiled(
            r"(?:银行卡|储蓄卡|信用卡|社保卡|医保卡|存折|卡号|账号|账户|帐号|帐户)[^\da-z\n]{0,8}"
            r"(?P<x>\d(?:~GAP~\d){8,18})(?!\d|\.\d|\s?(?:元|万|块))"
        ),
        4,
    ),
    _Finder(
        "微信号",
        _compiled(
            r"(?<![a-z])(?:微信|薇信|威信|v信|vx|wx|wechat|weixin)"
            r"\s*(?P<said>(?:账号|号码?|id)?\s*[:是为加\-]?\s*)(?P<x>[a-z][a-z0-9_-]{5,19}|\d{6,11})(?![a-z0-9_])"
        ),
        1,
        _is_account,
    ),
    _Finder(
        "QQ号",
        _compiled(
            r"(?<![a-z])(?:qq|扣扣|企鹅)\s*(?:群|账号|号码?){0,2}\s*[:是为加]?\s*(?P<x>[1-9]\d{4,10})(?!\d)"
        ),
        2,
    ),
    _Finder(
        "固定电话号码",
        _compiled(
            r"(?<![\d./])[(]?(?P<x>0(?:10|2\d|[3-9]\d{2})[) -]{0,2}[2-9]\d{2,3}[ -]?\d{4})(?!\d|\.\d|/)"
        ),
        4,
    ),
    _Finder(
        "固定电话号码",
        _compiled(r"(?:电话|座机|固话|致电)(?!费)[^\d\n]{0,6}(?P<x>[2-8]\d{2,3}[ -]?\d{4})(?!\d|\.\d|元)"),
        2,
    ),
    _Finder(
        "车牌号码",
        _compiled(
            r"(?P<x>[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][a-hj-z][ ·•・-]?"
            r"(?=[a-z]{0,3}\d[a-z]{0,3}\d)[a-hj-np-z0-9]{4,5}[a-hj-np-z0-9挂学警港澳])(?![a-z0-9])"
        ),
        2,
    ),
    _Finder(
        "门牌住址",
        _compiled(
            rf"(?P<x>{_N}(?:(?:号楼|栋|幢|座|号)\s?(?:{_N}\s?(?:单元|门)\s?(?:{_N}\s?(?:层|楼)\s?)?\d{{1,5}}(?:室|号|户)?"
            rf"|(?:{_N}\s?(?:层|楼)\s?)?\d{{2,5}}(?:室|号(?!文|令|线)))"
            r"|(?:号楼|栋|幢|座)\s?\d{3,4}(?![\d年月日元人户个平米㎡万块套岁度.%％楼栋幢辆名家多余])))"
        ),
        0,
    ),
    _Finder("门牌住址", _compiled(rf"(?P<x>{_N}\s?单元\s?(?:{_N}\s?(?:层|楼)\s?)?\d{{2,5}}(?:室|号)?)(?!\d|户|人|%)"), 0),
    _Finder(
        "门牌住址",
        _compiled(
            r"(?:小区|花园|家园|公寓|社区|新村|新城|华庭|苑|府|湾|里|院)\s?(?P<x>\d{1,3}-\d{1,2}-\d{2,4})(?![\d-])"
        ),
        0,
    ),
    _Finder("门牌住址", _compiled(r"(?P<x>\d{1,4}弄\s?\d{1,4}号(?:\s?\d{2,4}室?)?)"), 0),
    _Finder(
        "门牌住址",
        _compiled(
            rf"(?:村|屯|巷|胡同)(?:[一-鿿]{{0,4}}?{_N}组)?\s?(?P<x>{_N}号){_NOT_A_DOOR}"
        ),
        0,
    ),
    _Finder(
        "门牌住址",
        _compiled(
            rf"(?:我家在?|家住|住在|住址|家庭地址|我住|本人住|户籍地)[^，。；！？,;!?\n]{{0,25}}?(?P<x>(?<!\d)\d{{1,5}}号(?:\s?\d{{2,4}}室?)?){_NOT_A_DOOR}(?!楼)"
        ),
        0,
    ),
)  # fmt: skip


def find(text: str) -> list[Found]:
    """Everything in a text that looks like personal data, in the order of the text."""
    read, places = _as_read(text)
    taken = bytearray(len(read))
    found: list[Found] = []
    written_out = read.translate(_NUMERALS)
    for finder in _FINDERS:
        _look(finder, read, places, taken, found)
        if finder.numerals and written_out != read:
            _look(finder, written_out, places, taken, found)
    return sorted(found, key=lambda one: one.start)


def _look(finder: _Finder, read: str, places: list[int], taken: bytearray, found: list[Found]) -> None:
    for match in finder.pattern.finditer(read):
        start, end = match.span("x")
        if any(taken[start:end]) or (finder.sound is not None and not finder.sound(match)):
            continue
        taken[start:end] = b"\x01" * (end - start)
        found.append(Found(finder.what, places[start], places[end - 1] + 1, places[start + finder.keep]))


def _as_read(text: str) -> tuple[str, list[int]]:
    """A text as a person reads it, one character for each that is seen, with its place in the text."""
    read: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        seen = char if char < "\x7f" else _SEEN[char]
        if seen:
            read.append(seen)
            places.append(place)
    return "".join(read), places


class _Seen(dict[str, str]):
    """What a character looks like: a plain digit or letter, itself, or nothing."""

    def __missing__(self, char: str) -> str:
        seen = _seen(char)
        if len(self) < 20_000:
            self[char] = seen
        return seen


def _seen(char: str) -> str:
    # Zero-width characters, combining marks and the enclosing key of 1️⃣ are looked through.
    if unicodedata.category(char) in ("Cf", "Mn", "Me"):
        return ""
    digit = unicodedata.digit(char, None)
    if digit is not None:
        return str(digit)
    folded = unicodedata.normalize("NFKC", char)
    if len(folded) > 1:
        folded = folded.strip("(). ")
    return folded if len(folded) == 1 else char


_SEEN = _Seen()
