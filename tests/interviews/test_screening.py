"""What is masked, what is flagged and why, and what must stay untouched."""

import random
import re

import pytest

from interviews import words
from interviews.screening import MASK, Word, WordClass, Words, screen, with_nickname
from tests.timing import check, fewest

SHIPPED = Words(words.by_form().values())


def kinds(text: str, lists: Words = SHIPPED) -> list[str]:
    return [flag.kind for flag in screen(text, lists).flags]


def why(text: str, kind: WordClass, lists: Words = SHIPPED) -> str:
    return next((flag.why for flag in screen(text, lists).flags if flag.kind == kind), "")


# Personal data. What stands between 《》 must be masked; numbers are invented, identity numbers carry right checks.

PERSONAL = [
    ("手机号码", "电话《13812345678》，请回电"),
    ("手机号码", "《１３８１２３４５６７８》"),
    ("手机号码", "《①③⑧①②③④⑤⑥⑦⑧》"),
    ("手机号码", "《1️⃣3️⃣8️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8》"),
    ("手机号码", "打我《138 1234 5678》"),
    ("手机号码", "打我《138-1234-5678》 3栋的"),
    ("手机号码", "打我《138.1234.5678》"),
    ("手机号码", "《1 3 8 1 2 3 4 5 6 7 8》"),
    ("手机号码", "《1-3-8-1-2-3-4-5-6-7-8》"),
    ("手机号码", "《13\u200b812\u200b345678》"),
    ("手机号码", "《一三八一二三四五六七八》联系我"),
    ("手机号码", "号码是《壹叁捌壹贰叁肆伍陆柒捌》"),
    ("手机号码", "《幺三八 一二三四 五六七八》"),
    ("手机号码", "《1三8一2三4五6七8》"),
    ("手机号码", "+86《13812345678》"),
    ("手机号码", "0086《19912345678》"),
    ("手机号码", "星期一《13812345678》"),
    ("手机号码", "《𝟏𝟑𝟖𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖》"),
    ("身份证件号码", "身份证《11010519491231002X》"),
    ("身份证件号码", "《11010519491231002x》"),
    ("身份证件号码", "《１１０１０５１９４９１２３１００２Ｘ》"),
    ("身份证件号码", "《110105 19491231 002X》"),
    ("身份证件号码", "《110105194912310021》"),
    ("身份证件号码", "《110105491231002》"),
    ("身份证件号码", "居住证《810000199408230021》"),
    ("身份证件号码", "《830000199201300022》"),
    ("身份证件号码", "《820000199001010015》"),
    ("身份证件号码", "永居证《911124198108030024》"),
    ("身份证件号码", "《USA110081080310》在华"),
    ("身份证件号码", "身份证号：《110105194913310029》"),
    ("身份证件号码", "《一一零一零五一九四九一二三一零零二X》"),
    ("通行证号码", "回乡证《H12345678》"),
    ("通行证号码", "《M1234567801》"),
    ("护照或者通行证号码", "台胞证号《12345678》"),
    ("护照或者通行证号码", "护照号码：《E12345678》"),
    ("护照或者通行证号码", "护照《EA1234567》"),
    ("护照或者通行证号码", "往来港澳通行证《C12345678》"),
    ("银行卡号", "卡是《6222021234567890128》"),
    ("银行卡号", "《6222 0212 3456 7890 128》"),
    ("银行卡号", "《4111111111111111》"),
    ("银行卡号", "《４１１１-１１１１-１１１１-１１１１》"),
    ("卡号或者账号", "账号《1234567890123》"),
    ("卡号或者账号", "社保卡号：《123456789》"),
    ("固定电话号码", "家里《0531-88001234》"),
    ("固定电话号码", "《01088001234》"),
    ("固定电话号码", "（《0531）88001234》"),
    ("固定电话号码", "电话：《88001234》"),
    ("电子邮箱", "写到《zhang.san@example.com》"),
    ("电子邮箱", "《ｚｈａｎｇ＠ｅｘａｍｐｌｅ．ｃｏｍ》"),
    ("电子邮箱", "《zhang#qq.com》"),
    ("电子邮箱", "《12345@qq。com》"),
    ("电子邮箱", "《zhang(at)example.com》"),
    ("微信号", "微信：《zhangsan_01》"),
    ("微信号", "VX 《abc12345》"),
    ("微信号", "微信号是《zhangsan》"),
    ("QQ号", "QQ：《123456789》"),
    ("QQ号", "扣扣《1234567》"),
    ("门牌住址", "幸福小区《3号楼2单元501室》"),
    ("门牌住址", "幸福花园《3栋1203》漏水"),
    ("门牌住址", "《２单元３０１》停水"),
    ("门牌住址", "阳光小区《3-2-501》"),
    ("门牌住址", "李家村三组《12号》"),
    ("门牌住址", "我家住在人民路《88号》"),
    ("门牌住址", "大华路《1弄3号502室》"),
    ("门牌住址", "三里河《五号楼三门401室》"),
    ("车牌号码", "我的车《鲁B12345》"),
    ("车牌号码", "《京A·D12345》是新能源"),
    ("车牌号码", "《粤z1234港》"),
]


