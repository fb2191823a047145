"""What a file that somebody sends really is: judged by its name and by its content, or refused in words. Pure.

Documents (pdf docx xlsx), pictures (png jpg) and captions (WebVTT) are taken. A picture is drawn anew, so that nothing
of the camera's own notes (Exif, place, device, thumbnails) is left in it.
"""

import hashlib
import io
import re
import unicodedata
import warnings
import zipfile
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from PIL import Image, ImageOps, UnidentifiedImageError

from base.errors import Refusal

SIZE_LIMIT = 10 * 1024 * 1024
NAME_LIMIT = 120
UNPACKED_LIMIT = 300 * 1024 * 1024
"""What an Office file may unpack to: a workbook of 10 MB holds up to some 200 MB of XML."""
PIXEL_LIMIT = 60_000_000
"""Drawn anew, such a picture takes 240 MB of memory for a moment; telephones take 12 to 50 million."""
EDGE = 1920
"""Pictures are kept at no more than this on the longer side: what a page can show, a tenth of what cameras give."""
JPEG_QUALITY = 85


class MediaType(StrEnum):
    """The kinds of file that are taken."""

    PDF = "application/pdf"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    PNG = "image/png"
    JPEG = "image/jpeg"
    CAPTIONS = "text/vtt"


DOCUMENTS = frozenset({MediaType.PDF, MediaType.DOCX, MediaType.XLSX})
PICTURES = frozenset({MediaType.PNG, MediaType.JPEG})
CAPTIONS = frozenset({MediaType.CAPTIONS})

NAMES = {
    MediaType.PDF: "PDF",
    MediaType.DOCX: "Word",
    MediaType.XLSX: "Excel",
    MediaType.PNG: "图片",
    MediaType.JPEG: "图片",
    MediaType.CAPTIONS: "字幕",
}
"""What a kind is called beside a link."""
_BY_ENDING = {
    "pdf": MediaType.PDF,
    "docx": MediaType.DOCX,
    "xlsx": MediaType.XLSX,
    "png": MediaType.PNG,
    "jpg": MediaType.JPEG,
    "jpeg": MediaType.JPEG,
    "vtt": MediaType.CAPTIONS,
}
ENDINGS = {
    MediaType.PDF: ".pdf",
    MediaType.DOCX: ".docx",
    MediaType.XLSX: ".xlsx",
    MediaType.PNG: ".png",
    MediaType.JPEG: ".jpg",
    MediaType.CAPTIONS: ".vtt",
}
_MAIN_PARTS = {
    MediaType.DOCX: b"wordprocessingml.document.main+xml",
    MediaType.XLSX: b"spreadsheetml.sheet.main+xml",
}
"""The content type of a file's main part (ECMA-376 part 1); one that holds macros has another."""
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_CUE = re.compile(
    r"(?:\d{2,}:)?[0-5]\d:[0-5]\d\.\d{3}[ \t]+-->[ \t]+(?:\d{2,}:)?[0-5]\d:[0-5]\d\.\d{3}(?:[ \t].*)?"
)
"""The line above each cue's text (WebVTT, W3C 2019, section 4.1)."""


@dataclass(frozen=True)
class Attachment:
    """A file that was looked at and found good, as it will be kept.

    Attributes:
        name: the sender's, cleaned; what somebody who saves the file gets.
        media_type: by name and content.
        content: its bytes; of a picture those drawn anew.
        width: of a picture, in pixels.
        height: of a picture, in pixels.
    """

    name: str
    media_type: MediaType
    content: bytes
    width: int | None = None
    height: int | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes, in hexadecimal digits."""
        return hashlib.sha256(self.content).hexdigest()


def size_words(size: int) -> str:
    """A number of bytes as people say it: 「1.2 MB」, 「830 KB」."""
    if size >= 1024 * 1024:
        return f"{size / (1024 * 1024):.1f} MB"
    return f"{max(1, round(size / 1024))} KB"


def read(name: str, content: bytes, allowed: Collection[MediaType]) -> Attachment:
    """Look at a file. Pictures take up to a second of work: call it beside the event loop.

    Args:
        name: as its sender calls it.
        content: its bytes, or the first ``SIZE_LIMIT + 1`` of them.
        allowed: the kinds that are asked for here.

    Raises:
        Refusal: ``file.empty``, ``file.too_large``, ``file.kind`` (not asked for, or not what its name says),
            ``file.damaged``.
    """
    called = _cleaned(name)
    wanted = "、".join(dict.fromkeys(ENDINGS[one] for one in MediaType if one in allowed))
    if not content:
        raise Refusal("file.empty", f"“{called}”是空的。请打开看一看，重新选一个。", status=400)
    if len(content) > SIZE_LIMIT:
        raise Refusal("file.too_large", f"“{called}”超过10 MB。请压缩，或者拆成几份再交。", status=413)
    kind = _BY_ENDING.get(called.rpartition(".")[2].lower())
    if kind not in allowed or kind is None:
        raise Refusal("file.kind", f"这里只收{wanted}文件，“{called}”不是。请换一种格式再交。", status=400)
    if kind in PICTURES:
        return _picture(called, kind, content)
    if kind is MediaType.CAPTIONS:
        _check_captions(called, content)
    elif kind is MediaType.PDF:
        _check_pdf(called, content)
    else:
        _check_office(called, kind, content)
    return Attachment(called, kind, content)


def _cleaned(name: str) -> str:
    """A name that is safe to show and to save under; its ending is kept."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    shown = "".join(char for char in last if unicodedata.category(char)[0] != "C" and char not in '<>:"|?*')
    stem, dot, ending = " ".join(shown.split()).rpartition(".")
    if not dot:
        return ending[:NAME_LIMIT] or "文件"
    return f"{stem.strip(' .')[:NAME_LIMIT] or '文件'}.{ending[:8]}"


