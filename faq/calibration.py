"""What scores are worth in this catalogue, learnt from its own entries.

No question with a known answer is needed. An entry's phrasing is taken out of the index and asked; where an entry
has but one, or its body says more, a title or a sentence is worn down (words dropped, words of other entries
put in) and asked. Each is asked twice: once as it is, once with its entry left aside, which is a question from
this world that no entry answers. Over the outcomes a logistic
line is fitted, and the answering line is set where the answers given reach the target.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from faq import phrasings, terms
from faq.index import Document, Hit, Index, Key
from faq.judgement import CAUTIOUS, CHOICES, Calibration, Line, margin

TRIALS = 1_200
TARGET_HELD, TARGET_WORN = 0.96, 0.98
"""Above the 0.95 that is promised: phrasings held out are a little easier than what people write, and phrasings
worn down more so."""

UNANSWERABLE = 0.35
"""Questions without an entry for each one with: on the public sets between 0.17 and 0.37, once 1.26."""

WEAR = 0.5
"""Most words dropped, and most foreign words put in, as shares of the phrasing."""

FEWEST = 8
"""Entries below which nothing can be measured."""

PHRASED = 0.3
"""Share of entries with a second phrasing below which worn-down phrasings serve instead."""

ENOUGH, ROUNDS = 300, 3
"""With fewer phrased entries than this, so many rounds are held, the last with the questions themselves."""

DOUBT = 0.5
"""Wrong answers assumed on top of those seen: seven right out of seven prove little."""

LARGEST = 20_000
"""Entries above which no second index is built for the trials; worn-down phrasings serve alone."""

TABLE_WEIGHTS = (0.2, 0.4)
TABLE_GAIN = 0.02
"""Share of answerable trials that the table must add to what can be answered at the same precision."""

FOREIGN_COVERAGE = 0.6
"""A remark from elsewhere that an entry covers this far is not from elsewhere in this catalogue."""

LEAD, LEAD_OF_TEXTS = 0.75, 3.0
"""What a lead over the second entry counts beside the score, for questions and, more, for long texts, which cover a
little of everything. Fitted freely on worn-down phrasings it came out near 2 for service items, full of near
twins, and cost them 13 points of precision; 0.5 to 1 is good on every public set of questions."""

RIDGE = 1e-3

SLIP = 0.01
"""Share of questions from another world that may pass."""

_CLAUSE = re.compile("[，。；：！？、,.;:!?\n]")


@dataclass(frozen=True)
class Trial:
    """A question made from an entry."""

    text: str
    entry: Key


@dataclass
class _Outcomes:
    """What came of the trials: one line each."""

    score: list[float]
    margin: list[float]
    right: list[bool]
    among: list[bool]
    weight: list[float]
    foreign: list[bool]

    def note(self, hits: Sequence[Hit], entry: Key | None, weight: float) -> None:
        """One question asked; ``entry`` None for one from elsewhere."""
        if hits:
            self.score.append(hits[0].score)
            self.margin.append(margin(hits))
            self.right.append(entry is not None and hits[0].key == entry)
            self.among.append(entry is not None and any(hit.key == entry for hit in hits))
            self.weight.append(weight)
            self.foreign.append(entry is None)


def learn(documents: Sequence[Document], index: Index, seed: int = 11) -> Calibration:
    """The calibration of a catalogue; switches the trained table of ``index`` on where it helps.

    Args:
        documents: all entries of the index.
        index: as it will be asked; changed only by ``index.use``.
        seed: the same catalogue and seed give the same calibration.
    """
    if len(documents) < FEWEST:
        index.use(None, 0.0)
        return CAUTIOUS
    # Not for secrets: a fixed seed makes the calibration repeatable.
    rng = random.Random(seed)  # noqa: S311
    index.use(None, 0.0)
    lead = lead_of(index.body_share)
    phrased = sum(bool(document.phrasings) for document in documents)
    if len(documents) > LARGEST or phrased < len(documents) * PHRASED:
        trials = _worn(documents, rng, TRIALS if len(documents) <= LARGEST else TRIALS // 4)
        return replace(fit(run(index, trials), TARGET_WORN, lead), trials=len(trials))
    rounds = [_round(documents, rng, at) for at in range(1 if phrased >= ENOUGH else ROUNDS)]
    chosen = _tried(rounds, 0.0, lead)
    for weight in TABLE_WEIGHTS if all(one.table is not None for one in rounds) else ():
        tried = _tried(rounds, weight, lead)
        if tried.expected_share > chosen.expected_share + TABLE_GAIN:
            chosen = tried
    if chosen.table_weight:
        index.use(index.train(), chosen.table_weight)
    return chosen


@dataclass
class _Round:
    """A catalogue without some of its phrasings, and these as trials."""

    held: list[Trial]
    index: Index
    table: phrasings.Table | None


def _round(documents: Sequence[Document], rng: random.Random, number: int) -> _Round:
    """Holds one phrasing back of each of up to :data:`TRIALS` entries, in each round another one."""
    several = [place for place, document in enumerate(documents) if document.phrasings]
    chosen = set(rng.sample(several, min(TRIALS, len(several))))
    held, rest = [], []
    for place, document in enumerate(documents):
        if place not in chosen:
            rest.append(document)
            continue
        texts = [*document.phrasings, document.question]
        out = texts.pop((number + place) % len(document.phrasings) if number < ROUNDS - 1 else -1)
        held.append(Trial(out, document.key))
        rest.append(replace(document, question=texts[-1], phrasings=tuple(texts[:-1])))
    index = Index()
    index.add(rest)
    return _Round(held, index, index.train())


def _tried(rounds: Sequence[_Round], weight: float, lead: float) -> Calibration:
    """The calibration with the trained table at some weight."""
    outcomes = _Outcomes([], [], [], [], [], [])
    for one in rounds:
        one.index.use(one.table if weight else None, weight)
        run(one.index, one.held, outcomes)
    trials = sum(len(one.held) for one in rounds)
    return replace(fit(outcomes, TARGET_HELD, lead), trials=trials, table_weight=weight)


def _worn(documents: Sequence[Document], rng: random.Random, count: int) -> list[Trial]:
    """Phrasings and sentences with words dropped and words of other entries put in."""
    foreign = [
        word
        for document in rng.sample(list(documents), min(300, len(documents)))
        for word in _words(document.question)
    ]
    trials = []
    for document in rng.choices(documents, k=count):
        words = _words(_source(document, rng))
        if words:
            trials.append(Trial("".join(wear(words, foreign, rng)), document.key))
    return trials


def _words(text: str) -> list[str]:
    return [word for word in terms.segment(terms.normalise(text)) if word.strip()]


def _source(document: Document, rng: random.Random) -> str:
    """What to wear down: of a long document mostly a clause of its body, else a title or phrasing."""
    if len(document.body) > 300 and rng.random() < 0.8:
        clauses = [part for part in _CLAUSE.split(document.body[:20_000]) if 8 <= len(part) <= 40]
        if clauses:
            start = "".join(_words(document.question)[: rng.randint(0, 6)])
            return rng.choice(clauses) + start
    return rng.choice((document.question, *document.phrasings))


def wear(words: Sequence[str], foreign: Sequence[str], rng: random.Random) -> list[str]:
    """Some words without a random part of them and with a random number of foreign ones between."""
    drop, extra = rng.uniform(0, WEAR), rng.uniform(0, WEAR)
    kept = [word for word in words if rng.random() > drop] or [rng.choice(words)]
    for _ in range(max(round(extra * len(words) + rng.random() - 0.5), 0)):
        kept.insert(rng.randint(0, len(kept)), rng.choice(foreign))
    return kept


def run(index: Index, trials: Sequence[Trial], outcomes: _Outcomes | None = None) -> _Outcomes:
    """Asks every trial with and without its entry, and what is said elsewhere; adds to ``outcomes``."""
    out = outcomes if outcomes is not None else _Outcomes([], [], [], [], [], [])
    for trial in trials:
        query = index.query(trial.text)
        out.note(index.search(query, CHOICES), trial.entry, 1.0)
        out.note(index.search(query, CHOICES, trial.entry), trial.entry, UNANSWERABLE)
    for remark in terms.phrases("elsewhere"):
        query = index.query(remark)
        hits = index.search(query, CHOICES)
        if hits and hits[0].coverage < FOREIGN_COVERAGE and not query.is_thin:
            out.note(hits, None, UNANSWERABLE)
    return out


def lead_of(share: float) -> float:
    """How much a lead counts in a catalogue, by how much its bodies do (:attr:`faq.index.Index.body_share`)."""
    return LEAD + (LEAD_OF_TEXTS - LEAD) * max(0.0, share - 0.25) / 0.75


def fit(outcomes: _Outcomes, target: float, lead: float = LEAD) -> Calibration:
    """Lines and thresholds from what came of the trials.

    Args:
        outcomes: of :func:`run`.
        target: precision of the answers among them.
        lead: what a lead counts beside the score.
    """
    weight = np.array(outcomes.weight)
    right, among = np.array(outcomes.right, float), np.array(outcomes.among, float)
    if len(weight) < FEWEST or right.all() or not right.any():
        return CAUTIOUS
    sides = np.array([outcomes.score, outcomes.margin]).T
    line, second = _line(sides, right, weight, lead), _line(sides, among, weight, 0.0)
    chance = np.array([line.at(score, ahead) for score, ahead in sides])
    order = np.argsort(-chance, kind="stable")
    correct, given = np.cumsum((right * weight)[order]), np.cumsum(weight[order])
    good = np.flatnonzero(correct / (given + DOUBT) >= target)
    if len(good):
        last = good[-1]
        at, precision, share = (
            chance[order[last]],
            correct[last] / given[last],
            correct[last] / weight[weight == 1].sum(),
        )
    else:
        at, precision, share = 0.995, 1.0, 0.0
    foreign = chance[np.array(outcomes.foreign)]
    if len(foreign):
        at = max(at, float(np.quantile(foreign, 1 - SLIP, method="higher")) + 1e-6)
    return Calibration(
        line,
        second,
        answer_at=float(min(max(at, 0.6), 0.995)),
        choose_at=0.6,
        expected_precision=float(precision),
        expected_share=float(share),
    )


def _line(
    sides: npt.NDArray[np.float64],
    hit: npt.NDArray[np.float64],
    weight: npt.NDArray[np.float64],
    lead: float,
) -> Line:
    """Logistic regression with a little ridge on score and margin together; the slope is never negative."""
    signal = sides @ np.array([1.0, lead])
    middle, spread = float(signal.mean()), float(signal.std()) + 1e-9
    scaled = (signal - middle) / spread

    def loss(slopes: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        lean = slopes[0] + slopes[1] * scaled
        cost = (weight * np.logaddexp(0.0, -lean * (2 * hit - 1))).sum() / weight.sum()
        pull = weight * (1 / (1 + np.exp(-lean)) - hit) / weight.sum()
        steep = slopes[1]
        return float(cost + RIDGE * steep**2), np.array(
            [pull.sum(), (pull * scaled).sum() + 2 * RIDGE * steep]
        )

    start, slope = minimize(
        loss, np.zeros(2), jac=True, method="L-BFGS-B", bounds=[(None, None), (0.0, None)]
    ).x
    steep = float(slope / spread)
    return Line(float(start) - steep * middle, steep, lead * steep)
