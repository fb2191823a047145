"""What scores are worth in this catalogue, learnt from its own entries.

No question with a known answer is needed. An entry's phrasing is taken out of the index and asked; where an entry
has but one, or its body says more, a title or a sentence is worn down (words dropped, words of other entries
put in) and asked. Each is asked twice: once as it is, once with its entry left aside, which is a question from
this world that no entry answers. Over the outcomes a logistic line is fitted, and the answering line is set
where the mean of its chances over all that is answered reaches the target.
"""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from faq import phrasings, terms
from faq.evidence import PACK, Asked, read, weigh
from faq.index import Document, Hit, Index, Key, Query
from faq.judgement import CAUTIOUS, CHOICES, PARTS, Calibration, Line, is_tied, is_too_thin

TRIALS = 1_200
TARGET_HELD, TARGET_WORN = 0.95, 0.986
"""With as many questions without an entry as with one, more than anybody asks. Phrasings worn down are easier than
what people write, hence above the 0.95 that is promised.

The mean of the fitted chances has to reach it, not the share right in the trials: how far that share stays high
hangs on a handful of trials. From seed to seed it moved the share of policy questions answered by 13 points, the
fitted chances move it by 2 (``docs/bot-measurements.md``).
"""

UNANSWERABLE = 1.0
"""Questions without an entry for each one with: on the public sets between 0.17 and 0.37, once 1.26."""

TWIN = 0.75
"""From this share of the first score on, leaving the first entry aside proves nothing: the second, which people would
take as an answer too, would count as wrong. Service items are full of such twins (变更, 注销 of one permit)."""

WEAR = 0.5
"""Most words dropped, and most foreign words put in, as shares of the phrasing."""

FEWEST = 8
"""Entries below which nothing can be measured."""

PHRASED = 0.3
"""Share of entries with a second phrasing below which worn-down phrasings serve instead."""

ENOUGH, ROUNDS = 300, 3
"""With fewer phrased entries than this, so many rounds are held, the last with the questions themselves."""

LARGEST = 20_000
"""Entries above which no second index is built for the trials; worn-down phrasings serve alone."""

TABLE_WEIGHTS = (0.4, 0.8)
TABLE_GAIN = 0.02
"""Share of answerable trials that the table must add to what can be answered at the same precision."""

FOREIGN_COVERAGE = 0.6
"""A remark from elsewhere that an entry covers this far is not from elsewhere in this catalogue."""

WORTH = {
    "score": 2.0,
    "margin": 3.0,
    "pack": 3.0,
    "covered": 1.8,
    "missing": -1.4,
    "unsaid": -1.8,
    "thin": -0.4,
}
"""What the parts of the evidence are worth beside each other, in every catalogue. Fitted on the public sets and the
random halves of their entries together, rounded; each set left out of the fit in turn did as well. A catalogue's own
trials do not teach it: worn-down phrasings are too unlike what people write, and what was fitted on them freely
cost service items up to 20 points of precision. They set the height and the steepness of the line only."""

WORTH_AMONG = {"score": 1.0}

RIDGE = 1e-3

