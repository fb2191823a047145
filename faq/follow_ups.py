"""Questions that lean on what was just talked about: 「那需要带什么材料」, 「多久能办好」, 「那孩子呢」. Pure.

A question leans when nothing in it names a matter: take away 「那」, the words of asking and the words of the
aspect (材料, 多久, 在哪里), and nothing is left. One that names a matter of its own stands by itself, however it
begins: 「那老年卡怎么办」 is not about what came before.
"""

import re
from dataclasses import dataclass

from faq import terms

LONGEST = 24
"""Code points of a question that can lean; longer ones tell what they are about."""

WITHIN_LONGEST = 10
"""Code points of a question that may ask for what stands in the entry just quoted without naming the matter."""

ABOUT_LONGEST = 6
"""Code points of what a leaning question may name itself: 「那外地人呢」."""


@dataclass(frozen=True)
class Aspect:
    """What one asks of a matter, and how a text that tells it looks.

    Attributes:
        asks: pattern over a normalised question.
        says: pattern over a normalised text.
    """

    name: str
    asks: re.Pattern[str]
    says: re.Pattern[str]


def _aspect(name: str, asks: str, says: str) -> Aspect:
    return Aspect(name, re.compile(asks), re.compile(says))


_SPAN = "[0-9一二三四五六七八九十半两]+ ?个?(工作日|天|日内|小时|分钟|周|月|年)"
_DONE = "(办好|办完|办下来|办出来|批下来|批准|审批|审核|拿到|领到|下来|到账|到手|出来|出证|下证|出结果|有结果|好|发|完)"
ASPECTS = (
    _aspect(
        "papers",
        "(什么|啥|哪些|哪几样)?(材料|证件|手续(?!费)|资料|文件|证明|表格)|(带|要|备|交|准备|提交|拿|用)(些|哪些|什么|啥|哪几样|几样)(东西|证件?|材料)?|什么东西|(要|用|交|备)(不要|不用|没)?(几张)?(照片|相片|复印件|原件)|^(照片|相片|复印件|原件)(要|行|可以|能)|(没|不|要|用)?带(上|着)?(身份证|户口[本簿])|拍照|盖章|签字",
        "材料|证件|身份证|户口簿|户口本|证明|证书|合同|发票|照片|申请表|携带|出示|提交|凭[^借]|持[^续]|不用带|免交|医学证明|电子凭证|复印件|原件|盖章|拍照|签字",
    ),
    _aspect(
        "time",
        f"(多久|多长时间|多少天|几天|几个月|几个?工作日|多少个?工作日)(才|就|会|能|可以)*{_DONE}?"
        f"|(什么时候|啥时候|何时|哪天)(才|就|会|能|可以)*{_DONE}"
        "|快不快|当天能|当场能|马上能|时限|时效|要等",
        f"{_SPAN}|当场|即时|当天|当日|随到随办|立等",
    ),
    _aspect(
        "money",
        "押金|保证金|刷卡|扫码|交钱|多少钱|几块钱|几元|收费|收钱|费用|要钱|花钱|免费|工本费|手续费|价格|贵不贵|什么价|怎么收",
        "[0-9一二三四五六七八九十百千万] ?元|免费|不收|收费|费用|工本费|手续费|减免|免收|押金|保证金|刷卡|扫码",
    ),
    _aspect(
        "phone",
        "电话|号码|打给谁|联系谁|怎么联系|找谁|问谁|找哪个",
        "电话|[0-9]{3,4}-[0-9]{7,8}|[0-9]{7,}|咨询|12345|热线|拨打",
    ),
    _aspect(
        "online",
        "网上|手机|线上|微信|支付宝|小程序|app|不用跑|不去现场|远程|邮寄|寄",
        "网上|手机|线上|客户端|小程序|网站|网址|网厅|邮寄|寄达|快递|电子",
    ),
    _aspect("booking", "预约|排队|取号|挂号|提前约|约时间|要约|先约|改时间|改期", "预约|取号|排队|直接|随到"),
    _aspect(
        "place",
        "(在|去|到|上|往)?哪(里|儿)|(在|去|到|上|往)哪|几楼|几层|哪一?[层楼]|几号窗口?|什么地方|哪个(地方|窗口|部门|单位|大厅)|什么(部门|单位|窗口)|地址|地点|位置|怎么走|怎么去",
        "窗口|大厅|中心|派出所|服务站|服务点|网点|社区|街道办|居委会|村委会|乡镇|[市县区]?[\u4e00-\u9fff]{1,8}(局|路|街|号|楼|室|队|院|馆|所|银行)|网上|手机|现场|医院|向[\u4e00-\u9fff]{2,12}(申请|提出)",
    ),
    _aspect(
        "hours",
        "什么时候|啥时候|何时|几点|几号|几月|哪天|周末|周六|周日|星期|节假日|上班|下班|上不上班|有效期?|作废|开门|关门|开放|截止|期限|最晚|最迟|过期|逾期|中午",
        "有效|[0-9]{1,2}(月|日|时|:|点)|周[一二三四五六日]|星期|工作日|节假日|每[年月周日天]|截止|逾期|过期|期满|当月|次月|年底",
    ),
    _aspect(
        "who",
        "条件|资格|什么人|哪些人|哪类人|谁能|谁可以|符合|要求|限制|满足",
        "条件|符合|资格|年满|满[0-9一二三四五六七八九十]|以上|以下|以内|户籍|低于|高于|不超过|的人|人员|限",
    ),
    _aspect(
        "proxy",
        "代办|代理|代领|让[^,。?!]{1,4}去(办|领)?|替我|帮我办|别人(去|办|领|代)|家人(去|办|领|代)|家属|本人(必须|必需|一定|需要|要|得)?(去|到场|到|来|办|亲自)|亲自|委托|不去行",
        "代办|代理|代领|代缴|委托|本人|亲自|家属|监护人|父母|子女|替",
    ),
    _aspect(
        "steps",
        "流程|步骤|程序|怎么办|怎样办|如何办|怎么弄|咋办|咋弄|怎么申请|如何申请|怎么交|怎么缴|怎么领|怎么做|第一步|先做什么|先去",
        "先|申请|提交|登记|受理|办理|填写|预约|缴|领取|审核|到[\u4e00-\u9fff]{2,12}办",
    ),
)
"""From the most particular on: a question that fits several asks the first."""

