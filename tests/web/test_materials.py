"""Materials by form: added, ordered and taken down by the body, seen by everybody, each file in its own cage."""

import re
from typing import Any

import pytest
from aiohttp import ClientSession, FormData
from multidict import CIMultiDictProxy

from base.file_kinds import CAPTIONS, DOCUMENTS, PICTURES, SIZE_LIMIT, read
from interviews import materials
from interviews.materials import MaterialKind, Sent
from tests import cast
from tests.base.files_at_hand import PDF, VTT, picture
from tests.web.browser import Browser
from tests.web.conftest import Town
from web import middleware

FILM = "https://live.example.gov.cn/fangtan/a.m3u8"
PAPER = Sent(MaterialKind.DOCUMENT, "缴费标准一览", file=read("缴费 标准.pdf", PDF, DOCUMENTS))
PHOTO = Sent(MaterialKind.PICTURE, "现场", "三个人坐在桌后", file=read("现场.jpg", picture(), PICTURES))
MOVIE = Sent(MaterialKind.VIDEO, "直播", address=FILM, file=read("字幕.vtt", VTT, CAPTIONS))


class Clerk(Browser):
    """许主任 at the desk, without scripts."""

    token = ""

    @property
    def desk(self) -> str:
        return f"/desk/interviews/{self.town.city.interview}"

    async def uploads(self, path: str, file: tuple[str, bytes] | None, **typed: str) -> int:
        """Send a form with a file, from the desk's page, and follow where it leads."""
        if not self.token:
            await self.opens(self.desk)
            token = re.search(r'name="csrf" value="([0-9a-f]+)"', self.text)
            assert token is not None
            self.token = token[1]
        form = FormData(default_to_multipart=True)
        for name, value in ({"csrf": self.token} | typed).items():
            form.add_field(name, value)
        if file is not None:
            form.add_field("file", file[1], filename=file[0], content_type="application/octet-stream")
        async with self.client.post(self.desk + path, data=form) as answer:
            self.text, self.status, self.path = await answer.text(), answer.status, str(answer.url.path)
        return self.status

    async def has_added_all(self) -> None:
        """A document, a picture and a film with captions, past the forms."""
        async with self.town.city.act("许主任", cast.DURING) as uow:
            for sent in (PAPER, PHOTO, MOVIE):
                await materials.attach(uow, self.town.city.interview, sent)


@pytest.fixture
async def clerk(town: Town) -> Clerk:
    at_work = Clerk(town)
    await at_work.signs_in("clerk")
    return at_work


async def reads(town: Town, path: str, **more: Any) -> tuple[int, str, CIMultiDictProxy[str]]:
    """What a stranger is given."""
    async with ClientSession() as stranger, stranger.get(town.url(path), headers=more) as answer:
        return answer.status, (await answer.read()).decode("utf-8", "replace"), answer.headers


async def test_everybody_sees_what_the_body_added(town: Town, clerk: Clerk) -> None:
    document = {"kind": "document", "title": "缴费标准一览"}
    assert await clerk.uploads("/materials", ("缴费 标准.pdf", PDF), **document) == 200
    photo = {"kind": "picture", "title": "现场", "alt": "三个人坐在桌后"}
    assert await clerk.uploads("/materials", ("现场.jpg", picture()), **photo) == 200
    film = {"kind": "video", "title": "直播", "address": FILM}
    assert await clerk.uploads("/materials", ("字幕.vtt", VTT), **film) == 200
    assert "加上了" in clerk.text
    page = f"/interviews/{town.city.interview}"
    _, text, headers = await reads(town, page)
    assert f'<a href="{page}/files/1">缴费标准一览</a><span class="soft small">PDF，1 KB</span>' in text
    assert f'<img src="{page}/files/2" alt="三个人坐在桌后" width="64" height="40" loading="lazy"' in text
    assert "<figcaption>现场</figcaption>" in text
    assert '<video controls preload="none" aria-label="视频：直播">' in text
    assert f'<source src="{FILM}" type="application/vnd.apple.mpegurl">' in text
    assert f'<track kind="captions" srclang="zh" label="中文字幕" src="{page}/files/3" default>' in text
    assert f'<a href="{FILM}" rel="noreferrer">视频的地址</a>' in text
    assert "有的浏览器放不了这种直播流" in text
    assert headers["Content-Security-Policy"].endswith("; media-src 'self' https://live.example.gov.cn")
    _, _, elsewhere = await reads(town, "/interviews")
    assert "media-src" not in elsewhere["Content-Security-Policy"]


