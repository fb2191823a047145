"""Ways to go on after an answer: asking how much, how often, by whose word; naming a case or a turn of it."""

import pytest

from faq import excerpts, follow_ups

ASPECT = {
    "发多少": "amount",
    "最高能报几成": "amount",
    "能领几次": "times",
    "不收怎么办": "refused",
    "不去会罚吗": "refused",
    "能补领吗": "back_pay",
    "这是哪里规定的": "source",
    "依据是什么": "source",
    "没看明白": "again",
    "再说清楚": "again",
    "还要照片不": "papers",
    "材料不齐给办吗": "papers",
    "能快点吗": "time",
    "交现金可以吗": "money",
    "一年交一回还是几回": "times",
    "我去年办过还用再办吗": "times",
    "办不成咋办": "refused",
    "腿脚不好能上门吗": "visit",
    "钱打到哪张卡": "account",
    "给发短信通知吗": "notice",
    "那边好停车不": "parking",
    "以前交的算不算": "counts",
    "去之前要打招呼不": "booking",
    "下午五点半还有人吗": "hours",
    "礼拜六开门不": "hours",
    "晚几天要紧吗": "hours",
    "几岁以下算": "who",
    "能让儿子代交吗": "proxy",
    "我替我妈去成不": "proxy",
    "找哪个窗口": "place",
}
LEADS = {
    "夜班也算吗": "夜班",
    "军人一样吗": "军人",
    "要是离婚了呢": "离婚",
    "假如单位破产了怎么办": "单位破产",
    "停了会清零吗": "停清零",
    "我是退伍的": "退伍",
    "兼职的可以吗": "兼职",
}
ALONE = (
    "要是身份证丢了怎么补|如果我要注销公司怎么办理|孩子的户口可以迁吗|我是不是要交物业费|图书证也能网上办吗"
    "|医保断了怎么补缴|小区门口能停车不|外地学生能中考吗|儿子能代领养老金吗|电费能交现金吗|地铁几点停|车位怎么租"
    "|噪音投诉打哪个电话|上门护理怎么申请|我上午申请的怎么到现在还没好"
)


@pytest.mark.parametrize(("text", "aspect"), ASPECT.items())
def test_what_is_asked_of_the_matter_is_known(text: str, aspect: str) -> None:
    found = follow_ups.read(text)
    assert found is not None
    assert found.aspect is not None
    assert (found.aspect.name, found.about) == (aspect, "")


@pytest.mark.parametrize(("text", "about"), LEADS.items())
def test_a_case_or_a_turn_of_it_leans(text: str, about: str) -> None:
    found = follow_ups.read(text)
    assert found is not None
    assert found.about == about


@pytest.mark.parametrize("text", ALONE.split("|"))
def test_a_case_with_something_to_handle_stands_alone(text: str) -> None:
    assert follow_ups.read(text) is None


def test_every_word_of_a_case_is_wanted_wherever_it_stands() -> None:
    found = follow_ups.read("断了会影响养老不")
    assert found is not None
    body = "中断缴费，养老待遇会受影响。"
    assert all(pattern.search(body) for pattern in found.wanted)
    assert not all(pattern.search("养老待遇按月发。") for pattern in found.wanted)


WAITING = (
    "断过的，参保后有固定等待期3个月，期内的医疗费不报销。\n可以用补缴缩短：按当年的个人标准每多补一年，减1个月。\n"
    "连续参保满4年的，大病保险最高支付限额提高2000元。"
)


def test_what_an_act_costs_is_told_only_by_what_names_it_and_a_price() -> None:
    leans = follow_ups.read("补缴要多少钱")
    assert leans is not None
    assert excerpts.saying(WAITING, leans.wanted) is None
    priced = WAITING + "\n补交一年420元。"
    assert excerpts.saying(priced, leans.wanted) == "补交一年420元。"
    plain = follow_ups.read("要多少钱")
    assert plain is not None
    assert excerpts.saying("费用由单位负担。\n每证120元。", plain.wanted) == "每证120元。"
    assert excerpts.saying("费用由单位负担。", plain.wanted) is None
    assert excerpts.saying("办理不收费。", plain.wanted) == "办理不收费。"
