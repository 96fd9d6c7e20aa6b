"""Model values of many quotes at once, with derivatives to the zero rates of the curves."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float

from neuralrates.market.bootstrapping.instruments import Instrument
from neuralrates.market.curves.curve_reader import CurveReader
from neuralrates.market.curves.zero_curve import ZeroCurve

Values = Float[np.ndarray, "quotes"]
Flows = Float[np.ndarray, "flows"]
ByNode = Float[np.ndarray, "flows nodes"]


class ParRates:
    """Quoted values that the curves of a currency imply, one per quote.

    The rate of a quote is $\\sum_k w_k (P(s_k)/P(e_k) - 1) D(p_k) / \\sum_j a_j D(q_j)$, with D the discount curve and P the
    curve of the floating rate; a future is quoted as $100 (1 - rate - convexity)$.

    Args:
        instruments: the quotes, resolved to flows
        positions: which of the curves projects each floating rate

    Attributes:
        scale: units of each quote per unit of its rate

    Source: Henrard (2014), Interest Rate Modelling in the Multi-Curve Framework, chapters 2 and 5.
    """

    def __init__(self, instruments: Sequence[Instrument], positions: Mapping[str, int]) -> None:
        floating = [(i, flow) for i, item in enumerate(instruments) for flow in item.floating]
        fixed = [(i, flow) for i, item in enumerate(instruments) for flow in item.fixed]
        dates = [time for _, f in floating for time in (f.start, f.end, f.payment)]
        times, places = np.unique(dates + [f.payment for _, f in fixed], return_inverse=True)
        self._times = times
        self._start, self._end, self._payment = places[: len(dates)].reshape(-1, 3).T
        self._weight = np.fromiter((flow.weight for _, flow in floating), float)
        self._curve = np.fromiter((positions[flow.index] for _, flow in floating), int)
        self._quote = np.fromiter((i for i, _ in floating), int)
        self._fixed_payment = places[len(dates) :]
        self._fixed_weight = np.fromiter((flow.weight for _, flow in fixed), float)
        self._fixed_quote = np.fromiter((i for i, _ in fixed), int)
        self.scale = np.array([item.scale for item in instruments], dtype=float)
        self._shift = np.array([item.shift for item in instruments], dtype=float)

    def __call__(self, curves: tuple[ZeroCurve, ...]) -> tuple[Values, ByNode]:
        """Values of the quotes in their own units, and their derivatives to the zero rates of all nodes.

        Args:
            curves: the discount curve, then the projection curves

        Returns:
            Values, and the matrix of quotes (rows) by nodes (columns, discount nodes first).
        """
        exponents, slopes = zip(*map(self._read, curves), strict=True)
        ends = np.cumsum([0, *(part.shape[1] for part in slopes)])
        discount = np.zeros((self._times.size, ends[-1]))
        discount[:, : ends[1]] = slopes[0]
        log_growth = np.zeros(self._curve.size)
        growth_slopes = np.zeros((self._curve.size, ends[-1]))
        for place in range(len(curves)):
            own, nodes = self._curve == place, slice(ends[place], ends[place + 1])
            log_growth[own] = self._log_growth(exponents[place])[own]
            growth_slopes[own, nodes] = self._log_growth(slopes[place])[own]
        factors = np.exp(-exponents[0])
        paid = self._weight * factors[self._payment]
        grown = paid * np.exp(log_growth)
        worth = paid * np.expm1(log_growth)
        annuity = self._fixed_weight * factors[self._fixed_payment]
        worth_slopes = grown[:, None] * growth_slopes - worth[:, None] * discount[self._payment]
        annuity_slopes = -annuity[:, None] * discount[self._fixed_payment]
        floating = self._summed(self._quote, np.column_stack([worth, worth_slopes]))
        fixed = self._summed(self._fixed_quote, np.column_stack([annuity, annuity_slopes]))
        rates = self.scale * floating[:, 0] / fixed[:, 0]
        jacobian = self.scale[:, None] * floating[:, 1:] - rates[:, None] * fixed[:, 1:]
        return self._shift + rates, jacobian / fixed[:, :1]

    def _read(self, curve: ZeroCurve) -> tuple[Float[np.ndarray, "times"], ByNode]:
        reader = CurveReader(curve, np.asarray(curve.zero_rates))
        return reader(self._times[:, None]).value[:, 0], reader.slopes(self._times)

    def _log_growth(
        self, exponents: Float[np.ndarray, "times ..."]
    ) -> Float[np.ndarray, "flows ..."]:
        """Logarithm of $P(s)/P(e)$ of every floating flow."""
        found: np.ndarray = exponents[self._end] - exponents[self._start]
        return found

    def _summed(
        self, quotes: np.ndarray, rows: Float[np.ndarray, "some columns"]
    ) -> Float[np.ndarray, "quotes columns"]:
        """Sums of the rows of each quote."""
        found = np.zeros((self.scale.size, rows.shape[1]))
        np.add.at(found, quotes, rows)
        return found
