"""The table of ``docs/bot-measurements.md``: every public question set, ours and two baselines, in one run.

    .venv/bin/python -m bench.faq_table                          # prints Markdown, JSON with --json
    .venv/bin/python -m bench.faq_table --scale 10000 100000     # time and memory on made-up catalogues

The sets are read from ``FANGTAN_EXAMS`` (default ``../shared/exams``), the tests' own small one stands in where
there are none. The baselines are written here: BM25 (k1 1.5, b 0.75, the usual defaults) over jieba words and
over characters with character pairs, on title, phrasings and text together, in the same normalised writing.

Measured on each set: recall at 1 and at 5 over questions that have an entry; precision when the threshold lets
80 % of these be answered, over everything answered then; what is answered and how much of it is right at the
threshold that the catalogue's own calibration chose; the share of questions from another world that are answered.
"""

import argparse
import itertools
import json
import math
import os
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from faq import terms
from faq.engine import Engine
from faq.index import Document, Index
from faq.judgement import Outcome

SETS = ("govdocdev", "govsvcdev", "webdev", "multidev", "bankdev", "antdev", "govqadev")
OWN = Path(__file__).parent.parent / "tests" / "faq" / "data"
WORDS, CHARACTERS, OURS = "BM25，结巴分词", "BM25，单字和字对", "本系统"
KINDS = {
    "trad": "繁体",
    "filler": "客套话",
    "drop": "漏字",
    "swap": "颠倒",
    "homophone": "同音字",
    "mixed": "几样一起",
}


@dataclass
class Row:
    """One system on one set or on one kind of its variants.

    ``answered`` and what follows only where the system judges; ``before`` is ``recall1`` of the questions that the
    variants were made from.
    """

    set: str
    system: str
    variant: str = ""
    recall1: float | None = None
    recall5: float | None = None
    precision80: float | None = None
    answered: float | None = None
    answered_answerable: float | None = None
    precision: float | None = None
    slip: float | None = None
    p99_ms: float | None = None
    before: float | None = None


@dataclass
class Ranked:
    """What a system found for one question: ids best first, and how sure it is."""

    ids: list[str]
    confidence: float
    answered: bool = False
    ms: float = 0.0


def read(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON Lines file; none where it is missing."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def bm25(
    texts: Sequence[str], questions: Sequence[str], cut: Callable[[str], list[str]], ids: Sequence[str]
) -> list[Ranked]:
    """Plain BM25; its score is its confidence."""
    documents = [Counter(cut(text)) for text in texts]
    present = Counter(token for document in documents for token in document)
    average = sum(sum(document.values()) for document in documents) / max(len(documents), 1)
    place = {token: number for number, token in enumerate(present)}
    rows, columns, values = [], [], []
    for number, document in enumerate(documents):
        length = sum(document.values())
        for token, count in document.items():
            rarity = math.log(1 + (len(documents) - present[token] + 0.5) / (present[token] + 0.5))
            rows.append(number)
            columns.append(place[token])
            values.append(rarity * count * 2.5 / (count + 1.5 * (0.25 + 0.75 * length / average)))
    matrix = sparse.csr_matrix((values, (columns, rows)), shape=(len(place), len(documents)))
    out = []
    for question in questions:
        started = time.perf_counter()
        known = [place[token] for token in cut(question) if token in place]
        scores = np.asarray(matrix[known].sum(axis=0)).ravel() if known else np.zeros(len(documents))
        best = np.argsort(-scores, kind="stable")[:10]
        ms = (time.perf_counter() - started) * 1000
        out.append(Ranked([ids[at] for at in best], float(scores[best[0]]), ms=ms))
    return out


def words(text: str) -> list[str]:
    """The tokens of the first baseline."""
    return [word for word in terms.segment(text) if any(char.isalnum() for char in word)]


def characters_and_pairs(text: str) -> list[str]:
    """The tokens of the second baseline."""
    plain = [char if char.isalnum() else " " for char in text]
    pairs = [a + b for a, b in itertools.pairwise(plain) if " " not in (a, b)]
    return [char for char in plain if char != " "] + pairs


