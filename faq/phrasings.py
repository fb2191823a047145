"""What a catalogue's own phrasings teach: which terms stand for each other here.

A small table gives each term a vector; a text is the sum of its terms' vectors. It is trained when the index is
built, on nothing but this catalogue: two phrasings of one entry are pulled together, phrasings of different
entries apart (a symmetric softmax over the batch, Adam). Entries added later are placed by the same table.
It serves only where the catalogue's own cross-validation says that it helps (``calibration.learn``).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from faq.terms import Codes

Matrix = npt.NDArray[np.float32]

DIMENSIONS = 128
EPOCHS, BATCH, STEPS = 30, 256, 1_500
SHARPNESS, RATE, DROP = 10.0, 0.003, 0.2
PAIRS_OF_ONE = 2
"""Pairs an entry gives per epoch at most, so that an entry with fifty phrasings does not drown the others."""


@dataclass(frozen=True)
class Table:
    """The vector of each term the table knows; ``codes`` is sorted."""

    codes: Codes
    vectors: Matrix

    def known(self, codes: Codes) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
        """For some terms, their places in the table, and which of them it knows."""
        place = np.searchsorted(self.codes, codes).clip(max=len(self.codes) - 1)
        return place, self.codes[place] == codes

    def embed(self, codes: Codes, weights: npt.NDArray[np.float32]) -> Matrix:
        """The unit vector of one text, all zeros where the table knows none of its terms."""
        place, known = self.known(codes)
        total: Matrix = weights[known] @ self.vectors[place[known]]
        single: Matrix = unit(total[None, :])[0]
        return single


def unit(rows: Matrix) -> Matrix:
    """Rows scaled to length one; a row of zeros stays."""
    scaled: Matrix = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)
    return scaled


def train(
    codes: Codes, rows: sparse.csr_matrix, owners: npt.NDArray[np.int32], seed: int = 7
) -> Table | None:
    """The table of a catalogue, or None where fewer than two entries have two phrasings.

    Args:
        codes: the terms, sorted; columns of ``rows``.
        rows: one phrasing a row, weighted terms.
        owners: the entry of each row.
        seed: the same catalogue and seed give the same table.
    """
    rng = np.random.default_rng(seed)
    order = np.argsort(owners, kind="stable")
    groups = [
        group for group in np.split(order, np.flatnonzero(np.diff(owners[order])) + 1) if len(group) > 1
    ]
    if len(groups) < 2 or not len(codes):
        return None
    vectors = rng.normal(0, DIMENSIONS**-0.5, (len(codes), DIMENSIONS)).astype(np.float32)
    first = np.zeros_like(vectors)
    second = np.zeros_like(vectors)
    step = 0
    for _ in range(EPOCHS):
        left, right = _pairs(groups, rng)
        for start in range(0, len(left), BATCH):
            if step >= STEPS:
                return Table(codes, vectors)
            step += 1
            a, b = left[start : start + BATCH], right[start : start + BATCH]
            slope = _slope(_drop(rows[a], rng), _drop(rows[b], rng), vectors, owners[a], owners[b])
            first += 0.1 * (slope - first)
            second += 0.001 * (slope * slope - second)
            vectors -= RATE * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    return Table(codes, vectors)


def _pairs(
    groups: list[npt.NDArray[np.int64]], rng: np.random.Generator
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Disjoint pairs of rows of one entry, in random order."""
    left: list[int] = []
    right: list[int] = []
    for group in groups:
        mixed = rng.permutation(group).tolist()
        take = min(PAIRS_OF_ONE, len(mixed) // 2)
        left += mixed[:take]
        right += mixed[-take:]
    order = rng.permutation(len(left))
    return np.array(left)[order], np.array(right)[order]


def _drop(rows: sparse.csr_matrix, rng: np.random.Generator) -> sparse.csr_matrix:
    """Rows without a random fifth of their terms, so that no single term is leaned on."""
    kept = rows.copy()
    kept.data = kept.data * (rng.random(len(kept.data)) > DROP)
    return kept


def _slope(
    a: sparse.csr_matrix,
    b: sparse.csr_matrix,
    vectors: Matrix,
    owner_a: npt.NDArray[np.int32],
    owner_b: npt.NDArray[np.int32],
) -> Matrix:
    """Gradient of the symmetric softmax loss over one batch of pairs."""
    raw_a, raw_b = a @ vectors, b @ vectors
    size_a = np.maximum(np.linalg.norm(raw_a, axis=1, keepdims=True), 1e-6)
    size_b = np.maximum(np.linalg.norm(raw_b, axis=1, keepdims=True), 1e-6)
    unit_a, unit_b = raw_a / size_a, raw_b / size_b
    near = SHARPNESS * unit_a @ unit_b.T
    same = (owner_a[:, None] == owner_b[None, :]).astype(np.float32)
    across = _softmax(near, 1) - same / same.sum(1, keepdims=True)
    down = _softmax(near, 0) - same / same.sum(0, keepdims=True)
    pull = SHARPNESS * (across + down) / (2 * len(near))
    to_a, to_b = pull @ unit_b, pull.T @ unit_a
    to_a = (to_a - unit_a * (to_a * unit_a).sum(1, keepdims=True)) / size_a
    to_b = (to_b - unit_b * (to_b * unit_b).sum(1, keepdims=True)) / size_b
    slope: Matrix = a.T @ to_a + b.T @ to_b
    return slope


def _softmax(values: Matrix, axis: int) -> Matrix:
    powers = np.exp(values - values.max(axis=axis, keepdims=True))
    shares: Matrix = powers / powers.sum(axis=axis, keepdims=True)
    return shares
