"""The summary report of one small interview: drafted from the record, put on paper, sent to the four offices."""

import io
import json
import re
import zipfile
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from sqlalchemy import func, select
from sqlmodel import col

from base.audit import text_digest
from base.db import UnitOfWork
from base.errors import Refusal
from base.people import SYSTEM
from interviews import deliveries, duties, report_content, reports, transcript
from interviews.models import Delivery, Interview, Item, Question, Report
from interviews.report_page import page_context, to_html, to_json
from interviews.report_word import to_docx
from tests.cast import END, LIMIT_PASSED, NEXT_DAY, City, at

BEFORE = at("2026-02-10 09:00")
MONDAY = at("2026-03-09 10:00")
TUESDAY = at("2026-03-10 10:00")

SCRIPT = '<script>alert("1")</script>'
NEVER = ("广告：三天办好医保卡", "我的号码不该公开", "还没人看的一句", "撤回得早的一句", "和缴费是同一问")


@pytest.fixture
async def played(small_city: City) -> City:
    """The interview of ``_play`` on SQLite, where the database makes no difference."""
    return await _play(small_city)


async def _play(city: City) -> City:
    """An interview with every fate in it, closed at its end; one question still waits for 审核员小张."""
    await city.plan()
    await city.announce()
    first = await city.published("网友甲", "居民医保几月缴费？", BEFORE)
    await city.prepare()
    await city.does("李主持", "interview.open", at("2026-03-06 14:30"), interview=city.interview)
    await city.does("李主持", "interview.say", interview=city.interview, text="各位网友好，现在开始。")
    await city.does("网友乙", "question.support", question=first)
    await city.does("李主持", "question.stage", question=first)
    await city.does("王处长", "question.answer", question=first, text="每年9月到12月。\n线上线下都可以缴。")
    await _others(city)
    await city.does("李主持", "interview.close", END, interview=city.interview)
    await city.does("王处长", "question.answer", NEXT_DAY, question=first, text="补充：新生儿当年都可以缴。")
    return city


async def _others(city: City) -> None:
    open_one = await city.published("网友乙", "异地就医怎么备案？")
    unseen_same = await city.asks("网友丙", NEVER[4])
    await city.does("审核员小张", "question.merge", question=unseen_same, into=open_one)
    same = await city.published("网友丙", "今年要不要备案？")
    await city.does("审核员小张", "question.merge", question=same, into=open_one)
    odd = await city.published("网友乙", f"=1+1\t{SCRIPT}{{ PAGE }}\n第二行有个𠮷字￾")
    await city.does("王处长", "question.answer", question=odd, text="按算术是2。")
    refused = await city.published("网友丙", "协议价格是多少？")
    reason = "合同里有对方的商业秘密。"
    await city.does("王处长", "question.refuse", question=refused, ground="trade_secret", reason=reason)
    deferred = await city.published("网友丙", "断缴三年怎么补？")
    await city.does("王处长", "question.defer", question=deferred, reason="要先查各年的标准。")
    back = await city.published("网友丙", "公开过又撤回的一句")
    await city.does("网友丙", "question.withdraw", question=back)
    for who, text, reason in (("网友乙", NEVER[0], "advertising"), ("网友丙", NEVER[1], "personal_data")):
        declined = await city.asks(who, text)
        await city.does("审核员小张", "question.decline", question=declined, reason=reason)
    early = await city.asks("网友甲", NEVER[3])
    await city.does("网友甲", "question.withdraw", question=early)
    await city.asks("网友甲", NEVER[2])


async def _read(city: City) -> dict[str, Any]:
    async with city.units.read(SYSTEM) as uow:
        return await reports.content(uow, city.interview)


async def _send(city: City, when: Any = MONDAY) -> Report:
    async with city.act("周科长", when) as uow:
        return await deliveries.send(uow, city.interview)


async def _draft(city: City, when: Any = MONDAY) -> Report:
    async with city.act("周科长", when) as uow:
        return await reports.draft(uow, city.interview)


async def _count(uow: UnitOfWork, table: type[Any], *where: Any) -> int:
    return int(await uow.db.scalar(select(func.count(col(table.id))).where(*where)) or 0)


