"""What was taken down is on no page, in no stream, feed, search or export; its number stays, with the reason."""

from base.people import SYSTEM
from interviews import reports
from interviews.report_page import to_html, to_json
from interviews.report_word import to_docx
from tests import cast
from tests.web.conftest import Town

SECRET = "住在桥南三街的张老三"
ANSWER = "张老三的补贴是八百元"


async def test_a_crawl_finds_nothing_of_it(town: Town) -> None:
    city = town.city
    visitor = await town.visitor()
    _, kept = await town.ask(visitor, f"我问{SECRET}能不能领？", "gone-0001")
    for who, name, more in (
        ("审核员小张", "question.publish", {}),
        ("李主持", "question.stage", {}),
        ("王处长", "question.answer", {"text": ANSWER}),
    ):
        assert (await town.commands(who, name, question=kept["question"], **more))[0] == 200
    state = await city.state(f"interview:{city.interview}:public")
    for item in [one["item"] for one in state["items"]]:
        status, _ = await town.commands("审核员小张", "question.remove", item=item, reason="说到了个人")
        assert status == 200
    again, refusal = await town.commands("周科长", "question.remove", item=item, reason="说到了个人")
    assert (again, refusal["error"]["code"]) == (409, "item.removed")
    other, _ = await town.commands("别场主持", "question.remove", item=item, reason="说到了个人")
    assert other == 403
    pages = [
        "/", "/interviews", f"/interviews/{city.interview}", f"/interviews/{city.interview}/screen",
        f"/questions/{kept['receipt']}", "/search?q=张老三", "/feed.atom", "/sitemap.xml", "/moderation", "/statistics",
        f"/api/streams/interview:{city.interview}:public?after=0", f"/api/streams/interview:{city.interview}:public",
        f"/api/interviews/{city.interview}",
    ]  # fmt: skip
    for path in pages:
        async with town.client.get(path, headers={"X-Visitor": visitor}) as page:
            assert page.status == 200, path
            text = (await page.text()).replace("/search?q=张老三", "").replace('value="张老三"', "")
            assert SECRET not in text, path
            assert ANSWER not in text, path
    for path in (f"/api/streams/interview:{city.interview}:staff?after=0", "/api/streams/me?after=0"):
        headers = {"X-Visitor": visitor} if "me" in path else await town.bearer("审核员小张")
        async with town.client.get(path, headers=headers) as page:
            body = await page.text()
        assert page.status == 200
        assert "张老三" not in body
    await city.does("李主持", "interview.close", cast.LIMIT_PASSED, interview=city.interview)
    async with city.units.read(SYSTEM) as uow:
        content = await reports.content(uow, city.interview)
    assert "张老三" not in to_html(content) + to_json(content)
    assert "张老三".encode() not in to_docx(content)