_OPENER = re.compile(
    "^(那么?(我|就)?|还有|还|另外|然后|接着|再问(一下|下|一句)?|顺便(问(一下|下)?)?|对了|它|这个?(事|证|卡|业务)?|这件事?|这种|这样|上面(说的|那个)?|刚才(那个|那条|说的)?|要是这样|那?如果是?|那?要是|换成)[,，]?"
)
_ENDS_ASKING = re.compile("呢[?？]?$")
_WORDS = re.compile(
    "(能不能|可不可以|是不是|行不行|好不好|用不用|要不要|会不会|有没有|可以|需要|应该|必须|一定|大概|大约|一般|具体|一共|总共|最多|最少|至少|到底|究竟"
    "|怎么样|怎么|怎样|如何|咋样|咋|为什么|为啥|什么|啥|哪些|哪个|哪里|哪儿|哪|几|多少|多|时候|时间|地方|事情|东西|问题|情况"
    "|办理|办好|办完|办|弄|搞|申请|领取|领到|领|拿到|拿|提交|提供|填写|填|准备|交|缴纳|缴|补|取|查|带|用|做|看|找|问|知道|告诉|我们|你们|他们|别人|花|我|你|您|他|她|它|自己|本人"
    "|下来|出来|起来|一下|一次|能|会|得|要|需|有|是|在|去|到|从|向|给|把|让|被|和|跟|与|或者|还是|还|也|都|再|又|就|先|后|才|这|那|的|地|了|着|过|吗|呢|吧|啊|呀|嘛|么|哦|行|好|不|没|等|完|里|上|请|个|谁|算|人家|的话|怎么办)+"
)
_HANDLING = re.compile("办|领|换|补|申请|登记|注销|缴|交(?!通)|报名|报销|查|考|开(?!门|放)")
_CASES = (
    (
        ("孩子", "小孩", "儿童", "子女", "娃"),
        ("孩子", "小孩", "儿童", "子女", "未成年", "学生", "新生儿", "婴儿", "少儿"),
    ),
    (("老人", "老年人"), ("老人", "老年", "父母", "退休", "年满[67]", "[67][05]岁", "[67][05]周岁")),
    (
        ("外地人", "外地", "外地户口", "异地", "外省"),
        ("外地", "异地", "外省", "非本市", "非本地", "居住证", "流动人口"),
    ),
    (("学生", "大学生"), ("学生", "在校", "大学", "学校")),
    (("残疾人",), ("残疾",)),
    (("配偶", "老婆", "老公", "爱人", "夫妻"), ("配偶", "夫妻", "丈夫", "妻子", "爱人")),
    (("父母", "爸妈", "家里老人"), ("父母", "父亲", "母亲", "老人")),
    (("单位", "企业", "公司"), ("单位", "企业", "公司", "职工", "用人")),
    (("个人", "个体户", "灵活就业"), ("个人", "灵活就业", "个体", "自由职业")),
    (("农村", "农村人", "农民"), ("农村", "农民", "村")),
    (("低保户", "低保", "困难家庭"), ("低保", "最低生活", "困难", "特困")),
    (("外国人", "港澳台"), ("外国", "境外", "港澳台")),
)
"""People and cases by which a matter differs: how one asks for them, and the words in which a text means them."""

