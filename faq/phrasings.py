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
from threadpoolctl import threadpool_limits

from faq.terms import Codes

# The matrices here are small: with a second thread a step took six times as long on a busy machine (3.7 s against
# 0.5 s for 112 entries), because the threads wait for each other by spinning. Holds for the whole process.
threadpool_limits(limits=1, user_api="blas")

Matrix = npt.NDArray[np.float32]

DIMENSIONS = 128
BATCH, EPOCHS, STEPS = 256, 60, 600
"""Entries in a step, passes over the entries, and most steps; more of any gained nothing on multidev."""

SHARPNESS, RATE, DROP = 10.0, 0.003, 0.2
"""Of the softmax, of Adam, and the share of terms left out of each phrasing so that no single one is leaned on."""

SLOPE_MEMORY, SQUARE_MEMORY = 0.9, 0.999
"""Adam's usual two."""


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
    sizes = np.bincount(owners)
    begins = np.cumsum(sizes) - sizes
    several = np.flatnonzero(sizes > 1)
    if len(several) < 2 or not len(codes):
        return None
    spread = np.float32(DIMENSIONS**-0.5)
    learning = _Learning(rng.standard_normal((len(codes), DIMENSIONS), dtype=np.float32) * spread)
    ahead = several[:0]
    for _ in range(min(STEPS, EPOCHS * -(-len(several) // BATCH))):
        if not len(ahead):
            ahead = rng.permutation(several)
        batch, ahead = ahead[:BATCH], ahead[BATCH:]
        one = rng.integers(sizes[batch])
        other = (one + 1 + rng.integers(sizes[batch] - 1)) % sizes[batch]
        left, right = (_drop(rows[order[begins[batch] + which]], rng) for which in (one, other))
        learning.step(left, right)
    return Table(codes, learning.vectors)


def _drop(rows: sparse.csr_matrix, rng: np.random.Generator) -> sparse.csr_matrix:
    """Rows without a random part of their terms."""
    rows.data = rows.data * (rng.random(len(rows.data)) > DROP)
    return rows


class _Learning:
    """Vectors on their way, and what Adam remembers of each.

    A step touches only the terms of its batch, so that its cost does not grow with the catalogue.
    """

    def __init__(self, vectors: Matrix) -> None:
        self.vectors = vectors
        self._slopes = np.zeros_like(vectors)
        self._squares = np.zeros_like(vectors)
        self._steps = 0

    def step(self, left: sparse.csr_matrix, right: sparse.csr_matrix) -> None:
        """One step of Adam; row n of ``left`` and row n of ``right`` are phrasings of one entry."""
        self._steps += 1
        touched, place = np.unique(np.concatenate((left.indices, right.indices)), return_inverse=True)
        cut = len(left.indices)
        shape = (left.shape[0], len(touched))
        a = sparse.csr_matrix((left.data, place[:cut], left.indptr), shape)
        b = sparse.csr_matrix((right.data, place[cut:], right.indptr), shape)
        vectors = self.vectors[touched]
        slope = _slope(a, b, vectors)
        slopes = SLOPE_MEMORY * self._slopes[touched] + (1 - SLOPE_MEMORY) * slope
        squares = SQUARE_MEMORY * self._squares[touched] + (1 - SQUARE_MEMORY) * slope * slope
        self._slopes[touched], self._squares[touched] = slopes, squares
        even, wide = 1 - SLOPE_MEMORY**self._steps, 1 - SQUARE_MEMORY**self._steps
        self.vectors[touched] = vectors - RATE * (slopes / even) / (np.sqrt(squares / wide) + 1e-8)


def _slope(a: sparse.csr_matrix, b: sparse.csr_matrix, vectors: Matrix) -> Matrix:
    """Gradient of the symmetric softmax loss over one batch of pairs."""
    raw_a, raw_b = a @ vectors, b @ vectors
    size_a = np.maximum(np.linalg.norm(raw_a, axis=1, keepdims=True), 1e-6)
    size_b = np.maximum(np.linalg.norm(raw_b, axis=1, keepdims=True), 1e-6)
    unit_a, unit_b = raw_a / size_a, raw_b / size_b
    near = SHARPNESS * unit_a @ unit_b.T
    same = 2 * np.eye(len(near), dtype=np.float32)
    pull = SHARPNESS * (_softmax(near, 1) + _softmax(near, 0) - same) / (2 * len(near))
    to_a, to_b = pull @ unit_b, pull.T @ unit_a
    to_a = (to_a - unit_a * (to_a * unit_a).sum(1, keepdims=True)) / size_a
    to_b = (to_b - unit_b * (to_b * unit_b).sum(1, keepdims=True)) / size_b
    slope: Matrix = a.T @ to_a + b.T @ to_b
    return slope


def _softmax(values: Matrix, axis: int) -> Matrix:
    powers = np.exp(values - values.max(axis=axis, keepdims=True))
    shares: Matrix = powers / powers.sum(axis=axis, keepdims=True)
    return shares
