"""The few sentences the bot says itself, and the doors they point to.

Small talk, thanks, complaints, emergencies, petitions and requests for disclosure are not questions to a
catalogue; each has a fixed phrase. Whatever else the bot says is an entry's own text, or a fact of the live
record (``about_interviews``).

Sources of what is promised: 政府信息公开条例 (国务院令第711号) 第二十九条 what a request says, 第三十三条 twenty
working days; 信访工作条例 第十七条 the ways to petition, 第二十三条 and 第三十四条 fifteen and sixty days. 110, 119, 120,
122, 12345 and 12356 are national numbers.
"""

import re
from dataclasses import dataclass

from faq import terms
from faq.judgement import Reason


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
    pattern: re.Pattern[str]
    whole: bool
    sentence: str
    unless: re.Pattern[str] | None = None

    def opens_for(self, text: str) -> bool:
        """Whether a normalised text is this kind of remark."""
        if self.unless is not None and self.unless.search(text):
            return False
        found = self.pattern.fullmatch(text) if self.whole else self.pattern.search(text)
        return found is not None


# Emergencies

_CALM = re.compile(
    "预防|防范|防止|避免|知识|宣传|演练|培训|讲座|理赔|赔偿|赔吗|赔不赔|谁赔|保险|补助|补贴|救助金|报销|条件|标准"
    "|规定|条例|办法|处罚|罚款|责任|认定|鉴定|证明|记录|招聘|招考|考试|怎么申请|如何申请|怎样申请|怎么查|怎么举报"
    "|多少钱|几年前|去年|前年|上个月|之后怎么|以后怎么|后怎么办理"
)
"""Words of somebody who asks about such things and is not in one."""

_URGENT = re.compile(
    "救命|救人|快来|快点来|不行了|没有呼吸|没呼吸|不呼吸|大出血|血流不止|流血不止"
    "|正在(打人|行凶|抢劫|持刀|施暴|砸)"
)
"""Words after which nobody is asked anything: the numbers come first."""

_WHERE = (
    "(家|家里|屋里|房子|房间|楼|楼上|楼下|楼道|厨房|厂|厂房|店|车间|仓库|山|山上|林子|草"
    "|车|电动车|电瓶车|充电桩|邻居|隔壁|对面)"
)
_WHO = "(有人|有个人|他|她|我|我妈|我爸|妈妈|爸爸|母亲|父亲|爷爷|奶奶|老伴|老人|孩子|小孩|宝宝|同事|邻居)"
_EMERGENCIES: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(
            f"{_WHERE}[^,。?!]{{0,4}}([着著]火|起火|失火|冒烟|冒浓烟)了?|([着著]火|起火|失火)了"
            "|(燃气|煤气|天然气|液化气)(泄漏|漏了|漏气|味很大)|漏(煤气|燃气|天然气)|被困(在)?(电梯|火|水|楼|车)|电梯里?困(住|人)"
        ),
        "着火、漏气、被困，请马上打119。人先出去，到了外面再打。有人受伤，打120。",
    ),
    (
        re.compile(
            f"{_WHO}[^,。?!]{{0,6}}(晕倒|昏倒|昏迷|溺水|落水|触电|休克|抽搐|噎住|呛住|吐血|中风|心梗|割腕|喝农药|喝了农药)"
            "|(煤气|一氧化碳|农药|食物)中毒了?|心脏病(发作|犯)了|羊水破了|要生了|大出血"
        ),
        "人要紧，请马上打120。说清楚在哪里、什么样子，电话先别挂。",
    ),
    (
        re.compile("不想活了?|想自杀|要自杀|想死了?$|活不下去|(想|要)跳楼(?!价)|有人[^,。?!]{0,6}跳楼(?!价)"),
        "请马上打120或者110，会有人来。心里难受想找人说话，打12356，全天有人接。",
    ),
    (
        re.compile(
            "(有人|歹徒)[^,。?!]{0,4}(抢劫|持刀|砍人|打架|行凶|打人|闯进|撬门|撬锁)|(家里|屋里)进(了)?(贼|小偷)"
            "|被绑架|被抢(了|劫)|被家暴|正被打|在打我|要打死我|被人?跟踪|孩子(被拐|不见了|走丢了)|老人走(丢|失)了"
        ),
        "请马上打110。说清楚在哪里、发生了什么，先到安全的地方。",
    ),
    (
        re.compile("(撞车|撞人|追尾|翻车)了|被车?撞(了|倒)|出(了)?车祸|车祸.{0,6}(受伤|流血)"),
        "出了交通事故，请打122，有人受伤先打120。人先站到路边安全的地方。",
    ),
)
"""From the most pressing on; the first that fits says its sentence."""

EMERGENCY = Door(
    "emergency",
    re.compile(
        "|".join(f"(?:{pattern.pattern})" for pattern in (_URGENT, *(one for one, _ in _EMERGENCIES)))
    ),
    False,
    "这可能是紧急情况，请马上打电话：报警110，火警119，急救120，交通事故122。不紧急的事打12345。",
)

