"""The read-only widget: whom it may be framed by, that it remembers nobody, and that what was taken down is gone."""

import re
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from base.errors import Refusal
from tests import cast
from tests.web.conftest import Town, chosen
from web import embedding
from web.app import create_app

PARTNER = "https://www.example.gov.cn"


async def answered(town: Town, text: str, answer: str) -> dict[str, int]:
    """A question that 网友甲 asked and 王处长 answered in the live interview."""
    _, asked = await town.ask(await town.visitor(), text, f"embed-{len(text)}-{len(answer)}")
    question = int(asked["question"])
    for who, name, more in (
        ("审核员小张", "question.publish", {}),
        ("李主持", "question.stage", {}),
        ("王处长", "question.answer", {"text": answer}),
    ):
        status, told = await town.commands(who, name, question=question, **more)
        assert status == 200, told
    state = await town.city.state(f"interview:{town.city.interview}:public")
    return {"question": question, "answer": state["items"][-1]["item"]}


def policy(headers: object) -> dict[str, str]:
    text = str(headers["Content-Security-Policy"])  # type: ignore[index]  # a mapping of aiohttp's
    return dict(part.strip().partition(" ")[::2] for part in text.split(";") if part.strip())


async def test_by_default_no_site_may_frame_anything(town: Town) -> None:
    for path in ("/embed/next", f"/embed/interviews/{town.city.interview}", "/", "/faq"):
        async with town.client.get(path) as page:
            assert policy(page.headers)["frame-ancestors"] == "'none'", path
            assert page.headers["X-Frame-Options"] == "DENY"


async def test_a_named_site_may_frame_the_widget_and_nothing_else(
    tmp_path: Path, small_city: cast.City
) -> None:
    allowed = chosen(tmp_path, embed_ancestors=f"{PARTNER} https://*.example.org:8443")
    async with TestClient(TestServer(create_app(allowed))) as client:
        for path in ("/embed/next", "/embed/interviews/1"):
            async with client.get(path) as widget:
                told = policy(widget.headers)
                assert told["frame-ancestors"] == f"{PARTNER} https://*.example.org:8443"
                assert "X-Frame-Options" not in widget.headers
                assert (told["default-src"], told["form-action"], "script-src" in told) == (
                    "'none'",
                    "'none'",
                    False,
                )
        async with client.get("/embed/other") as nowhere:
            assert nowhere.status == 404
        for path in ("/", "/faq", "/login", "/interviews"):
            async with client.get(path) as page:
                assert policy(page.headers)["frame-ancestors"] == "'none'", path
                assert page.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    "wrong",
    ["*", "https://a.example/path", "example.gov.cn", "https://a.example;script-src *", "javascript:1"],
)
def test_a_wrong_origin_stops_the_start_with_a_sentence(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(Refusal, match="FANGTAN_EMBED_ANCESTORS"):
        chosen(tmp_path, embed_ancestors=wrong)


async def test_the_widget_is_read_only_and_remembers_nobody(town: Town) -> None:
    await answered(town, "残疾人补贴网上能办吗？", "能办，三个工作日到账。")
    for path in ("/embed/next", f"/embed/interviews/{town.city.interview}", "/embed/interviews/999"):
        async with town.client.get(f"{path}?mode=elder", allow_redirects=False) as widget:
            text = await widget.text()
            assert widget.status == (404 if "999" in path else 200)
            assert SimpleCookie(widget.headers.get("Set-Cookie", "")) == SimpleCookie()
            assert not re.search(r"<(form|input|button|script|iframe)", text)
            links = re.findall(r"<a ([^>]*)>", text)
            assert links
            assert all('target="_blank" rel="noopener"' in link for link in links)
            assert all('href="http://127.0.0.1:8080/' in link for link in links)
            if widget.status == 200:
                assert "能办，三个工作日到账。" in text
                assert widget.headers["Cache-Control"] == "public, max-age=30"
                known = {"If-None-Match": widget.headers["ETag"]}
                async with town.client.get(path, headers=known) as again:
                    assert again.status == 304


async def test_what_is_taken_down_leaves_the_widget(town: Town) -> None:
    made = await answered(town, "我问住在桥南三街的张老三能不能领？", "张老三的补贴是八百元")
    path = f"/embed/interviews/{town.city.interview}"
    async with town.client.get(path) as before:
        assert "张老三的补贴" in await before.text()
    await town.commands("审核员小张", "question.remove", item=made["answer"], reason="说到了个人")
    for place in (path, "/embed/next"):
        async with town.client.get(place, headers={"If-None-Match": before.headers["ETag"]}) as after:
            assert after.status == 200
            assert "八百元" not in await after.text()


def test_the_snippet_is_offered_only_where_it_works(tmp_path: Path) -> None:
    assert embedding.snippet(chosen(tmp_path), 7, "医保") is None
    snippet = embedding.snippet(chosen(tmp_path, embed_ancestors=PARTNER), 7, '医保"><script>')
    assert snippet is not None
    assert 'src="http://127.0.0.1:8080/embed/interviews/7"' in snippet
    assert "<script>" not in snippet