async def _decide_the_last(city: City) -> None:
    async with city.units.read(SYSTEM) as uow:
        query = select(col(Question.id)).where(col(Question.status) == "pending")
        last = await uow.db.scalar(query)
    await city.does("审核员小张", "question.decline", MONDAY, question=last, reason="not_a_question")


async def test_numbers_of_report_transcript_and_database_are_the_same(played: City) -> None:
    content = await _read(played)
    numbers, said = content["numbers"], content["transcript"]
    async with played.units.read(SYSTEM) as uow:
        mine = col(Question.interview_id) == played.interview
        assert numbers["received"] == await _count(uow, Question, mine) == 12
        public = await _count(uow, Question, mine, col(Question.number).is_not(None))
        assert len(said) == await _count(uow, Item, col(Item.interview_id) == played.interview)
    assert numbers["public"] == public == len(content["questions"])
    assert public == sum(1 for item in said if item["kind"] == "question")
    assert [one["number"] for one in content["questions"]] == list(range(1, public + 1))
    assert numbers["answered"] == 2
    assert (numbers["live"], numbers["after"], numbers["waiting"]) == (2, 1, 2)
    assert (numbers["asked_before"], numbers["asked_live"]) == (1, 11)
    assert numbers["declined_by_reason"]["advertising"] == 1
    assert numbers["refused_by_ground"] == {"state_secret": 0, "trade_secret": 1, "personal_privacy": 0}


async def test_every_question_has_a_fate(played: City) -> None:
    content = await _read(played)
    unseen = sum(fate["count"] for fate in content["unpublished"])
    assert len(content["questions"]) + unseen == content["numbers"]["received"]
    outcomes = {one["number"]: one["outcome"] for one in content["questions"]}
    assert outcomes == {
        1: "现场答复，会后又有补充",
        2: "现场时间不够，转为会后答复，最迟2026年3月13日",
        3: "已并入2号，一起答复",
        4: "现场答复",
        5: "依法不予答复，依据是商业秘密（第四条）",
        6: "现场答不了，原因见实录，转为会后答复，最迟2026年3月13日",
        7: "提问人已撤回，文字不再登",
    }
    assert {fate["outcome"] for fate in content["unpublished"]} == {
        "没有公开，原因：广告",
        "没有公开，原因：有别人的个人信息",
        "没有单独公开，已并入相同的问题",
        "公开以前由提问人撤回",
        "还在等审核",
    }


async def test_the_table_of_fates_adds_up(played: City) -> None:
    book = docx.Document(io.BytesIO(to_docx(await _read(played))))
    rows = [[cell.text for cell in row.cells] for row in book.tables[0].rows][1:]
    assert sum(int(row[1]) for row in rows[:-1]) == int(rows[-1][1]) == 12


async def test_texts_never_published_are_nowhere(played: City) -> None:
    content = await _read(played)
    with zipfile.ZipFile(io.BytesIO(to_docx(content))) as package:
        word = package.read("word/document.xml").decode()
    page = json.dumps(page_context(content), ensure_ascii=False)
    for written in (to_json(content), to_html(content), word, page):
        assert "居民医保几月缴费" in written
        for text in (*NEVER, "公开过又撤回的一句"):
            assert text not in written


async def test_the_chain_in_the_report_can_be_walked(played: City) -> None:
    content = await _read(played)
    head = "0" * 64
    async with played.units.read(SYSTEM) as uow:
        for item, told in zip(
            await transcript.items(uow, played.interview), content["transcript"], strict=True
        ):
            head = transcript.link(head, item)
            assert told["digest"] == item.digest
            assert told["text"] is None or text_digest(told["text"]) == item.digest
    assert content["chain"] == {"items": len(content["transcript"]), "head": head}


async def test_the_same_record_is_the_same_version_and_the_same_bytes(played: City) -> None:
    once, again = await _read(played), await _read(played)
    assert to_docx(once) == to_docx(again)
    assert (to_html(once), to_json(once)) == (to_html(again), to_json(again))
    first = await _draft(played)
    assert (await _draft(played, TUESDAY)).version == first.version == 1
    assert to_docx(await _read(played)) == to_docx(first.content)
    assert json.loads(to_json(first.content)) == first.content


