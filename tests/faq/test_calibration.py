"""The logistic line of the calibration is the one that a general optimiser finds, at a fraction of its import."""

import numpy as np
import numpy.typing as npt
import pytest
from scipy.optimize import minimize

from faq.calibration import RIDGE, _logistic, _Outcomes, fit
from faq.judgement import PARTS

Numbers = npt.NDArray[np.float64]


def by_the_library(signal: Numbers, hit: Numbers, weight: Numbers, ridge: float) -> tuple[float, float]:
    """The same loss, left to L-BFGS-B with the slope bounded at zero."""

    def loss(slopes: Numbers) -> tuple[float, Numbers]:
        lean = slopes[0] + slopes[1] * signal
        cost = weight @ np.logaddexp(0.0, -lean * (2 * hit - 1)) + ridge * slopes[1] ** 2
        pull = weight * (1 / (1 + np.exp(-lean)) - hit)
        return float(cost), np.array([pull.sum(), pull @ signal + 2 * ridge * slopes[1]])

    found = minimize(
        loss,
        np.zeros(2),
        jac=True,
        method="L-BFGS-B",
        bounds=[(None, None), (0.0, None)],
        options={"ftol": 1e-16, "gtol": 1e-12, "maxiter": 10_000},
    )
    return float(found.x[0]), float(found.x[1])


def trials(seed: int, count: int, steep: float, start: float) -> tuple[Numbers, Numbers, Numbers]:
    rng = np.random.default_rng(seed)
    signal = rng.normal(size=count)
    signal = (signal - signal.mean()) / signal.std()
    hit = (rng.random(count) < 1 / (1 + np.exp(-(start + steep * signal)))).astype(float)
    weight = rng.uniform(0.5, 2.0, count)
    return signal, hit, weight / weight.sum()


@pytest.mark.parametrize("steep", [0.0, 0.5, 2.0, 8.0, 40.0, -1.0, -6.0])
@pytest.mark.parametrize("start", [-3.0, 0.0, 2.0])
@pytest.mark.parametrize("count", [60, 2_000])
def test_the_line_is_the_optimisers(steep: float, start: float, count: int) -> None:
    for seed in range(5):
        signal, hit, weight = trials(seed, count, steep, start)
        if hit.min() == hit.max():
            continue
        ours, theirs = _logistic(signal, hit, weight, RIDGE), by_the_library(signal, hit, weight, RIDGE)
        assert ours == pytest.approx(theirs, abs=1e-6), (seed, ours, theirs)


def test_what_a_signal_separates_whole_has_a_finite_line() -> None:
    signal = np.linspace(-1.7, 1.7, 40)
    hit = (signal > 0).astype(float)
    weight = np.full(40, 1 / 40)
    ours = _logistic(signal, hit, weight, RIDGE)
    assert ours == pytest.approx(by_the_library(signal, hit, weight, RIDGE), abs=1e-6)
    assert 0 < ours[1] < 50


def test_trials_that_all_came_out_alike_are_sure_and_finite() -> None:
    signal, _, weight = trials(1, 100, 1.0, 0.0)
    start, slope = _logistic(signal, np.ones(100), weight, RIDGE)
    assert slope >= 0
    assert 10 < start + slope * signal.min() < 60


def made_up(seed: int, count: int = 1_200) -> _Outcomes:
    """Trials whose chance of being right is a known logistic line over the score."""
    rng = np.random.default_rng(seed)
    out = _Outcomes()
    for score in rng.uniform(0, 1, count):
        out.parts.append([score if part == "score" else 0.0 for part in PARTS])
        right = bool(rng.random() < 1 / (1 + np.exp(-(12 * score - 6))))
        out.right.append(right)
        out.among.append(right)
        out.weight.append(1.0)
        out.foreign.append(False)
        out.answerable.append(True)
        out.barred.append(False)
    return out


def test_the_answering_line_does_not_hang_on_a_handful_of_trials() -> None:
    shares = []
    for seed in range(12):
        outcomes = made_up(seed)
        found = fit(outcomes, 0.97)
        scores = np.array(outcomes.parts)[:, PARTS.index("score")]
        chance = 1 / (1 + np.exp(-(found.right.start + found.right.score * scores)))
        given = chance >= found.answer_at
        assert chance[given].mean() == pytest.approx(0.97, abs=0.005)
        shares.append(given.mean())
    assert np.std(shares) < 0.03
