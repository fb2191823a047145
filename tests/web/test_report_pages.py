"""The report's pages by forms alone: drafted, written, compared, signed, sent, read, acknowledged; and each refusal."""

import re

import pytest

from base.errors import Refusal
from base.people import Body
from interviews import report_files
from tests import cast
from tests.web.browser import Browser
from tests.web.conftest import Town

LATER = cast.at("2026-03-06 15:10")


@pytest.fixture
async def browser(town: Town) -> Browser:
    """A closed interview with one question answered and one left open; nothing drafted yet."""
    city = town.city
    one = await city.staged("网友甲", "断缴一年，住院能不能报？")
    await city.does("王处长", "question.answer", question=one, text="能报，有三个月等待期。")
    await city.published("网友乙", "异地就医怎么备案？")
    await city.does("李主持", "interview.close", cast.DURING, interview=city.interview, reason="停电")
    return Browser(town)


def desk(browser: Browser) -> str:
    return f"/office/interviews/{browser.town.city.interview}/report"


async def drafted(browser: Browser) -> str:
    """周科长 opens the desk and drafts the first version; its address."""
    await browser.signs_in("office", desk(browser))
    assert "还没有拟" in browser.text
    sent = {"interview": browser.town.city.interview, "back": desk(browser)}
    assert await browser.sends("/do/report.draft", **sent) == 200
    assert "第1版拟好了" in browser.text
    return desk(browser)


async def writes(browser: Browser, version: int, **prose: str) -> int:
    """Whoever is signed in saves the three parts on the desk."""
    city = browser.town.city
    return await browser.sends(
        "/do/report.edit", interview=city.interview, version=version, back=desk(browser), **prose
    )


async def signed_and_sent(browser: Browser, version: int) -> None:
    """何主任 signs and 周科长 sends."""
    interview, back = browser.town.city.interview, desk(browser)
    await browser.signs_in("supervisor", back)
    assert await browser.sends("/do/report.sign", interview=interview, version=version, back=back) == 200
    assert f"第{version}版核签了" in browser.text
    await browser.signs_in("office", back)
    assert await browser.sends("/do/summary.send", interview=interview, back=back) == 200
    assert f"汇总报告第{version}版送出了" in browser.text


def area(text: str, part: str) -> str:
    """What stands in the text area of a part."""
    found = re.search(rf'<textarea[^>]*name="{part}"[^>]*>(.*?)</textarea>', text, re.DOTALL)
    return found[1] if found else "no such text area"


