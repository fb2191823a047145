"""周科长 words a notice anew: looks at it with a real interview, keeps it, and goes back to the standard."""

import pytest

from tests.web.browser import Browser
from tests.web.conftest import Town

PATH = "/office/wordings"


@pytest.fixture
async def office(town: Town) -> Browser:
    browser = Browser(town)
    await browser.signs_in("office", PATH)
    return browser


async def test_looking_fills_in_a_real_interview_and_keeps_nothing(office: Browser) -> None:
    assert "报送汇总报告" in office.text
    await office.opens(f"{PATH}/reminder")
    sent = {"text": "各位：{notice}", "interview": str(office.town.city.interview), "version": "0"}
    assert await office.sends(f"{PATH}/reminder", act="preview", **sent) == 200
    assert "各位：《城乡居民医保缴费和异地就医》：" in office.text
    assert "您刚写的，还没有存" in office.text
    assert ">各位：{notice}</textarea>" in office.text
    await office.opens(f"{PATH}/reminder")
    assert "各位" not in office.text


async def test_what_is_kept_holds_and_the_standard_comes_back(office: Browser) -> None:
    await office.opens(f"{PATH}/reminder")
    await office.sends(f"{PATH}/reminder", act="save", text="各位：{notice}", version="0")
    assert "存成第1版了" in office.text
    assert "第1版，" in office.text
    await office.opens(PATH)
    assert "本市自己的写法" in office.text
    await office.opens(f"{PATH}/reminder")
    await office.sends(f"{PATH}/reminder", act="restore", version="1")
    assert "用回标准的写法，记作第2版了" in office.text
    assert "现在用的是标准的写法" in office.text


async def test_a_refused_text_stays_in_the_form_with_the_reason(office: Browser) -> None:
    await office.opens(f"{PATH}/venue")
    typed = "{name}在{房间}举行"
    assert await office.sends(f"{PATH}/venue", act="save", text=typed, version="0") == 400
    assert "不认得“{房间}”" in office.text
    assert f">{typed}</textarea>" in office.text
    assert await office.opens(f"{PATH}/nothing") == 404


async def test_a_subject_is_written_looked_at_and_kept_like_the_text(office: Browser) -> None:
    path = f"{PATH}/overdue"
    await office.opens(path)
    assert 'name="subject" type="text" value="逾期：{theme}"' in office.text
    sent = {"text": "{notice}", "subject": "请马上办：{theme}", "version": "0"}
    chosen = str(office.town.city.interview)
    assert await office.sends(path, act="preview", interview=chosen, **sent) == 200
    assert "<b>请马上办：城乡居民医保缴费和异地就医</b>" in office.text
    await office.sends(path, act="save", **sent)
    assert "存成第1版了" in office.text
    await office.opens(PATH)
    assert "标题：请马上办：{theme}" in office.text
    await office.opens(path)
    await office.sends(path, act="restore", version="1")
    assert 'name="subject" type="text" value="逾期：{theme}"' in office.text
    assert "<b>请马上办：{theme}</b>" in office.text, "the version that was is kept to be read"


async def test_a_refused_subject_stays_with_the_reason_beside_it(office: Browser) -> None:
    path = f"{PATH}/asker_answered"
    await office.opens(path)
    typed = {"text": "{fate}{receipt}", "subject": "编号{receipt}", "version": "0"}
    for act in ("save", "preview"):
        assert await office.sends(path, act=act, **typed) == 400
        assert "标题里不能用“{receipt}”" in office.text
        assert 'value="编号{receipt}"' in office.text
        assert 'id="subject-e"' in office.text
        assert 'id="text-e"' not in office.text


async def test_a_printed_notice_has_no_subject(office: Browser) -> None:
    await office.opens(f"{PATH}/venue")
    assert 'name="subject"' not in office.text
