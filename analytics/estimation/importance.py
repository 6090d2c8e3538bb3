"""Importance: how the explained variance of a score is shared among drivers that go together."""

from __future__ import annotations

from itertools import combinations
from math import comb
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]

MOST_FOR_LMG = 10
RIDGE = 1e-9  # keeps drivers that are copies of each other solvable


def method(drivers: int) -> str:
    """Which of the two is used: LMG up to 10 drivers, as its cost doubles with each, else Johnson's weights."""
    return "LMG" if drivers <= MOST_FOR_LMG else "Johnson"


def importance(correlations: Matrix) -> Matrix:
    """Each driver's part of R squared, for a batch of correlation matrices (..., k + 1, k + 1), the score last.

    The parts add up to R squared. LMG: the mean of what a driver adds over all orders of entering (Lindeman, Merenda
    and Gold 1980; Groemping 2006). Johnson: relative weights by way of the nearest orthogonal variables (Johnson 2000).
    """
    among, with_score = correlations[..., :-1, :-1], correlations[..., :-1, -1]
    return _lmg(among, with_score) if method(among.shape[-1]) == "LMG" else _johnson(among, with_score)


def _lmg(among: Matrix, with_score: Matrix) -> Matrix:
    import numpy as np

    k = among.shape[-1]
    explained: dict[tuple[int, ...], Any] = {(): np.zeros(among.shape[:-2])}
    for size in range(1, k + 1):
        for subset in combinations(range(k), size):
            chosen = np.array(subset, dtype=int)
            own = with_score[..., chosen]
            matrix = among[..., chosen[:, None], chosen] + RIDGE * np.eye(size)
            slopes = np.linalg.solve(matrix, own[..., None])[..., 0]
            explained[subset] = (slopes * own).sum(axis=-1)
    parts = np.zeros(with_score.shape)
    for subset, known in explained.items():
        for driver in set(range(k)) - set(subset):
            share = 1 / (k * comb(k - 1, len(subset)))
            parts[..., driver] += share * (explained[tuple(sorted((*subset, driver)))] - known)
    return parts


def _johnson(among: Matrix, with_score: Matrix) -> Matrix:
    import numpy as np

    values, vectors = np.linalg.eigh(among)
    roots = np.sqrt(np.clip(values, RIDGE, None))
    loadings = (vectors * roots[..., None, :]) @ np.swapaxes(vectors, -1, -2)
    slopes = np.linalg.solve(loadings, with_score[..., None])[..., 0]
    parts: Matrix = (loadings**2 @ (slopes**2)[..., None])[..., 0]
    return parts


def bootstrapped(values: Matrix, draws: int, seed: int) -> Matrix:
    """The correlation matrices of `draws` resamples of the rows (persons), with replacement."""
    import numpy as np

    random = np.random.default_rng(seed)
    n = len(values)
    matrices = np.empty((draws, values.shape[1], values.shape[1]))
    for i in range(draws):
        matrices[i] = correlation(values[random.integers(0, n, n)])
    return matrices


def correlation(values: Matrix) -> Matrix:
    """The correlation matrix of the columns; a column without variance correlates with nothing."""
    import numpy as np

    centred = values - values.mean(axis=0)
    lengths = np.sqrt((centred**2).sum(axis=0))
    scaled = centred / np.where(lengths > 0, lengths, 1.0)
    matrix: Matrix = scaled.T @ scaled
    np.fill_diagonal(matrix, 1.0)
    return matrix
