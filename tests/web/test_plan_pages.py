"""The supervisor issues, moves, grants and cancels by forms alone, and everybody can read what was done and why."""

from tests.web.browser import Browser
from tests.web.conftest import Town


async def _scheduled(browser: Browser) -> str:
    """An announced interview of 18 May; its number."""
    await browser.signs_in("office", "/office/interviews/new")
    sent = {
        "theme": "公交线网调整",
        "starts_at": "2026-05-18T09:00",
        "ends_at": "2026-05-18T11:00",
        "respondents": str(browser.town.city.bodies["医保局"]),
        "back": "/office/interviews/new",
    }
    await browser.sends("/do/interview.schedule", **sent)
    number = browser.path.rpartition("/")[2]
    await browser.sends("/do/interview.announce", interview=number, back=browser.path)
    return number


async def test_a_plan_is_late_until_it_is_issued_and_says_so_after(town: Town) -> None:
    browser = Browser(town)
    await browser.signs_in("supervisor", "/supervise")
    assert "2026年计划：还没有印发" in browser.text
    assert "已经逾期65天" in browser.text
    await browser.sends("/do/plan.issue", year="2026", back="/supervise")
    assert "2026年计划第1版印发了，共1场。" in browser.text
    assert "印发，晚了65天" in browser.text
    await browser.signs_in("office", "/office")
    assert "2027年计划：还没有印发" in browser.text


async def test_a_move_and_its_reason_can_be_read_by_everybody(town: Town) -> None:
    browser = Browser(town)
    number = await _scheduled(browser)
    await browser.signs_in("supervisor", "/supervise")
    sent = {
        "interview": number,
        "starts_at": "2026-05-25T09:00",
        "ends_at": "",
        "theme": "",
        "back": "/supervise",
    }
    assert await browser.sends("/do/interview.change", **sent, ground="public_demand", reason="") == 400
    assert "变动的原因是空的" in browser.text or "请写明原因" in browser.text
    await browser.sends("/do/interview.change", **sent, ground="public_demand", reason="错开期末考试")
    assert "改好了" in browser.text
    assert "现在是“公交线网调整”，2026年5月25日（周一）09:00—11:00" in browser.text
    await browser.opens(f"/interviews/{number}")
    assert "改为2026年5月25日（周一）09:00到11:00" in browser.text
    assert "原因：错开期末考试" in browser.text
    await browser.signs_in("office", f"/office/interviews/{number}")
    assert "变动以前的日子" in browser.text
    assert "改期：错开期末考试" in browser.text


async def test_a_move_to_a_rest_day_says_so_and_no_choice_is_asked_for_in_words(town: Town) -> None:
    browser = Browser(town)
    number = await _scheduled(browser)
    await browser.signs_in("supervisor", "/supervise")
    assert "2026年5月18日（周一） 公交线网调整</option>" in browser.text
    sent = {"starts_at": "2026-05-30T09:00", "ends_at": "", "theme": "", "back": "/supervise"}
    sent |= {"ground": "other", "reason": "场地占用"}
    assert await browser.sends("/do/interview.change", interview="", **sent) == 400
    assert "请选是哪一场。" in browser.text
    assert "“interview”" not in browser.text
    await browser.sends("/do/interview.change", interview=number, **sent)
    assert "2026年5月30日（周六）不是工作日：周末" in browser.text


async def test_a_deviation_and_a_cancellation_stand_on_the_interviews_page(town: Town) -> None:
    browser = Browser(town)
    number = await _scheduled(browser)
    await browser.signs_in("supervisor", "/supervise")
    sent = {"interview": number, "back": "/supervise"}
    await browser.sends("/do/waiver.grant", **sent, duty="guests", reason="人员当天才定")
    assert "例外登记了" in browser.text
    await browser.opens(f"/interviews/{number}")
    assert "没有报来参加人员也可以开始。理由：人员当天才定（第十四条）" in browser.text
    await browser.opens("/supervise")
    await browser.sends("/do/interview.cancel", **sent, reason="并入六月的一场")
    assert "取消了" in browser.text
    await browser.opens(f"/interviews/{number}")
    assert "这场访谈取消了" in browser.text
    assert "并入六月的一场" in browser.text
