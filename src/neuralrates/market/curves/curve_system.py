"""The curves of one currency, the quotes they reprice, and how the one moves with the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from neuralrates.core.doors import door
from neuralrates.core.errors import RefusalError
from neuralrates.market.bootstrapping.par_rates import ParRates
from neuralrates.market.bootstrapping.quotes import Quote
from neuralrates.market.curves.zero_curve import ZeroCurve


@door
@dataclass(frozen=True, eq=False)
class CurveSystem:
    """Discount and projection curves of one currency, bootstrapped from quotes or given as nodes.

    Args:
        discount: curve to discount with
        projection: curve of the floating rate that volatilities are quoted on; the same object where one curve plays both
            parts
        discount_index: overnight rate of the discount curve, such as `EUR-EONIA`
        projection_index: floating rate of the projection curve, such as `EUR-EURIBOR-6M`
        quotes: quotes that the curves reprice, one per node, in the order of the curves; none where the nodes were given
        unused: quotes that other quotes made redundant
        par_rates: values of the quotes as a function of the curves
        futures_until: tenor by which the futures used end
        further: projection curves of other floating rates, by their names

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
    further: Mapping[str, ZeroCurve] = field(default_factory=dict)

    def __post_init__(self) -> None:
        alike = self.projection is self.discount and self.projection_index == self.discount_index
        own = () if alike else (self.projection_index,)
        names = (self.discount_index, *own, *self.further)
        if len(set(names)) < len(names):
            raise ValueError(f"Each floating rate must have one curve, but the rates are {names}.")

    @property
    def single_curve(self) -> bool:
        """Whether one curve both discounts and projects, and is the only one."""
        return self.projection is self.discount and not self.further

    def for_index(self, index: str, second: str | None = None) -> "CurveSystem":
        """The curves that a floating rate needs: the overnight rate is projected by the discount curve itself.

        Args:
            index: one of the floating rates
            second: another one, that a basis swap pays

        Returns:
            The discount curve and that of the rate, and that of the second one; they have no quotes of their own.

        Raises:
            RefusalError: for a rate without a curve, naming those that have one
        """
        others = {} if second in (None, self.discount_index) else {second: self.curve(second)}
        return CurveSystem(
            self.discount, self.curve(index), self.discount_index, index, further=others
        )

    def with_curves(self, curves: Sequence[ZeroCurve]) -> "CurveSystem":
        """Other curves of the same floating rates, in the order of `curves`; they are nodes, made of no quotes."""
        named = {index: curves[place] for index, place in self.positions.items()}
        discount, projection = named[self.discount_index], named[self.projection_index]
        further = {index: named[index] for index in self.further}
        names = self.discount_index, self.projection_index
        return CurveSystem(discount, projection, *names, further=further)

    def curve(self, index: str) -> ZeroCurve:
        """The curve that projects a floating rate; refused by name where there is none."""
        if index not in self.by_index:
            raise RefusalError(
                f"expected a floating rate of the market ({' or '.join(self.by_index)}), found {index}"
            )
        return self.by_index[index]

    @cached_property
    def by_index(self) -> dict[str, ZeroCurve]:
        """The curve that projects each floating rate, the discount curve first."""
        named = {self.discount_index: self.discount, self.projection_index: self.projection}
        return {**named, **self.further}

    @cached_property
    def curves(self) -> tuple[ZeroCurve, ...]:
        """All curves, each once, the discount curve first."""
        return tuple({id(curve): curve for curve in self.by_index.values()}.values())

    @cached_property
    def positions(self) -> dict[str, int]:
        """Which of `curves` projects each floating rate."""
        places = {id(curve): number for number, curve in enumerate(self.curves)}
        return {index: places[id(curve)] for index, curve in self.by_index.items()}

    def nodes(self, *indices: str) -> np.ndarray:
        """Places among all nodes of those of the discount curve and then of the curves of these floating rates."""
        for index in indices:
            self.curve(index)
        used = dict.fromkeys([0, *map(self.positions.__getitem__, indices)])
        return np.concatenate([self._places[number] for number in used])

    @cached_property
    def _places(self) -> list[np.ndarray]:
        """Places among all nodes of those of each curve."""
        ends = np.cumsum([np.asarray(curve.times).size for curve in self.curves])
        return np.split(np.arange(ends[-1]), ends[:-1])

    @cached_property
    def node_labels(self) -> tuple[str, ...]:
        """Names of all nodes, in the order of the curves."""
        names = {position: index for index, position in reversed(self.positions.items())}
        return tuple(
            f"{names[number]} zero rate {time:.4f}Y"
            for number, curve in enumerate(self.curves)
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
