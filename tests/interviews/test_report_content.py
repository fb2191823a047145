"""What the report says of transfers, appeals, errata, letters and themes, and that its figures add up."""

from typing import Any

from base.people import SYSTEM
from interviews import attached, report_layout, reports
from interviews.attached import Thing
from interviews.report_layout import Table
from interviews.report_page import page_context, to_html
from interviews.report_themes import Asked, themes
from interviews.report_words import ranges, transcript_lines
from tests.cast import END, NEXT_DAY, City, at
from tests.interviews import report_samples

LETTER = "这封信只有提问人看得到。"
HANDED = "自来水为什么这么黄"


async def _content(city: City) -> dict[str, Any]:
    async with city.units.read(SYSTEM) as uow:
        return await reports.content(uow, city.interview)


async def _end(city: City) -> dict[str, Any]:
    await city.does("李主持", "interview.close", END, interview=city.interview)
    return await _content(city)


def _everything(content: dict[str, Any]) -> str:
    return to_html(content)


def _table(content: dict[str, Any], head: str) -> Table:
    (found,) = [
        one for one in report_layout.blocks(content) if isinstance(one, Table) and one.heads[0] == head
    ]
    return found


async def test_a_transferred_question_is_told_by_body_and_date_and_never_by_text(small_city: City) -> None:
    await small_city.open()
    handed = await small_city.asks("网友甲", HANDED)
    water = small_city.bodies["水务局"]
    await small_city.does("审核员小张", "question.transfer", question=handed, body=water)
    content = await _end(small_city)
    assert content["numbers"]["transferred_to"] == {"示例市水务局": 1}
    assert content["open"] == [
        {
            "number": None,
            "count": 1,
            "body": "示例市水务局",
            "due": "2026-03-13",
            "why": "不属这场访谈，转来办理",
        }
    ]
    assert _table(content, "哪些提问").rows == (
        ("没有公开的1个", "示例市水务局", "2026年3月13日", "不属这场访谈，转来办理"),
    )
    assert "示例市水务局" in [duty["who"] for duty in content["duties"]]
    written = _everything(content)
    assert "已转给示例市水务局办理，1个" in written
    assert HANDED not in written


async def test_a_letter_is_in_no_transcript(small_city: City) -> None:
    await small_city.open()
    handed = await small_city.asks("网友甲", HANDED)
    body = small_city.bodies["水务局"]
    await small_city.does("审核员小张", "question.transfer", question=handed, body=body)
    await small_city.does("李主持", "interview.close", END, interview=small_city.interview)
    await small_city.does("外单位老吴", "question.answer", NEXT_DAY, question=handed, text=LETTER)
    content = await _content(small_city)
    assert content["open"] == []
    assert [item["no"] for item in content["transcript"]] == list(range(1, len(content["transcript"]) + 1))
    written = _everything(content)
    assert "没有公开，已书面答复提问人，1个" in written
    assert LETTER not in written
    assert HANDED not in written


async def test_an_erratum_stands_beside_the_text_and_the_text_stays(small_city: City) -> None:
    await small_city.open()
    question = await small_city.published("网友甲", "窗口在几楼？")
    answer = await small_city.does("王处长", "question.answer", question=question, text="在二楼。")
    await small_city.does("李主持", "interview.say", interview=small_city.interview, text="下一个问题。")
    before = await _end(small_city)
    await small_city.does(
        "王处长", "erratum.publish", NEXT_DAY, item=answer["item"], text="在三楼。", reason="楼层说错了。"
    )
    content = await _content(small_city)
    assert content["chain"]["head"] != before["chain"]["head"]
    lines = list(transcript_lines(content))
    (place,) = [number for number, line in enumerate(lines) if "在二楼。" in line]
    assert "在三楼。（更正的原因：楼层说错了。）" in lines[place + 1]
    assert "下一个问题。" in lines[place + 2]
    (shown,) = page_context(content)["questions"]
    (erratum,) = shown["replies"][0]["errata"]
    assert (erratum["text"], erratum["reason"], erratum["removed"]) == ("在三楼。", "楼层说错了。", False)
    assert _everything(content).count("在三楼。") == 2, "beside the main question and in the transcript"


