"""The few sentences the bot says itself, and the doors they point to.

Small talk, thanks, complaints, emergencies, petitions and requests for disclosure are not questions to a
catalogue; each has a fixed phrase. Whatever else the bot says is an entry's own text, or a fact of the live
record (``about_interviews``).

Sources of what is promised: 政府信息公开条例 (国务院令第711号) 第二十九条 what a request says, 第三十三条 twenty
working days; 信访工作条例 第十七条 the ways to petition, 第二十三条 and 第三十四条 fifteen and sixty days. 110, 119, 120,
122, 12345 and 12356 are national numbers. 消费者权益保护法 第四十六条 seven working days.
"""

import re
from dataclasses import dataclass

from faq import emergencies, remarks, terms
from faq.judgement import Reason
from faq.remarks import MadeOf


@dataclass(frozen=True)
class Office:
    """Whom the sentences send people to, as the site's settings name it."""

    name: str
    phone: str
    address: str


NO_OFFICE = Office("本网站的主办单位", "12345", "页面底部写着的地址")
"""Stands in where no office was given, such as in a program without pages."""


@dataclass(frozen=True)
class Door:
    """What a kind of remark is recognised by, and what is said.

    Attributes:
        code: reason code of the hand-off.
        pattern: over the normalised text without filler.
        whole: the pattern must be all there is.
        sentence: fixed phrase in plain Chinese; ``{office}``, ``{phone}`` and ``{address}`` are the office's.
        unless: what makes it an ordinary question after all, such as what a petition costs.
    """

    code: str
    pattern: re.Pattern[str] | MadeOf
    whole: bool
    sentence: str
    unless: re.Pattern[str] | None = None

    def opens_for(self, text: str) -> bool:
        """Whether a normalised text is this kind of remark."""
        if self.unless is not None and self.unless.search(text):
            return False
        if isinstance(self.pattern, MadeOf):
            return self.pattern.fits(text)
        found = self.pattern.fullmatch(text) if self.whole else self.pattern.search(text)
        return found is not None


EMERGENCY = "emergency"
"""Reason: somebody may be in danger (``emergencies``)."""

_NUMBERS = "这可能是紧急情况，请马上打电话：报警110，火警119，急救120，交通事故122。不紧急的事打12345。"

_ASKS_ABOUT = re.compile(
    "流程|步骤|条件|标准|规定|条例|办法(?!院)|奖励|期限|时限|多久|多长时间|几天|多少钱|收费|费用|招聘|招考|范围|是什么|什么意思|有哪些"
)
"""Words of a question about a thing; whoever only wants to do it does not use them."""

_PAPERS = (
    "(红头文件|批文|批复|文件|会议纪要|会议记录|招标|中标|合同|协议|预算|决算|拨款|明细|账目|台账|底册|档案|图纸|许可证|审批|环评"
    "|评估报告|检测报告|验收报告|补偿方案|安置方案|名单|原件|政府信息|内部资料)"
)
_WANTS_TO_SEE = (
    "(我?要|我?想要?|麻烦|请|能不能|能否|可不可以|可以|怎么|如何|怎样|要求)[^,。?!]{0,8}(查阅|查看|查询|查一下|查一查|索取|调取|调阅|获取|复印"
    "|拿到|看一?看|看看|看到|看一下|给我们?|提供|发给|公布|一份)"
)
_NOT_SHOWN = (
    "(不给(我|我们|大家|业主|村民)?看|不肯?公开|没有?公开|公开出来|不公布"
    "|给我们?(看|一份|复印|发|拿)|提供给|复印件?给)"
)