# Doors

_ASKS_ABOUT = re.compile(
    "流程|步骤|条件|标准|规定|条例|办法(?!院)|奖励|期限|时限|多久|多长时间|几天|多少钱|收费|费用|招聘|招考|范围|是什么|什么意思|有哪些"
)
"""Words of a question about a thing; whoever only wants to do it does not use them."""

HUMAN = Door(
    "human",
    re.compile(
        "(我?(要|想)?)?(请|帮我)?(转|找|接|换|叫|联系)(一?个|一下)?(人工|真人|客服|工作人员|人)(客服|服务|来|问|接|答|处理|聊|说话)*(一下)?"
        "|人工(客服|服务|坐席)?|真人客服|客服电话|(不想|别|不要)(跟|和)?机器人(说|聊|讲话?)?|有没有(人工|真人)|你们?(的)?(电话|地址)(是)?(多少|在哪里?)?"
    ),
    True,
    "好的，请选“找人问”，写下来就有回执编号，最迟5个工作日答复。想打电话：{office}，{phone}。",
)
CORRECTION = Door(
    "correction",
    re.compile(
        "^我?(要)?为政府网站找错|(网站|网页|页面)(上)?(有|出现)?(错别?字|写错|打不开|点不开|报错|乱码)"
    ),
    False,
    "谢谢您指出来。请选“找人问”，写明是哪一页、哪里不对，{office}会核对。",
)
DOORS = (
    HUMAN,
    CORRECTION,
    Door(
        "thanks",
        re.compile(
            "(好的?|嗯|行|知道了|明白了|清楚了|懂了|有用|有帮助)?[,。! ]*"
            "(非常|十分|太|真是)?(感谢|谢谢|多谢|辛苦)(了|您|你|啦|你们|大家|帮助|帮忙)*[!。~]*"
        ),
        True,
        "不客气。还有别的事，直接写下来就行。",
    ),
    Door(
        "small_talk",
        re.compile(
            "(你|您)?好[啊呀吗]?|在吗|在不在|有人吗|早上好|上午好|中午好|下午好|晚上好|早安|晚安|再见|拜拜|哈+|呵+|嘿+|嗨|喂|hi|hello|ok"
            "|好的?|嗯+|哦+|行|知道了|明白了|懂了|测试(一下)?|试试|test"
            "|你(是谁|叫什么|叫什么名字|多大了?|几岁了?|是机器人吗|是真人吗|是人吗|会做什么|会什么|能做什么|能干什么|吃了吗|吃饭了吗|好笨|真笨|真聪明|真棒)"
            "|(给我)?(讲|说)个?笑话|(给我)?唱首?歌|(给我)?(写|作)首?诗|今天天气(怎么样|如何)?|今天星期几|现在几点了?|无聊|陪我聊(聊天?|会儿?天?)"
        ),
        True,
        "我只会从已经公开的目录里找答案。请写下您想问的事，比如要办什么、去哪里办。",
    ),
    Door(
        "elder",
        re.compile(
            "(这)?(字|字体|页面)?(太|有点|好)小(了)?(,?看不(清|见))?|看不(清|见)(楚)?(字|上面的?字)?|(把)?字(能不能|可以)?(放|调|弄|变)大(一?点|些)?(吗)?"
            "|(怎么|如何)?(放大|调大)(字|字体)|(我)?(年纪|岁数)大(了)?,?(不会|看不清|不懂|弄不来)[^。?!]{0,8}|我?(不会|不懂|不太会)(用|玩|弄|操作)?(手机|电脑|上网|打字|拼音|这个)"
            "|(能不能|可以)?(读|念)(给我听|出来)(吗)?"
        ),
        True,
        "页面右上角有“长辈版”，字大、按钮大。不会用手机也行：打电话{phone}，或者到{address}，有人帮您办。",
    ),
    Door(
        "disclosure_request",
        re.compile(
            "依申请公开|(我?要|我?想|如何|怎么|怎样|请求|提出|提交|现)[^,。?!]{0,8}申请[^,。?!]{0,12}(信息|文件|材料|档案|内容)?公开"
            "|申请(公开|获取)[^,。?!]{0,20}(信息|文件|会议纪要|批复|合同|协议|档案|数据|图纸)"
            "|(我?要|我?想)(查阅|索取|复印|拿到|看看?)[^,。?!]{0,16}(文件|会议纪要|批复|内部资料|档案)"
        ),
        False,
        "想要目录里没有的政府信息，可以申请公开。写明姓名和证件、怎么联系您、要什么信息、想怎样拿到，交给掌握它的单位。"
        "不知道是哪个单位，打{phone}问{office}，或者到{address}。"
        "当场答不了的，收到申请之日起20个工作日内答复（政府信息公开条例第三十三条）。",
        re.compile(
            "申请(政府)?信息公开的|公开的?(流程|步骤|条件|收费|费用|标准|范围|规定)|条例(什么|何时|第)"
        ),
    ),
    Door(
        "petition",
        re.compile(
            "(我?要|我?想|去哪里?|到哪里?|如何|怎么|怎样)(去)?(信访|上访|越级上访|进京)|信访件|我的信访|我要去(省|北京)告|给(市长|书记|领导)写信"
        ),
        False,
        "信访事项请向信访部门提出：可以写信、打电话、走访，也可以在网上信访平台登记。收到之日起15日内告诉您受理不受理，"
        "受理之日起60日内办结（信访工作条例第二十三条、第三十四条）。急事先打12345。",
        _ASKS_ABOUT,
    ),
    Door(
        "complaint",
        re.compile(
            "我?(要|想)(投诉|举报|检举|控告)|我?(要|想)反映(?!良好)|(投诉|举报)(一下|他们|你们|这家|这个|某)"
            "|(没人管|没有人管|不作为|乱收费|推诿|踢皮球|互相推|态度(太|很|极其|非常)?(差|恶劣)|电话(一直)?(打不通|没人接))"
        ),
        False,
        "您的话已经留下。投诉和举报请打12345，说清时间、地点和经过；也可以选“找人问”，由人答复您。",
        re.compile(
            "流程|步骤|条件|标准|规定|条例|奖励|期限|时限|多久|几天|招聘|招考|范围|是什么|什么意思|有哪些"
        ),
    ),
    Door(
        "abuse",
        re.compile(
            "(傻[逼比b]|煞笔|沙比|妈的|他妈|你妈|尼玛|操你|草你|日你|王八蛋|混蛋|脑残|智障|白痴|蠢货|去死吧|滚(蛋|吧|开|$)|废物|狗屁|放屁|垃圾(机器人|网站|政府|系统|东西|玩意))"
        ),
        False,
        "您有气，我们听着。请写下要办的是什么事，或者选“找人问”，由人答复您。",
        re.compile("垃圾(分类|清运|处理|费|桶)|废物(处理|处置|利用|回收)|固体废物|危险废物"),
    ),
)

