"""Materials: who adds what, what everybody sees when, and what is left of what was taken down."""

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from base import audit, files
from base.audit import AuditEntry
from base.errors import Refusal
from base.file_kinds import CAPTIONS, DOCUMENTS, PICTURES, read
from base.files import StoredFile
from base.people import ANYONE
from interviews import access, materials, shelf
from interviews.film import film_at
from interviews.materials import Material, MaterialKind, Sent
from interviews.shelf import Shown
from tests.base.files_at_hand import PDF, VTT, picture, word
from tests.cast import ANNOUNCED, DURING, START, City

PAPER = Sent(MaterialKind.DOCUMENT, "缴费标准", file=read("标准.pdf", PDF, DOCUMENTS))
PHOTO = Sent(MaterialKind.PICTURE, "现场", "三个人坐在桌后", file=read("现场.jpg", picture(), PICTURES))
FILM = Sent(
    MaterialKind.VIDEO,
    "录像",
    address="https://v.example.gov.cn/a.mp4",
    file=read("字幕.vtt", VTT, CAPTIONS),
)


async def adds(city: City, who: str, sent: Sent, when: Any = DURING) -> int:
    async with city.act(who, when) as uow:
        return (await materials.attach(uow, city.interview, sent)).no


async def public(city: City) -> list[Shown]:
    async with city.units.read(ANYONE) as uow:
        return await shelf.public_of(uow, await access.interview(uow, city.interview))


async def refused(city: City, who: str, act: str, *given: Any, **more: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        async with city.act(who, DURING) as uow:
            await getattr(materials, act)(uow, city.interview, *given, **more)
    return caught.value


async def test_a_document_is_public_from_the_announcement_a_picture_and_a_film_from_the_opening(
    small_city: City,
) -> None:
    city = small_city
    await city.plan()
    for sent in (PAPER, PHOTO, FILM):
        await adds(city, "许主任", sent, ANNOUNCED)
    assert await public(city) == []
    for no in (1, 2, 3):
        with pytest.raises(Refusal) as caught:
            async with city.units.read(ANYONE) as uow:
                await shelf.public_file(uow, city.interview, no)
        assert caught.value.code == "not_found"
    await city.announce()
    assert [(one.no, one.title) for one in await public(city)] == [(1, "缴费标准")]
    await city.prepare()
    await city.does("李主持", "interview.open", START, interview=city.interview)
    assert [(one.no, one.kind) for one in await public(city)] == [
        (1, "document"),
        (2, "picture"),
        (3, "video"),
    ]
    async with city.units.read(ANYONE) as uow:
        found = await shelf.public_file(uow, city.interview, 2)
        assert (found.width, found.height) == (64, 40)
        assert await files.content_of(uow, found.file_id or 0) == PHOTO.file.content  # type: ignore[union-attr]


async def test_open_pages_learn_of_what_they_can_see_and_of_nothing_else(small_city: City) -> None:
    city = small_city
    await city.plan()
    room = f"interview:{city.interview}:public"
    before = await city.head(room)
    await adds(city, "许主任", PAPER, ANNOUNCED)
    assert await city.head(room) == before
    await city.announce()
    before = await city.head(room)
    await adds(city, "许主任", PHOTO, ANNOUNCED)
    assert await city.head(room) == before
    await adds(city, "周科长", PAPER, ANNOUNCED)
    assert [one["kind"] for one in await city.events(room, before)] == ["interview.changed"]


async def test_who_may_keep_materials(small_city: City) -> None:
    city = small_city
    await city.open()
    mine, theirs = await adds(city, "许主任", PAPER), await adds(city, "周科长", PAPER)
    for who in ("王处长", "李主持", "审核员小张", "何主任", "陈秘书", "网友甲", "目录编辑小林"):
        assert (await refused(city, who, "attach", PAPER)).code == "forbidden"
    assert (await refused(city, "外单位老吴", "attach", PAPER)).code == "not_found"
    for act, given in (("take_down", ("不用了",)), ("describe", (PAPER,))):
        assert (await refused(city, "许主任", act, theirs, *given)).code == "not_found"
        assert (await refused(city, "许主任", act, 99, *given)).code == "not_found"
    assert (await refused(city, "许主任", "move", theirs, up=True)).code == "not_found"
    async with city.act("周科长", DURING) as uow:
        await materials.take_down(uow, city.interview, mine, "登错了")


async def test_nothing_is_attached_to_a_rehearsal_or_to_what_was_cancelled(small_city: City) -> None:
    city = small_city
    await city.plan()
    await city.announce()
    real = city.interview
    made = await city.does("李主持", "interview.rehearse", ANNOUNCED, interview=real)
    city.interview = made["interview"]
    assert (await refused(city, "许主任", "attach", PAPER)).code == "interview.rehearsal"
    city.interview = real
    await adds(city, "许主任", PAPER, ANNOUNCED)
    await city.does("何主任", "interview.cancel", ANNOUNCED, interview=real, reason="另行安排")
    assert (await refused(city, "许主任", "attach", PAPER)).code == "material.cancelled"
    assert [one.title for one in await public(city)] == ["缴费标准"], "what was announced stays to be read"


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (Sent(MaterialKind.DOCUMENT, " ", file=PAPER.file), "文件的标题是空的"),
        (Sent(MaterialKind.DOCUMENT, "长" * 101, file=PAPER.file), "最多100个字"),
        (Sent(MaterialKind.DOCUMENT, "没有文件"), "还没有选文件"),
        (Sent(MaterialKind.DOCUMENT, "图", file=PHOTO.file), "不是这里要的文件"),
        (Sent(MaterialKind.PICTURE, "", "三个人", file=PHOTO.file), "图片的说明是空的"),
        (Sent(MaterialKind.PICTURE, "现场", "", file=PHOTO.file), "图上有什么是空的"),
        (Sent(MaterialKind.VIDEO, "录像", address="http://v.example.gov.cn/a.mp4"), "https开头"),
        (Sent(MaterialKind.VIDEO, "录像", address=FILM.address, file=PAPER.file), "不是这里要的文件"),
    ],
)
async def test_what_may_not_stand_there_is_refused_in_words(small_city: City, sent: Sent, words: str) -> None:
    await small_city.plan()
    assert words in (await refused(small_city, "许主任", "attach", sent)).message


