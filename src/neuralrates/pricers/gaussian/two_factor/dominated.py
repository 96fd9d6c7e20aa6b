"""Exercises that enter what the next one enters: waiting is worth more in every state, so that an induction leaves them out."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from neuralrates.pricers.gaussian.two_factor.plane import Exercises, PlaneRights


class Worthwhile(NamedTuple):
    """The exercises that may be made.

    Args:
        flags: which of each trade's exercises they are
        places: theirs in order, then those of others
    """

    flags: Bool[np.ndarray, "trades exercises"]
    places: Int[np.ndarray, "trades exercises"]

    @classmethod
    def of(cls, rights: PlaneRights) -> "Worthwhile | None":
        """Those of some trades; None where they are all."""
        flows = rights.present_values
        later = np.arange(1, flows.shape[1]) < rights.counts[:, None]
        early = np.all(flows[:, 1:] == flows[:, :-1], axis=2) & later
        if not early.any():
            return None
        real = np.arange(flows.shape[1]) < rights.counts[:, None]
        flags = real & ~np.append(early, np.zeros((early.shape[0], 1), dtype=bool), axis=1)
        return cls(flags, np.argsort(~flags, axis=1, kind="stable"))

    def rights(self, rights: PlaneRights) -> PlaneRights:
        """The rights to these exercises alone."""
        counts = np.count_nonzero(self.flags, axis=1)
        most = int(counts.max(initial=1))
        who, places = np.arange(counts.size)[:, None], self.places[:, :most]
        return PlaneRights(
            counts,
            rights.covariances[who, places],
            rights.loadings,
            rights.present_values[who, places],
        )

    def drifts(self, drifts: np.ndarray) -> np.ndarray:
        """Drifts up to each of these exercises since the one of them before."""
        total = np.cumsum(drifts, axis=1)
        most = int(np.count_nonzero(self.flags, axis=1).max(initial=1))
        at = total[np.arange(total.shape[0])[:, None], self.places[:, :most]]
        return np.diff(at, axis=1, prepend=0.0)

    def put_back(self, found: np.ndarray, whole: np.ndarray) -> None:
        """Numbers of these exercises into those of all, whose others stay."""
        rank = np.cumsum(self.flags, axis=1) - 1
        trade, exercise = np.nonzero(self.flags)
        whole[trade, exercise] = found[trade, rank[trade, exercise]]

    def put_back_rights(self, found: Float[np.ndarray, "trades some"], whole: Exercises) -> None:
        """Values of the rights that begin at each exercise: at others that of the next one of these."""
        following = np.cumsum(self.flags, axis=1) - self.flags
        real = following < np.count_nonzero(self.flags, axis=1)[:, None]
        taken = np.take_along_axis(found, np.minimum(following, found.shape[1] - 1), axis=1)
        whole[real] = taken[real]
