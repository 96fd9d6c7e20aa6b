"""Caplets on the whole forward curve: two closed forms of its square-root dynamics."""

import equinox as eqx
import jax
import jax.numpy as jnp

from neuralrates.core.checks import is_concrete
from neuralrates.core.types import Scalar
from neuralrates.models.forward_curve import ForwardCurve
from neuralrates.pricers.forward_curve.forward_period import check_european
from neuralrates.pricers.forward_curve.square_root import square_root_ratio_call
from neuralrates.pricers.lognormal_caplet import lognormal_caplet, of_caplet, period_bonds
from neuralrates.pricers.price import Price
from neuralrates.pricers.pricer import AbstractPricer
from neuralrates.products.caplet import AbstractCaplet

_ROUNDING = 1e-12
_MISSED = 1e-3
"""Largest error found, 7e-4, over bond times deviation of its log: 0.4 times that is an at-the-money value."""


class FrozenCaplet(AbstractPricer):
    """Caplets and floorlets with the volatility frozen at today's forwards, at which the bond ratio is lognormal.

    Exact where no forward of the period can move away from the cap of the volatility, else a Gaussian limit. `error` is then
    the distance to `SquareRootCaplet`, which misses less.

    Source: Heath, Jarrow and Morton (1992), section 7; Brigo and Mercurio (2006), section 3.3.2.

    Example:
        >>> import neuralrates as nr
        >>> volatility = nr.models.TenorVolatility([[0.08, -0.02], [0.02, 0.03]])
        >>> model = nr.models.ForwardCurve(nr.market.FlatCurve(0.04), volatility)
        >>> print(f"{nr.pricers.FrozenCaplet()(model, nr.products.Caplet(5.0, 5.5, 0.04)).value:.8f}")
        0.00712827
    """

    def __call__(self, model: ForwardCurve, product: AbstractCaplet) -> Price:
        check_european(model, product)
        return _frozen(model, product)

    def order(self) -> float | None:
        return None


class SquareRootCaplet(AbstractPricer):
    """Caplets and floorlets with forwards that move in proportion over the period.

    The log of the bond ratio then follows an absorbed square-root process under the measure of the bond that pays at the end,
    and the caplet is a difference of two chi-square probabilities. The volatility's cap is taken not to bind. `error` is a
    share of an at-the-money value, the largest that was found against simulation.

    Source: Cox (1996); Andersen and Andreasen (2000), for rates of constant elasticity.

    Example:
        >>> import neuralrates as nr
        >>> volatility = nr.models.TenorVolatility([[0.08, -0.02], [0.02, 0.03]])
        >>> model = nr.models.ForwardCurve(nr.market.FlatCurve(0.04), volatility)
        >>> print(f"{nr.pricers.SquareRootCaplet()(model, nr.products.Caplet(5.0, 5.5, 0.04)).value:.8f}")
        0.00683553
    """

    def __call__(self, model: ForwardCurve, product: AbstractCaplet) -> Price:
        check_european(model, product)
        check_below_cap(model, _average_forward(model, product))
        return _square_root(model, product)

    def order(self) -> float | None:
        return None


@eqx.filter_jit
def _frozen(model: ForwardCurve, product: AbstractCaplet) -> Price:
    value = lognormal_caplet(model, product)
    moving = _average_forward(model, product) < model.cap**2
    missed = jnp.where(moving, jnp.abs(value - square_root_caplet(model, product)), 0.0)
    return Price(value, jax.lax.stop_gradient(missed) + _ROUNDING)


@eqx.filter_jit
def _square_root(model: ForwardCurve, product: AbstractCaplet) -> Price:
    variance = jax.lax.stop_gradient(model.ratio_variance(product.start, product.end))
    missed = _MISSED * model.curve.discount_factor(product.start) * jnp.sqrt(variance)
    return Price(square_root_caplet(model, product), jax.lax.stop_gradient(missed) + _ROUNDING)


def square_root_caplet(model: ForwardCurve, product: AbstractCaplet) -> Scalar:
    """Caplet or floorlet whose log bond ratio follows a square-root law, per unit notional, within 1e-12 of that law."""
    received, paid = period_bonds(model, product)
    finish = model.curve.discount_factor(product.end)
    log_ratio, log_strike = jnp.log(received / finish), jnp.log(paid / finish)
    variance = model.ratio_variance(product.start, product.end)
    caplet = finish * square_root_ratio_call(log_ratio, log_strike, variance)
    return of_caplet(product, caplet, received - paid)


def _average_forward(model: ForwardCurve, product: AbstractCaplet) -> Scalar:
    """Instantaneous forward rate averaged over the period, per year."""
    begin, finish = map(model.curve.discount_factor, (product.start, product.end))
    return jnp.log(begin / finish) / (product.end - product.start)


def check_below_cap(model: ForwardCurve, rate: Scalar) -> None:
    """Raise where the cap of the volatility binds."""
    if is_concrete(rate) and float(rate) >= model.cap**2:
        raise ValueError(
            f"Argument `model` must have forwards below the square of its cap, {model.cap**2}, for a square-root law, "
            f"but they average {float(rate)}; use FrozenCaplet."
        )