async def test_a_changed_record_is_a_new_version(played: City) -> None:
    first = await _draft(played)
    await _decide_the_last(played)
    second = await _draft(played, TUESDAY)
    assert (first.version, second.version) == (1, 2)
    assert second.content["stamp"]["replaces"] is None, "the first was never sent"


async def test_sending_reaches_every_recipient_and_discharges_the_duty(played: City) -> None:
    await _decide_the_last(played)
    report = await _send(played)
    async with played.units.read(SYSTEM) as uow:
        sent = set(await uow.db.scalars(select(col(Delivery.body_id))))
        interview = await uow.db.get_one(Interview, played.interview)
        owed = {duty.rule: duty for duty in await duties.of_interview(uow, played.interview)}
        assert sent == {played.bodies[name] for name in ("市委办", "人大办", "政府办", "政协办")}
        assert interview.status == "archived"
        assert (owed["summary"].status, owed["summary"].late_days) == ("done", 0)
        assert "第1版已送4个单位：示例市委办公室" in (owed["summary"].evidence or "")
        after = await report_content.gather(uow, interview)
    assert report_content.record_of(report.content) == after, "sending changes nothing that the report says"
    assert await _read(played) == report.content


async def test_what_is_kept_is_what_was_drafted_on_either_database(city: City) -> None:
    await _play(city)
    read = await _read(city)
    sent = await _send(city)
    assert report_content.record_of(sent.content) == report_content.record_of(read)
    kept = await _read(city)
    assert to_docx(kept) == to_docx(sent.content)
    assert (await _draft(city, TUESDAY)).version == 1


async def test_a_version_goes_to_nobody_twice(played: City) -> None:
    await _send(played)
    with pytest.raises(Refusal) as again:
        await _send(played, TUESDAY)
    assert again.value.code == "report.nothing_new"
    async with played.units.read(SYSTEM) as uow:
        assert await _count(uow, Delivery) == 4


async def test_a_corrected_version_says_what_it_replaces(played: City) -> None:
    await _send(played)
    await _decide_the_last(played)
    second = await _send(played, TUESDAY)
    assert second.version == 2
    assert "这是第2版，代替已经报送的第1版。" in to_html(second.content)
    async with played.act("陈秘书", TUESDAY) as uow:
        arrived = await deliveries.inbox(uow, played.bodies["市委办"])
    assert [one.version for one in arrived] == [2, 1]


async def test_sent_late_it_stays_late(played: City) -> None:
    await _send(played, at("2026-03-13 09:00"))
    async with played.units.read(SYSTEM) as uow:
        owed = {duty.rule: duty for duty in await duties.of_interview(uow, played.interview)}
    assert owed["summary"].late_days == 2


async def test_a_recipient_reaches_only_what_came_to_its_own_body(played: City) -> None:
    report = await _send(played)
    async with played.act("陈秘书", MONDAY) as uow:
        (mine,) = await deliveries.inbox(uow, played.bodies["市委办"])
        assert mine.title == "关于“城乡居民医保缴费和异地就医”网上访谈情况的汇总报告"
        assert await deliveries.delivered(uow, mine.delivery_id) == report.content
        assert await reports.sent_at(uow, played.interview) == MONDAY
        assert (await deliveries.opened(uow, mine.delivery_id)).opened_at == MONDAY
    async with played.act("陈秘书", TUESDAY) as uow:
        assert (await deliveries.opened(uow, mine.delivery_id)).opened_at == MONDAY
        query = select(col(Delivery.id)).where(col(Delivery.body_id) == played.bodies["人大办"])
        others = int(await uow.db.scalar(query) or 0)
        refusals = []
        for attempt in (
            deliveries.opened(uow, others),
            deliveries.opened(uow, 999),
            deliveries.delivered(uow, others),
            deliveries.delivered(uow, 999),
        ):
            with pytest.raises(Refusal) as refused:
                await attempt
            refusals.append(refused.value.body())
        assert refusals == [refusals[0]] * 4, "missing and forbidden look alike"
        with pytest.raises(Refusal):
            await deliveries.inbox(uow, played.bodies["人大办"])


