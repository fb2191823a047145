"""To answer, to offer a choice, or to be silent: the decision over what retrieval found.

What speaks for the nearest entry and against it (``evidence``) is weighed by a line, whose height is a chance. What
the evidence is worth differs from catalogue to catalogue, so the line and the thresholds are a
:class:`Calibration`, made by ``calibration`` from the catalogue's own entries and kept with it.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from faq.evidence import Evidence
from faq.index import Hit, Key

CHOICES = 4
"""Most entries offered at once; more is a list, not a choice."""


TIE = 0.97
"""From this share of the first score on, two entries say the same and the asker chooses."""

NEARLY = 0.6
"""Score of a phrasing that a thin question must reach to be answered."""

FEW, TITLED = 3, 0.3
"""Words up to which a question is answered only by an entry whose title or phrasing scores so much: 微信公众号 stands
in any long text."""

STRANGE = 0.5
"""Most that the chance of an entry can be which says nothing of what the question is about."""

NEAR = 0.6
"""Share of the first score from which on an entry is offered beside it."""

NAMED = 4
"""Most missing words named in a sentence; the facts have all."""


class Outcome(StrEnum):
    """The three things the bot can do."""

    ANSWER = "answer"
    CHOICES = "choices"
    HANDOFF = "handoff"


class Reason(StrEnum):
    """Why a question was not answered; those of ``doors`` come on top."""

    CLOSE = "several_close"
    UNSURE = "not_sure"
    NOTHING = "no_entry"
    EMPTY_CATALOGUE = "empty_catalogue"
    UNNAMED = "not_named"
    """It says what is asked, such as when somebody is there, and not of whom or of what."""

    NO_WORDS = "no_words"
    """Only signs and pictures, or nothing at all."""


@dataclass(frozen=True)
class Line:
    """A logistic line over the parts of the evidence: what each is worth here.

    ``missing``, ``unsaid`` and ``thin`` speak against an entry, so their slopes are not positive; the others' are
    not negative.
    """

    start: float
    score: float
    margin: float
    pack: float
    covered: float
    missing: float
    unsaid: float
    thin: float

    def at(self, found: Evidence) -> float:
        """A probability between 0 and 1, never quite either, so that two sure cases still differ."""
        lean = self.start + sum(getattr(self, part) * getattr(found, part) for part in PARTS)
        return 1.0 / (1.0 + math.exp(-max(min(lean, 30.0), -30.0)))


PARTS = ("score", "margin", "pack", "covered", "missing", "unsaid", "thin")


@dataclass(frozen=True)
class Calibration:
    """What scores are worth in one catalogue.

    Attributes:
        right: chance that the first entry is the right one.
        among: chance that the right one is among the first four.
        answer_at: least chance at which it is answered.
        choose_at: least chance of ``among`` at which a choice is offered.
        table_weight: weight of the trained table, 0 where its cross-validation gained nothing.
        trials: questions it was made from; 0 says that the catalogue was too small and caution stands in.
        expected_precision: share right among answers given, in those trials.
        expected_share: share of answerable trials that were answered.
    """

    right: Line
    among: Line
    answer_at: float
    choose_at: float
    table_weight: float = 0.0
    trials: int = 0
    expected_precision: float = 1.0
    expected_share: float = 0.0

    def as_dict(self) -> dict[str, object]:
        """For keeping in a row; :meth:`from_dict` reads it back."""
        return asdict(self)

    @staticmethod
    def from_dict(kept: dict[str, object]) -> "Calibration":
        """The calibration that :meth:`as_dict` wrote."""
        fields = dict(kept)
        right, among = fields.pop("right"), fields.pop("among")
        if not isinstance(right, dict) or not isinstance(among, dict):
            raise ValueError("not a calibration")
        return Calibration(Line(**right), Line(**among), **fields)  # type: ignore[arg-type]  # asdict's own keys


CAUTIOUS = Calibration(
    Line(-8.0, 8.0, 3.0, 3.0, 3.0, -3.0, 0.0, 0.0),
    Line(-5.0, 10.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    answer_at=0.85,
    choose_at=0.6,
)
"""For a catalogue too small to measure: answers what an entry says nearly word for word, and little else."""


@dataclass(frozen=True)
class Facts:
    """What a judgement rests on, for the editor's page; not for citizens.

    Attributes:
        evidence: for the first entry, its words of the question included.
        line: least chance at which an answer is given here.
        tied: the second entry says the same as the first.
        too_thin: the question says too little for anything but a phrasing it nearly is.
    """

    evidence: Evidence
    line: float
    tied: bool
    too_thin: bool

    def reasons(self, chance: float) -> tuple[tuple[str, str], ...]:
        """Name and value, in the order in which an editor asks; fit for a list of definitions.

        Args:
            chance: :attr:`Judgement.confidence` of the same question.
        """
        found = self.evidence
        rows = [
            ("条目有的词", "、".join(found.has) or "没有"),
            ("条目没有的词", "、".join(found.lacks) or "没有"),
            ("提问有多少在条目里", f"{found.covered:.0%}"),
            ("得分", f"{found.score:.2f}"),
            ("领先第二条", f"{found.margin:.2f}" + ("，算并列" if self.tied else "")),
            ("把握", f"{chance:.2f}"),
            ("作答线", f"{self.line:.2f}"),
        ]
        if self.too_thin:
            rows.append(("提问太短", "只有几个词，题目和问法里要有才作答"))
        if found.strange is not None:
            rows.append(("说的不是一件事", _strange(found.strange)))
        return tuple(rows)


@dataclass(frozen=True)
class Judgement:
    """What is done with one question, and why.

    Attributes:
        confidence: chance that the first entry is the right one.
        reason: code, None for an answer.
        entries: the one entry of an answer, the two to four of a choice, none for a hand-off.
        why: one Chinese sentence for the editor, never shown to citizens.
        facts: what it rests on; None where nothing was found or the catalogue was not asked.
    """

    outcome: Outcome
    confidence: float
    reason: str | None
    entries: tuple[Key, ...]
    why: str
    facts: Facts | None = None


def is_tied(hits: Sequence[Hit]) -> bool:
    """Whether the second entry says the same as the first."""
    return len(hits) > 1 and hits[1].score >= TIE * hits[0].score


def is_too_thin(found: Evidence) -> bool:
    """Whether the question says too little to be answered: any long text covers a word or three."""
    return found.phrasing < (NEARLY if found.thin else TITLED if found.words <= FEW else 0.0)


def decide(hits: Sequence[Hit], found: Evidence | None, calibration: Calibration) -> Judgement:
    """The outcome for a question by what was found for it.

    Args:
        hits: the nearest entries, best first, as :meth:`faq.index.Index.search` gives them.
        found: the evidence for the first of them; None where there is none.
        calibration: of the catalogue they are from.
    """
    if not hits or found is None:
        return Judgement(Outcome.HANDOFF, 0.0, Reason.NOTHING, (), "目录里没有一条和提问有相同的字词。")
    chance = calibration.right.at(found)
    facts = Facts(found, calibration.answer_at, is_tied(hits), is_too_thin(found))
    sure = chance >= calibration.answer_at
    told = _told(facts, chance)
    if found.strange is not None:
        chance = min(chance, STRANGE)
    if sure and not facts.tied and not facts.too_thin and found.strange is None:
        return Judgement(Outcome.ANSWER, chance, None, (hits[0].key,), f"{told}够作答。", facts)
    near = [hit for hit in hits[:CHOICES] if hit.score >= NEAR * hits[0].score]
    among = sure or calibration.among.at(found) >= calibration.choose_at
    if len(near) >= 2 and among:
        keys = tuple(hit.key for hit in near)
        said = "两条并列" if facts.tied else "几条相近" if found.strange is None else _strange(found.strange)
        return Judgement(Outcome.CHOICES, chance, Reason.CLOSE, keys, f"{told}{said}，请提问人选。", facts)
    if sure and facts.too_thin:
        said = "提问太短，不作答。"
    elif sure and found.strange is not None:
        said = f"{_strange(found.strange)}，不作答。"
        if not found.strange:
            return Judgement(Outcome.HANDOFF, chance, Reason.UNNAMED, (), told + said, facts)
    else:
        said = "不够作答；相近的只有这一条，没有几条可选。" if among else "不够作答，也不够给出选项。"
    return Judgement(Outcome.HANDOFF, chance, Reason.UNSURE, (), told + said, facts)


def _strange(name: str) -> str:
    return f"提问说的是「{name}」，条目里没有" if name else "提问没有说是哪一家、哪一件"


def _told(facts: Facts, chance: float) -> str:
    """The evidence in one clause: the words that the entry lacks first, because they explain most silences."""
    found = facts.evidence
    words = f"条目里没有「{'」「'.join(found.lacks[:NAMED])}」" if found.lacks else "条目里有提问的每个词"
    sums = f"得分{found.score:.2f}，领先第二条{found.margin:.2f}，把握{chance:.2f}，作答线{facts.line:.2f}"
    return f"{words}；{sums}："
