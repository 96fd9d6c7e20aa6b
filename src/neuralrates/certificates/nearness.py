"""Whether a point is near the distribution that was sampled: its distance in whitened inputs, against a quantile."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

import numpy as np
from pydantic import Field

from neuralrates.core.digest import digest_of_arrays
from neuralrates.core.schema import Strict

Row = Annotated[list[float], Field(max_length=1000)]
Samples = np.ndarray
"""Points, one a row; a plain annotation, since what knows shapes takes long to import."""
HeldOut = np.ndarray
Numbers = np.ndarray
_NOTHING = 1e-9
"""Share of the largest spread below which a direction has none: it is not looked at."""


class KindRecord(Strict):
    """The law of one kind of point, where codes tell kinds apart; of all points where there are none.

    Args:
        mean: of the inputs
        whitening: a row for each input: centred inputs to coordinates of unit variance
        limit: largest squared distance of a point that is near
    """

    mean: Row
    whitening: Annotated[list[Row], Field(min_length=1, max_length=1000)]
    limit: Annotated[float, Field(gt=0.0)]


class NearnessRecord(Strict):
    """What a file says of it.

    Args:
        false_alarm_rate: share of the distribution that is taken for far
        codes: columns of the inputs that are 0 or 1 and name the kind; the first kind where there are none
        kinds: law of each
    """

    false_alarm_rate: Annotated[float, Field(gt=0.0, lt=1.0)]
    codes: Annotated[list[Annotated[int, Field(ge=0, lt=1000)]], Field(max_length=1000)]
    kinds: Annotated[list[KindRecord], Field(min_length=1, max_length=1000)]


@dataclass(frozen=True)
class Nearness:
    """Whether points lie near a distribution, with a stated rate of false alarms.

    Args:
        record: plain numbers

    Source: Mahalanobis (1936) for the distance; the limit is a split-conformal quantile, Lei et al. (2018).

    Example:
        >>> import numpy as np
        >>> from neuralrates.certificates.nearness import fit_nearness
        >>> draws = np.random.default_rng(0).normal(size=(4000, 2)) @ np.array([[1.0, 0.9], [0.0, 0.1]])
        >>> near = fit_nearness(draws[:2000], draws[2000:], (), 0.001)
        >>> print(near(np.array([[1.0, 1.0], [1.0, -1.0]])))
        [ True False]
    """

    record: NearnessRecord

    @cached_property
    def kinds(self) -> list[tuple[np.ndarray, np.ndarray, float]]:
        """Of each kind of point the mean, the whitening and the largest squared distance."""
        return [
            (np.array(kind.mean), np.array(kind.whitening), kind.limit)
            for kind in self.record.kinds
        ]

    def __call__(self, x: Samples) -> np.ndarray:
        """Whether each point, in raw units, is near."""
        if not self.record.codes:
            return _squared(x, *self.kinds[0][:2]) <= self.kinds[0][2]
        number = np.argmax(x[:, self.record.codes], axis=1)
        near = np.zeros(len(x), dtype=bool)
        for kind in np.unique(number):
            mean, whitening, limit = self.kinds[kind]
            here = number == kind
            near[here] = _squared(x[here], mean, whitening) <= limit
        return near

    def fault(self, inputs: int) -> str:
        """Why it is no law of points of so many inputs; empty where it is one.

        Args:
            inputs: of a point
        """
        codes = self.record.codes
        if len(self.record.kinds) != max(len(codes), 1):
            return f"expected {max(len(codes), 1)} kinds, found {len(self.record.kinds)}"
        if any(not 0 <= code < inputs for code in codes):
            return f"expected codes from 0 to {inputs - 1}"
        try:
            shapes = [(mean.shape, whitening.shape) for mean, whitening, _ in self.kinds]
        except ValueError:
            return "expected whitenings in rows of one length"
        for mean, whitening in shapes:
            if (
                mean != (inputs,)
                or len(whitening) != 2
                or whitening[0] != inputs
                or whitening[1] < 1
            ):
                return f"expected means of {inputs} numbers, and whitenings of as many rows"
        return ""

    @property
    def digest(self) -> str:
        """SHA-256 of everything that it is made of."""
        words = f"nearness {self.record.false_alarm_rate!r} {self.record.codes!r} {[kind[2] for kind in self.kinds]!r}"
        arrays = {}
        for number, (mean, whitening, _) in enumerate(self.kinds):
            arrays |= {f"{number}.mean": mean, f"{number}.whitening": whitening}
        return digest_of_arrays(words, arrays)


def fit_nearness(
    learned: Samples, held_out: HeldOut, codes: Sequence[int], false_alarm_rate: float
) -> Nearness:
    """Law of a distribution from draws of it.

    Args:
        learned: draws for the mean and the whitening
        held_out: other draws, for the limit
        codes: columns that are 0 or 1 and name the kind of a point
        false_alarm_rate: share of the distribution that may be taken for far

    Returns:
        The test.

    Raises:
        ValueError: where there are too few draws held out for the rate, or none of some kind
    """
    pairs = [[draws[draws[:, code] == 1.0] for draws in (learned, held_out)] for code in codes] or [
        [learned, held_out]
    ]
    records = [_kind(one, other, false_alarm_rate) for one, other in pairs]
    return Nearness(
        NearnessRecord(false_alarm_rate=false_alarm_rate, codes=list(codes), kinds=records)
    )


def _kind(learned: Samples, held_out: HeldOut, false_alarm_rate: float) -> KindRecord:
    rank = int(np.ceil((1.0 - false_alarm_rate) * (len(held_out) + 1)))
    if len(learned) < 2 or rank > len(held_out):
        raise ValueError(
            f"Argument `held_out` must hold at least {1.0 / false_alarm_rate:.0f} draws of a kind, but holds {len(held_out)}."
        )
    mean = learned.mean(axis=0)
    spread = learned.std(axis=0)
    unit = np.where(spread > 0.0, spread, 1.0)
    values, vectors = np.linalg.eigh(
        np.cov((learned - mean) / unit, rowvar=False, ddof=0).reshape(len(unit), -1)
    )
    kept = values > _NOTHING * values[-1]
    whitening = vectors[:, kept] / np.sqrt(values[kept]) / unit[:, None]
    limit = np.sort(_squared(held_out, mean, whitening))[rank - 1]
    return KindRecord(mean=mean.tolist(), whitening=whitening.tolist(), limit=float(limit))


def _squared(x: Samples, mean: np.ndarray, whitening: np.ndarray) -> Numbers:
    """Squared distance in whitened coordinates."""
    z = (x - mean) @ whitening
    return np.einsum("ij,ij->i", z, z)