def measure(
    name: str, system: str, asked: Sequence[dict[str, Any]], found: Sequence[Ranked], judges: bool
) -> Row:
    """One row of the table."""
    row = Row(name, system, p99_ms=float(np.percentile([one.ms for one in found], 99)))
    answerable = np.array([question.get("kind", "in") == "in" for question in asked])
    right = np.array(
        [bool(one.ids) and one.ids[0] in question["gold"] for one, question in zip(found, asked, strict=True)]
    )
    five = np.array(
        [bool(set(one.ids[:5]) & set(question["gold"])) for one, question in zip(found, asked, strict=True)]
    )
    if answerable.any():
        row.recall1, row.recall5 = float(right[answerable].mean()), float(five[answerable].mean())
        order = np.argsort([-one.confidence for one in found], kind="stable")
        reached = int(np.searchsorted(np.cumsum(answerable[order]), 0.8 * answerable.sum())) + 1
        row.precision80 = float(right[order[:reached]].mean())
    if judges:
        given = np.array([one.answered for one in found])
        far = np.array([question.get("kind") == "oos_far" for question in asked])
        row.answered = float(given.mean())
        row.answered_answerable = float(given[answerable].mean()) if answerable.any() else None
        row.precision = float(right[given].mean()) if given.any() else None
        row.slip = float(given[far].mean()) if far.any() else None
    return row


def baselines(
    name: str, texts: Sequence[str], ids: Sequence[str], asked: Sequence[dict[str, Any]], variant: str = ""
) -> list[Row]:
    """Both baselines on some questions."""
    plain = [terms.normalise(question["text"]) for question in asked]
    cuts = {WORDS: words, CHARACTERS: characters_and_pairs}
    rows = [
        measure(name, system, asked, bm25(texts, plain, cut, ids), judges=False)
        for system, cut in cuts.items()
    ]
    return [replace(row, variant=variant) for row in rows]


def one_set(root: Path, name: str) -> list[Row]:
    """All systems on one set and our own on each kind of its variants."""
    catalogue, asked = read(root / f"{name}.catalog.jsonl"), read(root / f"{name}.queries.jsonl")
    documents = [
        Document(entry["id"], entry["q"], tuple(entry.get("alts") or ()), entry.get("a") or "")
        for entry in catalogue
    ]
    texts = [terms.normalise(" ".join((one.question, *one.phrasings, one.body))) for one in documents]
    ids = [entry["id"] for entry in catalogue]
    rows = baselines(name, texts, ids, asked)
    engine = Engine.build(documents)
    found = [ask(engine, question["text"]) for question in asked]
    rows.append(measure(name, OURS, asked, found, judges=True))
    base = dict(zip((question["id"] for question in asked), found, strict=True))
    variants = read(root / f"{name}.variants.jsonl")
    for kind in sorted({variant["variant"] for variant in variants}):
        some = [variant for variant in variants if variant["variant"] == kind]
        rows += baselines(name, texts, ids, some, kind)
        row = measure(name, OURS, some, [ask(engine, one["text"]) for one in some], judges=True)
        before = [bool(base[one["base"]].ids) and base[one["base"]].ids[0] in one["gold"] for one in some]
        rows.append(replace(row, variant=kind, before=sum(before) / len(before)))
    return rows


def ask(engine: Engine, text: str) -> Ranked:
    """One question to our own."""
    started = time.perf_counter()
    found = engine.ask(text)
    ms = (time.perf_counter() - started) * 1000
    judged = found.judgement
    return Ranked(
        [str(hit.key) for hit in found.hits], judged.confidence, judged.outcome is Outcome.ANSWER, ms
    )


