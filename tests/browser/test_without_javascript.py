"""Everything that matters by plain pages and forms: every browser here has its scripts switched off."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.demo import Demo, context_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]


@pytest.fixture
async def citizen(browser: Browser) -> AsyncIterator[Page]:
    """网友甲 on a phone without scripts."""
    context = await context_of(browser, 390, 844, script=False)
    yield await context.new_page()
    await context.close()


async def staff(browser: Browser, demo: Demo, login: str, path: str) -> Page:
    """Somebody at their desk, without scripts."""
    return await demo.signed_in(await context_of(browser, 1280, 900, script=False), login, path)


async def asked(citizen: Page, text: str) -> str:
    """Ask on the page that is open; the receipt that came."""
    await citizen.fill('#ask [name="text"]', text)
    await citizen.click("#ask button.btn")
    await expect(citizen.get_by_text("收到了")).to_be_visible()
    return (await citizen.locator(".receipt-no").inner_text()).strip()


def number_in(text: str | None) -> int:
    found = re.search(r"\d+", text or "")
    assert found is not None, text
    return int(found[0])


async def press(row: Locator, name: str) -> None:
    await row.get_by_role("button", name=name, exact=True).click()


async def test_a_question_goes_its_whole_way(browser: Browser, demo: Demo, citizen: Page) -> None:
    text = "没有手机的老人，能不能让村里代交？"
    live = demo.interview("live")
    place = f"{demo.base}/interviews/{live}"
    await citizen.goto(demo.base)
    await citizen.get_by_role("link", name="进入访谈").click()
    await expect(citizen).to_have_url(place)
    receipt = await asked(citizen, text)
    await expect(citizen.locator("main")).to_contain_text("等审核员看")

    moderator = await staff(browser, demo, "moderator", f"/host/{live}")
    await press(moderator.locator("#queue li", has_text=text), "公开")
    await expect(moderator.locator(".flash")).to_contain_text("公开了，编为")
    await expect(moderator.locator("#queue li > div > p", has_text=text)).to_have_count(0)
    await citizen.goto(place)
    await expect(citizen.locator("#pool")).to_contain_text(text)

    host = await staff(browser, demo, "host", f"/host/{live}")
    await press(host.locator("#pool li", has_text=text), "请上场")
    await expect(host.locator("#stage")).to_contain_text(text)
    await citizen.reload()
    await expect(citizen.locator("#stage")).to_contain_text(text)

    guest = await staff(browser, demo, "guest", f"/desk/{live}")
    await guest.locator("#staged li", has_text=text).get_by_role("link").click()
    await guest.fill("#answer", "能。带老人的身份证，村里就能代交。")
    await press(guest.locator("main"), "发布答复")
    await expect(guest.locator(".flash")).to_contain_text("答复发布了")
    await citizen.reload()
    await expect(citizen.locator("#record")).to_contain_text("能。带老人的身份证，村里就能代交。")
    await citizen.goto(f"{demo.base}/questions/{receipt}")
    await expect(citizen.locator("main")).to_contain_text("能。带老人的身份证，村里就能代交。")
    await expect(citizen.locator(".steps [aria-current]")).to_contain_text("答复了")


async def test_support_is_counted_where_it_was_pressed(demo: Demo, citizen: Page) -> None:
    await citizen.goto(f"{demo.base}/interviews/{demo.interview('live')}")
    button = citizen.locator("#pool .support[aria-pressed=false]").first
    question = await button.locator("xpath=ancestor::li").get_attribute("id")
    before = number_in(await button.inner_text())
    await button.click()
    await expect(citizen).to_have_url(re.compile(f"#{question}$"))
    pressed = citizen.locator(f"#{question} .support")
    await expect(pressed).to_have_attribute("aria-pressed", "true")
    await expect(pressed).to_contain_text("已支持")
    assert number_in(await pressed.inner_text()) == before + 1


async def test_a_receipt_is_found_again_and_its_question_taken_back(demo: Demo, citizen: Page) -> None:
    await citizen.goto(f"{demo.base}/interviews/{demo.interview('announced')}")
    receipt = await asked(citizen, "写错了，想撤回的一个提问。")
    await citizen.goto(demo.base)
    await citizen.fill('[name="receipt"]', receipt)
    await citizen.get_by_role("button", name="查", exact=True).click()
    await expect(citizen.locator(".receipt-no")).to_have_text(receipt)
    await citizen.get_by_text("撤回这个提问……").click()
    await citizen.get_by_role("button", name="撤回", exact=True).click()
    await expect(citizen.locator(".flash")).to_contain_text("撤回了")
    await expect(citizen.locator(".steps [aria-current]")).to_contain_text("撤回")


async def test_what_was_typed_comes_back_with_the_error(demo: Demo, citizen: Page) -> None:
    long = "为" * 2001
    await citizen.goto(f"{demo.base}/interviews/{demo.interview('live')}")
    await citizen.fill('#ask [name="text"]', long)
    await citizen.fill('#ask [name="nickname"]', "网友甲")
    await citizen.check('#ask [value="suggestion"]')
    await citizen.click("#ask button.btn")
    area = citizen.locator('#ask [name="text"]')
    await expect(area).to_have_value(long)
    await expect(area).to_have_attribute("aria-invalid", "true")
    await expect(citizen.locator("#text-e")).to_contain_text("2001个")
    await expect(citizen.locator('#ask [name="nickname"]')).to_have_value("网友甲")
    await expect(citizen.locator('#ask [value="suggestion"]')).to_be_checked()
    await citizen.fill('#ask [name="text"]', "改短了的一个提问。")
    await citizen.click("#ask button.btn")
    await expect(citizen.locator(".receipt-no")).to_be_visible()


async def test_the_bot_answers_offers_and_hands_over(demo: Demo, citizen: Page) -> None:
    await citizen.goto(f"{demo.base}/faq")

    async def ask(text: str) -> None:
        await citizen.fill('main form.composer [name="text"]', text)
        await citizen.click("main form.composer button.btn")
        await expect(citizen.locator(".asked").last).to_contain_text(text)

    await ask(demo.words_for("answer"))
    await expect(citizen.locator(".cite").first).to_contain_text("索引号")
    await citizen.get_by_role("button", name=re.compile("^有用")).click()
    await expect(citizen.locator(".flash")).to_contain_text("谢谢")
    await ask(demo.words_for("choices"))
    await citizen.locator(".pick button").first.click()
    await expect(citizen.locator(".talk > li")).to_have_count(3)
    await expect(citizen.locator(".cite").last).to_contain_text("索引号")
    unknown = demo.words_for("hand-off")
    await ask(unknown)
    await citizen.get_by_role("button", name=re.compile("留给下一场访谈")).click()
    await expect(citizen.locator(".receipt-no")).to_be_visible()
    await expect(citizen.locator("main")).to_contain_text(unknown)


async def test_the_switch_to_larger_type_loses_neither_page_nor_filter(demo: Demo, citizen: Page) -> None:
    await citizen.goto(f"{demo.base}/interviews?status=archived")
    page = citizen.locator("html")
    await citizen.get_by_role("button", name="长辈版").click()
    await expect(page).to_have_attribute("data-mode", "elder")
    await expect(citizen).to_have_url(re.compile(r"/interviews\?status=archived$"))
    await citizen.get_by_role("button", name="特大", exact=True).click()
    await expect(page).to_have_attribute("data-size", "max")
    await citizen.goto(f"{demo.base}/faq")
    await expect(page).to_have_attribute("data-mode", "elder")
    await expect(page).to_have_attribute("data-size", "max")
    await citizen.get_by_role("button", name="长辈版").click()
    await expect(page).to_have_attribute("data-mode", "normal")


async def test_a_login_that_fails_keeps_the_name(demo: Demo, citizen: Page) -> None:
    live = demo.interview("live")
    await citizen.goto(f"{demo.base}/host/{live}")
    await expect(citizen).to_have_url(re.compile("/login"))
    await citizen.fill('[name="name"]', "moderator")
    await citizen.fill('[name="password"]', "bu-shi-zhe-ge")
    await citizen.click("main button.btn")
    await expect(citizen.get_by_role("alert")).to_be_visible()
    await expect(citizen.locator('[name="name"]')).to_have_value("moderator")
    await expect(citizen.locator('[name="password"]')).to_have_value("")
    await citizen.fill('[name="password"]', demo.passwords["moderator"])
    await citizen.click("main button.btn")
    await expect(citizen).to_have_url(f"{demo.base}/host/{live}")
    await citizen.get_by_role("button", name="退出").click()
    await expect(citizen.locator(".flash")).to_contain_text("退出了")
    await citizen.goto(f"{demo.base}/host/{live}")
    await expect(citizen).to_have_url(re.compile("/login"))


async def test_a_refused_staff_act_keeps_what_was_typed(browser: Browser, demo: Demo) -> None:
    live = demo.interview("live")
    host = await staff(browser, demo, "host", f"/host/{live}")
    long = "请" * 20_001
    await host.fill("#say", long)
    await press(host.locator("main"), "说出去")
    await expect(host.get_by_role("alert").first).to_contain_text("20001个")
    await expect(host.locator("#say")).to_have_value(long)
    await host.fill("#say", "大家好，还有半小时。")
    await press(host.locator("main"), "说出去")
    await expect(host.locator("#log")).to_contain_text("大家好，还有半小时。")