NOT_IN_ENTRY = "not_in_entry"
"""Reason: a follow-up asked for what the entry just quoted does not say."""

SENTENCES: dict[str, str] = {
    EMERGENCY.code: EMERGENCY.sentence,
    **{door.code: door.sentence for door in DOORS},
    Reason.CLOSE: "您问的是哪一件？",
    Reason.UNSURE: "这件事目录里没有答案，要请人来办。您的话已经留下，不用再写。",
    Reason.NOTHING: "这件事目录里没有答案，要请人来办。您的话已经留下，不用再写。",
    Reason.EMPTY_CATALOGUE: "目录里还没有公开的条目，先请人来办。您的话已经留下，不用再写。",
    Reason.NO_WORDS: "没有看懂您写的。请用文字写下想问的事，比如要办什么、去哪里办。",
    NOT_IN_ENTRY: "刚才那一条里没有写这个。可以看它的全文，或者请人来答。",
    "none_of_these": "这几条都不是，要请人来办。您的话已经留下，不用再写。",
    "withdrawn": "这条已经撤下。",
}
"""What is said for each reason; with :data:`URGENT_SENTENCES` the fixed phrases of the bot, all of them."""

URGENT_SENTENCES = tuple(said for _, said in _EMERGENCIES)


def emergency(text: str) -> bool:
    """Whether somebody may be in danger: nothing is looked up then, the numbers come first."""
    plain = terms.normalise(text[: terms.QUERY_LIMIT])
    if _URGENT.search(plain):
        return _CALM.search(plain) is None
    return EMERGENCY.opens_for(plain) and _CALM.search(plain) is None


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


def before_the_catalogue(text: str) -> Door | None:
    """The door of a remark that no entry could answer better: whoever wants a human is not searched for."""
    plain, core = _plain(text)
    return next((one for one in (HUMAN, CORRECTION) if one.opens_for(core) or one.opens_for(plain)), None)


def sentence(reason: str, text: str, office: Office = NO_OFFICE) -> str:
    """What is said for a reason, with the office's name, number and address in it.

    Args:
        reason: code of a hand-off or a choice; "" for one that has no sentence.
        text: what was asked; of several emergencies it says which.
        office: of this site.
    """
    said = SENTENCES.get(reason, "")
    if reason == EMERGENCY.code:
        plain = terms.normalise(text[: terms.QUERY_LIMIT])
        said = next((its for pattern, its in _EMERGENCIES if pattern.search(plain)), said)
    return said.format(office=office.name, phone=office.phone, address=office.address)


def _plain(text: str) -> tuple[str, str]:
    """The normalised text, and the same without greeting and thanks; no marks at the ends."""
    plain = terms.normalise(text[: terms.QUERY_LIMIT])
    core = terms.without_filler(plain)
    return plain.strip(" \n。.!?~,"), core.strip(" \n。.!?~,")
