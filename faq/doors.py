"""The few sentences the bot says itself, and the doors they point to.

Small talk, thanks, complaints, emergencies, petitions and requests for disclosure are not questions to a
catalogue; each has a fixed phrase. Whatever else the bot says is an entry's own text.
"""

import re
from dataclasses import dataclass

from faq import terms
from faq.judgement import Reason


@dataclass(frozen=True)
class Door:
    """What a kind of remark is recognised by, and what is said.

    Attributes:
        code: reason code of the hand-off.
        pattern: over the normalised text without filler.
        whole: the pattern must be all there is.
        sentence: fixed phrase in plain Chinese.
    """

    code: str
    pattern: re.Pattern[str]
    whole: bool
    sentence: str

    def opens_for(self, text: str) -> bool:
        """Whether a normalised text is this kind of remark."""
        found = self.pattern.fullmatch(text) if self.whole else self.pattern.search(text)
        return found is not None


EMERGENCY = Door(
    "emergency",
    re.compile(
        "救命|快来救|(有人|他|她|我|老人|孩子)(晕倒|昏倒|昏迷|溺水|落水|触电|不呼吸|没有呼吸|没呼吸|大出血|休克)"
        "|煤气中毒|一氧化碳中毒|燃气泄漏|煤气泄漏|天然气泄漏|漏煤气|漏燃气"
        "|(家|房子|楼|楼道|厂|店|山|车)[^,。?!]{0,4}(着火|起火|失火)了"
        "|正在(打人|行凶|抢劫|持刀|施暴)|有人(抢劫|持刀|砍人|打架|跳楼|行凶)|要跳楼|不想活|想自杀|要自杀|被绑架|被家暴|正被打"
    ),
    False,
    "这可能是紧急情况，请马上打电话：报警110，火警119，急救120，交通事故122。不紧急的事打12345。",
)

DOORS = (
    Door(
        "thanks",
        re.compile(
            "(好的?|嗯|行|知道了|明白了|清楚了|懂了)?[,。! ]*"
            "(非常|十分|太)?(感谢|谢谢|多谢|辛苦)(了|您|你|啦|你们|大家)*[!。~]*"
        ),
        True,
        "不客气。还有别的事，直接写下来就行。",
    ),
    Door(
        "small_talk",
        re.compile(
            "(你|您)?好[啊呀吗]?|在吗|在不在|有人吗|早上好|上午好|中午好|下午好|晚上好|早安|晚安|再见|拜拜|哈+|呵+|嘿+|嗨|喂|hi|hello|ok"
            "|你(是谁|叫什么|叫什么名字|多大了?|几岁了?|是机器人吗|是真人吗|是人吗|会做什么|会什么|能做什么|吃了吗|吃饭了吗)"
            "|(给我)?(讲|说)个?笑话|(给我)?唱首?歌|今天天气(怎么样|如何)?|今天星期几|现在几点了?"
        ),
        True,
        "我只会从已经公开的目录里找答案。请写下您想问的事，比如要办什么、去哪里办。",
    ),
    Door(
        "disclosure_request",
        re.compile(
            "依申请公开|(我?要|我?想|如何|怎么|怎样|请求|提出|提交)[^,。?!]{0,8}申请[^,。?!]{0,12}(信息|文件|材料|档案|内容)?公开"
        ),
        False,
        "想要目录里没有的政府信息，可以依申请公开。请向掌握这份信息的单位提出书面申请，写明要什么、怎样给您。",
    ),
    Door(
        "petition",
        re.compile("(我?要|我?想|去哪里?|到哪里?|如何|怎么|怎样)(去)?(信访|上访)|信访件|我的信访"),
        False,
        "信访事项请向信访部门提出：可以写信、走访，也可以在网上信访平台登记。急事先打12345。",
    ),
    Door(
        "complaint",
        re.compile(
            "我?(要|想)(投诉|举报|反映|检举|控告)|(没人管|不作为|乱收费|推诿|态度(太|很|极其|非常)?(差|恶劣))"
        ),
        False,
        "您的话已经留下。投诉和举报请打12345，说清时间、地点和经过；也可以在下面选“找人问”，由人答复您。",
    ),
)

SENTENCES: dict[str, str] = {
    EMERGENCY.code: EMERGENCY.sentence,
    **{door.code: door.sentence for door in DOORS},
    Reason.CLOSE: "您问的是哪一件？",
    Reason.UNSURE: "这件事目录里没有答案，要请人来办。您的话已经留下，不用再写。",
    Reason.NOTHING: "这件事目录里没有答案，要请人来办。您的话已经留下，不用再写。",
    Reason.EMPTY_CATALOGUE: "目录里还没有公开的条目，先请人来办。您的话已经留下，不用再写。",
    Reason.NO_WORDS: "没有看懂您写的。请用文字写下想问的事，比如要办什么、去哪里办。",
}
"""What is said for each reason; the fixed phrases of the bot, all of them."""


def emergency(text: str) -> bool:
    """Whether somebody may be in danger: nothing is looked up then, the numbers come first."""
    return EMERGENCY.opens_for(terms.normalise(text[: terms.QUERY_LIMIT]))


def door(text: str) -> Door | None:
    """The door for a remark that is not a question to the catalogue."""
    plain = terms.normalise(text[: terms.QUERY_LIMIT])
    core = terms.without_filler(plain).strip(" \n。.!?~,")
    for one in DOORS:
        if one.opens_for(core) or (one.whole and one.opens_for(plain.strip(" \n。.!?~,"))):
            return one
    return None
