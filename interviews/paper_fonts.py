"""The fonts of this computer that a Chinese document needs, by the names GB/T 9704-2012 calls them by.

An official document is set in 仿宋, 黑体, 楷体 and 小标宋. Where a computer has none of these a CJK font that it has
takes the place, and ``Fonts.notes`` says so; where it has no CJK font at all nothing is printed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from matplotlib.ft2font import FT2Font
from typst import FontInfo
from typst import Fonts as Installed

from base.errors import Refusal

PACKAGE = "fonts-noto-cjk"
"""Debian's package; Ubuntu calls it the same."""

_SERIF = (
    "Noto Serif CJK SC",
    "Source Han Serif SC",
    "Source Han Serif CN",
    "SimSun",
    "宋体",
    "AR PL UMing CN",
)
_SANS = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Droid Sans Fallback",
)
WISHES = {
    "仿宋": (
        "FangSong",
        "仿宋",
        "FangSong_GB2312",
        "仿宋_GB2312",
        "STFangsong",
        "FZFangSong-Z02",
        *_SERIF,
        *_SANS,
    ),
    "黑体": ("SimHei", "黑体", "STHeiti", "FZHei-B01", *_SANS, *_SERIF),
    "楷体": ("KaiTi", "楷体", "KaiTi_GB2312", "楷体_GB2312", "STKaiti", "AR PL UKai CN", *_SERIF, *_SANS),
    "小标宋": ("FZXiaoBiaoSong-B05S", "方正小标宋简体", "FZXiaoBiaoSong-B05", *_SERIF, *_SANS),
    "宋体": ("SimSun", "宋体", "STSong", *_SERIF, *_SANS),
}
"""The document's own fonts, each with what may take its place, the best first."""
_OWN = {"仿宋": 6, "黑体": 4, "楷体": 5, "小标宋": 3, "宋体": 3}
"""How many of the names above are the font itself."""
LATIN = ("Times New Roman", "Liberation Serif", "TeX Gyre Termes", "Libertinus Serif")
SAMPLE = "访谈汇总报告"
REGULAR = 400


@dataclass(frozen=True)
class Fonts:
    """What a document is set in.

    Attributes:
        families: the family for each font of the standard.
        latin: the family of Latin letters and digits.
        faces: file and index of every face that can stand in for a missing character, those above first.
    """

    families: dict[str, str]
    latin: str
    faces: tuple[tuple[str, int], ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """Which fonts of the standard are not there, and what took their place."""
        return tuple(
            f"这台电脑没有{name}，用 {family} 代替。"
            for name, family in self.families.items()
            if family not in WISHES[name][: _OWN[name]]
        )

    def face(self, name: str) -> tuple[str, int]:
        """File and index of the regular face of one of the standard's fonts."""
        return _face(self.families[name])


@cache
def _installed() -> tuple[FontInfo, ...]:
    return tuple(Installed(include_system_fonts=True, include_embedded_fonts=True).fonts())


def _face(family: str) -> tuple[str, int]:
    faces = [one for one in _installed() if one.family == family and one.path]
    best = min(faces, key=lambda one: (abs(one.weight - REGULAR), one.style != "normal", one.path, one.index))
    return str(best.path), best.index


@cache
def _glyphs(face: tuple[str, int]) -> FT2Font:
    return FT2Font(face[0], face_index=face[1])


@cache
def fonts() -> Fonts:
    """The fonts of this computer.

    Raises:
        Refusal: ``report.no_font``: no font here has Chinese characters.
    """
    there = {one.family for one in _installed() if one.path}
    families = {name: next((one for one in wishes if one in there), "") for name, wishes in WISHES.items()}
    if not all(families.values()):
        anything = _any_chinese(sorted(there))
        families = {name: family or anything for name, family in families.items()}
    everywhere = {one.family for one in _installed()}
    latin = next(one for one in LATIN if one in everywhere)
    first = [_face(family) for family in dict.fromkeys(families.values())]
    others = sorted({(str(one.path), one.index) for one in _installed() if one.path} - set(first))
    return Fonts(families, latin, (*first, *others))


def _any_chinese(families: Iterable[str]) -> str:
    for family in families:
        if all(_glyphs(_face(family)).get_char_index(ord(char)) for char in SAMPLE):
            return family
    raise Refusal(
        "report.no_font",
        f"这台电脑没有中文字体，做不了 PDF 和图。请先安装软件包 {PACKAGE}（apt-get install {PACKAGE}），再试。",
        status=503,
    )


def lacking(face: tuple[str, int], chars: Iterable[str]) -> set[str]:
    """Those of the characters that one face does not have."""
    glyphs = _glyphs(face)
    return {char for char in chars if not glyphs.get_char_index(ord(char))}


def without_glyph(chars: Iterable[str]) -> list[str]:
    """Those of the characters that no font of this computer can show, in code point order."""
    left = set(chars)
    for face in fonts().faces:
        if not left:
            break
        left = lacking(face, left)
    return sorted(left)
