"""Rights of many trades under two factors, and the plane that the factors of each exercise live in."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from neuralrates.pricers.gaussian.batched.portfolio import spanned

Trades = Float[np.ndarray, "trades"]
Exercises = Float[np.ndarray, "trades exercises"]
Matrices = Float[np.ndarray, "trades exercises 2 2"]
Pairs = Float[np.ndarray, "... 2 2"]
PlaneFlows = Float[np.ndarray, "trades exercises flows 2"]

_SMALLEST_VARIANCE = 1e-60
_SMALLEST_SHARE = 1e-14
"""Of a factor's variance, at least so much is its own: two factors that move together have no plane."""


class PlaneRights(NamedTuple):
    """All that an induction knows of some trades and their models.

    Args:
        counts: exercises of each trade; what stands beyond them in the arrays is padding
        covariances: of the state at the exercise times
        loadings: $H(T_k)$ of the flow times less that of the last, years, by factor
        present_values: value today of each flow received on exercise; zero where padding
    """

    counts: Int[np.ndarray, "trades"]
    covariances: Matrices
    loadings: Float[np.ndarray, "trades flows 2"]
    present_values: Float[np.ndarray, "trades exercises flows"]

    def take(self, rows: Int[np.ndarray, "some"]) -> "tuple[PlaneRights, Int[np.ndarray, 'used']]":
        """Those of some trades without the padding that none of them needs, and which flows are left."""
        counts = self.counts[rows]
        most = int(counts.max(initial=1))
        flows = self.present_values[rows, :most]
        used = np.flatnonzero(np.any(spanned(flows), axis=(0, 1)))
        kept = self.loadings[rows][:, used]
        return PlaneRights(counts, self.covariances[rows, :most], kept, flows[:, :, used]), used


class Plane(NamedTuple):
    """Exercises counted from each trade's last, in coordinates that are independent standard normals as seen from today.

    Args:
        counts: exercises of each trade, falling
        places: of each exercise in the trade's own order; those of its first repeated beyond it
        roots: lower triangles L with $x = L z$
        inverses: of them
        steps: z at the next exercise is this times z here, plus noise; nothing for the last exercise
        loadings: $L' H$ of the flows that are paid, zero for others
        present_values: of the flows received on exercise
        brackets: the same less those that the next exercise receives
        decay: $e^{-|L' H|^2 / 2}$ by flow
        amounts: brackets times decay
        used: flows in the brackets of some trade, by exercise
    """

    counts: Int[np.ndarray, "trades"]
    places: Int[np.ndarray, "trades exercises"]
    roots: Matrices
    inverses: Matrices
    steps: Matrices
    loadings: PlaneFlows
    present_values: Float[np.ndarray, "trades exercises flows"]
    brackets: Float[np.ndarray, "trades exercises flows"]
    decay: Float[np.ndarray, "trades exercises flows"]
    amounts: Float[np.ndarray, "trades exercises flows"]
    used: list[Int[np.ndarray, "some"]]

    @classmethod
    def of(cls, rights: PlaneRights) -> "Plane":
        """Plane of some trades, those with most exercises first."""
        most = int(rights.counts[0])
        places = np.maximum(rights.counts[:, None] - 1 - np.arange(most), 0)
        who = np.arange(places.shape[0])[:, None]
        values = rights.present_values[who, places]
        brackets = values.copy()
        brackets[:, 1:] -= values[:, :-1]
        roots = square_roots(rights.covariances[who, places])
        inverses = inverses_of(roots)
        steps = np.zeros_like(roots)
        steps[:, 1:] = inverses[:, :-1] @ roots[:, 1:]
        paid = spanned(values)
        paid[:, 1:] |= paid[:, :-1]
        loadings = rights.loadings[:, None] @ roots
        loadings *= paid[..., None]
        decay = np.exp(-0.5 * (loadings[..., 0] ** 2 + loadings[..., 1] ** 2))
        used = [np.flatnonzero(row) for row in np.any(brackets, axis=0)]
        return cls(
            rights.counts,
            places,
            roots,
            inverses,
            steps,
            loadings,
            values,
            brackets,
            decay,
            brackets * decay,
            used,
        )

    @property
    def too_early(self) -> Bool[np.ndarray, "trades exercises"]:
        """Whether an exercise enters what the next one enters: waiting is worth more in every state."""
        return ~np.any(self.brackets, axis=2)

    def having(self, back: int) -> int:
        """How many trades have an exercise that stands so many before their last."""
        return int(np.count_nonzero(self.counts > back))


def square_roots(covariances: Pairs) -> Pairs:
    """Lower triangles, by Cholesky; none of them singular."""
    found = np.zeros_like(covariances)
    first = np.sqrt(np.maximum(covariances[..., 0, 0], _SMALLEST_VARIANCE))
    second = np.maximum(covariances[..., 1, 1], _SMALLEST_VARIANCE)
    found[..., 0, 0], found[..., 1, 0] = first, covariances[..., 1, 0] / first
    rest = second - found[..., 1, 0] ** 2
    found[..., 1, 1] = np.sqrt(np.maximum(rest, _SMALLEST_SHARE * second))
    return found


def inverses_of(roots: Pairs) -> Pairs:
    """Inverses of lower triangles."""
    found = np.zeros_like(roots)
    found[..., 0, 0], found[..., 1, 1] = 1.0 / roots[..., 0, 0], 1.0 / roots[..., 1, 1]
    found[..., 1, 0] = -roots[..., 1, 0] * found[..., 0, 0] * found[..., 1, 1]
    return found
