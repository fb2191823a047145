"""The kinds of notices that can be worded anew: their standard text, and the places it knows. Pure.

Each place has what it stands for and an example; an interview at hand replaces the examples where it can.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """What stands for a value.

    Attributes:
        meaning: what the office reads it as.
        example: for the preview.
        inside: whether it may stand in the text alone: a subject is one line, and is seen on a locked telephone.
    """

    meaning: str
    example: str
    inside: bool = False


@dataclass(frozen=True)
class Template:
    """One kind of notice.

    Attributes:
        label: what the office calls it.
        printed: whether it is a 通知 on paper, otherwise the text of a mail.
        standard: the text where the office has written none.
        places: each place's name and what it stands for.
        required: the places without which the text would tell nothing.
        subject: the subject of the mail where the office has written none; a 通知 on paper has no such.
    """

    label: str
    printed: bool
    standard: str
    places: Mapping[str, Place]
    required: tuple[str, ...]
    subject: str = ""


THEME = Place("访谈的主题", "城乡居民医保缴费和异地就医")
NOTICE = Place(
    "提醒的那一句：哪一场、什么事、最迟哪天、哪一条",
    "《……》：发布预告，最迟2026年2月9日（周一）（第十二条）。",
    inside=True,
)
RECEIPT = Place("提问人的回执编号", "7K2M-9QXA-B3C", inside=True)
NUMBER = Place("提问的编号，没有就空着", "12")
SAME = Place("和别的提问并在一起的，写明和几号", "（和9号并在一起）")
QUESTION = Place("几号提问", "12号提问")
LINK = Place("只给收信人的网址", "https://fangtan.example.gov.cn/…", inside=True)
NAME = Place("第几场、什么主题", "第7场网上访谈“城乡居民医保缴费和异地就医”")
TIME = Place("哪天几点到几点", "2026年3月6日（周五）14:30—16:30")
RULE = Place("根据哪部规定的哪一条", "根据《示例市网上访谈工作规定》第十二条，")
YOU = Place("收文单位怎么称呼", "你单位")
DUE = Place("最迟哪一天", "2026年3月20日（周五）")
INSTRUCTION = Place("督办的编号", "5")

_STAFF = "{notice}\n\n办好以后不会再提醒。登录网上访谈平台，在首页可以看到要办的事和日子的算法。"
_ABOUT_DUTY = {"notice": NOTICE, "theme": THEME}
# Others read mails, and whoever looks after the outbox does: the matter itself is read after signing in.
_SIGN_IN = "登录网上访谈平台，在首页看内容、写答复。"
_ABOUT_INSTRUCTION = {"number": INSTRUCTION, "due": DUE}

TEMPLATES: dict[str, Template] = {
    "reminder": Template("要办的事快到期", False, _STAFF, _ABOUT_DUTY, ("notice",), "提醒：{theme}"),
    "overdue": Template("自己的事逾期了", False, _STAFF, _ABOUT_DUTY, ("notice",), "逾期：{theme}"),
    "others_late": Template("别的单位逾期了", False, _STAFF, _ABOUT_DUTY, ("notice",), "逾期：{theme}"),
    "urged": Template(
        "信息办催办",
        False,
        f"信息化工作办公室请您尽快办：\n{_STAFF}",
        _ABOUT_DUTY,
        ("notice",),
        "催办：{theme}",
    ),
    "bounced": Template("汇总报告没有寄到", False, _STAFF, _ABOUT_DUTY, ("notice",), "提醒：{theme}"),
    "calendar": Template(
        "放假通知改了日子",
        False,
        "{year}年的放假通知收录了，下面的日子重新算过：\n\n{list}",
        {
            "year": Place("哪一年", "2027"),
            "count": Place("几件事改了日子", "3"),
            "list": Place(
                "改了日子的事，一件一行",
                "《……》：发布预告，由2月9日改到2月10日（第十二条）。",
                inside=True,
            ),
        },
        ("list",),
        "{count}件事改了日子：{year}年放假通知",
    ),
    "instruction_given": Template(
        "督办：写来一件",
        False,
        f"主管部门写来一件督办（第{{number}}号），请在{{due}}以前办好。{_SIGN_IN}",
        _ABOUT_INSTRUCTION,
        ("number", "due"),
        "督办：请办理并答复",
    ),
    "instruction_returned": Template(
        "督办：答复退回了",
        False,
        f"第{{number}}号督办的答复退回了，请在{{due}}以前重新办理并答复。{_SIGN_IN}",
        _ABOUT_INSTRUCTION,
        ("number", "due"),
        "督办退回：请重新办理",
    ),
    "instruction_withdrawn": Template(
        "督办：撤回了",
        False,
        "第{number}号督办撤回了，不用再办。",
        {"number": INSTRUCTION},
        ("number",),
        "督办撤回",
    ),
    "instruction_answered": Template(
        "督办：有了答复",
        False,
        "{body}答复了第{number}号督办。请登录网上访谈平台看，认可或者退回。",
        {"number": INSTRUCTION, "body": Place("哪个单位答复的", "示例市水务局")},
        ("number",),
        "督办有了答复",
    ),
    "instruction_due": Template(
        "督办：快到期、逾期",
        False,
        f"第{{number}}号督办，最迟{{due}}{{late}}。{_SIGN_IN}答复以后不会再提醒。",
        _ABOUT_INSTRUCTION
        | {
            "late": Place("逾期的写明，否则空着", "，已经逾期"),
            "state": Place("快到期还是逾期", "逾期"),
        },
        ("number", "due"),
        "督办{state}",
    ),
    "handed": Template(
        "转交的问题到了",
        False,
        "“{theme}”征集到的{count}个问题转交贵单位，请作好答复准备。\n"
        "登录网上访谈平台看问题，打开就是已读，不用另外回信。",
        {"theme": THEME, "count": Place("几个问题", "36")},
        ("theme",),
        "转交问题：{theme}",
    ),
    "told": Template(
        "访谈改了、取消了，或者定了地点",
        False,
        "“{theme}”：{news}\n登录网上访谈平台，可以看到这一场现在的安排。",
        {
            "theme": THEME,
            "news": Place("什么事", "时间改为2026年3月13日（周五）14:30—16:30。", inside=True),
            "what": Place("两三个字的说法", "改期"),
        },
        ("theme", "news"),
        "访谈{what}：{theme}",
    ),
    "approval": Template(
        "有答复等您审定",
        False,
        "{author}写好了一份答复，在“{theme}”里，等您审定，审定以后才公开。\n登录网上访谈平台，在首页看。",
        {"theme": THEME, "author": Place("谁写的", "许主任")},
        ("theme",),
        "有答复等审定：{theme}",
    ),
    "approval_returned": Template(
        "您交的答复退回了",
        False,
        "您在“{theme}”里交的一份答复，{by}退回了。登录网上访谈平台，改好再交。",
        {"theme": THEME, "by": Place("谁退回的", "许主任")},
        ("theme",),
        "答复退回：{theme}",
    ),
    "waiver_asked": Template(
        "申请例外",
        False,
        "信息化工作办公室为“{theme}”申请一项例外。请登录网上访谈平台看理由，同意或者不同意。",
        {"theme": THEME},
        ("theme",),
        "申请例外：{theme}",
    ),
    "waiver_decided": Template(
        "申请的例外有了结果",
        False,
        "为“{theme}”申请的例外，主管部门{said}。登录网上访谈平台看理由。",
        {"theme": THEME, "said": Place("同意了，或者没有同意", "同意了")},
        ("theme", "said"),
        "申请的例外{said}：{theme}",
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
            "replaces": Place("替换哪一版的一句，没有就空着", "这一版替换第1版。", inside=True),
            "link": Place(
                "签名链接的一句，没有开就空着",
                "也可以在这里看，并告知已经收到：https://fangtan.example.gov.cn/…",
                inside=True,
            ),
        },
        ("title", "version", "link"),
        "{title}（第{version}版）{again}",
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
        "您的提问有了去向：{theme}",
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
        "您的提问有了结果：{theme}",
    ),
    "asker_reopened": Template(
        "告诉提问人：再次办理",
        False,
        "您在“{theme}”里提的{number}号问题，有人说没有解决，再次办理。\n"
        "最迟{due}再答。请到网上访谈，凭回执编号 {receipt} 查看。",
        {"theme": THEME, "number": NUMBER, "due": DUE, "receipt": RECEIPT},
        ("due", "receipt"),
        "您的提问再次办理：{theme}",
    ),
    "asker_erratum": Template(
        "告诉提问人：答复有更正",
        False,
        "您在“{theme}”里提的{number}号问题，答复有一处更正。\n请到网上访谈，凭回执编号 {receipt} 查看。",
        {"theme": THEME, "number": NUMBER, "receipt": RECEIPT},
        ("receipt",),
        "答复有更正：{theme}",
    ),
    "follow_ask": Template(
        "请确认订阅",
        False,
        "有人在网上访谈留了这个邮箱，想在{question}有消息时收到邮件。\n"
        "是您的话，请打开下面的网址，再按一下“确认订阅”，{days}天以内有效：\n{link}\n\n"
        "不是您，或者不想要了，不用理这封信，以后不会再有，这个邮箱也不会留下。",
        {"question": QUESTION, "days": Place("几天以内有效", "3"), "link": LINK},
        ("link",),
        "请确认：订阅{question}的消息",
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
            "stop": Place("退订的网址", "https://fangtan.example.gov.cn/…", inside=True),
        },
        ("news", "link", "stop"),
        "{question}{news}",
    ),
    "referral": Template(
        "找人问的答复",
        False,
        "您找人问的事（回执编号 {receipt}）有了答复。\n\n您问：{asked}\n\n答复：{reply}\n\n"
        "还有不清楚的，可以再到网上访谈问。",
        {
            "receipt": RECEIPT,
            "asked": Place("问的是什么", "断缴两年怎样补？", inside=True),
            "reply": Place("答复的全文", "带身份证到窗口补缴。", inside=True),
        },
        ("reply",),
        "您找人问的事有了答复",
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
