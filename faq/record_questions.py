"""Questions about the interviews themselves: which they are. Pure.

Only whole questions are recognised, each by its own pattern: 「医保办理时间」 is for the catalogue, 「下一场访谈什么时候」
is for the record. ``about_interviews`` tells the answer.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from faq import terms
from interviews import receipts

PREFIX = "record."
"""What every reason code of such a question begins with."""

LONGEST = 60
"""Code points of a question that can be about the interviews alone; a story is for a human."""


@dataclass(frozen=True)
class Wanted:
    """What somebody wants to know about the interviews.

    Attributes:
        code: reason code of the hand-off, ``record.next`` and so on.
        theme: words that an interview's theme should hold, for ``record.about``.
        receipt: a receipt number as it is stored, for ``record.receipt``.
        coming: for ``record.next``, that the one to come is meant, whatever is on now.
        period: for ``record.period``, one of :data:`PERIODS`.
        month: for the period ``month``, which.
    """

    code: str
    theme: str = ""
    receipt: str | None = None
    coming: bool = False
    period: str = ""
    month: int = 0


_IV = "(?:(网上|在线|网络|政府)?(?<!信)(?<!家)(?<!约)访谈(?!话|录|法|提纲|节目单)(会|活动|节目)?)"
_NEXT = (
    "(?:(最近的?一?[场次期]?|近期的?|接下来的?|后面的?|下面的?|即将(举行|开始)的?"
    "|下一?[场次期回个]|新一[场期]|这[场次]|今天的?)的?)"
)
_LAST = "(?:(上一?[场次期回个]|上回|前一[场次]|最近(结束|办完|办)的?(一?[场次])?|刚(才|刚)?(结束|办完)的?(那[场次])?)的?)"
_WHEN = "(?:(什么时候|啥时候|什么时间|何时|几时|哪天|哪一天|几号|几月几号|几点钟?|多会儿))"
_BE = "(?:(是|在|会|将|要|到底|大概|还|又|再|能|都)*)"
_TAIL = "(?:(呢|啊|吗|呀|么|吧|的|了)*)"
_START = "(?:(开始|开场|开|举行|举办|办|有|进行|召开|播出?)?)"
_WHO = (
    "(?:(谁|哪个单位|哪些单位|什么单位|哪个部门|哪些部门|什么部门|哪个局"
    "|哪位领导|哪些领导|什么领导|什么人|哪些人|哪些嘉宾|哪位嘉宾))"
)
_REPLY = "(?:(回答|答复|解答|答|参加|出席|主持|接受|到场)(问题|提问)?)"
_WHERE = "(?:(在|从|去|到)?(哪里|哪儿|哪|什么地方|哪个网站|哪个频道|怎么|怎样|如何))"
_SEE = "(?:(可以|能|才能)?(看到?|收看|观看|查看|查到?|找到?|参加|进去?))"
_HOW = "(?:(怎么|怎样|如何|咋|在哪里?|在哪儿|去哪里?|到哪里?|从哪里?))"
_ASK = "(?:(可以|能|才能|去)?(提个?问题?|提交问题|提问|问问题|留问题|留言|报名|参加|参与))"
_KEPT = "(?:(直播|回放|实录|记录|文字记录|录像|视频|内容|文字))"

_WEEK = "个?(周|星期|礼拜)"
PERIODS: Mapping[str, re.Pattern[str]] = {
    "tomorrow": re.compile("明天"),
    "day_after": re.compile("后天"),
    "this_week": re.compile(f"[这本]{_WEEK}"),
    "next_week": re.compile(f"下一?{_WEEK}"),
    "last_week": re.compile(f"上一?{_WEEK}"),
    "this_month": re.compile("[这本]个?月"),
    "next_month": re.compile("下一?个?月"),
    "last_month": re.compile("上一?个?月"),
    "month": re.compile("今年[0-9一二三四五六七八九十]{1,2}月份?|[0-9一二三四五六七八九十]{1,2}月份?"),
}
"""How a stretch of days is said in which somebody asks for interviews."""

_DIGITS = {
    "十一": "11",
    "十二": "12",
    **dict(zip("一二三四五六七八九", "123456789", strict=True)),
    "十": "10",
}
_PERIOD = re.compile(
    f"(那|那么)?(?P<period>{'|'.join(pattern.pattern for pattern in PERIODS.values())})(里|内|份)?的?"
    f"((还|都|会|要|将|又|总共|一共|到底|安排|办|开|举行|举办)*(有没有|有|是)?(办|开|安排)?了?过?(什么|哪些|哪[几个]?[场次]|几[场次]|多少[场次])?{_IV}"
    f"|{_IV}?的?(都|会|要|将)*(有没有|有|办|开)?(什么|哪些|哪[几个]?[场次]|几[场次]|多少[场次]))"
    f"的?(都|会|要|将)*(谈|讲|说|聊|关于|有|是)?(什么|啥|哪些|几[场次]|多少[场次]|什么时候|哪天|几号)?(主题|题目|内容)?{_TAIL}"
)
_SAYS_INTERVIEW = re.compile(_IV)
_COMING = re.compile(f"下一?[场次期回个]|接下来|后面|下面|即将|新一[场期]|{_WHEN}(还|再|又)有")
_PARTS = (
    f"({_WHEN}{_START}|(什么|啥|哪个)(题目|主题|内容|时间)|(谈|讲|说|聊|关于)了?些?(什么|啥|哪些)|{_WHO}(来|去|会)?({_REPLY})?|题目|主题|时间|嘉宾"
    "|(在|去)?哪里?看?|几点钟?)"
)
"""What may be asked of one interview in one breath: when, what about, by whom."""

_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (f"{PREFIX}{code}", re.compile(pattern))
    for code, pattern in (
        ("next", f"{_NEXT}?{_IV}的?(时间)?{_BE}{_WHEN}{_BE}{_START}{_TAIL}"),
        ("next", f"{_WHEN}{_BE}{_START}{_NEXT}?{_IV}{_TAIL}"),
        ("last", f"{_LAST}{_IV}的?{_BE}{_PARTS}([,、和及跟]?{_BE}{_PARTS}){{1,3}}(是|有)?(什么|谁|哪些|多少)?{_TAIL}"),
        ("next", f"{_NEXT}{_IV}的?{_BE}{_PARTS}([,、和及跟]?{_BE}{_PARTS}){{1,3}}(是|有)?(什么|谁|哪些|多少)?{_TAIL}"),
        (
            "next",
            f"{_NEXT}{_IV}的?(主题)?{_BE}(谈|讲|说|聊|关于|问)*(什么|啥|哪方面|哪些)(主题|内容|事情?|话题)?"
            f"{_TAIL}",
        ),
        ("next", f"{_NEXT}{_IV}的?(主题|时间|日期|预告|安排|信息|情况)?(是什么|是多少|怎么样)?{_TAIL}"),
        ("next", f"{_IV}的?(时间|日期|预告)(是什么|在哪里?看)?{_TAIL}"),
        (
            "next",
            "(今天|最近|近期|现在|眼下|目前)"
            f"{_BE}(有没有|有)(什么|哪些|哪场)?{_IV}{_TAIL}",
        ),
        ("next", f"{_IV}(现在|今天)?(开始|结束)了(吗|没有?)"),
        (
            "list",
            "(今年|明年|本年|全年|最近|近期|以后|接下来|后面|下半年|上半年|一共|都|还)*"
            f"{_BE}(有过?|办过|办|安排了?)(哪些|什么|几[场次]|多少[场次]){_IV}{_TAIL}",
        ),
        (
            "list",
            f"(今年|明年|本年|全年|近期)?的?{_IV}的?(年度)?(计划|安排|日程|列表|场次)"
            f"(表)?(是什么|有哪些|在哪里?看|怎么看|是怎样的)?{_TAIL}",
        ),
        (
            "list",
            f"(今年|去年|本年|全年|一年|每年)?{_BE}(一共|总共)?(要|会)?(办|搞|开|举行|举办)了?过?"
            f"(几|多少)[场次]{_IV}{_TAIL}",
        ),
        ("list", f"(今年|去年|本年|全年)?的?{_IV}(一共|总共)?(办|有|开)了?过?(几|多少)[场次]{_TAIL}"),
        (
            "list",
            f"{_IV}(一般|平时|大概|通常)?是?隔?(多久|多长时间|几个?月|几天)(办|开|有|搞|举行)?一?[次场回]{_TAIL}",
        ),
        ("last", f"{_LAST}{_IV}{_BE}由?{_WHO}(来|去|负责|会|在)*({_REPLY})?{_TAIL}"),
        ("who", f"({_NEXT})?{_IV}{_BE}由?{_WHO}(来|去|负责|会|在)*({_REPLY})?{_TAIL}"),
        ("who", f"({_NEXT})?{_IV}的?(嘉宾|答复单位|答复人|主持人){_BE}(有)?(谁|哪些|哪位|哪几位|哪个|什么人){_TAIL}"),
        ("who", f"{_BE}{_WHO}(来|去|负责|会|在)*{_REPLY}({_NEXT})?{_IV}?{_TAIL}"),
        (
            "how",
            f"(我)?(想|要|应该|该)*{_HOW}(在|向|给|对|跟|和)?({_NEXT})?({_IV}|嘉宾|领导|主持人|答复单位)?"
            f"(里面?|上|中|时|的时候)?{_ASK}({_IV})?{_TAIL}",
        ),
        ("how", f"{_IV}(里面?|上|中|时)?(我)?{_HOW}{_ASK}{_TAIL}"),
        ("how", f"(参加|进)?({_IV}|提问)(需要|要|用|得)(不用)?(登录|注册|实名|报名|花钱){_TAIL}"),
        ("where", f"{_WHERE}{_SEE}(以前的?|往期的?|过去的?|历史)?({_NEXT}|{_LAST})?{_IV}的?{_KEPT}?{_TAIL}"),
        ("where", f"({_NEXT}|{_LAST}|以前的?|往期的?|过去的?|历史)?{_IV}的?{_KEPT}?{_WHERE}{_SEE}?{_TAIL}"),
        ("where", f"{_WHERE}{_SEE}(访谈)?{_KEPT}(?<!内容)(?<!文字)(?<!视频){_TAIL}"),
        ("where", f"(能|可以|有没有|有){_SEE}?({_IV}的?)?(直播|回放|录像){_TAIL}({_WHERE}{_SEE}{_TAIL})?"),
        (
            "last",
            f"{_LAST}{_IV}(都|里面?|上|中|时)*(答|回答|答复|解答|说|谈|讲|聊)了?过?些?"
            f"(什么|啥|哪些)(问题|内容|事情?)?{_TAIL}",
        ),
        ("last", f"{_LAST}{_IV}的?(结果|实录|内容|记录|情况|答复)?(怎么样|是什么|有哪些)?{_TAIL}"),
    )
)  # fmt: skip
_RECORD_BEFORE: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (f"{PREFIX}{code}", re.compile(pattern))
    for code, pattern in (
        ("who", f"{_BE}{_WHO}(来|去)?({_REPLY})?{_TAIL}"),
        ("where", f"{_WHERE}{_SEE}{_TAIL}"),
        ("how", f"(我)?{_HOW}{_ASK}{_TAIL}"),
        ("next", f"{_BE}{_WHEN}{_BE}{_START}{_TAIL}|(谈|讲|说|聊)(些)?(什么|啥){_TAIL}"),
    )
)
"""Short forms that mean the interviews only where the talk was about them."""

_ABOUT = re.compile(
    "(我?想看|有没有|有过?|办过|开过|找|查)?(最近|上|下|近期|以前|今年|去年)?一?[场次个]?"
    f"(关于|有关|讲|谈|说|聊|涉及)(?P<theme>.{{2,12}}?)(方面|有关|相关|问题|的事)*的?{_IV}"
    f"(有|是|在|会|将)*(吗|没有|有没有|{_WHEN}|{_WHERE}{_SEE}?|都?答了(什么|些什么)|说了什么|怎么样|哪一?[场次])?{_TAIL}"
)
_ABOUT_WHOM = re.compile(
    f"(请问)?(?P<theme>[^,。?!的]{{2,12}})的{_IV}(是|在|会|将)*({_WHEN}|{_WHERE}{_SEE}?|有(没有)?{_KEPT}|有吗|有没有){_BE}{_START}{_TAIL}"
)
_THEME_WHEN = re.compile(
    f"({_WHEN}|哪一?[场次]|哪几[场次])({_IV}的?)?(会|要|将|是|在|能|再|有)*(谈(?!话|判|恋|拢|妥|好|成)|聊(?!天))到?(一下)?(?P<theme>[^,。?!]{{2,8}}?)的?(事情?|问题)?(的?{_IV})?{_TAIL}"
)
_BODY_WHEN = re.compile(
    f"(?P<theme>(?!你们|这里|咱们|我们|{_NEXT}|{_LAST})[^,。?!的]{{2,12}}?)(的人|的领导|局长|领导)?(下一?[次场回]|今年|还|最近)?(会|要|能|还|再)*"
    f"({_WHEN}|有没有|来不来)(会|要|再|还|能|可以|来|去|上|做|做客|参加|办|开|有|接受)*{_IV}{_TAIL}"
)
_ASKED = "(问题|提问|留言|意见|事|那条)"
_RECEIPT = re.compile(
    "回执|(我|本人)(上次|昨天|前天|上周|之前|以前|刚才|提|提交|交|留|问|写)*的?(那个|那些|这个)?(问题|提问|留言)"
    "(怎么样|怎样|如何|办到|处理|到哪|去哪|到什么|怎么(还)?没|答复?了?[吗没]|有(没有)?(答复|结果|回复|回音|人[答回看]|消息)|什么时候(能)?(答|有结果|回)|公开了?[吗没]|审核|在哪里?看|怎么查|进展|解决)"
    f"|(我|本人)(上次|昨天|前天|上周|上个月|之前|以前|刚才|前几天)*(提|提交|交|留|问|写)(过|了)?的?[^,。?!]{{0,4}}{_ASKED}?"
    "[^,。?!]{0,4}((什么时候|多久|几天)(能|才|会)*(有)?(人)?(答|回)|(怎么|咋|为什么)(还|一直)?没(有)?(人)?(答|回|消息|结果|下文)|有(没有)?(人|结果|答复|回复|消息|下文)|(答|回)复?了?(吗|没有?)$|去哪了)"
    "|^(提问|提交|提了|问了|留言)?(以|之)?后?(怎么|在哪里?|哪里|如何)(能|可以)?(看|查)(到)?(我的)?(回复|答复|回信|回音)(情况|结果)?$"
)
_TOKEN = re.compile(
    r"(?<![0-9a-z])[0-9a-z]{4}[ \-—–_.·]{0,2}[0-9a-z]{4}[ \-—–_.·]{0,2}[0-9a-z]{3}(?![0-9a-z])", re.IGNORECASE
)
_OPENER = re.compile("^(那么?|还有|另外|然后|顺便|对了)[,，]?")


def receipt_in(text: str) -> tuple[int, int, str] | None:
    """Where a receipt number stands in a text, and how it is stored; eleven digits in a row are a telephone's."""
    for found in _TOKEN.finditer(text):
        number = receipts.read(found[0])
        if number is not None and not found[0].isdecimal():
            return found.start(), found.end(), number
    return None