def markdown(rows: Sequence[Row]) -> str:
    """The two tables as the document has them: questions as they were asked, and their variants."""
    head = "| 题库 | 方法 | 首条对 | 前五有 | 答八成时对 | 作答 | 有条目的答了 | 答的对 | 别处的话答了 |"
    lines = [head, "| --- | --- |" + " --- |" * 7]
    for row in rows:
        if not row.variant:
            numbers = (row.recall1, row.recall5, row.precision80, row.answered, row.answered_answerable)
            lines.append(f"| {row.set} | {row.system} | {_cells(*numbers, row.precision, row.slip)} |")
    head = (
        "| 题库 | 改写 | 首条对：结巴 | 字对 | 本系统 | 原句 | 前五有：结巴 | 字对 | 本系统 | 答了 | 答的对 |"
    )
    lines += ["", head, "| --- | --- |" + " --- |" * 9]
    of = {(row.set, row.variant, row.system): row for row in rows}
    for row in rows:
        if row.variant and row.system == OURS:
            one, two = (of[row.set, row.variant, system] for system in (WORDS, CHARACTERS))
            first = _cells(one.recall1, two.recall1, row.recall1, row.before)
            rest = _cells(one.recall5, two.recall5, row.recall5, row.answered, row.precision)
            lines.append(f"| {row.set} | {KINDS.get(row.variant, row.variant)} | {first} | {rest} |")
    return "\n".join(lines)


def _cells(*numbers: float | None) -> str:
    return " | ".join("" if number is None else f"{number:.3f}" for number in numbers)


def scale(size: int) -> dict[str, float]:
    """Cost of a made-up catalogue: titles of some 14 characters, bodies of some 60, 500 questions.

    Times of a question are CPU time of this process; wall time on a shared machine says little.
    """
    rng = random.Random(1)
    source = read(OWN / "city.catalog.jsonl")
    parts = [word for entry in source for word in terms.segment(entry["q"] + entry["a"])]
    # Made-up words keep the vocabulary growing with the catalogue, as that of a real one does.
    parts += ["".join(rng.choices(source[0]["a"] + source[5]["a"], k=2)) for _ in range(20_000)]

    def sentence(length: int) -> str:
        return "".join(rng.choices(parts, k=max(length // 2, 1)))

    documents = [Document(number, sentence(14), (), sentence(60)) for number in range(size)]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    index = Index()
    started = time.perf_counter()
    index.add(documents)
    built = time.perf_counter() - started
    times = []
    for _ in range(500):
        question = sentence(rng.randint(8, 25))
        at = time.process_time()
        index.search(index.query(question))
        times.append((time.process_time() - at) * 1000)
    at = time.process_time()
    index.add([Document("new", sentence(14), (), sentence(60))])
    return {
        "entries": size,
        "build_s": round(built, 2),
        "p50_ms": round(float(np.percentile(times, 50)), 2),
        "p99_ms": round(float(np.percentile(times, 99)), 2),
        "add_one_ms": round((time.process_time() - at) * 1000, 2),
        "arrays_mb": round(index.nbytes / 1e6, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "peak_before_mb": round(before, 1),
    }


def main() -> None:
    """Runs every set that is there."""
    parser = argparse.ArgumentParser(description="机器人的测量表。题库在 FANGTAN_EXAMS 下的 public。")
    parser.add_argument("--json", action="store_true", help="输出一份 JSON")
    parser.add_argument("sets", nargs="*", help="只量这几套")
    parser.add_argument("--scale", type=int, nargs="+", metavar="N", help="改量N条的目录要多少时间和内存")
    wanted = parser.parse_args()
    if wanted.scale:
        print(json.dumps([scale(size) for size in wanted.scale], ensure_ascii=False))
        return
    root = Path(os.environ.get("FANGTAN_EXAMS", "../shared/exams")) / "public"
    names: Sequence[str] = wanted.sets or SETS
    if not root.exists():
        sys.stderr.write("没有找到公开题库，改用测试自带的小题库。\n")
        root, names = OWN, ("city",)
    rows: list[Row] = []
    for name in names:
        sys.stderr.write(f"{name} …\n")
        rows += one_set(root, name)
    print(json.dumps([asdict(row) for row in rows], ensure_ascii=False) if wanted.json else markdown(rows))


if __name__ == "__main__":
    main()