@pytest.mark.parametrize("who", ["外单位老吴", "网友甲", "陈秘书", "别场主持"])
async def test_who_has_no_part_in_the_interview_gets_no_draft(played: City, who: str) -> None:
    for verb in (reports.draft, deliveries.send, reports.content):
        async with played.act(who, MONDAY) as uow:
            with pytest.raises(Refusal) as refused:
                await verb(uow, played.interview)
        assert refused.value.code == "not_found"


async def test_no_report_before_the_end_and_none_of_an_unknown_interview(small_city: City) -> None:
    city = small_city
    await city.open()
    for verb, code in ((reports.draft, "report.not_over"), (deliveries.send, "interview.state")):
        async with city.act("周科长", MONDAY) as uow:
            with pytest.raises(Refusal) as refused:
                await verb(uow, city.interview)
            assert refused.value.code == code
            assert "正在进行" in refused.value.message
            with pytest.raises(Refusal) as unknown:
                await verb(uow, 4711)
            assert unknown.value.code == "not_found"


async def test_an_interview_without_questions_has_a_report(small_city: City) -> None:
    city = small_city
    await city.open()
    await city.does("李主持", "interview.close", LIMIT_PASSED, interview=city.interview)
    content = await _read(city)
    text = "\n".join(p.text for p in docx.Document(io.BytesIO(to_docx(content))).paragraphs)
    assert "这场没有收到提问。" in text
    assert "没有公开的提问。" in text


async def test_what_departed_from_the_rule_stands_in_the_report(small_city: City) -> None:
    city = small_city
    await city.open()
    early = at("2026-03-06 15:00")
    await city.does(
        "李主持", "interview.close", early, interview=city.interview, reason="访谈室停电，设备不能用。"
    )
    content = await _read(city)
    assert content["interview"]["minutes"] == 30
    assert "3月6日 15:00，提前结束。原因：访谈室停电，设备不能用。（第十三条）" in to_html(content)


async def test_duties_tell_how_late_they_were(played: City) -> None:
    for question in (2, 6):
        async with played.units.read(SYSTEM) as uow:
            query = select(col(Question.id)).where(col(Question.number) == question)
            found = await uow.db.scalar(query)
        await played.does(
            "王处长", "question.answer", at("2026-03-16 09:00"), question=found, text="答复如下。"
        )
    content = await _read(played)
    book = docx.Document(io.BytesIO(to_docx(content)))
    (duties_table,) = [table for table in book.tables if table.cell(0, 0).text == "事项"]
    rows = {row.cells[0].text: [cell.text for cell in row.cells[1:]] for row in duties_table.rows}
    assert rows["处理没能当场答复的问题"] == [
        "第八条",
        "示例市医疗保障局",
        "2026年3月13日",
        "3月16日，晚了3天",
    ]
    assert rows["发布预告并征集意见"] == ["第十二条", "信息办", "2026年2月9日", "2月2日，按时"]
    assert rows["报送汇总报告"][2:] == ["2026年3月11日", "随本报告办理"]


async def test_without_recipients_nothing_is_sent(played: City) -> None:
    async with played.act("周科长", MONDAY) as uow:
        for body in await report_content.recipients(uow):
            body.recipient = False
    with pytest.raises(Refusal) as refused:
        await _send(played)
    assert refused.value.code == "report.no_recipients"
    async with played.units.read(SYSTEM) as uow:
        assert await _count(uow, Report) == 0, "what is refused leaves nothing"


def _words(text: str) -> str:
    return re.sub(r"\s+", "", text.replace("\ufffe", "\ufffd"))