def plain(text: str) -> str:
    """A page without its marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", text))


async def test_the_record_is_paper_and_the_prose_three_text_areas(browser: Browser) -> None:
    await drafted(browser)
    assert "纸上的文字、数字、图和实录都取自记录，在这里改不了" in plain(browser.text)
    assert browser.text.count("<textarea") == 3
    assert "能报，有三个月等待期。" not in "".join(
        area(browser.text, part) for part in ("overview", "problems")
    )
    assert "能报，有三个月等待期。" in browser.text
    order = [browser.text.index(text) for text in ('class="paper-title"', 'name="overview"', "基本情况")]
    order += [browser.text.index(f'name="{part}"') for part in ("problems", "proposals")]
    assert order == sorted(order), "the prose stands where the paper has it"
    assert "最迟3月11日" in plain(browser.text)
    assert "第3个工作日" in browser.text, "the date comes with its sum"


async def test_what_was_written_stands_on_paper_as_a_new_version(browser: Browser) -> None:
    await drafted(browser)
    await writes(browser, 1, overview="来问的人多。\n多数问缴费。", proposals="建议加开窗口。")
    assert "存成第2版了。下一步：请另一个人核签。" in browser.text
    assert area(browser.text, "overview") == "来问的人多。\n多数问缴费。"
    await browser.signs_in("supervisor", desk(browser))
    assert "<textarea" not in browser.text
    for text in ("来问的人多。</p>", "多数问缴费。</p>", "意见和建议</h", "建议加开窗口。</p>"):
        assert text in browser.text
    assert "反映出来的问题</h" not in browser.text, "what nobody wrote leaves no heading"


async def test_whoever_wrote_it_is_told_that_another_must_sign(browser: Browser) -> None:
    back = await drafted(browser)
    await writes(browser, 1, overview="来问的人多。")
    assert "第2版是您写的，要由另一个人核签：信息办的同事，或者主管部门。" in browser.text
    assert "/do/report.sign" not in browser.text
    interview = browser.town.city.interview
    assert await browser.sends("/do/report.sign", interview=interview, version=2, back=back) == 409
    assert "这一版是您自己改的，要由另一个人核签" in browser.text
    assert "第2版到了哪里" not in browser.text


async def test_a_newer_version_stands_beside_what_was_typed(browser: Browser) -> None:
    city = browser.town.city
    await drafted(browser)
    sent = {"interview": city.interview, "version": 1, "overview": "先存的话。", "problems": "都写了的。"}
    await city.does("周科长", "report.edit", LATER, **sent)
    assert await writes(browser, 1, overview="后存的话。", problems="都写了的。") == 409
    assert "现在已经有第2版了" in browser.text
    assert area(browser.text, "overview") == "后存的话。"
    assert area(browser.text, "problems") == "都写了的。"
    beside = re.findall(r"第2版里，这一段是：.*?</div>", browser.text, re.DOTALL)
    assert [plain(one) for one in beside] == ["第2版里，这一段是：先存的话。"]
    assert f'href="{desk(browser)}/versions?a=1&amp;b=2"' in browser.text
    based = re.findall(r'name="version" value="(\d+)"', browser.text)
    assert set(based) == {"2"}, "saving again builds on what the other wrote"
    assert await writes(browser, 2, overview="先存的话。后存的话。", problems="都写了的。") == 200
    assert "存成第3版了" in browser.text


async def test_too_long_a_text_comes_back_with_its_sentence_beside_it(browser: Browser) -> None:
    await drafted(browser)
    text = "很长的话" * 6000
    assert await writes(browser, 1, problems=text) == 400
    assert area(browser.text, "problems") == text
    assert 'id="prose-problems-e"' in browser.text


async def test_two_versions_are_compared_with_words_as_marks(browser: Browser) -> None:
    await drafted(browser)
    await writes(browser, 1, overview="来问的人多。")
    await writes(browser, 2, overview="来问的人不少。")
    assert await browser.opens(f"{desk(browser)}/versions?a=2&b=3") == 200
    assert "<b>原来</b><del>来问的人多。</del>" in browser.text
    assert "<b>改成</b><ins>来问的人不少。</ins>" in browser.text
    assert "不一样的有2段" in browser.text
    await browser.opens(f"{desk(browser)}/versions?a=1&b=2")
    assert "<b>加上</b><ins>来问的人多。</ins>" in browser.text
    await browser.opens(f"{desk(browser)}/versions?a=2&b=1")
    assert "<b>删去</b><del>来问的人多。</del>" in browser.text
    await browser.opens(f"{desk(browser)}/versions?a=2&b=3")
    assert re.search(r"一样的\d+段</summary>", browser.text)
    assert await browser.opens(f"{desk(browser)}/versions?a=1&b=1") == 200
    assert "两版一个字也不差" in browser.text
    assert await browser.opens(f"{desk(browser)}/versions?a=1&b=9") == 404


async def test_a_record_that_moved_on_must_be_drafted_again(browser: Browser) -> None:
    city, back = browser.town.city, await drafted(browser)
    await writes(browser, 1, overview="来问的人多。")
    waiting = next(
        one["question"]
        for one in (await city.state(f"interview:{city.interview}:staff"))["questions"].values()
        if one["status"] == "deferred"
    )
    await city.does("王处长", "question.answer", LATER, question=waiting, text="在网上备案。")
    await browser.opens(back)
    assert "第2版拟好以后，记录又有了变化" in browser.text
    assert "在网上备案。" in browser.text
    assert "/do/report.sign" not in browser.text
    assert "/do/summary.send" not in browser.text
    await browser.signs_in("supervisor", back)
    assert await browser.sends("/do/report.sign", interview=city.interview, version=2, back=back) == 409
    assert "记录又有了变化" in browser.text
    await browser.signs_in("office", back)
    await browser.sends("/do/report.draft", interview=city.interview, back=back)
    assert "第3版拟好了" in browser.text
    assert area(browser.text, "overview") == "来问的人多。"


async def test_nothing_new_is_not_sent_twice(browser: Browser) -> None:
    back = await drafted(browser)
    await signed_and_sent(browser, 1)
    assert "/do/summary.send" not in browser.text
    assert "还没有看的：示例市委办公室" in browser.text
    interview = browser.town.city.interview
    assert await browser.sends("/do/summary.send", interview=interview, back=back) == 409
    assert "已经送到每个接收单位，记录没有变化，不用再送" in browser.text


async def test_a_recipient_acknowledges_and_everybody_sees_the_comment(browser: Browser) -> None:
    await drafted(browser)
    await signed_and_sent(browser, 1)
    await browser.signs_in("recipient", "/inbox")
    assert "有1份等您回执" in plain(browser.text)
    link = re.search(r'href="(/inbox/(\d+))"', browser.text)
    assert link
    await browser.opens(link[1])
    assert "能报，有三个月等待期。" in browser.text
    sent = {"delivery": link[2], "comment": "请附异地就医的数字。", "back": link[1]}
    too_long = sent | {"comment": "长" * 1001}
    assert await browser.sends("/do/report.acknowledge", **too_long) == 400
    assert area(browser.text, "comment") == "长" * 1001
    assert await browser.sends("/do/report.acknowledge", **sent) == 200
    assert "写的意见是：“请附异地就医的数字。”" in browser.text
    assert await browser.sends("/do/report.acknowledge", **sent) == 409
    assert "已经回执过了" in browser.text
    for role, page in (("office", desk(browser)), ("supervisor", "/supervise")):
        await browser.signs_in(role, page)
        assert "请附异地就医的数字。" in browser.text, role
        assert "陈秘书" in browser.text, role


async def test_a_replaced_version_says_so_on_both(browser: Browser) -> None:
    await drafted(browser)
    await signed_and_sent(browser, 1)
    await writes(browser, 1, overview="补一句。")
    await signed_and_sent(browser, 2)
    assert "已被第2版替换" in browser.text
    await browser.signs_in("recipient", "/inbox")
    links = re.findall(r'<h2 class="hit-t"><a href="(/inbox/\d+)">[^<]*第(\d)版', browser.text)
    assert [version for _, version in links] == ["2", "1"]
    assert "已被第2版替换" in browser.text
    assert "替换第1版" in browser.text
    for path, version in links:
        await browser.opens(path)
        said = {"2": "这是第2版，替换第1版", "1": "这一版已被第2版替换"}[version]
        assert said in plain(browser.text)


async def test_a_body_with_an_address_gets_it_again_from_the_page(browser: Browser) -> None:
    city, back = browser.town.city, await drafted(browser)
    await city.gives_address("市委办", "shiwei@example.com")
    await signed_and_sent(browser, 1)
    assert "第1封，寄shiwei@example.com：在排队" in browser.text
    assert "/do/report.resend" not in browser.text, "the first one is still on its way"
    async with city.act("周科长", LATER) as uow:
        body = await uow.db.get_one(Body, city.bodies["市委办"])
        body.email = "xin@example.com"
    await browser.opens(back)
    again = re.search(r'action="/do/report.resend".*?name="delivery" value="(\d+)"', browser.text, re.DOTALL)
    assert again
    assert await browser.sends("/do/report.resend", delivery=again[1], back=back) == 200
    assert "又发了一次，还是同一版" in browser.text
    assert "第2封，寄xin@example.com：在排队" in browser.text


async def test_the_supervisor_sees_what_is_unsigned_and_what_is_late(browser: Browser) -> None:
    await drafted(browser)
    await browser.signs_in("supervisor", "/supervise")
    table = browser.text.partition("汇总报告</h2>")[2].partition("</table>")[0]
    assert "等核签" in table
    assert "3月11日" in table
    assert f'href="{desk(browser)}"' in table
    await signed_and_sent(browser, 1)
    await browser.signs_in("supervisor", "/supervise")
    assert "每一份都送到了" in browser.text


async def test_a_file_that_cannot_be_printed_leaves_a_sentence_on_the_page(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_font(_content: object, _form: str) -> report_files.Printed:
        raise Refusal(
            "report.no_font", "这台电脑没有中文字体。请先安装软件包 fonts-noto-cjk，再试。", status=503
        )

    back = await drafted(browser)
    monkeypatch.setattr(report_files, "write", no_font)
    assert await browser.opens(f"{back}.pdf?version=1") == 503
    assert "请先安装软件包 fonts-noto-cjk" in browser.text
    assert "能报，有三个月等待期。" in browser.text
    async with browser.client.get(f"{back}.html?version=1") as answer:
        assert answer.status == 200
        assert "能报，有三个月等待期。" in await answer.text()


async def test_an_interview_that_is_not_over_has_no_report(town: Town) -> None:
    browser = Browser(town)
    await browser.signs_in("office", "/office")
    assert await browser.opens(desk(browser)) == 409
    assert "没有汇总报告" in browser.text
