"""The questions of a replay: those that people asked about public policy, else the example city's own."""

import json
import os
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import yaml

from interviews.lifecycle import Kind

ROOT = Path(__file__).parent.parent
EXAMS = ROOT.parent / "shared" / "exams"
CATALOG = Path("public") / "govqadev.catalog.jsonl"
OWN = ROOT / "web" / "example_city" / "questions.yaml"
GENERAL_ANSWER = "这一项按现行规定办，材料和时限都写在办事指南里。窗口可以先受理，缺的材料当场一次告知。"


@dataclass(frozen=True)
class Asked:
    """One question as a citizen sends it, and what will be answered if it comes on stage."""

    text: str
    kind: str
    nickname: str | None
    answer: str


@dataclass(frozen=True)
class Corpus:
    """The questions and, in words, where they come from."""

    questions: tuple[Asked, ...]
    source: str


def exams() -> Path:
    """Where data that is not part of the repository lies: ``FANGTAN_EXAMS``, else beside the checkout."""
    given = os.environ.get("FANGTAN_EXAMS")
    return Path(given) if given else EXAMS


def corpus(count: int, where: Path | None = None) -> Corpus:
    """So many questions, spread over the whole of what there is.

    Args:
        count: how many are wanted; where there are fewer, all of them.
        where: the directory of the exams; the default is that of ``exams``.

    Raises:
        OSError: neither the exams nor the example city's questions can be read.
    """
    catalog = (where or exams()) / CATALOG
    if catalog.is_file():
        rows = [json.loads(line) for line in catalog.read_text(encoding="utf-8").splitlines() if line]
        texts = _spread([(row["q"].strip(), row["a"].strip()) for row in rows], count)
        kinds = cycle(kind.value for kind in Kind)
        named = cycle(("网友路过", None, None))
        asked = tuple(
            Asked(text, kind, nickname, answer or GENERAL_ANSWER)
            for (text, answer), kind, nickname in zip(texts, kinds, named, strict=False)
        )
        return Corpus(asked, f"{CATALOG.name}，{len(rows)}个里取{len(asked)}个")
    rows = yaml.safe_load(OWN.read_text(encoding="utf-8"))["questions"]
    asked = tuple(
        Asked(row["text"].strip(), row["kind"], row.get("nickname"), GENERAL_ANSWER)
        for row in _spread(rows, count)
    )
    return Corpus(asked, f"没有找到 {CATALOG.name}，用示例市自己的问题，{len(rows)}个里取{len(asked)}个")


def _spread(rows: list[Any], count: int) -> list[Any]:
    """``count`` of the rows at even distances, or all."""
    count = min(count, len(rows))
    return [rows[place * len(rows) // count] for place in islice(range(count), count)]
