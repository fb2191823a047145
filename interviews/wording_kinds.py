"""The kinds of notices that can be worded anew: their standard text, and the places it knows. Pure.

Each place has what it stands for and an example; an interview at hand replaces the examples where it can.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """What stands for a value: its meaning, and an example for the preview."""

    meaning: str
    example: str


@dataclass(frozen=True)
class Template:
    """One kind of notice.

    Attributes:
        label: what the office calls it.
        printed: whether it is a 通知 on paper, otherwise the text of a mail.
        standard: the text where the office has written none.
        places: each place's name and what it stands for.
        required: the places without which the notice would tell nothing.
    """

    label: str
    printed: bool
    standard: str
    places: Mapping[str, Place]
    required: tuple[str, ...]


THEME = Place("访谈的主题", "城乡居民医保缴费和异地就医")
NOTICE = Place(
    "提醒的那一句：哪一场、什么事、最迟哪天、哪一条",
    "《……》：发布预告，最迟2026年2月9日（周一）（第十二条）。",
)
RECEIPT = Place("提问人的回执编号", "7K2M-9QXA-B3C")
NUMBER = Place("提问的编号，没有就空着", "12")
SAME = Place("和别的提问并在一起的，写明和几号", "（和9号并在一起）")
QUESTION = Place("几号提问", "12号提问")
LINK = Place("只给收信人的网址", "https://fangtan.example.gov.cn/…")
NAME = Place("第几场、什么主题", "第7场网上访谈“城乡居民医保缴费和异地就医”")
TIME = Place("哪天几点到几点", "2026年3月6日（周五）14:30—16:30")
RULE = Place("根据哪部规定的哪一条", "根据《示例市网上访谈工作规定》第十二条，")
YOU = Place("收文单位怎么称呼", "你单位")

_STAFF = "{notice}\n\n办好以后不会再提醒。登录网上访谈平台，在首页可以看到要办的事和日子的算法。"
_ABOUT_DUTY = {"notice": NOTICE, "theme": THEME}

TEMPLATES: dict[str, Template] = {
    "reminder": Template("要办的事快到期", False, _STAFF, _ABOUT_DUTY, ("notice",)),
    "overdue": Template("自己的事逾期了", False, _STAFF, _ABOUT_DUTY, ("notice",)),
    "others_late": Template("别的单位逾期了", False, _STAFF, _ABOUT_DUTY, ("notice",)),
    "bounced": Template("汇总报告没有寄到", False, _STAFF, _ABOUT_DUTY, ("notice",)),
    "calendar": Template(
        "放假通知改了日子",
        False,
        "{year}年的放假通知收录了，下面的日子重新算过：\n\n{list}",
        {
            "year": Place("哪一年", "2027"),
            "list": Place("改了日子的事，一件一行", "《……》：发布预告，由2月9日改到2月10日（第十二条）。"),
        },
        ("list",),
    ),
    "report": Template(
        "报送汇总报告",
        False,
        "{body}：\n现报送《{title}》第{version}版{again}，见附件。\n{replaces}\n{link}",
        {
            "body": Place("收件单位", "示例市委办公室"),
            "title": Place("报告的标题", "关于“城乡居民医保缴费和异地就医”网上访谈情况的汇总报告"),
            "version": Place("第几版", "2"),
            "again": Place("再发的写明第几次，否则空着", "（第2次发送，同一版）"),
            "replaces": Place("替换哪一版的一句，没有就空着", "这一版替换第1版。"),
            "link": Place(
                "签名链接的一句，没有开就空着",
                "也可以在这里看，并告知已经收到：https://fangtan.example.gov.cn/…",
            ),
        },
        ("title", "version", "link"),
    ),
    "asker_fate": Template(
        "告诉提问人：转了、并了、没有公开",
        False,
        "您在“{theme}”里提的问题{fate}。\n请到网上访谈，凭回执编号 {receipt} 查看。",
        {
            "theme": THEME,
            "fate": Place("有了什么去向", "转给示例市水务局了，由它书面答复"),
            "receipt": RECEIPT,
        },
        ("fate", "receipt"),
    ),
    "asker_answered": Template(
        "告诉提问人：有了结果",
        False,
        "您在“{theme}”里提的{number}号问题{same}{fate}。\n请到网上访谈，凭回执编号 {receipt} 查看全文。",
        {
            "theme": THEME,
            "number": NUMBER,
            "same": SAME,
            "fate": Place("有了什么结果", "已经答复"),
            "receipt": RECEIPT,
        },
        ("fate", "receipt"),
    ),
    "asker_erratum": Template(
        "告诉提问人：答复有更正",
        False,
        "您在“{theme}”里提的{number}号问题，答复有一处更正。\n请到网上访谈，凭回执编号 {receipt} 查看。",
        {"theme": THEME, "number": NUMBER, "receipt": RECEIPT},
        ("receipt",),
    ),
    "follow_ask": Template(
        "请确认订阅",
        False,
        "有人在网上访谈留了这个邮箱，想在{question}有消息时收到邮件。\n"
        "是您的话，请打开下面的网址，再按一下“确认订阅”，{days}天以内有效：\n{link}\n\n"
        "不是您，或者不想要了，不用理这封信，以后不会再有，这个邮箱也不会留下。",
        {"question": QUESTION, "days": Place("几天以内有效", "3"), "link": LINK},
        ("link",),
    ),
    "follow_news": Template(
        "订阅的消息",
        False,
        "您订阅的“{theme}”里的{question}{same}{news}。\n请看：{link}\n\n不想再收到这个问题的消息，请打开：{stop}",
        {
            "theme": THEME,
            "question": QUESTION,
            "same": SAME,
            "news": Place("有了什么消息", "有了答复"),
            "link": LINK,
            "stop": Place("退订的网址", "https://fangtan.example.gov.cn/…"),
        },
        ("news", "link", "stop"),
    ),
    "referral": Template(
        "找人问的答复",
        False,
        "您找人问的事（回执编号 {receipt}）有了答复。\n\n您问：{asked}\n\n答复：{reply}\n\n"
        "还有不清楚的，可以再到网上访谈问。",
        {
            "receipt": RECEIPT,
            "asked": Place("问的是什么", "断缴两年怎样补？"),
            "reply": Place("答复的全文", "带身份证到窗口补缴。"),
        },
        ("reply",),
    ),
    "pack": Template(
        "转交问题的通知",
        True,
        "{name}定于{time}举行。{rule}现将{until}征集到的{count}个问题转交{you}（见附件），请作好答复准备。\n"
        "转交以后收到的问题，在工作端能看到，访谈中一并答复。当场没能答复的，会后书面答复。",
        {
            "name": NAME,
            "time": TIME,
            "rule": RULE,
            "until": Place("征集到哪一天", "到2026年2月28日"),
            "count": Place("几个问题", "36"),
            "you": YOU,
        },
        ("name", "rule", "count"),
    ),
    "change": Template(
        "访谈变动的通知",
        True,
        "{rule}现将访谈变动通知{you}：{changes}\n{reason}\n{questions}",
        {
            "rule": RULE,
            "you": YOU,
            "changes": Place("变了什么", "第7场由3月6日改到3月13日。"),
            "reason": Place("变动的原因一句，没有就空着", "变动的原因：会场停用。"),
            "questions": Place("取消的写明问题怎么办，否则空着", "已经征集到的问题，请书面答复。"),
        },
        ("rule", "changes", "reason", "questions"),
    ),
    "venue": Template(
        "访谈地点的通知",
        True,
        "{name}定于{time}在{venue}举行。{rule}现将地点告知{you}，请参加人员按时到场。",
        {"name": NAME, "time": TIME, "venue": Place("地点", "二楼访谈室"), "rule": RULE, "you": YOU},
        ("name", "time", "venue", "rule"),
    ),
}
