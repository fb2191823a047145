"""What scores are worth in this catalogue, learnt from its own entries.

No question with a known answer is needed. An entry's phrasing is taken out of the index and asked; where an entry
has but one, or its body says more, a title or a sentence is worn down (words dropped, words of other entries
put in) and asked. Each is asked twice: once as it is, once with its entry left aside, which is a question from
this world that no entry answers. Over the outcomes a logistic line is fitted to score and margin, and the answering
line is set where the answers given reach :data:`TARGET`.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from faq import terms
from faq.index import Document, Hit, Index, Key
from faq.judgement import CAUTIOUS, CHOICES, Calibration, Line, margin

TRIALS = 1_200
TARGET = 0.97
"""Above the 0.95 that is promised: worn-down phrasings are a little easier than what people write."""

UNANSWERABLE = 0.35
"""Questions without an entry for each one with: on the public sets between 0.17 and 0.37, once 1.26."""

WEAR = 0.5
"""Most words dropped, and most foreign words put in, as shares of the phrasing."""

FEWEST = 8
"""Entries below which nothing can be measured."""

PHRASED = 0.3
"""Share of entries with a second phrasing below which worn-down phrasings serve instead."""

LARGEST = 20_000
"""Entries above which no second index is built for the trials; worn-down phrasings serve alone."""

TABLE_WEIGHTS = (0.2, 0.4)
TABLE_GAIN = 0.02
"""Share of answerable trials that the table must add to what can be answered at the same precision."""

FOREIGN_COVERAGE = 0.6
"""A remark from elsewhere that an entry covers this far is not from elsewhere in this catalogue."""

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
    held, rest = _hold_out(documents, rng)
    index.use(None, 0.0)
    if len(documents) > LARGEST or len(held) < len(documents) * PHRASED:
        trials = _worn(documents, rng, TRIALS if len(documents) <= LARGEST else TRIALS // 4)
        return replace(fit(run(index, trials)), trials=len(trials))
    trial_index = Index()
    trial_index.add(rest)
    chosen = replace(fit(run(trial_index, held)), trials=len(held))
    table = trial_index.train()
    for weight in TABLE_WEIGHTS if table is not None else ():
        trial_index.use(table, weight)
        tried = replace(fit(run(trial_index, held)), trials=len(held), table_weight=weight)
        if tried.expected_share > chosen.expected_share + TABLE_GAIN:
            chosen = tried
    if chosen.table_weight:
        index.use(index.train(), chosen.table_weight)
    return chosen


def _hold_out(documents: Sequence[Document], rng: random.Random) -> tuple[list[Trial], list[Document]]:
    """One phrasing each of up to :data:`TRIALS` entries, and the catalogue without them."""
    several = [place for place, document in enumerate(documents) if document.phrasings]
    chosen = set(rng.sample(several, min(TRIALS, len(several))))
    held, rest = [], []
    for place, document in enumerate(documents):
        if place not in chosen:
            rest.append(document)
            continue
        out = rng.randrange(len(document.phrasings))
        held.append(Trial(document.phrasings[out], document.key))
        left = document.phrasings[:out] + document.phrasings[out + 1 :]
        rest.append(replace(document, phrasings=left))
    return held, rest


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


def run(index: Index, trials: Sequence[Trial]) -> _Outcomes:
    """Asks every trial with and without its entry, and what is said elsewhere."""
    out = _Outcomes([], [], [], [], [], [])
    for trial in trials:
        query = index.query(trial.text)
        out.note(index.search(query, CHOICES), trial.entry, 1.0)
        out.note(index.search(query, CHOICES, trial.entry), trial.entry, UNANSWERABLE)
    for remark in terms.phrases("elsewhere"):
        hits = index.search(index.query(remark), CHOICES)
        if hits and hits[0].coverage < FOREIGN_COVERAGE:
            out.note(hits, None, UNANSWERABLE)
    return out


def fit(outcomes: _Outcomes) -> Calibration:
    """Lines and thresholds from what came of the trials."""
    weight = np.array(outcomes.weight)
    right, among = np.array(outcomes.right, float), np.array(outcomes.among, float)
    if len(weight) < FEWEST or right.all() or not right.any():
        return CAUTIOUS
    sides = np.array([outcomes.score, outcomes.margin]).T
    line, second = _line(sides, right, weight), _line(sides, among, weight)
    chance = np.array([line.at(score, lead) for score, lead in sides])
    order = np.argsort(-chance, kind="stable")
    correct, given = np.cumsum((right * weight)[order]), np.cumsum(weight[order])
    good = np.flatnonzero(correct / given >= TARGET)
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
        at = max(at, float(np.quantile(foreign, 1 - SLIP)))
    return Calibration(
        line,
        second,
        answer_at=float(min(max(at, 0.6), 0.995)),
        choose_at=0.6,
        expected_precision=float(precision),
        expected_share=float(share),
    )


def _line(
    sides: npt.NDArray[np.float64], hit: npt.NDArray[np.float64], weight: npt.NDArray[np.float64]
) -> Line:
    """Logistic regression with a little ridge on standardised sides and slopes that are never negative."""
    middle, spread = sides.mean(0), sides.std(0) + 1e-9
    design = np.column_stack((np.ones(len(sides)), (sides - middle) / spread))

    def loss(slopes: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        lean = design @ slopes
        cost = (weight * np.logaddexp(0.0, -lean * (2 * hit - 1))).sum() / weight.sum()
        pull = design.T @ (weight * (1 / (1 + np.exp(-lean)) - hit)) / weight.sum()
        ridge = 1e-3 * np.array([0.0, 1.0, 1.0])
        return float(cost + (ridge * slopes**2).sum()), pull + 2 * ridge * slopes

    bounds = [(None, None), (0.0, None), (0.0, None)]
    start, by_score, by_margin = minimize(loss, np.zeros(3), jac=True, method="L-BFGS-B", bounds=bounds).x
    score, lead = by_score / spread[0], by_margin / spread[1]
    return Line(float(start - score * middle[0] - lead * middle[1]), float(score), float(lead))
