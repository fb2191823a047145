"""Files: judged by name and by content, pictures without the camera's notes, the same bytes kept once."""

import io

import pytest
from PIL import Image
from sqlalchemy import func, select
from sqlmodel import col

from base import file_kinds, files
from base.errors import Refusal
from base.file_kinds import CAPTIONS, DOCUMENTS, PICTURES, MediaType, size_words
from base.files import StoredFile
from tests.base.files_at_hand import PDF, PLACE, VTT, excel, packed, picture, word
from tests.cast import DURING, City

ALL = DOCUMENTS | PICTURES | CAPTIONS


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("缴费标准.pdf", PDF, MediaType.PDF),
        ("说明.DOCX", word(), MediaType.DOCX),
        ("表.xlsx", excel(), MediaType.XLSX),
        ("现场.jpg", picture(), MediaType.JPEG),
        ("现场.JPEG", picture(), MediaType.JPEG),
        ("图.png", picture("PNG"), MediaType.PNG),
        ("字幕.vtt", VTT, MediaType.CAPTIONS),
        ("字幕.vtt", b"\xef\xbb\xbf" + VTT.replace(b"\n", b"\r\n"), MediaType.CAPTIONS),
    ],
)
def test_what_is_what_it_says_is_taken(name: str, content: bytes, media_type: MediaType) -> None:
    taken = file_kinds.read(name, content, ALL)
    assert (taken.name, taken.media_type) == (name, media_type)
    assert len(taken.digest) == 64


MACROS = packed(**{"[Content_Types].xml": b"application/vnd.ms-word.document.macroEnabled.main+xml"})


@pytest.mark.parametrize(
    ("name", "content", "code", "words"),
    [
        ("空.pdf", b"", "file.empty", "是空的"),
        ("大.pdf", b"%PDF-" + b"0" * file_kinds.SIZE_LIMIT, "file.too_large", "超过10 MB"),
        ("程序.exe", b"MZ", "file.kind", "这里只收.pdf、.docx、.xlsx、.png、.jpg、.vtt文件"),
        ("没有后缀", PDF, "file.kind", "换一种格式"),
        ("网页.pdf", b"<html><script>alert(1)</script>", "file.kind", "不是真的PDF"),
        ("断了.pdf", PDF[:30], "file.damaged", "打不开"),
        ("旧.docx", b"\xd0\xcf\x11\xe0" + b"0" * 600, "file.kind", "旧版的或者加了密码的"),
        ("假.docx", packed(**{"a.txt": b"hello"}), "file.kind", "不是真的Word"),
        ("假.docx", excel(), "file.kind", "不是真的Word"),
        ("宏.docx", MACROS, "file.kind", "里面是宏"),
        ("断了.docx", word()[:-800], "file.damaged", "打不开"),
        ("改了名.jpg", picture("PNG"), "file.kind", "里面是.png图片"),
        ("改了名.png", PDF, "file.kind", "不是真的图片"),
        ("断了.jpg", picture(size=(400, 400))[:-900], "file.damaged", "打不开"),
        ("字幕.vtt", "1\n00:00:01,000 --> 00:00:04,000\n你好".encode(), "file.kind", "SRT"),
        ("字幕.vtt", b"WEBVTT\n\n00:01 --> 00:04\nhello\n", "file.damaged", "第3行的时间"),
        ("字幕.vtt", b"WEBVTT\n", "file.empty", "一句字幕也没有"),
        ("字幕.vtt", "WEBVTT\n\n你好".encode("gb18030"), "file.kind", "UTF-8"),
    ],
)
def test_what_is_not_is_refused_in_words(name: str, content: bytes, code: str, words: str) -> None:
    with pytest.raises(Refusal) as caught:
        file_kinds.read(name, content, ALL)
    assert caught.value.code == code
    assert words in caught.value.message
    assert name in caught.value.message
    assert caught.value.message.endswith("。")


def test_a_file_that_unpacks_to_too_much_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_kinds, "UNPACKED_LIMIT", 1000)
    with pytest.raises(Refusal, match="展开以后太大"):
        file_kinds.read("大.xlsx", packed(**{"[Content_Types].xml": b"0" * 2000}), DOCUMENTS)


