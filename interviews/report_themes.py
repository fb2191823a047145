"""The main questions of an interview, by what they speak of. Pure; the same questions, the same groups.

Nobody reads the questions here: a group is a word that several of them have in common, and says no more than that.
The words are cut by rjieba; those that nearly every question has tell nothing apart and are passed over.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import rjieba

GROUPS = 8
"""More groups than this are no overview; what is left stands under the last, which has no word."""
SHARED_BY = 2
"""A word of one question groups nothing."""
FEW = 4
"""Among fewer questions than this a word that all of them have is still the best there is."""

_TELLING = ("n", "v", "j", "l", "i")
# fmt: off
_COMMON = frozenset({
    "请问", "问题", "可以", "需要", "没有", "知道", "希望", "建议", "是否", "能否", "进行", "应该", "觉得",
    "认为", "有关", "相关", "有没有", "能不能", "办理", "时候", "情况", "时间", "地方", "方面", "部门",
    "领导", "政府", "政策", "规定", "市民", "群众", "老百姓", "人员", "工作", "单位", "自己", "家里",
    "现在", "今年", "明年", "解决", "回答", "答复", "谢谢", "感谢", "想问", "咨询", "了解", "听说", "使用",
    "开始", "继续", "出现", "导致", "造成", "要求", "目前", "为何", "如何", "怎么办", "什么样",
})
# fmt: on


@dataclass(frozen=True, slots=True)
class Asked:
    """What the grouping reads of a public question."""

    number: int
    text: str
    supports: int


def _words(text: str) -> frozenset[str]:
    found = {word for word, tag in rjieba.tag(text, hmm=False) if tag.startswith(_TELLING)}
    return frozenset(word for word in found - _COMMON if len(word) > 1 and not word.isascii())


def themes(asked: Iterable[Asked]) -> list[dict[str, object]]:
    """Groups of questions, each with the word they share; the last, without one, has what no group took.

    A question stands in one group: that of the word which most questions not yet grouped have in common. Between
    equals the more supported word goes first, then the one met earlier.

    Returns:
        ``{"word": str or None, "questions": [number, …]}``; in a group the most supported question first.
    """
    left = sorted(asked, key=lambda one: one.number)
    words = {one.number: _words(one.text) for one in left}
    spread = Counter(word for found in words.values() for word in found)
    everywhere = {word for word, count in spread.items() if len(left) >= FEW and count * 2 > len(left)}
    found: list[dict[str, object]] = []
    while len(found) < GROUPS:
        word = _most_shared(left, words, everywhere)
        if word is None:
            break
        mine = [one for one in left if word in words[one.number]]
        left = [one for one in left if word not in words[one.number]]
        found.append({"word": word, "questions": _ranked(mine)})
    if left:
        found.append({"word": None, "questions": _ranked(left)})
    return found


def _most_shared(left: Sequence[Asked], words: dict[int, frozenset[str]], everywhere: set[str]) -> str | None:
    counts: Counter[str] = Counter()
    supports: Counter[str] = Counter()
    met: dict[str, int] = {}
    for one in left:
        for word in words[one.number] - everywhere:
            counts[word] += 1
            supports[word] += one.supports
            met.setdefault(word, one.number)
    shared = [word for word, count in counts.items() if count >= SHARED_BY]
    return min(shared, key=lambda word: (-counts[word], -supports[word], met[word], word), default=None)


def _ranked(asked: Iterable[Asked]) -> list[int]:
    return [one.number for one in sorted(asked, key=lambda one: (-one.supports, one.number))]
