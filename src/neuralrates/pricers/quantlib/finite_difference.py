"""QuantLib's finite differences, and its Jamshidian formula: the second code under constant volatility."""

import equinox as eqx
import QuantLib as ql  # noqa: N813

from neuralrates.core.checks import as_array
from neuralrates.core.doors import door
from neuralrates.core.errors import RefusalError
from neuralrates.models.hull_white import HullWhite
from neuralrates.pricers.price import Price
from neuralrates.pricers.pricer import AbstractPricer
from neuralrates.pricers.quantlib.days import evaluation_date, quantlib_curve, whole_days
from neuralrates.pricers.quantlib.vanilla import vanilla_swaption
from neuralrates.products.swaption import Swaption


@door
class QuantLibFiniteDifference(AbstractPricer):
    """QuantLib's `FdHullWhiteSwaptionEngine`: constant volatility, positive mean reversion, vanilla single-curve swaps.

    The engine steps by Douglas's scheme on a grid of as many points in the rate as steps in time. `error` is the change from
    the grid of half that size. Times must be whole days: see `neuralrates.pricers.quantlib.days.snap_to_days`.

    Args:
        size: steps in time and points in the rate, even

    Source: QuantLib, `ql/pricingengines/swaption/fdhullwhiteswaptionengine.cpp`.

    Example:
        >>> import neuralrates as nr
        >>> model = nr.models.HullWhite(nr.market.FlatCurve(0.03), 0.03, 0.01)
        >>> trade = nr.products.Swaption([1, 2, 3], [2, 3, 4], [1, 1, 1], strike=0.03, side="receiver")
        >>> price = nr.pricers.QuantLibFiniteDifference(size=400)(model, trade)
        >>> print(f"{price.value:.6f} {price.error:.0e}")
        0.012663 2e-07
    """

    size: int = eqx.field(static=True, default=1600)

    def __call__(self, model: HullWhite, product: Swaption) -> Price:
        with evaluation_date():
            fine = self.option(model, product).NPV()
            coarse = QuantLibFiniteDifference(self.size // 2).option(model, product).NPV()
        return Price(value=as_array(fine), error=as_array(abs(fine - coarse)))

    def option(self, model: HullWhite, product: Swaption) -> ql.Swaption:
        """QuantLib's swaption with this engine; value it within `evaluation_date`."""
        option, hull_white = _vanilla(model, product)
        engine = ql.FdHullWhiteSwaptionEngine(hull_white, self.size, self.size)
        option.setPricingEngine(engine)
        return option

    def order(self) -> float | None:
        return 2.0


class QuantLibJamshidian(AbstractPricer):
    """QuantLib's `JamshidianSwaptionEngine`: closed form for one exercise under constant volatility.

    Source: Jamshidian (1989); QuantLib, `ql/pricingengines/swaption/jamshidianswaptionengine.cpp`.
    """

    def __call__(self, model: HullWhite, product: Swaption) -> Price:
        if product.exercise_times.shape[0] != 1:
            raise RefusalError("Jamshidian's formula is for one exercise; this swaption has more.")
        with evaluation_date():
            option, hull_white = _vanilla(model, product)
            option.setPricingEngine(ql.JamshidianSwaptionEngine(hull_white))
            return Price(value=as_array(option.NPV()), error=as_array(0.0))

    def order(self) -> float | None:
        return None


def _vanilla(model: HullWhite, product: Swaption) -> tuple[ql.Swaption, ql.HullWhite]:
    if model.volatility.shape[0] != 1:
        raise RefusalError(
            "QuantLib's HullWhite has one volatility, but this model has "
            f"{model.volatility.shape[0]}; use `QuantLibGaussian`."
        )
    if model.mean_reversion <= 0.0:
        raise RefusalError(
            "QuantLib's HullWhite has a positive mean reversion, but this model's is "
            f"{model.mean_reversion}; use `QuantLibGaussian`."
        )
    curve = quantlib_curve(model.curve, whole_days("flow_times", product.flow_times)[-1])
    hull_white = ql.HullWhite(curve, float(model.mean_reversion), float(model.volatility[0]))
    return vanilla_swaption(product, curve), hull_white
