"""Remarks in many wordings: those the patterns were mended for stay known, and no question is taken for one."""

import pytest

from faq import doors, emergencies, follow_ups, record_questions, terms

CALM = (
    "火灾后房屋鉴定找谁|儿童走失怎么预防|见义勇为怎么认定|大字本在哪买|客服中心招聘吗|人工湖能钓鱼吗|网站备案流程|感谢信模板"
    "|精神病人救助政策|残疾人驾照怎么考|视力残疾证怎么办|煤气罐年检在哪里|电梯加装补贴|撞坏护栏怎么赔偿|食物中毒事故处理办法"
    "|家庭暴力告诫书怎么申请|急救证怎么考|老人机补贴|下载中心在哪里|被狗咬了去哪打疫苗|孩子发烧挂什么科|头疼挂什么科"
    "|打架斗殴怎么处罚|洪水预警在哪看|水库能钓鱼吗|骨折后多久能上班|孕妇建档要什么|链接点了没反应|孩子的疫苗本不见了怎么补"
    "|贫困在校生资助|公司跑路了谁管"
)
DANGER = (
    "我婆婆晕过去了怎么弄都不醒|有人往河里跳了|隔壁屋子着了火|闻着有煤气味|我家老头突然喘不上气|小孩卡住喉咙了|大货车撞上护栏人还在里面"
    "|有人翻我家窗户|奶奶喝错农药了|电梯坏了我们困在里面|我妈心口疼得厉害出冷汗|有个小孩掉井里了|我被人打了头破血流|老人走失了一天了"
    "|工地吊车倒了砸到人|孩子误食了老鼠药|厨房着大火了|家里被盗了小偷还在|陌生男人一直跟着我|工人从架子上掉下来了|手指切断了"
    "|女儿被人带走了联系不上|同学吞药了|高压线断了掉在路上|三轮车翻沟里了人压在下面"
)
REMARKS = {
    "thanks": "谢谢您的解答|感激不尽|好，谢谢你们|懂了，谢谢|太谢谢你们了|谢谢帮我解决|这下明白了，谢谢你|3q",
    "small_talk": "在吗在吗|你是谁呀|晚安啦|讲个笑话吧|好无聊啊|今天天气不错|你会些什么|拜拜了|嘿嘿",
    "elder": "我眼睛看不清|不会打字怎么办|可以念给我听吗|有大字版吗|屏幕字太小|我八十岁了不会弄|字号能调吗",
    "human": "帮我找个真人|请转客服|让工作人员联系我|我要跟人说话|帮我接通人工|别用机器人糊弄我|怎么联系你们",
    "correction": "这个链接打不开|你们网页有错别字|附件下载不下来|信息已经过期了你们没更新|官网登不上去|网站找错",
    "abuse": "你是个废物|什么垃圾网站|一群废物|狗官|神经病啊|破机器人什么都不会",
}
ENTRY = "带身份证到任何一家网点，当场拿新卡，不用盖章。第二次起收工本费，可以刷卡。十五天内要激活。"


@pytest.mark.parametrize("text", DANGER.split("|"))
def test_signs_of_danger_are_known_in_other_words(text: str) -> None:
    assert doors.emergency(text)


@pytest.mark.parametrize("text", CALM.split("|"))
def test_whoever_asks_calmly_is_taken_for_neither(text: str) -> None:
    assert not doors.emergency(text)
    door = doors.door(text)
    assert door is None or door.code in {"complaint", "petition", "disclosure_request", "correction"}
    assert record_questions.recognise(text) is None


@pytest.mark.parametrize("code", REMARKS)
def test_remarks_find_their_door_in_other_words(code: str) -> None:
    found = {text: (door.code if (door := doors.door(text)) else None) for text in REMARKS[code].split("|")}
    assert found == dict.fromkeys(found, code)


def test_every_danger_has_its_number() -> None:
    for text in DANGER.split("|"):
        said = emergencies.sentence(terms.normalise(text))
        assert said is not None
        assert any(number in said for number in ("110", "119", "120", "122"))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("我提的问题有人回了吗", "record.receipt"),
        ("我昨天问的问题怎么还没答", "record.receipt"),
        ("提问后怎么看回复", "record.receipt"),
        ("能看直播吗在哪里看", "record.where"),
        ("访谈一般多久一次", "record.list"),
        ("教育局的访谈什么时候", "record.about"),
    ],
)
def test_the_record_is_asked_in_other_words(text: str, code: str) -> None:
    wanted = record_questions.recognise(text)
    assert wanted is not None
    assert wanted.code == code


@pytest.mark.parametrize("text", ["要盖章吗", "要激活吗", "身份证行不行"])
def test_a_short_question_in_the_entrys_own_words_leans_on_it(text: str) -> None:
    found = follow_ups.within(text, ENTRY)
    assert found is not None
    assert all(pattern.search(ENTRY) for pattern in found.wanted)


@pytest.mark.parametrize("text", ["身份证丢了怎么补", "公交能刷卡吗", "要押金吗", "老人免费坐车吗", "", "要"])
def test_a_question_with_a_matter_of_its_own_does_not(text: str) -> None:
    assert follow_ups.within(text, ENTRY) is None


@pytest.mark.parametrize("text", ["谢" * 1_990 + "x", "我" * 1_990 + "猫", "好的" * 990 + "猫"])
def test_a_long_row_of_such_words_and_one_more_is_no_remark(text: str) -> None:
    assert doors.door(text) is None
