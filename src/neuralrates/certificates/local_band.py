"""A band that is as wide as errors are large nearby: a small network of the inputs, in NumPy, times a calibrated factor."""

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

import numpy as np
from pydantic import Field

from neuralrates.core.digest import digest_of_arrays
from neuralrates.core.schema import Strict

Row = Annotated[list[float], Field(min_length=1, max_length=1000)]
Samples = np.ndarray
"""Points, one a row; a plain annotation, since what knows shapes takes long to import."""


class LayerRecord(Strict):
    """An affine map as plain numbers.

    Args:
        weight: a row for each input
        bias: a number for each output
    """

    weight: Annotated[list[Row], Field(min_length=1, max_length=1000)]
    bias: Row


_LARGEST_LOGARITHM = 100.0


class BandRecord(Strict):
    """What a file says of a band.

    Args:
        level: share of the distribution that it is made to cover
        factor: of the scale, from the calibration
        low: of the logarithm of the scale
        high: of it
        layers: raw inputs to that logarithm, with what is below zero cut off between them
    """

    level: Annotated[float, Field(gt=0.0, lt=1.0)]
    factor: Annotated[float, Field(gt=0.0)]
    low: float
    high: float
    layers: Annotated[list[LayerRecord], Field(min_length=1, max_length=10)]


@dataclass(frozen=True)
class LocalBand:
    """Half-width of the band at any points: $q \\, e^{s(x)}$, with s a network of the inputs and q calibrated.

    Args:
        record: plain numbers

    Source: Lei, G'Sell, Rinaldo, Tibshirani and Wasserman (2018), section 5.2, for bands that follow a local scale.

    Example:
        >>> import numpy as np
        >>> from neuralrates.certificates.local_band import BandRecord, LayerRecord, LocalBand
        >>> layer = LayerRecord(weight=[[2.0]], bias=[0.0])
        >>> band = LocalBand(BandRecord(level=0.99, factor=3.0, low=-1.0, high=1.0, layers=[layer]))
        >>> print(band(np.array([[0.0], [0.5], [9.0]])))
        [3.         8.15484549 8.15484549]
    """

    record: BandRecord

    @cached_property
    def layers(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Weights and shifts of each affine map."""
        return [(np.array(layer.weight), np.array(layer.bias)) for layer in self.record.layers]

    def scale(self, x: Samples) -> np.ndarray:
        """The local scale of errors at points in raw units, up to a factor."""
        *hidden, (weight, bias) = self.layers
        for inner, shift in hidden:
            x = x @ inner
            x += shift
            np.maximum(x, 0.0, out=x)
        logarithm = (x @ weight)[:, 0] + bias
        return np.exp(np.minimum(np.maximum(logarithm, self.record.low), self.record.high))

    def __call__(self, x: Samples) -> np.ndarray:
        """Half-width of the band at points in raw units, per unit notional."""
        return self.record.factor * self.scale(x)

    def fault(self, inputs: int) -> str:
        """Why it is no band of points of so many inputs; empty where it is one.

        Args:
            inputs: of a point
        """
        try:
            shapes = [(weight.shape, bias.shape) for weight, bias in self.layers]
        except ValueError:
            return "expected weights in rows of one length"
        width = inputs
        for weight, bias in shapes:
            if len(weight) != 2 or weight[0] != width or bias != weight[1:]:
                return f"expected weights of {width} rows, and as many shifts as columns"
            width = weight[1]
        if width != 1:
            return f"expected one number from the last layer, found {width}"
        if not self.record.low <= self.record.high <= _LARGEST_LOGARITHM:
            return f"expected limits `low` to `high` that rise, up to {_LARGEST_LOGARITHM:g}"
        return ""

    @property
    def digest(self) -> str:
        """SHA-256 of everything that the band is made of."""
        said = self.record
        words = f"band {said.level!r} {said.factor!r} {said.low!r} {said.high!r}"
        arrays = {
            f"{k}.{n}": part for k, pair in enumerate(self.layers) for n, part in enumerate(pair)
        }
        return digest_of_arrays(words, arrays)