@pytest.mark.parametrize(("what", "told"), PERSONAL, ids=[told for _, told in PERSONAL])
def test_personal_data_is_masked_and_named(what: str, told: str) -> None:
    secret = re.search("《(.*)》", told)
    assert secret is not None
    text = told.replace("《", "").replace("》", "")
    found = screen(text)
    assert [flag.kind for flag in found.flags] == ["personal_data"]
    assert what in found.flags[0].why
    assert len(found.text) == len(text)
    start, end = secret.start(), secret.end() - 2
    assert found.text[:start] == text[:start]
    assert found.text[end:] == text[end:]
    left = found.text[start:end].rstrip(MASK)
    assert len(re.sub("[\u200b\ufe0f\u20e3]", "", left)) <= 4
    assert MASK not in left
    assert len(left) < end - start


UNTOUCHED = [
    "拨打12345没有人接，110、119、120也占线",
    "热线12345-2转人工，400-820-8820、95598也打过",
    "财社〔2026〕12号、鲁政办发〔2026〕123号文件还有效吗",
    "2026年3月6日14:30到16:30，2026-03-06，2026.03.06",
    "自2019.9.1-2020.12.1止，19.9.1-2020.12.1也算",
    "缴费380元，报销1200.50元，一共13800000000元，合1.38亿",
    "人口13912345.67万，面积1234567平方米，编号20261121123456789012",
    "二〇二六年一月一日起，一九四九年十月一日",
    "一二三四五六七八九十，三分之一，百分之八十五",
    "第三条第二款第（一）项，附件1-3，表2-1-1",
    "3号线延长到8号线了吗，12号台风，2号文件，1号院",
    "3号楼2026年完工，5栋300户没有供暖，6栋12人",
    "K123路、1路、22路公交，G1234次列车，T2航站楼",
    "微信小程序打不开，微信Android版和支付宝都不行",
    "QQ浏览器打不开，请问QQ邮箱能收吗",
    "邮编250001，区号0531，机构代码11370000004188398A",
    "统一社会信用代码91370100MA3C123456",
    "从8点到20点，温度18-20度，比例3:2:1，3-5岁",
    "京A是北京的车牌，新A股市场，川A牌照",
    "医保编码C01-A02，药品国药准字H20260012，批号M202601",
    "电话费一个月188元",
    "护照在哪里办，通行证要几天，身份证丢了怎么办",
    "银行卡丢了，社保卡号在哪里看，账户余额12345.67元",
    "第3单元的考试，2单元门坏了，3号楼的电梯",
    "13 14 15 16 17 18 19 20 21路都不到",
    "受理号6222021234567890121，流水4111111111111112，编号110105195013310021",
    "6号1800吨的垃圾，10号1200多户停水，11号2000多人",
    "我家住在3号线附近，住在2号院以北",
    "村里12号文件讲的是什么，李家村2号井",
    "C++和a@b不是邮箱，版本8.0.50，IP是127.0.0.1",
    "起付线由1300元降到1000元，比例85%，2025年12月31日前",
    "1月2月3月4月5月6月7月8月9月10月11月都没有到账",
]  # fmt: skip


@pytest.mark.parametrize("text", UNTOUCHED)
def test_what_is_no_personal_data_stays_as_it_was_written(text: str) -> None:
    found = screen(text)
    assert (found.text, found.flags) == (text, ())


def test_several_pieces_of_personal_data_are_one_flag_that_names_them() -> None:
    text = "我叫张三，13812345678，微信zhang_3333，又一个号13912345678"
    assert why(text, WordClass.PERSONAL_DATA) == "有手机号码、微信号，已遮盖。"


# Words

DISGUISED = [
    "加微信",
    "加-微*信",
    "加 微 信",
    "加\u200b微\u200b信",
    "加。微。信",
    "＋微信",
    "加薇信",
    "加ＶＸ",
    "加V X",
    "➕vx",
]


@pytest.mark.parametrize("text", DISGUISED)
def test_a_disguised_word_is_found(text: str) -> None:
    assert kinds(f"办得快，{text}聊") == ["advertising"]


