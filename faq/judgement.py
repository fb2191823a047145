"""To answer, to offer a choice, or to be silent: the decision over what retrieval found.

Two numbers decide: how much of the question the nearest entry accounts for (``score``), and how far the second
one is behind (``margin``). What they are worth differs from catalogue to catalogue, so their weights and the
thresholds are a :class:`Calibration`, made by ``calibration`` from the catalogue's own entries and kept with it.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from faq.index import Hit, Key

CHOICES = 4
"""Most entries offered at once; more is a list, not a choice."""


TIE = 0.97
"""From this share of the first score on, two entries say the same and the asker chooses."""

NEARLY = 0.6
"""Score of a phrasing that a thin question must reach to be answered."""


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
    NO_WORDS = "no_words"
    """Only signs and pictures, or nothing at all."""


@dataclass(frozen=True)
class Line:
    """A logistic line over score and margin; slopes are never negative."""

    start: float
    score: float
    margin: float

    def at(self, score: float, margin: float) -> float:
        """A probability between 0 and 1, never quite either, so that two sure cases still differ."""
        lean = self.start + self.score * score + self.margin * margin
        return 1.0 / (1.0 + math.exp(-max(min(lean, 30.0), -30.0)))


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


CAUTIOUS = Calibration(Line(-7.0, 10.0, 6.0), Line(-5.0, 10.0, 3.0), answer_at=0.85, choose_at=0.6)
"""For a catalogue too small to measure: answers what an entry says nearly word for word, and little else."""


@dataclass(frozen=True)
class Judgement:
    """What is done with one question, and why.

    Attributes:
        confidence: chance that the first entry is the right one.
        reason: code, None for an answer.
        entries: the one entry of an answer, the two to four of a choice, none for a hand-off.
        why: one Chinese sentence for the editor, never shown to citizens.
    """

    outcome: Outcome
    confidence: float
    reason: str | None
    entries: tuple[Key, ...]
    why: str


def margin(hits: Sequence[Hit]) -> float:
    """How far the second entry is behind the first."""
    return hits[0].score - (hits[1].score if len(hits) > 1 else 0.0)


def decide(hits: Sequence[Hit], calibration: Calibration, thin: bool = False) -> Judgement:
    """The outcome for a question by what was found for it.

    Args:
        hits: the nearest entries, best first, as :meth:`faq.index.Index.search` gives them.
        calibration: of the catalogue they are from.
        thin: the question says very little; it is answered only where it is nearly an entry's own phrasing,
            because any long text covers a single word.
    """
    if not hits:
        return Judgement(Outcome.HANDOFF, 0.0, Reason.NOTHING, (), "目录里没有一条和提问有相同的字词。")
    first, lead = hits[0], margin(hits)
    chance = calibration.right.at(first.score, lead)
    facts = f"得分{first.score:.2f}，领先{lead:.2f}，把握{chance:.2f}，作答线{calibration.answer_at:.2f}"
    tied = len(hits) > 1 and hits[1].score >= TIE * first.score
    if chance >= calibration.answer_at and not tied and not (thin and first.phrasing < NEARLY):
        return Judgement(Outcome.ANSWER, chance, None, (first.key,), f"{facts}，够作答。")
    near = [hit for hit in hits[:CHOICES] if hit.score >= 0.6 * first.score]
    among = calibration.among.at(first.score, lead)
    if len(near) >= 2 and (among >= calibration.choose_at or chance >= calibration.answer_at):
        keys = tuple(hit.key for hit in near)
        return Judgement(Outcome.CHOICES, chance, Reason.CLOSE, keys, f"{facts}，几条相近，请提问人选。")
    return Judgement(Outcome.HANDOFF, chance, Reason.UNSURE, (), f"{facts}，不够作答，也不够给出选项。")
