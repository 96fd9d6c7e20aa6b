"""One factor on a model's volatilities that meets one quote."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import optimistix as optx

from neuralrates.core.checks import as_array, is_concrete
from neuralrates.core.doors import door
from neuralrates.core.errors import CalibrationError
from neuralrates.core.types import ArrayLike, Scalar

_LOWEST, _HIGHEST = 0.05, 5.0
_RELATIVE, _STEPS = 1e-13, 64


@door
def volatility_scale(price: Callable[[Scalar], Scalar], quote: ArrayLike) -> Scalar:
    """Scale of the volatility at which a price meets its quote.

    Args:
        price: scale to a price that grows with it: a closed form on a scaled model, or a surrogate as a function of one input
        quote: price quoted

    Returns:
        The scale, between 0.05 and 5, within a relative 1e-12; differentiable in all that price and quote depend on. NaN where
        a quote that is traced cannot be met.

    Raises:
        CalibrationError: where no such scale meets the quote

    Example:
        >>> import neuralrates as nr
        >>> volatility = nr.models.TenorVolatility([[0.08, -0.02], [0.02, 0.03]])
        >>> model = nr.models.ForwardCurve(nr.market.FlatCurve(0.04), volatility, horizon=10.0)
        >>> trade = nr.products.Swaption([5.0], [6.0, 7.0, 8.0, 9.0, 10.0], [1.0] * 5, 0.04, "payer")
        >>> def price(scale):
        ...     return nr.pricers.SquareRootSwaption()(model.scaled(scale), trade).value
        >>> print(f"{nr.calibration.volatility_scale(price, 0.05):.4f}")
        0.7908
    """
    target = as_array(quote)
    ends = jnp.log(jnp.array([_LOWEST, _HIGHEST]))
    prices = jax.lax.map(lambda end: price(jnp.exp(end)), ends)  # traced once for both
    _check(prices, target)
    known = (prices[0] <= target) & (target <= prices[1])

    def missed(log_scale: Scalar, _: None) -> Scalar:
        return jnp.where(known, price(jnp.exp(log_scale)) - target, log_scale)

    solution = optx.root_find(
        missed,
        optx.Bisection(_RELATIVE, _RELATIVE),  # type: ignore[call-arg]
        jnp.zeros(()),
        options={"lower": ends[0], "upper": ends[1]},
        max_steps=_STEPS,
        throw=False,
    )
    return jnp.where(known, jnp.exp(solution.value), jnp.nan)


def _check(prices: jax.Array, target: Scalar) -> None:
    """Raise where the quote lies outside what scales can do."""
    if not is_concrete(prices, target):
        return
    low, high = np.asarray(prices).tolist()
    if not low <= float(target) <= high:
        raise CalibrationError(
            f"no scale of the volatility meets a quote of {float(target):.6g}: prices go from {low:.6g} at a scale of "
            f"{_LOWEST} to {high:.6g} at one of {_HIGHEST}"
        )
