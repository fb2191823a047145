"""The table by which danger is recognised: every sign can be met, every class is used, and how the classes work."""

import pytest

from faq import doors, emergencies, terms
from faq.emergencies import CALLING, CALM, COVERED, Table
from tests.timing import within

CLASSES = """# 说明
火: ~着火了 起火 着火。 厨房冒烟
处: 厨房 楼
弱小: 孩子 老人
不见: 不见了
物: 证
不算: 火车 孩子气 起火车
平静: 理赔
呼救: 快来人
"""
SIGNS = """# 说明
119 火 处
119 快
110 弱小 不见 无物
"""


def _table(classes: str = CLASSES, signs: str = SIGNS) -> Table:
    return Table(classes + "快: 着火快\n", signs)


def _read(file: str) -> list[str]:
    text = (emergencies._DATA / f"emergency_{file}.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def _words() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in _read("classes"):
        name, _, words = line.partition(":")
        found.setdefault(name, []).extend(words.split())
    return found


# The room's own table


def test_every_class_is_used_and_no_word_stands_twice_in_one() -> None:
    used = {name for sign in emergencies.table().signs for name in (*sign.classes, *sign.unless)}
    words = _words()
    assert set(words) == used | {COVERED, CALM, CALLING}
    assert {name: kept for name, kept in words.items() if len(set(kept)) != len(kept)} == {}


def test_no_sign_stands_twice() -> None:
    lines = [tuple(sorted(line.split())) for line in _read("signs")]
    assert len(set(lines)) == len(lines)


def test_every_sign_is_met_by_words_of_its_classes() -> None:
    words, table = _words(), emergencies.table()
    for sign in table.signs:
        longest = (
            max((word for word in words[name] if word[-1] != emergencies.END), key=len)
            for name in sign.classes
        )
        remark = " ".join(word.strip("~") for word in longest)
        kept = table._found(terms.normalise(remark) + emergencies.END)
        assert sign.fits(kept), (sign, remark)


def test_words_by_sound_have_three_characters_at_least() -> None:
    short = [word for words in _words().values() for word in words if word[0] == "~" and len(word) < 4]
    assert short == []


def test_a_word_written_as_it_sounds_counts_where_the_table_says_so() -> None:
    assert doors.emergency("着货了")
    assert not doors.emergency("这件货到了吗")


@pytest.mark.parametrize(
    "text",
    [
        "活动中心着火了",
        "下班路上被车撞了",
        "电影院着火了",
        "安置房起火了",
        "刚打完疫苗孩子休克了",
        "保险公司着火了",
    ],
)
def test_names_of_places_and_times_are_no_calm_asking(text: str) -> None:
    assert doors.emergency(text)


DESCRIBED = """
119 厨房里滋啦滋啦响，一股坏鸡蛋的味儿
119 刚挖机把管子挖破了，嘶嘶地冒，味道好冲
119 充电的小电驴冒白气还噼啪响
119 插座那噗的一下，窗帘点着了
119 楼道里全是呛人的烟，我们下不去
119 河边石头上有双鞋，刚才还看见有个娃在水里扑棱
119 水已经漫到膝盖了还在涨
119 娃把自己锁车里了，大太阳晒着
119 孩子脑壳卡在栏杆缝里退不出来
119 井里有人喊
12356 我在天台上看见有人骑在护栏外头
12356 我把药都摆好了，就想睡过去不醒了
120 有个骑车的小伙子趴马路上半天不起来
120 我妹洗澡洗着洗着里面咕咚一声，喊了没人应
120 娃嘴巴都乌了，一声不吭，身子软塌塌的
120 外婆吃完早饭一边胳膊抬不起来，嘴也漏水
120 邻居大爷坐在楼梯口捂着胸口脸煞白
120 宝宝吞了个纽扣，现在一直干呕
120 孩子吃了爷爷的药
120 被长虫咬了脚脖子，肿得跟馒头似的
120 我姐肚子疼一阵一阵的，水流了一床，离预产期还有俩礼拜
120 叔叔触了下电闸就弹出去了，手都黑了
120 我对象把柜子里那瓶药都吃完了，人迷迷糊糊的
110 楼上两口子又砸又骂，女的喊得嗓子都破了
110 他喝了酒抄起板凳往我身上砸
110 半夜有人翻进来了，我躲在衣柜里
110 我奶奶出去买菜到现在天黑了还没见人影
110 幼儿园门口有个人拉着别人家娃就要走
122 大卡车轧了电动车，人在轮子底下
"""
"""Danger described without its name, and the number that is said or a better one of the same road."""


@pytest.mark.parametrize("line", DESCRIBED.strip().splitlines())
def test_danger_that_is_described_and_not_named_counts(line: str) -> None:
    number, text = line.split(" ", 1)
    assert emergencies.table().number(terms.normalise(text)) == number


ORDINARY = """
充电桩装在楼下会不会爆炸|轻生救助热线招志愿者吗|小区电梯老是停在半层物业不管|鱼刺扎过的喉咙挂什么号
我妈瘫在床上起不来能上门认证吗|水价一直涨，我们受不了|我家卫生间水管坏了找谁修|楼上漏水泡了我家卫生间
老人吃降压药，每次只开两周|孩子吃了药还咳嗽|孩子入学的事一直没回复|我妈写的信没回音|孩子找不到工作
老人找不到办事窗口|邻居拿剪刀剪了我家的花|物业掐我家电|烟囱冒黑烟污染找谁|河水发黑一股臭鸡蛋味
湖边天天有人喊广场舞口令|我爸打电话反映没反应|动手术能申请救助吗|老板拖我三个月工资|出租车司机怼人态度差
邻居往我家门口放石头和砖|电线杆歪到一边了|围墙快倒了该谁修|孩子两岁还不会说话能做康复吗|遗嘱都写好了怎么公证
煤气灶旋钮拧不动找谁修|邻居挂在阳台外的拖把滴水|暖气片冰凉老人受不了|小孩吃纽扣糖|车底盘剐蹭了保险赔吗
急救证怎么考|煤气开户去哪里办|120出车怎么收费|全市去年溺水事故统计|走失老人手环怎么领|火灾保险怎么赔
""".replace("\n", "|").strip("|")


@pytest.mark.parametrize("text", ORDINARY.split("|"))
def test_an_ordinary_question_in_the_same_words_does_not(text: str) -> None:
    assert not doors.emergency(text)


@pytest.mark.parametrize("text", ["着火", "家暴。", "昏迷！"])
def test_a_remark_of_one_word_counts(text: str) -> None:
    assert doors.emergency(text)


def test_each_number_has_its_sentence_and_is_named_by_a_sign() -> None:
    assert {sign.number for sign in emergencies.table().signs} == set(emergencies.SENTENCES)
    assert all(number in said for number, said in emergencies.SENTENCES.items())


@pytest.mark.parametrize(
    "text",
    [
        "着火" * 5_000,
        "孩子证不见" * 2_000,
        "手机" * 5_000,
        "我" * 10_000,
        "人凶器拿" * 2_500,
        "掉河" * 5_000,
        "证孩子不见" * 2_000,
    ],
)
def test_ten_thousand_characters_are_read_at_once(text: str) -> None:
    with within(0.1, text[:10]):
        emergencies.is_one(text)


# How a table works


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("厨房起火", "119"),
        ("起火厨房", "119"),
        ("厨房里面好像是起火", "119"),
        ("厨房着货了", "119"),
        ("着火,厨房", None),
        ("厨房着火", "119"),
        ("着火快", "119"),
        ("厨房" + "一" * emergencies.NEAR + "起火", None),
        ("起火", None),
        ("厨房冒烟", None),
        ("楼下厨房冒烟", "119"),
        ("楼下火车", None),
        ("楼下起火车", None),
        ("厨房起火理赔", None),
        ("快来人厨房起火理赔", "119"),
        ("孩子不见了", "110"),
        ("孩子的证不见了", None),
        ("证在,孩子不见了", "110"),
        ("孩子气不见了", None),
    ],
)
def test_words_of_all_classes_stand_near_each_other(text: str, number: str | None) -> None:
    assert _table().number(text) == number