async def test_there_is_an_end_to_it(small_city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(materials, "AT_MOST", 2)
    await small_city.plan()
    first = await adds(small_city, "许主任", PAPER)
    await adds(small_city, "许主任", PHOTO)
    assert (await refused(small_city, "许主任", "attach", FILM)).code == "material.too_many"
    async with small_city.act("许主任", DURING) as uow:
        await materials.take_down(uow, small_city.interview, first, "登错了")
    assert await adds(small_city, "许主任", FILM) == 3, "a number is never given twice"


async def test_describing_changes_the_words_and_a_films_captions(small_city: City) -> None:
    city = small_city
    await city.open()
    for sent in (PAPER, PHOTO, FILM):
        await adds(city, "许主任", sent)
    other = read("新.vtt", VTT.replace("各位".encode(), "大家".encode()), CAPTIONS)
    async with city.act("许主任", DURING) as uow:
        await materials.describe(uow, city.interview, 1, Sent(MaterialKind.DOCUMENT, "今年的缴费标准"))
        await materials.describe(uow, city.interview, 2, Sent(MaterialKind.PICTURE, "访谈室", "一张长桌"))
        sound = Sent(MaterialKind.VIDEO, "录音", address="https://v.example.gov.cn/a.mp3", file=other)
        await materials.describe(uow, city.interview, 3, sound)
    found = await public(city)
    assert [(one.title, one.alt, one.kind) for one in found] == [
        ("今年的缴费标准", None, "document"), ("访谈室", "一张长桌", "picture"), ("录音", None, "audio"),
    ]  # fmt: skip
    assert (found[0].file_name, found[2].file_name, found[2].digest) == ("标准.pdf", "新.vtt", other.digest)
    async with city.units.read(ANYONE) as uow:
        assert await uow.db.scalar(select(func.count(col(StoredFile.id)))) == 3, "the old captions are gone"
    assert (
        "图上有什么"
        in (await refused(city, "许主任", "describe", 2, Sent(MaterialKind.PICTURE, "现场"))).message
    )


async def test_they_are_ordered_within_their_kind(small_city: City) -> None:
    city = small_city
    await city.open()
    for title in ("一", "二", "三"):
        await adds(city, "许主任", Sent(MaterialKind.DOCUMENT, title, file=PAPER.file))
        await adds(city, "许主任", PHOTO)
    async with city.act("许主任", DURING) as uow:
        await materials.move(uow, city.interview, 5, up=True)
        await materials.move(uow, city.interview, 5, up=True)
        await materials.move(uow, city.interview, 5, up=True)
        await materials.move(uow, city.interview, 1, up=False)
        await materials.take_down(uow, city.interview, 3, "登错了")
        await materials.move(uow, city.interview, 1, up=True)
    assert [one.title for one in await public(city) if one.kind == "document"] == ["一", "", "三"]


async def test_what_is_taken_down_leaves_its_place_its_reason_and_the_digests(city: City) -> None:
    await city.open()
    for sent in (PAPER, PAPER, PHOTO, FILM):
        await adds(city, "许主任", sent)
    async with city.act("许主任", DURING) as uow:
        for no in (1, 3, 4):
            await materials.take_down(uow, city.interview, no, "写着个人的电话")
    gone = [one for one in await public(city) if one.removed]
    assert [(one.no, one.title, one.alt, one.address, one.file_id) for one in gone] == [
        (1, "", None, None, None), (3, "", None, None, None), (4, "", None, None, None),
    ]  # fmt: skip
    assert {one.removed_because for one in gone} == {"写着个人的电话"}
    for no, status in ((1, 410), (3, 410), (4, 410), (99, 404)):
        with pytest.raises(Refusal) as caught:
            async with city.units.read(ANYONE) as uow:
                await shelf.public_file(uow, city.interview, no)
        assert caught.value.status == status
    assert (await refused(city, "许主任", "take_down", 1, "再撤")).code == "material.removed"
    async with city.units.read(ANYONE) as uow:
        kept = list(await uow.db.scalars(select(col(StoredFile.digest))))
        assert kept == [PAPER.file.digest], "the other material still shows it"  # type: ignore[union-attr]
        noted = select(AuditEntry).where(col(AuditEntry.act) == "material.remove")
        entries = list(await uow.db.scalars(noted.order_by(col(AuditEntry.seq))))
        assert entries[1].detail["file"] == PHOTO.file.digest  # type: ignore[union-attr]
        assert entries[1].detail["title"] == audit.text_digest("现场")
        assert entries[1].detail["reason"] == audit.text_digest("写着个人的电话")
        assert (await audit.verify(uow)).ok


async def test_what_nobody_had_seen_goes_without_a_word(small_city: City) -> None:
    city = small_city
    await city.plan()
    for sent in (PAPER, PHOTO):
        await adds(city, "许主任", sent, ANNOUNCED)
    async with city.act("许主任", ANNOUNCED) as uow:
        await materials.take_down(uow, city.interview, 1, "登错了")
        await materials.take_down(uow, city.interview, 2, "登错了")
    await city.announce()
    await city.prepare()
    await city.does("李主持", "interview.open", START, interview=city.interview)
    assert await public(city) == []


async def test_lists_read_no_bytes(small_city: City) -> None:
    await small_city.open()
    await adds(
        small_city, "许主任", Sent(MaterialKind.DOCUMENT, "说明", file=read("a.docx", word(), DOCUMENTS))
    )
    async with small_city.units.read(ANYONE) as uow:
        await shelf.public_of(uow, await access.interview(uow, small_city.interview))
        assert {type(one) for one in uow.db.sync_session.identity_map.values()} & {StoredFile} == set()
        assert await uow.db.scalar(select(func.count(col(Material.id)))) == 1


# Addresses


@pytest.mark.parametrize(
    ("address", "kind", "origin"),
    [
        ("https://v.example.gov.cn/a.mp4", "video", "https://v.example.gov.cn"),
        (" HTTPS://V.Example.gov.cn:443/x/LIVE.M3U8?token=a;b,c ", "video", "https://v.example.gov.cn"),
        ("https://v.example.gov.cn:8443/a.mp3#t=3", "audio", "https://v.example.gov.cn:8443"),
        ("https://xn--fiq228c.cn/a.m4a", "audio", "https://xn--fiq228c.cn"),
    ],
)
def test_a_good_address_has_its_kind_and_its_origin(address: str, kind: str, origin: str) -> None:
    film = film_at(address)
    assert (film.kind, film.origin) == (kind, origin)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "v.example.gov.cn/a.mp4",
        "http://v.example.gov.cn/a.mp4",
        "javascript:alert(1)//a.mp4",
        "data:video/mp4,a.mp4",
        "https://v.example.gov.cn/watch?v=a.mp4",
        "https://v.example.gov.cn/a.html",
        "https:///a.mp4",
        "https://*/a.mp4",
        "https://v.example.gov.cn;script-src/a.mp4",
        "https://'self'/a.mp4",
        "https://user:pass@v.example.gov.cn/a.mp4",
        "https://127.0.0.1/a.mp4",
        "https://[::1]/a.mp4",
        "https://localhost/a.mp4",
        "https://v.example.gov.cn:99999/a.mp4",
        "https://v.example.gov.cn/访谈.mp4",
        "https://v.example.gov.cn/a b.mp4",
        "https://v.example.gov.cn\\@evil.example/a.mp4",
        "https://v.example.gov.cn/" + "a" * 500 + ".mp4",
    ],
)
def test_any_other_address_is_refused_with_what_to_do(address: str) -> None:
    with pytest.raises(Refusal) as caught:
        film_at(address)
    assert caught.value.code == "film.address"
    assert caught.value.message.endswith("。")
