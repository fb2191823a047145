"""Which remarks find a door before or after the catalogue, and which only look as if they did."""

import pytest

from faq import doors
from faq.doors import Office
from tests.timing import within

EMERGENCIES = {
    "119": [
        "我家着火了怎么办",
        "厨房起火了",
        "楼道里电瓶车着火了",
        "家里煤气泄漏",
        "天然气漏了味很大",
        "我被困在电梯里困住了",
    ],
    "120": [
        "我妈晕倒了",
        "有人溺水了",
        "孩子触电了",
        "老人突然昏迷",
        "煤气中毒了",
        "心脏病犯了",
        "救命，流血不止",
    ],
    "110": ["有人持刀", "有人正在打人", "家里进贼了", "有人撬门", "孩子走丢了", "我被家暴"],
    "122": ["出车祸了有人受伤", "前面追尾了", "我被车撞了"],
    "12356": ["我不想活了", "想自杀", "有人要跳楼"],
}
NO_EMERGENCY = [
    "120万贷款怎么还",
    "火警电话怎么申请",
    "110报警记录怎么查",
    "着火了保险赔吗",
    "煤气中毒怎么预防",
    "交通事故责任认定要多久",
    "车祸后怎么理赔",
    "一氧化碳中毒的预防知识",
    "消防培训在哪里报名",
    "跳楼价的广告能不能举报",
    "家暴的处罚规定是什么",
    "溺水事故赔偿标准",
    "119路公交车几点",
    "12345热线几点下班",
    "急救知识培训",
    "森林防火规定",
]
DOORS = {
    "thanks": ["谢谢", "好的，谢谢您", "非常感谢你们", "明白了谢谢", "辛苦了"],
    "small_talk": ["你好", "在吗", "你是谁", "讲个笑话", "好的", "今天天气怎么样", "测试一下", "hello"],
    "elder": ["字太小了", "看不清字", "我不会用手机", "字能不能放大一点", "我不会打字"],
    "human": [
        "转人工",
        "我要找人工客服",
        "请帮我转人工",
        "人工客服",
        "找人",
        "有没有真人",
        "不想跟机器人聊",
        "你们的电话是多少",
    ],
    "correction": ["我为政府网站找错：首页有错别字", "网页打不开", "页面上有错字"],
    "disclosure_request": [
        "我要申请公开这个项目的批复文件",
        "我想依申请公开一份材料",
        "怎么申请政府信息公开",
        "申请获取去年的会议纪要",
        "我要查阅拆迁的文件",
    ],
    "petition": ["我要信访", "去哪里上访", "我的信访没人理", "怎么给市长写信"],
    "complaint": [
        "我要投诉一家饭店",
        "我想举报乱收费",
        "楼下太吵一直没人管",
        "窗口态度太差",
        "我要反映一个问题",
    ],
    "abuse": ["垃圾机器人", "滚", "你们这帮废物", "他妈的什么玩意"],
}
NO_DOOR = [
    "申请信息公开的流程",
    "申请信息公开的收费标准",
    "信访工作条例什么时候施行",
    "举报奖励标准是多少",
    "投诉的处理期限是多久",
    "垃圾分类怎么分",
    "固体废物怎么处理",
    "感谢信怎么写给医院",
    "你好医保怎么交",
    "医保卡怎么补办",
    "不会用手机的老人怎么缴医保费",
    "网上办事大厅怎么登录",
    "滚动发布的招聘信息在哪里看",
    "工作人员招聘在哪里报名",
    "人工耳蜗补贴怎么申请",
    "笑气管理规定",
    "死亡证明去哪里开",
]


@pytest.mark.parametrize("number", EMERGENCIES)
def test_who_is_in_danger_gets_the_right_number_first(number: str) -> None:
    for text in EMERGENCIES[number]:
        assert doors.emergency(text), text
        said = doors.sentence("emergency", text)
        assert number in said or "报警110" in said, (text, said)


@pytest.mark.parametrize("text", NO_EMERGENCY)
def test_who_asks_about_such_things_is_not_in_danger(text: str) -> None:
    assert not doors.emergency(text)