def test_a_word_added_to_a_class_is_known_without_a_line_of_program() -> None:
    assert _table().number("车棚起火") is None
    assert _table(CLASSES + "处: 车棚\n").number("车棚起火") == "119"


@pytest.mark.parametrize(
    ("classes", "signs"),
    [
        ("火 着火\n", ""),
        ("火: \n", ""),
        (CLASSES, "119 火 没有的类\n"),
        (CLASSES, "114 火\n"),
        (CLASSES, "119\n"),
        (CLASSES, "119 无物\n"),
    ],
)
def test_a_line_that_cannot_be_read_is_refused(classes: str, signs: str) -> None:
    with pytest.raises(ValueError, match=r"类名"):
        Table(classes, signs)


SHORT = """
12356 想死|我想死|我真的想死|我要死给你们看|死给你看|不办我就跳楼算了
120 触电了|电到了
110 地震了|刚才发生地震|我要炸了你们市政府|想炸掉派出所|不给办就杀你全家|我要报警|我被非法拘禁
医院 被狗咬了|孩子被狗咬了怎么办|小区里被流浪猫抓了|猫抓伤了孩子
"""
"""What people write when it is too late for a whole sentence, and where they are sent."""


@pytest.mark.parametrize("line", SHORT.strip().splitlines())
def test_danger_in_a_few_words_counts(line: str) -> None:
    number, remarks = line.split(" ", 1)
    told = {text: emergencies.table().number(terms.normalise(text)) for text in remarks.split("|")}
    assert told == dict.fromkeys(told, number)


TALK = """
想死你们了|热得想死|今天热得我想死了|想死亡证明怎么开|想死我了|孩子想死妈妈了|不想死记硬背|昨天地震了吗|地震险怎么买
我头都要炸了，你们办公室电话打不通|炸鸡店要办什么证|晚上有摩托来炸街派出所不管|防触电知识|地震局在哪里
被狗咬了去哪打疫苗|狗咬了邻居家的鸡怎么调解|狗证怎么办|报警回执怎么打印
""".replace("\n", "|").strip("|")


@pytest.mark.parametrize("text", TALK.split("|"))
def test_talk_in_the_same_few_words_does_not(text: str) -> None:
    assert not doors.emergency(text)


def test_whoever_was_bitten_is_sent_to_a_hospital_first_and_then_told_the_numbers() -> None:
    said = doors.sentence("emergency", "被狗咬了")
    assert said.index("医院") < said.index("120") < said.index("110")
