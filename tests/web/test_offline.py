"""What a device may keep: the worker and its shell, the manifest, copies that belong to nobody, and how they go away."""

import io
import json
import re
from pathlib import Path

from aiohttp.test_utils import TestClient, TestServer
from PIL import Image

from tests import cast
from tests.web.conftest import Town, chosen
from tests.web.test_embed import answered, policy
from web import icons
from web.app import create_app
from web.taken_down import REMEMBERED_SECONDS, TakenDown

TOLD = re.compile(r"self\.fangtanShell=(.*);\n")


async def test_the_worker_names_its_shell_and_every_file_of_it_is_there(town: Town) -> None:
    async with town.client.get("/sw.js") as worker:
        text = await worker.text()
        assert worker.content_type == "text/javascript"
        assert worker.headers["Cache-Control"] == "public, no-cache"
        assert policy(worker.headers)["worker-src"] == "'self'"
    told = TOLD.match(text)
    assert told is not None
    shell = json.loads(told[1])
    assert len(set(shell["files"])) == len(shell["files"])
    assert shell["files"][0] == shell["page"] == "/offline"
    for address in shell["files"]:
        async with town.client.get(address) as file:
            assert file.status == 200, address


async def test_switched_off_it_takes_itself_away(tmp_path: Path, small_city: cast.City) -> None:
    async with TestClient(TestServer(create_app(chosen(tmp_path, offline="off")))) as client:
        async with client.get("/sw.js") as worker:
            assert (await worker.text()).startswith("self.fangtanShell=null;")
        async with client.get("/") as home:
            assert "data-worker" not in await home.text()


async def test_only_public_pages_bring_the_worker_and_the_panel(town: Town) -> None:
    async with town.client.get("/interviews") as page:
        text = await page.text()
        assert 'rel="manifest"' in text
        assert 'id="bot"' in text
        assert policy(page.headers)["manifest-src"] == "'self'"
    for path in (f"/host/{town.city.interview}", "/office"):
        async with town.client.get(path, headers=await town.bearer("周科长")) as page:
            text = await page.text()
            assert page.status == 200
            for word in ("data-worker", 'rel="manifest"', 'id="bot"'):
                assert word not in text, (path, word)
    for path in ("/faq", "/login", "/offline", f"/interviews/{town.city.interview}/screen"):
        async with town.client.get(path) as page:
            assert 'id="bot"' not in await page.text(), path


async def test_the_manifest_and_its_pictures(town: Town) -> None:
    async with town.client.get("/manifest.webmanifest") as answer:
        assert answer.content_type == "application/manifest+json"
        told = json.loads(await answer.text())
    assert (told["start_url"], told["scope"], told["theme_color"]) == ("/", "/", "#0b5257")
    for one in told["icons"]:
        async with town.client.get(one["src"]) as picture:
            assert (picture.status, picture.content_type) == (200, one["type"])
            if one["type"] == "image/png":
                read = Image.open(io.BytesIO(await picture.read()))
                assert f"{read.width}x{read.height}" == one["sizes"]
    async with town.client.get("/icons/other.png") as nothing:
        assert nothing.status == 404


def test_the_picture_is_the_mark_of_the_svg() -> None:
    """Its ground is 青, its strokes are white where the SVG's are; the maskable one keeps clear of the circle."""
    read = Image.open(io.BytesIO(icons.png("any-192"))).convert("RGB")
    at = {name: read.getpixel((int(x * 4.8), int(y * 4.8))) for name, (x, y) in {
        "ground": (2, 2), "first": (10.5, 15), "corner": (8.5, 6.5), "second": (29.5, 20), "between": (20, 20),
    }.items()}  # fmt: skip
    green, white = (11, 82, 87), (255, 255, 255)
    assert at == {"ground": green, "first": white, "corner": white, "second": white, "between": green}
    safe = Image.open(io.BytesIO(icons.png("maskable-512"))).convert("RGB")
    marked = [(x, y) for x in range(0, 512, 4) for y in range(0, 512, 4) if safe.getpixel((x, y)) == white]
    assert marked
    assert max(((x - 256) ** 2 + (y - 256) ** 2) ** 0.5 for x, y in marked) < 512 * 0.4


async def test_a_copy_belongs_to_nobody(town: Town) -> None:
    """Not even to the official or the asker who fetches it: no token, no form but the two switches, nothing own."""
    number, visitor = town.city.interview, await town.visitor()
    await answered(town, "残疾人补贴网上能办吗？", "能办，三个工作日到账。")
    _, own = await town.ask(visitor, "我自己还没有公开的提问", "copy-0001")
    for headers in ({}, {"X-Visitor": visitor}, await town.bearer("李主持")):
        async with town.client.get(f"/interviews/{number}/copy", headers=headers) as copy:
            text = await copy.text()
        assert "能办，三个工作日到账。" in text
        for word in (
            "我自己还没有公开的提问",
            own["receipt"],
            'name="csrf"',
            'method="post"',
            "李主持</b><span",
        ):
            assert word not in text, word
    async with town.client.get("/interviews/999/copy") as nothing:
        assert nothing.status == 404


async def test_a_word_changes_as_soon_as_something_is_taken_down(town: Town) -> None:
    number = town.city.interview
    made = await answered(town, "我问住在桥南三街的张老三能不能领？", "张老三的补贴是八百元")
    clock = [0.0]
    down = TakenDown(lambda: clock[0])

    async def word() -> dict[int, str]:
        async with town.city.units.read() as uow:
            return await down.words(uow, [number, 999])

    before = await word()
    assert set(before) == {number}
    async with town.client.get(f"/interviews/{number}/copy") as copy:
        assert copy.headers["X-Taken-Down"] == before[number]
    await town.commands("审核员小张", "question.remove", item=made["answer"], reason="说到了个人")
    assert await word() == before
    clock[0] = REMEMBERED_SECONDS
    after = await word()
    assert after[number] != before[number]
    async with town.client.get(f"/offline/kept?ids={number},999") as told:
        assert (await told.json())["kept"] == {str(number): after[number]}
    async with town.client.get("/offline/kept?ids=1;2") as told:
        assert (await told.json())["kept"] == {}
    async with town.client.get(f"/interviews/{number}/copy") as copy:
        assert "八百元" not in await copy.text()
        assert copy.headers["X-Taken-Down"] == after[number]