async def test_a_file_comes_in_its_own_cage(town: Town, clerk: Clerk) -> None:
    await clerk.has_added_all()
    files = f"/interviews/{town.city.interview}/files"
    status, text, headers = await reads(town, f"{files}/1")
    assert (status, text.encode(), headers["Content-Type"]) == (200, PDF, "application/pdf")
    name = "%E7%BC%B4%E8%B4%B9%20%E6%A0%87%E5%87%86.pdf"
    assert headers["Content-Disposition"] == f"attachment; filename=\"file-1.pdf\"; filename*=UTF-8''{name}"
    _, _, of_picture = await reads(town, f"{files}/2")
    assert (of_picture["Content-Type"], of_picture["Content-Disposition"][:7]) == ("image/jpeg", "inline;")
    _, captions, of_captions = await reads(town, f"{files}/3")
    assert (captions.encode(), of_captions["Content-Type"]) == (VTT, "text/vtt; charset=utf-8")
    for one in (headers, of_picture, of_captions):
        assert one["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert one["X-Content-Type-Options"] == "nosniff"
        assert one["Cache-Control"] == "public, no-cache"
    status, text, again = await reads(town, f"{files}/1", **{"If-None-Match": headers["ETag"]})
    assert (status, text, again["ETag"]) == (304, "", headers["ETag"])
    assert (await reads(town, f"{files}/4"))[0] == 404


async def test_programs_are_told_of_them(town: Town, clerk: Clerk) -> None:
    await clerk.has_added_all()
    await clerk.uploads("/materials/2/remove", None, reason="有别人入镜")
    number = town.city.interview
    async with town.client.get(f"/api/interviews/{number}") as answer:
        told = (await answer.json())["materials"]
    assert [one["n"] for one in told] == [1, 2, 3]
    first, second, third = told
    assert (first["url"], first["bytes"], first["name"]) == (
        f"/interviews/{number}/files/1",
        len(PDF),
        "缴费 标准.pdf",
    )
    assert second == {"n": 2, "kind": "picture", "removed": True, "reason": "有别人入镜"}
    assert (third["url"], third["captions"]) == (FILM, f"/interviews/{number}/files/3")


async def test_what_is_taken_down_is_gone_at_once(town: Town, clerk: Clerk) -> None:
    await clerk.has_added_all()
    page = f"/interviews/{town.city.interview}"
    tags = {no: (await reads(town, f"{page}/files/{no}"))[2]["ETag"] for no in (1, 2, 3)}
    for no in tags:
        assert await clerk.uploads(f"/materials/{no}/remove", None, reason="写着个人的电话") == 200
    assert "撤下了，从现在起哪一页都不再有它" in clerk.text
    _, text, headers = await reads(town, page)
    assert text.count("原因：写着个人的电话") == 3
    assert not re.search(f"缴费标准一览|现场</figcaption>|三个人|{re.escape(FILM)}|/files/", text)
    assert "media-src" not in headers["Content-Security-Policy"]
    for no, tag in tags.items():
        status, text, _ = await reads(town, f"{page}/files/{no}", **{"If-None-Match": tag})
        assert (status, "已经撤下了" in text) == (410, True)


async def test_a_refused_form_keeps_what_was_typed(clerk: Clerk) -> None:
    typed = {"kind": "picture", "title": "现场<b>", "alt": "三个人"}
    assert await clerk.uploads("/materials", ("a.jpg", PDF), **typed) == 400
    assert "不是真的图片文件" in clerk.text
    assert 'value="现场&lt;b&gt;"' in clerk.text
    assert ">三个人</textarea>" in clerk.text
    assert "文件要重新选一次" in clerk.text
    assert re.search(r"data-dialog open><summary>加一张图片", clerk.text)
    typed = {"kind": "video", "title": "直播", "address": "http://a.example/a.mp4"}
    assert await clerk.uploads("/materials", None, **typed) == 400
    assert 'value="http://a.example/a.mp4"' in clerk.text
    assert "https开头" in clerk.text
    assert await clerk.uploads("/materials", None, kind="document", title="标准") == 400
    assert "还没有选文件" in clerk.text
    assert await clerk.uploads("/materials", None, kind="什么", title="标准") == 400


async def test_a_file_that_is_too_large_is_refused_in_words(
    clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    large, typed = b"%PDF-" + b"0" * SIZE_LIMIT, {"kind": "document", "title": "很大的文件"}
    assert await clerk.uploads("/materials", ("大.pdf", large), **typed) == 413
    assert "超过10 MB" in clerk.text
    assert 'value="很大的文件"' in clerk.text
    smaller = [(path, roles, 1, words) for path, roles, _, words in middleware.FILES]
    monkeypatch.setattr(middleware, "FILES", tuple(smaller))
    assert await clerk.uploads("/materials", ("大.pdf", large), **typed) == 413
    assert "一份资料最大10 MB，请压缩" in clerk.text


async def test_only_these_forms_may_be_large(town: Town, clerk: Clerk) -> None:
    await clerk.opens(clerk.desk)
    sent = {
        "text": "长" * 400_000,
        "theme": "题目",
        "interview": str(town.city.interview),
        "back": clerk.desk,
    }
    assert await clerk.sends("/do/content.tell", **sent) == 413
    assert "超过1MB" in clerk.text
    assert "按浏览器的“后退”" in clerk.text
    async with (
        ClientSession() as stranger,
        stranger.post(town.url("/api/faq/ask"), json={"text": sent["text"]}) as answer,
    ):
        assert answer.status == 413
        refused = (await answer.json())["error"]
    assert refused["code"] == "input.too_large"
    assert refused["message"].endswith("换一个小的文件，再交。")
    await clerk.signs_in("host")
    form = FormData(default_to_multipart=True)
    form.add_field("file", b"0" * 2 * 1024**2, filename="a.pdf")
    async with clerk.client.post(f"{clerk.desk}/materials", data=form) as answer:
        assert answer.status == 413


async def test_words_and_order_can_be_changed(town: Town, clerk: Clerk) -> None:
    await clerk.has_added_all()
    await clerk.uploads("/materials", ("二.pdf", PDF + b"\n"), kind="document", title="第二份")
    assert await clerk.uploads("/materials/4/up", None) == 200
    assert await clerk.uploads("/materials/1/describe", None, title="今年的标准") == 200
    assert await clerk.uploads("/materials/2/describe", None, title="访谈室", alt="") == 400
    assert "图上有什么是空的" in clerk.text
    _, text, _ = await reads(town, f"/interviews/{town.city.interview}")
    assert text.index("第二份") < text.index("今年的标准")
    assert await clerk.uploads("/materials/9/up", None) == 404


async def test_the_office_keeps_them_all_and_a_clerk_their_own(town: Town, clerk: Clerk) -> None:
    await clerk.has_added_all()
    office = Browser(town)
    await office.signs_in("office")
    page = f"/office/interviews/{town.city.interview}"
    await office.opens(page)
    assert f'action="{page}/materials/1/remove"' in office.text
    assert "示例市医疗保障局加的，已公开" in office.text
    film = {"kind": "video", "title": "录音", "address": "https://v.example.gov.cn/a.mp3"}
    assert await office.sends(f"{page}/materials", **film) == 200
    assert "加上一份资料" in office.text
    clerk.token = ""
    await clerk.signs_in("clerk")
    await clerk.opens(clerk.desk)
    assert "录音" in clerk.text
    assert f'action="{clerk.desk}/materials/4/remove"' not in clerk.text
    assert await clerk.uploads("/materials/4/remove", None, reason="不要") == 404


async def test_before_the_announcement_only_the_keepers_can_look(town: Town, clerk: Clerk) -> None:
    await town.city.plan(cast.at("2026-04-10 14:30"))
    await clerk.has_added_all()
    await clerk.opens(clerk.desk)
    assert clerk.text.count("还没有公开") == 3
    page = f"/interviews/{town.city.interview}"
    for no in (1, 2, 3):
        assert (await reads(town, f"{page}/files/{no}"))[0] == 404
        async with clerk.client.get(f"/desk{page}/files/{no}") as answer:
            assert (answer.status, answer.headers["Cache-Control"]) == (200, "private, no-cache")
    _, text, headers = await reads(town, page)
    assert not re.search("缴费标准一览|/files/", text)
    assert "media-src" not in headers["Content-Security-Policy"]
    async with town.client.get(f"/api{page}") as answer:
        assert (await answer.json())["materials"] == []