HUMAN = Door(
    "human",
    remarks.HUMAN,
    True,
    "好的，请选“找人问”，写下来就有回执编号，最迟5个工作日答复。想打电话：{office}，{phone}。",
)
CORRECTION = Door(
    "correction",
    remarks.CORRECTION,
    False,
    "谢谢您指出来。请选“找人问”，写明是哪一页、哪里不对，{office}会核对。",
)
ABUSE = Door(
    "abuse",
    remarks.ABUSE,
    False,
    "您有气，我们听着。请写下要办的是什么事，或者选“找人问”，由人答复您。",
    remarks.ABUSE_UNLESS,
)
DOORS = (
    HUMAN,
    CORRECTION,
    Door(
        "thanks",
        remarks.THANKS,
        True,
        "不客气。还有别的事，直接写下来就行。",
    ),
    Door(
        "small_talk",
        remarks.SMALL_TALK,
        True,
        "我只会从已经公开的目录里找答案。请写下您想问的事，比如要办什么、去哪里办。",
    ),
    Door(
        "elder",
        remarks.ELDER,
        False,
        "页面右上角有“长辈版”，字大、按钮大。不会用手机也行：打电话{phone}，或者到{address}，有人帮您办。",
        remarks.ELDER_UNLESS,
    ),
    Door(
        "disclosure_request",
        re.compile(
            "依申请公开|(我?要|我?想|如何|怎么|怎样|请求|提出|提交|现)[^,。?!]{0,8}申请[^,。?!]{0,12}(信息|文件|材料|档案|内容)?公开"
            "|申请(公开|获取)[^,。?!]{0,20}(信息|文件|会议纪要|批复|合同|协议|档案|数据|图纸)"
            f"|{_WANTS_TO_SEE}[^。?!]{{0,20}}{_PAPERS}|{_PAPERS}[^。?!]{{0,20}}{_NOT_SHOWN}"
            "|(要求|请|请求|应当?|必须|恳请|希望|能不能|能否)[^,。?!]{0,12}(公开(?!招|课|透明|道歉|竞|摇)|公示(?!期)|公布[^,。?!]{0,12}(账|明细|文件|数据|名单))"
            "|不予公开|(账|账本|钱怎么花的)[^。?!]{0,6}(晒|公开|公布|公示)"
        ),
        False,
        "想要目录里没有的政府信息，可以申请公开。写明姓名和证件、怎么联系您、要什么信息、想怎样拿到，交给掌握它的单位。"
        "不知道是哪个单位，打{phone}问{office}，或者到{address}。"
        "当场答不了的，收到申请之日起20个工作日内答复（政府信息公开条例第三十三条）。",
        re.compile(
            "申请(政府)?信息公开的|(要|需要|该|应该?|得)(提供|交|带|准备|提交)(哪些|什么)|(哪些|什么)(文件|材料|合同|明细|图纸)|(文件|合同|明细|清单|报告)[^,。?!]{0,6}(下载|打印)|公开的?(流程|步骤|条件|收费|费用|标准|范围|规定)|条例(什么|何时|第)|公开目录"
            "|(人事|退休|养老|学籍|职工|个人|党员|学生|健康)档案|档案(怎么)?(转|调|存放|放在|丢|激活)"
        ),
    ),
    Door(
        "petition",
        re.compile(
            "(我?要|我?想|去哪里?|到哪里?|如何|怎么|怎样|准备|打算|一起|联名|集体)[^,。?!]{0,8}(信访|上访|越级上访|进京)"
            "|信访|上访|(复查|复核)意见书"
            "|要?去?(省|北京|中央|市)里?[^,。?!]{0,4}(告状|告他们|讨说法|讨个?公道)|往上告|告到(省|市|中央|北京)|((给|向)(市长|县长|省长|区长|书记|领导)|写信给[^,。?!]{0,4}(市长|县长|省长|区长|书记|领导))"
            "|(集体|联名|几十|上百|业主)[^,。?!]{0,8}(去|到|找|堵|围)[^,。?!]{0,4}(市|县|区|省)?(政府|市委|县委)(门口|大门|讨)"
            "|有冤|伸冤|喊冤|鸣冤|申冤"
        ),
        False,
        "信访事项请向信访部门提出：可以写信、打电话、走访，也可以在网上信访平台登记。收到之日起15日内告诉您受理不受理，"
        "受理之日起60日内办结（信访工作条例第二十三条、第三十四条）。急事先打12345。",
        _ASKS_ABOUT,
    ),
    Door(
        "complaint",
        re.compile(
            "我?(要|想)(投诉|举报|检举|控告|曝光)|我?(要|想|来)?反映(一下|个|几个)|我?(要|想)反映(?!良好)"
            "|投诉(?!建议)|举报|检举|控告"
            "|((?<!的)没人管(?!的)|没有人管(?!的)|没人(理|处理|解决)|没有?下文|石沉大海|不了了之|爱理不理|不认账|不作为|乱收费|多收了?我|推诿|踢皮球|互相推|态度[^,。?!]{0,4}(差|恶劣|不好|蛮横)"
            "|电话(一直|老是|总是)?(打不通|没人接)|吃拿卡要|索要(红包|好处)|上班(时间|期间|的时候)[^,。?!]{0,4}(玩|打牌|睡|喝酒|聊天|炒股))"
            "|(请|望|希望|要求|请求|恳请|麻烦)[^,。?!]{0,10}(查处|查办|严查|严惩|严肃处理|处理一下|整治|制止|追究)"
            "|(我|我们|大家)要?告(他|她|它|你|物业|老板|开发商|公司|医院|学校)|(噪音|施工|油烟|装修|广场舞|烧烤)[^,。?!]{0,10}(扰民|吵死|吵得|没法睡|睡不着)"
            "|虚假宣传|以次充好|短斤少两|缺斤短两|甩站|拒载|强买强卖|霸王条款|拖欠(了)?[^,。?!]{0,8}(工资|工钱)|欠薪|欠(我|我们)[^,。?!]{0,8}(工资|工钱)"
            "|(?<!谁)管(一管|管)|跑路|(不|拒绝|没)(给我?)?退(钱|款|费|押金)|暴力执法|绕路|宰客|黑心|吃出|假冒|过期食品"
        ),
        False,
        "投诉和举报请打12345，说清时间、地点和经过，由它转给管这件事的部门；不会打电话的，到{address}，有人帮您。"
        "买东西、买服务的投诉，部门收到之日起7个工作日内处理并告诉您（消费者权益保护法第四十六条）。"
        "想让{office}答复，请选“找人问”。",
        re.compile(
            "流程|步骤|条件|标准|规定|条例|奖励|期限|时限|多久|几天|招聘|招考|范围|是什么|什么意思|有哪些|几点|栏目|什么区别|怎么(登记|注册)"
        ),
    ),
    ABUSE,
)