@pytest.mark.parametrize("code", DOORS)
def test_each_kind_of_remark_finds_its_door(code: str) -> None:
    found = {text: (door.code if (door := doors.door(text)) else None) for text in DOORS[code]}
    assert found == dict.fromkeys(DOORS[code], code)


@pytest.mark.parametrize("text", NO_DOOR)
def test_a_question_that_only_looks_like_a_remark_is_for_the_catalogue(text: str) -> None:
    door = doors.door(text)
    assert door is None, door.code


@pytest.mark.parametrize(
    "text",
    [
        "妈的，什么破网站",
        "他妈的",
        "你妈的",
        "真他妈烦",
        "这他妈的网站",
        "他妈的怎么还没办好",
        "妈的又打不开",
        "我他妈跑了三趟",
    ],
)
def test_a_curse_by_somebodys_mother_is_abuse(text: str) -> None:
    door = doors.door(text)
    assert door is not None
    assert door.code == "abuse"


@pytest.mark.parametrize(
    "text",
    [
        "我妈的呢",
        "我妈的",
        "他妈的社保卡怎么办",
        "她妈的养老金",
        "孩子妈的医保呢",
        "孩子他妈的社保卡怎么办",
        "他妈妈的养老金怎么认证",
        "你妈的身份证带了吗",
        "爸妈的医保怎么交",
        "他妈的残疾证在哪里办",
        "他妈就在外地",
    ],
)
def test_what_is_somebodys_mothers_is_not(text: str) -> None:
    assert doors.door(text) is None
    assert not doors.insult(text)


@pytest.mark.parametrize(
    "text",
    [
        "垃圾机器人",
        "垃圾网站",
        "垃圾政府",
        "你们政府都是垃圾",
        "妈的，什么破网站",
        "你们这帮废物",
        "傻逼机器人",
        "什么垃圾系统啊",
        "滚",
    ],
)
def test_an_insult_alone_is_known_before_anything_is_looked_up(text: str) -> None:
    assert doors.insult(text)


@pytest.mark.parametrize(
    "text",
    [
        "垃圾桶满了",
        "垃圾",
        "垃圾怎么分类",
        "这是什么垃圾",
        "垃圾处理费怎么交",
        "小区都是垃圾",
        "垃圾清运找谁",
        "大件垃圾",
        "废物利用",
        "你们是垃圾分类公司吗",
        "机器人培训班",
        "滚动招聘",
        "神经病医院在哪",
        "有病怎么报销",
        "政府网站怎么登录",
        "都是垃圾没人管",
    ],
)
def test_one_word_more_and_it_may_be_a_question(text: str) -> None:
    assert not doors.insult(text)


def test_traditional_script_and_wide_letters_find_the_same_doors() -> None:
    assert doors.emergency("我家著火了")
    found = doors.door("我要投訴")
    assert found is not None
    assert found.code == "complaint"


def test_a_door_names_the_office_and_the_term_of_the_law() -> None:
    office = Office("示例市信息化工作办公室", "0000-0000000", "人民路1号")
    said = doors.sentence("disclosure_request", "", office)
    for part in ("0000-0000000", "人民路1号", "示例市信息化工作办公室", "20个工作日", "第三十三条"):
        assert part in said
    assert "12345" in doors.sentence("elder", "")
    for reason in doors.SENTENCES:
        assert "{" not in doors.sentence(reason, "", office)


def test_the_sentences_are_short_and_calm() -> None:
    for sentence in (*doors.SENTENCES.values(), *doors.URGENT_SENTENCES):
        assert "！" not in sentence
        assert all(len(part) <= 60 for part in sentence.split("。")), sentence


def test_whoever_wants_a_human_is_not_searched_for() -> None:
    for text in ("转人工", "您好，请转人工客服，谢谢"):
        door = doors.before_the_catalogue(text)
        assert door is not None
        assert door.code == "human"
    assert doors.before_the_catalogue("人工智能产业政策") is None


@pytest.mark.parametrize(
    "text", ["我要" * 1000, "着火" * 1000, "申请" * 999 + "公开", "谢" * 2000, "家" * 2000 + "着火了"]
)
def test_no_remark_takes_long_to_read(text: str) -> None:
    with within(0.5, text[:30]):
        doors.emergency(text), doors.door(text)