async def test_appeals_are_counted_with_what_came_of_them(small_city: City) -> None:
    await small_city.open()
    for text, again in (
        ("甲的提问", "question.publish"),
        ("乙的提问", "question.decline"),
        ("丙的提问", None),
    ):
        asked = await small_city.asks("网友甲", text)
        reason = {"reason": "not_a_question"}
        await small_city.does("审核员小张", "question.decline", question=asked, **reason)
        await small_city.does("网友甲", "question.appeal", question=asked, text="这就是提问。")
        if again:
            more = reason if again == "question.decline" else {}
            await small_city.does("审核员小张", again, question=asked, **more)
    content = await _end(small_city)
    assert content["numbers"]["appealed"] == 3
    assert content["appeals"] == [
        {"outcome": "复核后仍不公开", "count": 1},
        {"outcome": "复核后公开", "count": 1},
        {"outcome": "还在复核", "count": 1},
    ]
    assert "申诉：复核后仍不公开，1个；复核后公开，1个；还在复核，1个。" in _everything(content)


async def test_what_was_taken_down_says_so_and_why(small_city: City) -> None:
    await small_city.open()
    question = await small_city.published("网友甲", "窗口在几楼？")
    answer = await small_city.does(
        "王处长", "question.answer", question=question, text="打13800138000问老王。"
    )
    await small_city.does("审核员小张", "question.remove", item=answer["item"], reason="里面有手机号。")
    content = await _end(small_city)
    written = _everything(content)
    assert "13800138000" not in written
    assert "（已撤下：里面有手机号。）" in written
    assert page_context(content)["questions"][0]["replies"][0]["because"] == "里面有手机号。"


def test_the_plots_add_up_to_the_numbers() -> None:
    content = report_samples.sample(200, bodies=report_samples.MANY_BODIES)
    plots = {plot["id"]: plot["rows"] for plot in content["plots"]}
    numbers = content["numbers"]
    assert sum(row[1] for row in plots["fates"]) == numbers["received"] == 200
    assert sum(row[1] for row in plots["times"]) == numbers["asked_live"]
    assert sum(row[2] for row in plots["times"]) == sum(row[1] for row in plots["bodies"]) == numbers["live"]
    assert [row[0] for row in plots["bodies"]] == list(report_samples.MANY_BODIES)
    top = [row[1] for row in plots["supports"]]
    assert top == sorted((one["supports"] for one in content["questions"]), reverse=True)[:10]


def test_the_times_are_those_of_the_wall_also_across_midnight() -> None:
    opened, closed = at("2026-03-06 23:40"), at("2026-03-07 00:20")
    content = report_samples.sample(3, opened_at=opened, closed_at=closed)
    (times,) = [plot for plot in content["plots"] if plot["id"] == "times"] or [{"rows": []}]
    assert times["rows"] == [], "nothing was asked in these forty minutes, so there is nothing to plot"
    assert "2026年3月6日（周五）23:40—3月7日 00:20" in _everything(content)


def test_the_main_questions_stand_in_groups_of_a_shared_word() -> None:
    asked = [
        Asked(1, "小区电梯坏了没人修", 3),
        Asked(2, "电梯年检多久一次", 9),
        Asked(3, "停车位怎么申请", 0),
        Asked(4, "请问停车位收费标准", 1),
        Asked(5, "公园几点开门", 0),
    ]
    assert (
        themes(asked)
        == themes(reversed(asked))
        == [
            {"word": "电梯", "questions": [2, 1]},
            {"word": "停车位", "questions": [4, 3]},
            {"word": None, "questions": [5]},
        ]
    )
    assert themes([]) == []


def test_a_word_that_nearly_every_question_has_groups_nothing() -> None:
    asked = [
        Asked(number, text, 0)
        for number, text in enumerate(("医保电梯", "医保公园", "医保供暖", "医保学校"), 1)
    ]
    assert [group["word"] for group in themes(asked)] == [None]


def test_open_questions_are_told_by_number_where_there_are_many() -> None:
    content = report_samples.sample(60)
    (row,) = _table(content, "哪些提问").rows
    assert row[0] == "5、10、15、20、25、30、35、40、45、50、55、60号，共12个"
    assert ranges([1, 2, 3, 7, 9, 10]) == "1—3、7、9—10"