def _damaged(name: str) -> Refusal:
    message = f"“{name}”打不开，可能传的时候断了，或者文件坏了。请在电脑上打开看一看，另存一份再交。"
    return Refusal("file.damaged", message, status=400)


def _not_what_it_says(name: str, kind: MediaType, is_instead: str = "") -> Refusal:
    instead = f"，里面是{is_instead}" if is_instead else ""
    message = f"“{name}”不是真的{NAMES[kind]}文件{instead}。只改后缀没有用，请另存成{ENDINGS[kind]}再交。"
    return Refusal("file.kind", message, status=400)


def _check_pdf(name: str, content: bytes) -> None:
    """A header near the beginning and the end mark near the end, as readers look for them (ISO 32000-1, annex H)."""
    if b"%PDF-" not in content[:1024]:
        raise _not_what_it_says(name, MediaType.PDF)
    if b"%%EOF" not in content[-2048:] or b"startxref" not in content[-4096:]:
        raise _damaged(name)


def _check_office(name: str, kind: MediaType, content: bytes) -> None:
    if content.startswith(_OLD_OFFICE):
        raise _not_what_it_says(name, kind, "旧版的或者加了密码的")
    if not content.startswith(b"PK\x03\x04"):
        raise _not_what_it_says(name, kind)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > UNPACKED_LIMIT:
                raise Refusal("file.too_large", f"“{name}”展开以后太大。请删掉用不着的内容再交。", status=413)
            if packed.testzip() is not None:
                raise _damaged(name)
            types = packed.read("[Content_Types].xml")
    # All that zipfile raises for what somebody sent: NotImplementedError for an unknown way of packing, RuntimeError
    # for a part under a password, the others for bytes that are cut off or changed.
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError):
        raise _damaged(name) from None
    except KeyError:
        raise _not_what_it_says(name, kind) from None
    if _MAIN_PARTS[kind] not in types:
        raise _not_what_it_says(name, kind, "宏" if b"macroEnabled" in types else "")


def _check_captions(name: str, content: bytes) -> None:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _not_utf8(name) from None
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if "\0" in text or re.fullmatch(r"WEBVTT(?:[ \t].*)?", lines[0]) is None:
        message = f"“{name}”不是WebVTT字幕：第一行要是WEBVTT。SRT字幕请先转成WebVTT再交。"
        raise Refusal("file.kind", message, status=400)
    times = [(number, line) for number, line in enumerate(lines, 1) if "-->" in line]
    wrong = next((number for number, line in times if _CUE.fullmatch(line.strip()) is None), None)
    if wrong is not None:
        message = f"“{name}”第{wrong}行的时间写得不对，要像00:01.000 --> 00:04.000。请改好再交。"
        raise Refusal("file.damaged", message, status=400)
    if not times:
        raise Refusal("file.empty", f"“{name}”里一句字幕也没有。请换一个文件再交。", status=400)


def _not_utf8(name: str) -> Refusal:
    return Refusal("file.kind", f"“{name}”不是UTF-8编码，字会变成乱码。请另存成UTF-8再交。", status=400)


# Pictures


def _picture(name: str, kind: MediaType, content: bytes) -> Attachment:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as opened:
                found = MediaType.PNG if opened.format == "PNG" else MediaType.JPEG
                if found is not kind:
                    raise _not_what_it_says(name, kind, f"{ENDINGS[found]}图片")
                if opened.width * opened.height > PIXEL_LIMIT:
                    raise _too_many_pixels(name)
                return _drawn_anew(name, kind, opened)
    except Image.DecompressionBombError:
        raise _too_many_pixels(name) from None
    except UnidentifiedImageError:
        raise _not_what_it_says(name, kind) from None
    except (OSError, SyntaxError, ValueError, EOFError, zlib.error):
        raise _damaged(name) from None


def _too_many_pixels(name: str) -> Refusal:
    message = f"“{name}”的像素太多。请缩小到长边{EDGE}像素左右再交，网页上也只用这么大。"
    return Refusal("file.too_large", message, status=413)


def _drawn_anew(name: str, kind: MediaType, opened: Image.Image) -> Attachment:
    """The same picture upright, no larger than a page can use, with its colours' profile and no other note."""
    profile = opened.info.get("icc_profile")
    opened.draft(None, (2 * EDGE, 2 * EDGE))
    upright = ImageOps.exif_transpose(opened)
    if kind is MediaType.JPEG:
        plain = upright.convert("L" if upright.mode == "L" else "RGB")
    elif upright.mode == "P" and max(upright.size) <= EDGE:
        plain = upright.copy()
    else:
        plain = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    clear = plain.info.get("transparency") if plain.mode == "P" else None
    plain.info = {} if clear is None else {"transparency": clear}
    plain.thumbnail((EDGE, EDGE), Image.Resampling.LANCZOS)
    if upright.mode == "CMYK":
        profile = None
    out = io.BytesIO()
    if kind is MediaType.PNG:
        plain.save(out, "PNG", icc_profile=profile)
    else:
        plain.save(out, "JPEG", quality=JPEG_QUALITY, progressive=True, icc_profile=profile)
    return Attachment(name, kind, out.getvalue(), plain.width, plain.height)