NOT_IN_ENTRY = "not_in_entry"
"""Reason: a follow-up asked for what the entry just quoted does not say."""

SENTENCES: dict[str, str] = {
    EMERGENCY: _NUMBERS,
    **{door.code: door.sentence for door in DOORS},
    Reason.CLOSE: "您问的是哪一件？",
    Reason.UNSURE: "这件事目录里没有答案，要请人来办。您的话已经留下，不用再写。",
    Reason.NOTHING: "这件事目录里没有答案，要请人来办。您的话已经留下，不用再写。",
    Reason.UNNAMED: "您问的是哪个单位、哪件事？请写上名字再问一遍，也可以选“找人问”。",
    Reason.EMPTY_CATALOGUE: "目录里还没有公开的条目，先请人来办。您的话已经留下，不用再写。",
    Reason.NO_WORDS: "没有看懂您写的。请用文字写下想问的事，比如要办什么、去哪里办。",
    NOT_IN_ENTRY: "刚才那一条里没有写这个。可以看它的全文，或者请人来答。",
    "none_of_these": "这几条都不是，要请人来办。您的话已经留下，不用再写。",
    "withdrawn": "这条已经撤下。",
}
"""What is said for each reason; with :data:`URGENT_SENTENCES` the fixed phrases of the bot, all of them."""

URGENT_SENTENCES = tuple(emergencies.SENTENCES.values())


def emergency(text: str) -> bool:
    """Whether somebody may be in danger: nothing is looked up then, the numbers come first."""
    return emergencies.is_one(terms.normalise(text[: terms.QUERY_LIMIT]))


def door(text: str) -> Door | None:
    """The door for a remark that is not a question to the catalogue."""
    plain, core = _plain(text)
    for one in DOORS:
        if one.opens_for(core) or (one.whole and one.opens_for(plain)):
            return one
    return None


ELSEWHERE = frozenset({"disclosure_request", "petition", "complaint"})
"""Doors of other houses: what comes in here by mistake and is taken in there."""


def elsewhere(text: str) -> Door | None:
    """The other house's door for a question put to an interview, such as a request for disclosure."""
    found = door(text)
    return found if found is not None and found.code in ELSEWHERE else None


def to_other_house(text: str, office: Office = NO_OFFICE) -> str | None:
    """What is said to whoever puts such a question to an interview: which house, its address, the law's time limits."""
    found = elsewhere(text)
    return sentence(found.code, text, office) if found is not None else None


def before_the_catalogue(text: str) -> Door | None:
    """The door of a remark that no entry could answer better: whoever wants a human is not searched for."""
    plain, core = _plain(text)
    return next((one for one in (HUMAN, CORRECTION) if one.opens_for(core) or one.opens_for(plain)), None)


def insult(text: str) -> bool:
    """Whether a remark is an insult and nothing else: no entry answers it, whatever words they share (垃圾)."""
    plain, core = _plain(text)
    return remarks.INSULT.fits(plain) or remarks.INSULT.fits(core)


def sentence(reason: str, text: str, office: Office = NO_OFFICE) -> str:
    """What is said for a reason, with the office's name, number and address in it.

    Args:
        reason: code of a hand-off or a choice; "" for one that has no sentence.
        text: what was asked; of several emergencies it says which.
        office: of this site.
    """
    said = SENTENCES.get(reason, "")
    if reason == EMERGENCY:
        said = emergencies.sentence(terms.normalise(text[: terms.QUERY_LIMIT])) or said
    return said.format(office=office.name, phone=office.phone, address=office.address)


def _plain(text: str) -> tuple[str, str]:
    """The normalised text, and the same without greeting and thanks; no marks at the ends."""
    plain = terms.normalise(text[: terms.QUERY_LIMIT])
    core = terms.without_filler(plain)
    return plain.strip(" \n。.!?~,"), core.strip(" \n。.!?~,")