def recognise(text: str, *, after_record: bool = False) -> Wanted | None:
    """What a question wants to know about the interviews; None where it is for the catalogue.

    Args:
        text: as the citizen wrote it.
        after_record: the talk was about the interviews just before, so short forms mean them.
    """
    if len(text) > terms.QUERY_LIMIT:
        return None
    plain = terms.without_filler(terms.normalise(text)).strip(" \n。.!?~,")
    plain = _OPENER.sub("", plain)
    number = receipt_in(plain)
    if number is not None and len(plain) <= 2 * LONGEST:
        return Wanted("record.receipt", receipt=number[2])
    if len(plain) > LONGEST:
        return None
    if _RECEIPT.search(plain) and not re.search("回执(单|怎么(打印|开)|证明)|银行|缴费|快递|邮", plain):
        return Wanted("record.receipt")
    within = _PERIOD.fullmatch(plain)
    if within and (after_record or _SAYS_INTERVIEW.search(plain)):
        return _period(within["period"])
    for code, pattern in (*_PATTERNS, *(_RECORD_BEFORE if after_record else ())):
        if pattern.fullmatch(plain):
            return Wanted(code, coming=_COMING.search(plain) is not None)
    for pattern in (_ABOUT, _ABOUT_WHOM, _THEME_WHEN, _BODY_WHEN):
        if about := pattern.fullmatch(plain):
            return Wanted("record.about", theme=about["theme"])
    return None


def _period(said: str) -> Wanted | None:
    name = next(name for name, pattern in PERIODS.items() if pattern.fullmatch(said))
    if name != "month":
        return Wanted("record.period", period=name)
    number = said.removeprefix("今年").removesuffix("份").removesuffix("月")
    month = int(number if number.isdecimal() else _DIGITS.get(number, "0"))
    return Wanted("record.period", period=name, month=month) if 1 <= month <= 12 else None