def test_traditional_script_and_case_are_the_same_word() -> None:
    lists = Words([Word("优惠券", WordClass.ADVERTISING), Word("nmsl", WordClass.ABUSE)])
    assert kinds("領優惠券", lists) == ["advertising"]
    assert kinds("NmSl", lists) == ["abuse"]


def test_the_place_of_a_word_is_that_in_the_text_as_written() -> None:
    text = "㍿办得快，加-微*\u200b信聊"
    [hit] = screen(text, SHIPPED).hits
    assert text[hit.start : hit.end] == "加-微*\u200b信"


@pytest.mark.parametrize(
    "text", ["增加。微信上能缴费吗", "不要再加，微信就够了", "USB和tsbn", "asbestos", "12345"]
)
def test_what_only_looks_like_a_word_is_none(text: str) -> None:
    assert kinds(text) == []


def test_a_word_with_a_gap_reaches_six_characters_and_no_further() -> None:
    lists = Words([Word("代办…包过", WordClass.ADVERTISING)])
    assert kinds("代办一二三四五六包过", lists) == ["advertising"]
    assert kinds("代办一二三四五六七包过", lists) == []
    assert kinds("包过代办", lists) == []


def test_a_harmless_phrase_covers_the_word_in_it_and_nothing_else() -> None:
    assert kinds("燃气报警器怎么领") == []
    assert kinds("燃气报警器响了，快报警") == ["emergency"]


def test_several_words_of_a_class_are_one_flag_that_names_them() -> None:
    assert (
        why("一群废物，都是狗官、人渣、畜生", WordClass.ABUSE)
        == "像是辱骂，有“一群废物”“狗官”“人渣”等4个词。"
    )


def test_an_emergency_stands_first_and_names_the_number_to_call() -> None:
    found = screen("一群废物！13812345678，三楼着火了", SHIPPED).flags
    assert [flag.kind for flag in found] == ["emergency", "personal_data", "abuse"]
    assert "119（火警）" in found[0].why
    assert "110" not in found[0].why
    assert "110（报警）、120（急救）" in why("我不想活了", WordClass.EMERGENCY)


def test_a_complaint_about_somebody_is_pointed_to_another_door() -> None:
    assert "转走" in why("我要实名举报村主任", WordClass.PETITION)


def test_what_a_nickname_says_is_flagged_too() -> None:
    found = with_nickname(screen("13812345678", SHIPPED), screen("狗官13812345678", SHIPPED))
    assert [flag.kind for flag in found] == ["personal_data", "abuse"]
    assert found[1].why == "称呼里像是辱骂，有“狗官”。"


def test_without_lists_only_personal_data_is_looked_for() -> None:
    assert screen("加微信，一群废物").flags == ()


@pytest.mark.parametrize(("text", "kind"), words.cases(), ids=[text for text, _ in words.cases()])
def test_the_shipped_words_pass_the_shipped_cases(text: str, kind: WordClass | None) -> None:
    found = kinds(text)
    assert found == [] if kind is None else kind in found


def test_every_class_says_what_it_is_and_where_it_comes_from() -> None:
    for kind, one in words.shipped().items():
        assert one.about, kind
        assert one.source, kind
        assert one.words, kind
    every = [words.form_of(word.text) for one in words.shipped().values() for word in one.words]
    assert sorted({form for form in every if every.count(form) > 1}) == []


# Speed


def _text(length: int, seed: int) -> str:
    return "".join(random.Random(seed).choices([chr(point) for point in range(0x4E00, 0x6000)], k=length))


LISTS = [Word(_text(2 + number % 5, number), WordClass.WATCH) for number in range(10_000)]
LONG = {
    "random characters": _text(2000, 1),
    "a citizen's prose": ("请问断缴一年还能报吗？我家在外地，电话是13812345678，3号楼补贴1200元。" * 60)[
        :2000
    ],
    "nothing but digits": "1" * 2000,
    "digits kept apart": "1 " * 1000,
    "Latin letters": "ab.c@" * 400,
    "nothing but listed words": "".join(word.text for word in LISTS)[:2000],
    "addresses": "住在村一号3单元" * 250,
}


@pytest.mark.parametrize("name", LONG)
def test_a_long_text_against_ten_thousand_words_takes_less_than_five_milliseconds(name: str) -> None:
    lists, text = Words(LISTS), LONG[name]
    # The fewest of several: 1.1 to 2.6 ms where it was measured, and in a busy run once never under 5.
    check(fewest(lambda: screen(text, lists)), 0.005, name)