async def test_word_holds_every_text_in_order(played: City) -> None:
    content = await _read(played)
    book = docx.Document(io.BytesIO(to_docx(content)))
    (listed,) = [table for table in book.tables if table.cell(0, 0).text == "编号"]
    rows = [[_words(cell.text) for cell in row.cells] for row in listed.rows][1:]
    assert rows == [
        [
            f"{question['number']}号",
            _words(question["text"] or "（文字不公开）"),
            str(question["supports"]),
            _words(question["outcome"]),
        ]
        for question in content["questions"]
    ]
    written = _words("\n".join(paragraph.text for paragraph in book.paragraphs))
    place = written.rindex("附件2访谈实录")
    for item in content["transcript"]:
        place = written.index(f"第{item['no']}段", place)
        place = written.index(_words(item["text"] or "（文字不公开）"), place)
    assert content["chain"]["head"] in written[place:]


async def test_word_is_laid_out_as_an_official_document(played: City) -> None:
    book = docx.Document(io.BytesIO(to_docx(await _read(played))))
    section = book.sections[0]
    measures = (
        section.page_width,
        section.page_height,
        section.top_margin,
        section.bottom_margin,
        section.left_margin,
        section.right_margin,
    )
    assert [round(one.mm) for one in measures if one is not None] == [210, 297, 37, 35, 28, 26]
    text = book.styles["公文正文"]
    assert text.font.size is not None
    assert text.font.size.pt == 16
    assert text.element.rPr.rFonts.get(qn("w:eastAsia")) == "仿宋"
    assert 28 <= text.paragraph_format.line_spacing.pt <= 29
    assert 22 * text.paragraph_format.line_spacing.mm <= 297 - 37 - 35
    squeeze = int(text.element.rPr.find(qn("w:spacing")).get(qn("w:val"))) / 20
    assert 28 * (16 + squeeze) <= (210 - 28 - 26) / 25.4 * 72 < 29 * (16 + squeeze)
    title = book.paragraphs[0]
    assert title.style is not None
    assert (title.style.name, title.style.font.size.pt) == ("公文标题", 22)
    assert title.style.element.rPr.rFonts.get(qn("w:eastAsia")) == "方正小标宋简体"
    assert book.paragraphs[1].text == (
        "示例市委办公室、示例市人大常委会办公室、示例市人民政府办公室、示例市政协办公室："
    )
    for table in book.tables:
        assert len(table.rows[0]._tr.findall(f".//{qn('w:tblHeader')}")) == 1
        assert all(len(row._tr.findall(f".//{qn('w:cantSplit')}")) == 1 for row in table.rows)
    for footer in (section.footer, section.even_page_footer):
        assert footer.paragraphs[0].text == "— 1 —"


async def test_what_a_citizen_wrote_is_only_a_text(played: City) -> None:
    content = await _read(played)
    with zipfile.ZipFile(io.BytesIO(to_docx(content))) as package:
        word = package.read("word/document.xml").decode()
    assert "instrText" not in word
    assert "fldChar" not in word
    assert SCRIPT not in word
    page = to_html(content)
    assert "<script" not in page
    assert "=1+1" in page
    assert "𠮷" in page


async def test_the_only_time_in_the_file_is_the_report_s_own(played: City) -> None:
    report = await _draft(played)
    written = to_docx(report.content)
    with zipfile.ZipFile(io.BytesIO(written)) as package:
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    core = docx.Document(io.BytesIO(written)).core_properties
    assert core.title == "关于“城乡居民医保缴费和异地就医”网上访谈情况的汇总报告"
    assert core.author == "示例市信息化工作办公室"
    assert core.created == core.modified
    assert core.created is not None
    assert f"{core.created:%Y-%m-%d %H:%M}" == "2026-03-09 02:00", "in UTC"


async def test_the_page_gets_what_its_template_reads(played: City) -> None:
    content = await _read(played)
    page = page_context(content, "2026-03-09T10:00:00+08:00")
    assert (page["minutes"], page["host"], page["venue"]) == (120, "李主持", "二楼访谈室")
    assert page["guests"] == [{"name": "王立言", "post": "待遇处处长", "body": "示例市医疗保障局"}]
    first = page["questions"][0]
    assert [item["text"] for item in first["replies"]] == [
        "每年9月到12月。\n线上线下都可以缴。",
        "补充：新生儿当年都可以缴。",
    ]
    assert page["counts"]["received"] == 12
    assert page["sent_at"] == "2026-03-09T10:00:00+08:00"