_SAYS = {asked: "|".join(says) for group, says in _CASES for asked in group}


@dataclass(frozen=True)
class FollowUp:
    """How a question leans on the one before.

    Attributes:
        aspect: what is asked of the matter; None where only another case is named.
        about: the case it names itself, such as 外地人; "" where it names nothing.
        wanted: patterns that must all stand in what answers it.
    """

    aspect: Aspect | None
    about: str
    wanted: tuple[re.Pattern[str], ...]

    @property
    def names_a_case(self) -> bool:
        """Whether it names only for whom, such as 老人: by itself that asks nothing."""
        return self.about in _SAYS


def read(text: str) -> FollowUp | None:
    """How a question leans on what was just talked about; None where it stands by itself.

    Args:
        text: as the citizen wrote it.
    """
    plain = terms.without_filler(terms.normalise(text)).strip(" \n。.!?~,")
    if not plain or len(plain) > LONGEST:
        return None
    opened = _OPENER.match(plain)
    rest = plain[opened.end() :] if opened else plain
    aspect = next((one for one in ASPECTS if one.asks.search(rest)), None)
    about = _left(rest, aspect)
    leads = opened is not None or _ENDS_ASKING.search(plain) is not None
    if aspect is not None and len(about) == 1:
        # 「能提多少」, 「能报多少」: one character is the verb of the matter, not another matter.
        about = ""
    if not about:
        return FollowUp(aspect, "", (aspect.says,)) if aspect else None
    if not leads or len(about) > ABOUT_LONGEST:
        return None
    if about not in _SAYS and not about.endswith("费") and _HANDLING.search(rest):
        return None
    if about in _SAYS and aspect is not None and aspect.name == "steps":
        aspect = None
    case = re.compile(_SAYS.get(about) or re.escape(about))
    return FollowUp(aspect, about, (case, aspect.says) if aspect else (case,))


def within(text: str, body: str) -> FollowUp | None:
    """How a short question leans on a text just quoted by asking for what stands in it: 「要盖章吗」, 「能刷卡吗」.

    Every word that is no word of asking must stand in the text, and nothing may be handled (办, 换, 补): who wants
    that names another matter. None where the question stands by itself.

    Args:
        text: as the citizen wrote it, nothing that :func:`read` knows.
        body: what was quoted.
    """
    plain = terms.without_filler(terms.normalise(text)).strip(" \n。.!?~,")
    if not plain or len(plain) > WITHIN_LONGEST or _HANDLING.search(plain):
        return None
    opened = _OPENER.match(plain)
    rest = plain[opened.end() :] if opened else plain
    words = [word for word in terms.segment(rest) if word[0].isalnum() and not _WORDS.fullmatch(word)]
    quoted = terms.normalise(body)
    if not any(len(word) > 1 for word in words) or not all(word in quoted for word in words):
        return None
    return FollowUp(None, "", tuple(re.compile(re.escape(word)) for word in words))


def _left(rest: str, aspect: Aspect | None) -> str:
    """What a question names once the words of asking are gone; whole words go, never a part of one."""
    if aspect is not None:
        rest = aspect.asks.sub(" ", rest)
    words = (word for word in terms.segment(rest) if not _WORDS.fullmatch(word))
    return "".join(char for word in words for char in word if char.isalnum())
