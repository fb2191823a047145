"""An Office file is looked through before any library opens it: what it unpacks to, its names, its declarations.

The bounds are a catalogue's: a sheet of a hundred thousand entries, a document of 300 pages with its pictures.
"""

import io
import zipfile
from xml.parsers import expat

from base.errors import Refusal
from faq.table_file import SIZE_LIMIT

UNPACKED_LIMIT = 300 * 1024 * 1024
RATIO_LIMIT = 120
"""Sheets of Chinese text shrink to a tenth or a thirtieth, a million copies of one line to a thousandth."""
SMALL_PART = 1024 * 1024
PARTS_LIMIT = 3000
DIRECTORY_LIMIT = 1024 * 1024
HEAD = 64 * 1024
"""Bytes of a markup part in which its root must have begun; a DOCTYPE can only stand before that."""

_MACROS = ("vbaproject", "macrosheets", "activex", "/embeddings/")


def bad(message: str, status: int = 400) -> Refusal:
    """The refusal of a whole file."""
    return Refusal("import.format", message, status=status)


def kind_of(content: bytes) -> str:
    """``xlsx`` or ``docx``, by what is inside; nothing of it has been opened by a library yet.

    Raises:
        Refusal: ``import.format``: broken, of another kind, with macros, or swelling when unpacked.
    """
    if len(content) > SIZE_LIMIT:
        raise Refusal("import.size", "文件超过50MB。请去掉图片，或者分成几份导入。", status=413)
    _check_directory(content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            _check_parts(parts)
            names = {part.filename for part in parts}
            kind = "xlsx" if "xl/workbook.xml" in names else "docx" if "word/document.xml" in names else ""
            for part in parts if kind else ():
                if part.filename.lower().endswith((".xml", ".rels")):
                    with archive.open(part) as stream:
                        _check_head(stream.read(HEAD))
    except Refusal:
        raise
    except Exception:
        # A broken archive makes the library raise whatever it trips over, ValueError of a negative seek included.
        raise _broken() from None
    if not kind:
        raise bad("这个压缩文件里不是Excel表格，也不是Word文档。请解开压缩，一份一份导入。")
    return kind


def _broken() -> Refusal:
    return bad("打不开这个文件，可能坏了、没有传完或者加了密码。请重新另存一次再导入。")


def _check_directory(content: bytes) -> None:
    """The archive's table of contents, before it is read: a small one, of the plain kind."""
    end = content.rfind(b"PK\x05\x06", max(0, len(content) - 66_000))
    if end < 0:
        raise _broken()
    listed = int.from_bytes(content[end + 12 : end + 16], "little")
    if listed > DIRECTORY_LIMIT or content[max(0, end - 20) : end].startswith(b"PK\x06\x07"):
        raise bad("这个文件里的东西太多，不像一份目录。请另存为新的文件再导入。")


def _check_parts(parts: list[zipfile.ZipInfo]) -> None:
    names = [part.filename.replace("\\", "/").lower() for part in parts]
    if len(names) > PARTS_LIMIT or len(set(names)) < len(names):
        raise bad("这个文件的结构不对。请用办公软件重新另存一次再导入。")
    if any(mark in f"/{name}" for name in names for mark in _MACROS):
        raise bad("文件里有宏或者嵌入的对象，没有打开。请另存为不带这些的.xlsx或者.docx再导入。")
    for part in parts:
        swollen = part.file_size > SMALL_PART and part.file_size > RATIO_LIMIT * max(1, part.compress_size)
        if swollen or part.file_size > UNPACKED_LIMIT:
            raise bad("文件解开后大得不正常，没有打开。请把内容复制到新的文件里再导入。")
    # Reading stops at the size that the directory claims, so the sum of the claims bounds the work.
    if sum(part.file_size for part in parts) > UNPACKED_LIMIT:
        raise bad("文件解开后太大，没有打开。请去掉图片，或者分成几份导入。")


def _check_head(head: bytes) -> None:
    begun: list[str] = []
    parser = expat.ParserCreate()

    def doctype(*_: object) -> None:
        raise bad("文件里有外部实体的声明，没有打开。请用办公软件重新另存一次再导入。")

    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = lambda name, _: begun.append(name)
    try:
        parser.Parse(head, False)
    except expat.ExpatError:
        raise _broken() from None
    if not begun:
        raise _broken()
