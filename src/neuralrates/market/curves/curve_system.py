"""The curves of one currency, the quotes they reprice, and how the one moves with the other."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from neuralrates.core.doors import door
from neuralrates.market.bootstrapping.par_rates import ParRates
from neuralrates.market.bootstrapping.quotes import Quote
from neuralrates.market.curves.zero_curve import ZeroCurve


@door
@dataclass(frozen=True, eq=False)
class CurveSystem:
    """Discount and projection curve of one currency, bootstrapped from quotes or given as nodes.

    Args:
        discount: curve to discount with
        projection: curve of the floating rate; the same object where one curve plays both parts
        discount_index: overnight rate of the discount curve, such as `EUR-EONIA`
        projection_index: floating rate of the projection curve, such as `EUR-EURIBOR-6M`
        quotes: quotes that the curves reprice, one per node, those of the discount curve first; none where the nodes were
            given
        unused: quotes that other quotes made redundant
        par_rates: values of the quotes as a function of the curves
        futures_until: tenor by which the futures used end

    Example:
        >>> import datetime, neuralrates as nr
        >>> quotes = [nr.market.Quote("ois", "USD-SOFR", t, r) for t, r in (("1Y", 0.05), ("5Y", 0.04))]
        >>> system = nr.market.bootstrap(datetime.date(2024, 3, 19), quotes)
        >>> system.jacobian.shape, system.single_curve
        ((2, 2), True)
    """

    discount: ZeroCurve
    projection: ZeroCurve
    discount_index: str
    projection_index: str
    quotes: tuple[Quote, ...] = ()
    unused: tuple[Quote, ...] = ()
    par_rates: ParRates | None = None
    futures_until: str = ""

    @property
    def single_curve(self) -> bool:
        """Whether one curve both discounts and projects."""
        return self.projection is self.discount

    def for_index(self, index: str) -> "CurveSystem":
        """The curves that a floating rate needs: the overnight rate is projected by the discount curve itself.

        Args:
            index: one of the two floating rates

        Returns:
            This system, or its discount curve alone; that has no quotes of its own.
        """
        if self.single_curve or index != self.discount_index:
            return self
        return CurveSystem(self.discount, self.discount, index, index)

    @property
    def curves(self) -> tuple[ZeroCurve, ...]:
        """The one or two curves."""
        return (self.discount,) if self.single_curve else (self.discount, self.projection)

    @property
    def node_labels(self) -> tuple[str, ...]:
        """Names of all nodes, discount nodes first."""
        names = (self.discount_index, self.projection_index)
        return tuple(
            f"{name} zero rate {time:.4f}Y"
            for name, curve in zip(names, self.curves, strict=False)
            for time in np.asarray(curve.times)
        )

    @cached_property
    def _values_and_jacobian(self) -> tuple[np.ndarray, np.ndarray]:
        if self.par_rates is None:
            return np.zeros(0), np.zeros((0, len(self.node_labels)))
        return self.par_rates(self.curves)

    @property
    def residuals(self) -> np.ndarray:
        """Value that the curves imply minus value quoted, per quote, in its unit."""
        return self._values_and_jacobian[0] - np.array([quote.value for quote in self.quotes])

    @cached_property
    def jacobian(self) -> np.ndarray:
        """Derivatives of all zero-rate nodes to all quotes: its transpose turns zero deltas into par deltas.

        By the implicit function theorem it is the inverse of the derivatives of the quotes to the nodes. Per unit of each
        quote, so per point of a future's price. Without quotes it has no columns.
        """
        if self.par_rates is None:
            return np.zeros((len(self.node_labels), 0))
        return np.linalg.inv(self._values_and_jacobian[1])
