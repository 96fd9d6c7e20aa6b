"""Caplets and floorlets under Gaussian factors, in closed form."""

import equinox as eqx

from neuralrates.models.gaussian import GaussianFactors
from neuralrates.models.hull_white import HullWhite
from neuralrates.pricers.lognormal_caplet import lognormal_caplet, period_bonds
from neuralrates.pricers.price import Price
from neuralrates.pricers.pricer import AbstractPricer
from neuralrates.products.caplet import AbstractCaplet

_ROUNDING = 1e-15


class GaussianCaplet(AbstractPricer):
    """Closed form of caplets and floorlets under Gaussian factors, however many: the bond of the period is lognormal.

    Source: Jamshidian (1989); Brigo and Mercurio (2006), section 3.3.2 for one factor and 4.2.4 for two.

    Example:
        >>> import neuralrates as nr
        >>> model = nr.models.HullWhite(nr.market.FlatCurve(0.03), 0.03, 0.01)
        >>> print(f"{nr.pricers.GaussianCaplet()(model, nr.products.Caplet(1.0, 1.25, 0.03)).value:.8f}")
        0.00096360
    """

    @eqx.filter_jit
    def __call__(self, model: HullWhite | GaussianFactors, product: AbstractCaplet) -> Price:
        received, paid = period_bonds(model, product)
        return Price(lognormal_caplet(model, product), _ROUNDING * (received + paid))

    def order(self) -> float | None:
        return None