def test_the_office_s_words_stand_in_their_places() -> None:
    prose = {"overview": "总的看是好的。", "problems": "窗口不够。\n排队太久。", "proposals": "加开窗口。"}
    written = _everything(report_samples.sample(5) | {"prose": prose})
    places = [
        written.index(words)
        for words in (
            "总的看是好的。",
            "一、基本情况",
            "八、反映出来的问题",
            "<p>排队太久。</p>",
            "九、意见和建议",
            "特此报告",
        )
    ]
    assert places == sorted(places)
    assert "八、" not in _everything(report_samples.sample(5))


def test_a_version_kept_before_the_paper_knew_themes_and_plots_is_still_a_report() -> None:
    new = report_samples.sample(5)
    young_numbers = ("appealed", "peak", "transferred_to")
    old = {key: value for key, value in new.items() if key not in ("themes", "open", "appeals", "plots")}
    old["numbers"] = {key: value for key, value in new["numbers"].items() if key not in young_numbers}
    old["transcript"] = [
        {key: value for key, value in item.items() if key not in ("of", "reason")}
        for item in new["transcript"]
        if item["kind"] != "erratum"
    ]
    assert "我们小区的" in _everything(old)
    assert page_context(old)["counts"]["received"] == 5


async def _answered(city: City) -> int:
    await city.open()
    question = await city.published("网友甲", "断缴的怎么办？")
    return int((await city.does("王处长", "question.answer", question=question, text="月底前办结。"))["item"])


async def test_promises_and_what_was_enclosed_stand_in_the_report_and_in_no_other(small_city: City) -> None:
    answer = await _answered(small_city)
    plain = await _end(small_city)
    assert not {"promises", "attachments"} & plain.keys(), "an older version of this record is still the same"
    assert "承诺" not in _everything(plain)
    promised = {"item": answer, "what": "补办断缴的手续", "due": "2026-03-31"}
    await small_city.does("王处长", "promise.make", NEXT_DAY, **promised)
    async with small_city.act("周科长", NEXT_DAY) as uow:
        await attached.put_beside(uow, answer, Thing("登记表", material_no=1, note="登记表.docx"))
    content = await _content(small_city)
    (row,) = _table(content, "提问").rows
    assert row == ("1号", "补办断缴的手续", "示例市医疗保障局", "2026年3月31日", "在办")
    written = _everything(content)
    assert "答复中作出承诺1项，已办结0项。" in written
    assert written.count("随答复附：《登记表》（登记表.docx）。") == 2, (
        "beside the answer and in the transcript"
    )
    (enclosed,) = content["attachments"]
    assert (enclosed["kind"], enclosed["url"]) == ("file", f"/interviews/{small_city.interview}/files/1")
    kept = {"item": answer, "text": "已经办好。"}
    await small_city.does("王处长", "promise.keep", at("2026-03-20 10:00"), **kept)
    (row,) = _table(await _content(small_city), "提问").rows
    assert row[-1].startswith("3月20日 10:00办结，见第")


async def test_a_promise_taken_back_and_an_answer_taken_down_leave_nothing_in_it(small_city: City) -> None:
    answer = await _answered(small_city)
    await small_city.does("王处长", "promise.make", item=answer, what="补办", due="2026-03-31")
    async with small_city.act("周科长", NEXT_DAY) as uow:
        await attached.put_beside(uow, answer, Thing("登记表", material_no=1, note="登记表.docx"))
    await small_city.does("周科长", "question.remove", item=answer, reason="有手机号。")
    content = await _end(small_city)
    assert not {"promises", "attachments"} & content.keys()


async def test_a_version_kept_without_them_is_printed_as_it_was(small_city: City) -> None:
    answer = await _answered(small_city)
    await small_city.does("李主持", "interview.close", END, interview=small_city.interview)
    async with small_city.act("周科长", NEXT_DAY) as uow:
        first = await reports.draft(uow, small_city.interview)
        before, paper = first.version, to_html(first.content)
    await small_city.does("王处长", "promise.make", NEXT_DAY, item=answer, what="补办", due="2026-03-31")
    async with small_city.act("周科长", NEXT_DAY) as uow:
        second = await reports.draft(uow, small_city.interview)
        kept = await reports.latest(uow, small_city.interview)
        assert (second.version, kept.version if kept else 0) == (before + 1, before + 1)
        (old,) = [one for one in await reports.versions(uow, small_city.interview) if one.version == before]
    assert to_html(old.content) == paper