def test_a_picture_of_too_many_pixels_is_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_kinds, "PIXEL_LIMIT", 100)
    with pytest.raises(Refusal, match="像素太多"):
        file_kinds.read("大.png", picture("PNG"), PICTURES)


def test_only_what_is_asked_for_is_taken() -> None:
    with pytest.raises(Refusal, match=r"这里只收\.vtt文件"):
        file_kinds.read("缴费标准.pdf", PDF, CAPTIONS)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_the_cameras_notes_are_gone_and_the_picture_stands_upright(kind: str) -> None:
    sent = picture(kind, turned=6)
    assert "王立言".encode() in sent
    taken = file_kinds.read(f"a.{kind[:3].lower().replace('jpe', 'jpg')}", sent, PICTURES)
    assert (taken.width, taken.height) == (40, 64)
    for note in (PLACE.encode(), "王立言".encode(), b"Exif", b"eXIf", b"iTXt", b"GPS"):
        assert note not in taken.content
    with Image.open(io.BytesIO(taken.content)) as drawn:
        assert drawn.size == (40, 64)
        assert not drawn.getexif()
        assert not {"comment", "exif", "Comment", "xmp"} & set(drawn.info)
        top, bottom = drawn.convert("RGB").getpixel((20, 5)), drawn.convert("RGB").getpixel((20, 58))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert (top[0] > 200, bottom[2] > 200) == (True, True)


def test_the_same_picture_comes_to_the_same_bytes() -> None:
    sent = picture()
    assert file_kinds.read("a.jpg", sent, PICTURES).digest == file_kinds.read("b.jpg", sent, PICTURES).digest


def test_a_large_photograph_is_made_as_large_as_a_page_needs() -> None:
    taken = file_kinds.read("a.jpg", picture(size=(4000, 1000)), PICTURES)
    assert (taken.width, taken.height) == (1920, 480)


def test_a_drawing_keeps_its_colours_and_its_transparency() -> None:
    for mode in ("1", "L", "LA", "P", "RGBA"):
        out = io.BytesIO()
        Image.new("RGBA", (20, 10), (255, 0, 0, 0)).convert(mode).save(out, "PNG")
        taken = file_kinds.read("图.png", out.getvalue(), PICTURES)
        with Image.open(io.BytesIO(taken.content)) as drawn:
            assert drawn.size == (20, 10)
            assert drawn.has_transparency_data == (mode in ("LA", "P", "RGBA"))


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("C:\\资料\\缴费 标准.pdf", "缴费 标准.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ('a"b<c>\r\nX: y.pdf', "abcX y.pdf"),
        ("\u202efdp.exe.pdf", "fdp.exe.pdf"),
        ("长" * 300 + ".pdf", "长" * 120 + ".pdf"),
        (".pdf", "文件.pdf"),
    ],
)
def test_a_name_is_safe_to_show_and_to_save_under(sent: str, kept: str) -> None:
    assert file_kinds.read(sent, PDF, DOCUMENTS).name == kept


def test_sizes_are_said_as_people_say_them() -> None:
    assert [size_words(one) for one in (1, 900, 1536, 849_920, 1024**2, 1_258_291)] == [
        "1 KB", "1 KB", "2 KB", "830 KB", "1.0 MB", "1.2 MB",
    ]  # fmt: skip


async def test_the_same_bytes_are_kept_once(city: City) -> None:
    async with city.act("许主任", DURING) as uow:
        first = await files.keep(uow, file_kinds.read("一.pdf", PDF, DOCUMENTS))
        again = await files.keep(uow, file_kinds.read("二.pdf", PDF, DOCUMENTS))
        other = await files.keep(uow, file_kinds.read("三.docx", word(), DOCUMENTS))
    assert first == again != other
    async with city.act("许主任", DURING) as uow:
        assert await files.content_of(uow, first) == PDF
        assert await uow.db.scalar(select(func.count(col(StoredFile.id)))) == 2
        await files.hold(uow, first)
        await files.forget(uow, first)
    async with city.act("许主任", DURING) as uow:
        assert await uow.db.scalar(select(func.count(col(StoredFile.id)))) == 1
