"""QuantLib's Gaussian1d engine on its Gsr model: the second code under piecewise volatility."""

import equinox as eqx
import numpy as np
import QuantLib as ql  # noqa: N813

from neuralrates.core.checks import as_array
from neuralrates.core.doors import door
from neuralrates.core.errors import RefusalError
from neuralrates.core.types import ArrayLike
from neuralrates.models.hull_white import HullWhite
from neuralrates.pricers.price import Price
from neuralrates.pricers.pricer import AbstractPricer
from neuralrates.pricers.quantlib.days import (
    DAYS_PER_YEAR,
    evaluation_date,
    quantlib_curve,
    quantlib_day,
    whole_days,
)
from neuralrates.pricers.quantlib.nonstandard import nonstandard_swaption
from neuralrates.products.swaption import Swaption

_ZERO_REVERSION = 1e-4


@door
class QuantLibGaussian(AbstractPricer):
    """QuantLib's `Gaussian1dNonstandardSwaptionEngine` on `Gsr`: piecewise volatility, any mean reversion, any flows.

    The engine integrates splines of the value, on a fixed grid of the standardised state, in the forward measure of the last
    flow. Its error is that of the kinks of exercise between grid points, so it falls irregularly; `error` is the change from
    the grid of half that size. Times, also those of the volatility, must be whole days.

    Args:
        size: grid points on each side of the mean, even
        deviations: half-width of the grid in standard deviations

    Source: QuantLib, `ql/pricingengines/swaption/gaussian1dnonstandardswaptionengine.cpp`.

    Example:
        >>> import neuralrates as nr
        >>> model = nr.models.HullWhite(nr.market.FlatCurve(0.03), 0.03, [0.008, 0.012], [2.0])
        >>> trade = nr.products.Swaption([1, 2, 3], [2, 3, 4], [1, 1, 1], strike=0.03, side="receiver")
        >>> price = nr.pricers.QuantLibGaussian(size=128)(model, trade)
        >>> print(f"{price.value:.5f} {price.error:.0e}")
        0.01055 4e-06
    """

    size: int = eqx.field(static=True, default=512)
    deviations: float = eqx.field(static=True, default=7.0)

    def __call__(self, model: HullWhite, product: Swaption) -> Price:
        with evaluation_date():
            fine = self.option(model, product).NPV()
            half = QuantLibGaussian(self.size // 2, self.deviations)
            coarse = half.option(model, product).NPV()
        return Price(value=as_array(fine), error=as_array(abs(fine - coarse)))

    def option(self, model: HullWhite, product: Swaption) -> ql.NonstandardSwaption:
        """QuantLib's swaption with this engine; value it within `evaluation_date`."""
        last_day = whole_days("flow_times", product.flow_times)[-1]
        curve = quantlib_curve(model.curve, last_day)
        option = nonstandard_swaption(product, curve)
        engine = ql.Gaussian1dNonstandardSwaptionEngine(
            _gsr(model, curve, last_day), self.size, self.deviations
        )
        option.setPricingEngine(engine)
        return option

    def order(self) -> float | None:
        return 2.0


def _gsr(model: HullWhite, curve: ql.YieldTermStructureHandle, last_day: int) -> ql.Gsr:
    reversion = float(model.mean_reversion)
    if 0.0 < abs(reversion) < _ZERO_REVERSION:
        raise RefusalError(
            f"QuantLib's Gsr takes a mean reversion below {_ZERO_REVERSION} for zero, so {reversion} is refused."
        )
    if np.any(np.asarray(model.volatility) <= 0.0):
        raise RefusalError("QuantLib's Gsr needs positive volatilities.")
    steps = [quantlib_day(day) for day in whole_days("volatility_times", model.volatility_times)]
    volatilities = [_quote(volatility) for volatility in model.volatility]
    return ql.Gsr(curve, steps, volatilities, [_quote(reversion)], last_day / DAYS_PER_YEAR)


def _quote(value: ArrayLike) -> ql.QuoteHandle:
    return ql.QuoteHandle(ql.SimpleQuote(float(np.asarray(value))))