SETTLED, MOST_STEPS = 1e-9, 50
"""Gradient below which a logistic line is found; Newton's method needs some six steps for it."""

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

    parts: list[list[float]] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)
    among: list[bool] = field(default_factory=list)
    weight: list[float] = field(default_factory=list)
    foreign: list[bool] = field(default_factory=list)
    answerable: list[bool] = field(default_factory=list)
    barred: list[bool] = field(default_factory=list)
    """Tied or too thin: never answered, however sure."""

    def ask(
        self, index: Index, query: Query, asked: Asked, entry: Key | None, weight: float, leave: bool = False
    ) -> Sequence[Hit]:
        """Asks one question; ``entry`` None for one from elsewhere, set aside with ``leave``."""
        hits = index.search(query, PACK + 1, entry if leave else None)
        if not hits:
            return hits
        found = weigh(index, query, hits, asked)
        self.parts.append([getattr(found, part) for part in PARTS])
        self.right.append(entry is not None and hits[0].key == entry)
        self.among.append(entry is not None and any(hit.key == entry for hit in hits[:CHOICES]))
        self.weight.append(weight)
        self.foreign.append(entry is None)
        self.answerable.append(entry is not None and not leave)
        self.barred.append(is_tied(hits) or is_too_thin(found))
        return hits


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
    phrased = sum(bool(document.phrasings) for document in documents)
    if len(documents) > LARGEST or phrased < len(documents) * PHRASED:
        trials = _worn(documents, rng, TRIALS if len(documents) <= LARGEST else TRIALS // 4)
        return replace(fit(run(index, trials), TARGET_WORN), trials=len(trials))
    rounds = [_round(documents, rng, at, index.lexicon) for at in range(1 if phrased >= ENOUGH else ROUNDS)]
    chosen = _tried(rounds, 0.0)
    for weight in TABLE_WEIGHTS if all(one.table is not None for one in rounds) else ():
        tried = _tried(rounds, weight)
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
    read: dict[str, tuple[Query, Asked]] = field(default_factory=dict)
    """Questions as the index sees them; they stay the same whatever table it uses, and cost more than a search."""


def _round(documents: Sequence[Document], rng: random.Random, number: int, lexicon: terms.Lexicon) -> _Round:
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
    index = Index(lexicon)
    index.add(rest)
    return _Round(held, index, index.train())


def _tried(rounds: Sequence[_Round], weight: float) -> Calibration:
    """The calibration with the trained table at some weight."""
    outcomes = _Outcomes()
    for one in rounds:
        one.index.use(one.table if weight else None, weight)
        run(one.index, one.held, outcomes, one.read)
    trials = sum(len(one.held) for one in rounds)
    return replace(fit(outcomes, TARGET_HELD), trials=trials, table_weight=weight)


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


def run(
    index: Index,
    trials: Sequence[Trial],
    outcomes: _Outcomes | None = None,
    known: dict[str, tuple[Query, Asked]] | None = None,
) -> _Outcomes:
    """Asks every trial with and without its entry, and what is said elsewhere; adds to ``outcomes``.

    Args:
        index: the one that is tried.
        trials: questions made from its entries.
        outcomes: what came of earlier ones.
        known: questions that were read before; those read now are added.
    """
    out = outcomes if outcomes is not None else _Outcomes()
    known = {} if known is None else known

    def made(text: str) -> tuple[Query, Asked]:
        if text not in known:
            query = index.query(text)
            known[text] = query, read(query, index.lexicon)
        return known[text]

    for trial in trials:
        query, asked = made(trial.text)
        hits = out.ask(index, query, asked, trial.entry, 1.0)
        if len(hits) < 2 or hits[1].score < TWIN * hits[0].score:
            out.ask(index, query, asked, trial.entry, UNANSWERABLE, leave=True)
    for remark in terms.phrases("elsewhere"):
        query, asked = made(remark)
        hits = index.search(query, 1)
        if hits and hits[0].coverage < FOREIGN_COVERAGE and not query.is_thin:
            out.ask(index, query, asked, None, UNANSWERABLE)
    return out


def fit(outcomes: _Outcomes, target: float) -> Calibration:
    """Lines and thresholds from what came of the trials.

    Args:
        outcomes: of :func:`run`.
        target: precision of the answers among them.
    """
    weight = np.array(outcomes.weight)
    right, among = np.array(outcomes.right, float), np.array(outcomes.among, float)
    if len(weight) < FEWEST or right.all() or not right.any():
        return CAUTIOUS
    parts = np.array(outcomes.parts)
    line, chance = _line(parts, right, weight, WORTH)
    second, _ = _line(parts, among, weight, WORTH_AMONG)
    open_ = ~np.array(outcomes.barred)
    order = np.flatnonzero(open_)[np.argsort(-chance[open_], kind="stable")]
    correct, given = np.cumsum((right * weight)[order]), np.cumsum(weight[order])
    good = np.flatnonzero(np.cumsum((chance * weight)[order]) / given >= target)
    at, precision, share = 0.995, 1.0, 0.0
    if len(good):
        last = good[-1]
        at, precision = float(chance[order[last]]), float(correct[last] / given[last])
        share = float(correct[last] / max(sum(outcomes.answerable), 1))
    foreign = chance[np.array(outcomes.foreign)]
    if len(foreign):
        at = max(at, float(np.quantile(foreign, 1 - SLIP, method="higher")) + 1e-6)
    return Calibration(
        line,
        second,
        answer_at=min(max(at, 0.6), 0.995),
        choose_at=0.6,
        expected_precision=precision,
        expected_share=share,
    )


def _line(
    parts: npt.NDArray[np.float64],
    hit: npt.NDArray[np.float64],
    weight: npt.NDArray[np.float64],
    worth: Mapping[str, float],
) -> tuple[Line, npt.NDArray[np.float64]]:
    """Logistic regression with a little ridge on the weighed evidence, and its height for each trial.

    The slope is never negative.
    """
    worths = np.array([worth.get(part, 0.0) for part in PARTS])
    signal = parts @ worths
    middle, spread = float(signal.mean()), float(signal.std()) + 1e-9
    scaled = (signal - middle) / spread

    start, slope = _logistic(scaled, hit, weight / weight.sum(), RIDGE)
    steep = slope / spread
    line = Line(start - steep * middle, *(steep * worths).tolist())
    return line, 1 / (1 + np.exp(-(line.start + steep * signal)))


def _logistic(
    signal: npt.NDArray[np.float64],
    hit: npt.NDArray[np.float64],
    weight: npt.NDArray[np.float64],
    ridge: float,
) -> tuple[float, float]:
    """Start and slope of a logistic line by Newton's method; the slope is zero where it would be negative.

    The loss is convex in two numbers, so where the best slope is negative the best allowed one is zero. The ridge
    bounds the slope; where every trial came out alike the start stops growing once its gradient is small.

    Args:
        signal: one number for each trial, of mean zero and spread one.
        hit: 1.0 or 0.0 for each.
        weight: summing to one.
        ridge: price of the slope's square.
    """
    here = _newton(np.vstack([np.ones_like(signal), signal]), hit, weight, np.array([0.0, ridge]))
    if here[1] < 0:
        here = np.append(_newton(np.ones((1, len(signal))), hit, weight, np.zeros(1)), 0.0)
    return float(here[0]), float(here[1])


def _newton(
    rows: npt.NDArray[np.float64],
    hit: npt.NDArray[np.float64],
    weight: npt.NDArray[np.float64],
    ridge: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """The slopes of ``rows`` at which the logistic loss with its ridge is least; a step that climbs is halved."""

    def loss(slopes: npt.NDArray[np.float64]) -> float:
        lean = slopes @ rows
        return float(weight @ np.logaddexp(0.0, -lean * (2 * hit - 1)) + ridge @ slopes**2)

    here = np.zeros(len(rows))
    for _ in range(MOST_STEPS):
        chance = (1 + np.tanh(here @ rows / 2)) / 2
        slant = rows @ (weight * (chance - hit)) + 2 * ridge * here
        if abs(slant).max() < SETTLED:
            break
        curve = (rows * (weight * chance * (1 - chance))) @ rows.T + np.diag(2 * ridge)
        step = np.linalg.solve(curve, slant)
        while loss(here - step) > loss(here) and abs(step).max() > SETTLED:
            step = step / 2
        here = here - step
    return here
