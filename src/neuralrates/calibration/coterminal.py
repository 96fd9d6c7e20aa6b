"""A one-factor Gaussian model fitted, trade by trade, to the European swaptions it competes with."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuralrates.core.checks import as_array
from neuralrates.core.errors import CalibrationError
from neuralrates.core.functions import decay_integral, normal_density, normal_distribution
from neuralrates.core.types import ArrayLike, Exercises, Scalar
from neuralrates.market.curves import AbstractDiscountCurve
from neuralrates.models.hull_white import HullWhite
from neuralrates.pricers.bachelier import bachelier
from neuralrates.pricers.exercise_boundary import Portfolio, log_ratio
from neuralrates.pricers.jamshidian import european_value
from neuralrates.products.swaption import Swaption

Flows = Float[Array, "flows"]
_STEPS = 8
_SMALLEST_TARGET = 1e-30


class Coterminals(eqx.Module):
    """The European swaptions of a Bermudan's exercise times, seen as receivers.

    Args:
        present_values: value today of each flow of each receiver swap
        annuities: value of a unit of strike
        forwards: forward swap rates, decimals
        strike: fixed rate, decimal
        expiries: exercise times, years
    """

    present_values: Float[Array, "exercises flows"]
    annuities: Exercises
    forwards: Exercises
    strike: Scalar
    expiries: Exercises

    @classmethod
    def of(cls, product: Swaption, discount_factors: Flows) -> "Coterminals":
        """Coterminals of a swaption, given the discount factors of its flow times."""
        annuities = product.annuity_weights @ discount_factors
        floats = product.floating_weights @ discount_factors
        receiver = product.strike * product.annuity_weights - product.floating_weights
        return cls(
            receiver * discount_factors[None, :],
            annuities,
            floats / annuities,
            product.strike,
            product.exercise_times,
        )

    def variances(self, loadings: Flows, normal_volatilities: Exercises) -> Exercises:
        """Variances of the state at which each European is worth its quoted volatility.

        Each depends on its own variance alone, so the equations decouple; each is solved for the European that is out
        of the money, in the logarithm of its value, where Newton's method is nearly straight. Derivatives of any order
        follow from the implicit function theorem.

        Args:
            loadings: $H(T_k)$ of the flow times, years
            normal_volatilities: quoted, per exercise

        Returns:
            Variance of the state at each exercise time.
        """
        return jax.vmap(_variance, in_axes=(0, 0, 0, None, 0, 0, None))(
            self.present_values,
            self.annuities,
            self.forwards,
            self.strike,
            self.expiries,
            normal_volatilities,
            loadings,
        )

    def implied_volatilities(self, loadings: Flows, variances: Exercises) -> Exercises:
        """Normal volatilities at which the model with these variances values each European."""
        guess = jax.vmap(_guess, in_axes=(0, 0, None))(
            self.present_values, self.annuities, loadings
        )
        start = jnp.sqrt(variances) * guess / jnp.sqrt(self.expiries)
        return jax.vmap(_implied, in_axes=(0, 0, 0, None, 0, 0, 0, None))(
            self.present_values,
            self.annuities,
            self.forwards,
            self.strike,
            self.expiries,
            variances,
            start,
            loadings,
        )


def _guess(present_values: Flows, annuity: Scalar, loadings: Flows) -> Scalar:
    """Movement of the swap rate per unit of state, near the money: what turns a deviation into a volatility."""
    centred = loadings - jnp.mean(loadings)
    return jnp.maximum(jnp.abs(jnp.sum(present_values * centred)) / annuity, 1e-8)


def _variance(
    present_values: Flows,
    annuity: Scalar,
    forward: Scalar,
    strike: Scalar,
    expiry: Scalar,
    normal_volatility: Scalar,
    loadings: Flows,
) -> Scalar:
    sign = jax.lax.stop_gradient(jnp.where(forward > strike, -1.0, 1.0))
    target = annuity * bachelier(forward, strike, normal_volatility, expiry, sign)
    start = normal_volatility * jnp.sqrt(expiry) / _guess(present_values, annuity, loadings)
    worthless = target < _SMALLEST_TARGET
    target = jnp.where(worthless, 1.0, target)
    option = -sign * present_values

    def misfit(deviation: Scalar) -> Scalar:
        value = european_value(option, loadings, deviation**2)
        return jnp.where(worthless, deviation - start, jnp.log(jnp.maximum(value, 1e-300) / target))

    def solve(_: object, deviation: Scalar) -> Scalar:
        found = _deviation(option, loadings, -sign, target, deviation)
        return jnp.where(worthless, start, found)

    deviation = jax.lax.custom_root(
        misfit, jax.lax.stop_gradient(start), solve, lambda slope, y: y / slope(jnp.ones_like(y))
    )
    return deviation**2


def _deviation(
    option: Flows, loadings: Flows, side: Scalar, target: Scalar, start: Scalar
) -> Scalar:
    """Deviation at which the European is worth its target; break-even state and deviation converge together."""
    nothing = (jnp.zeros(()), jnp.zeros(()))

    def improve(_: int, guess: tuple[Scalar, Scalar]) -> tuple[Scalar, Scalar]:
        deviation, state = guess
        amounts = option * jnp.exp(-0.5 * (loadings * deviation) ** 2)
        portfolio = Portfolio.of(amounts, loadings)
        for _ in range(2):
            ratio, slope = log_ratio(portfolio, state, nothing)
            state = state - ratio / slope
        distance = side * (state / deviation + loadings * deviation)
        value = jnp.maximum(jnp.sum(option * normal_distribution(distance)), 1e-300)
        vega = side * jnp.sum(option * loadings * normal_density(distance))
        step = value * jnp.log(value / target) / vega
        return jnp.clip(deviation - step, 0.5 * deviation, 2.0 * deviation), state

    return jax.lax.fori_loop(0, _STEPS, improve, (start, jnp.zeros(())))[0]


def _implied(
    present_values: Flows,
    annuity: Scalar,
    forward: Scalar,
    strike: Scalar,
    expiry: Scalar,
    variance: Scalar,
    start: Scalar,
    loadings: Flows,
) -> Scalar:
    sign = jnp.where(forward > strike, -1.0, 1.0)
    value = european_value(-sign * present_values, loadings, variance) / annuity
    target = jnp.maximum(value, _SMALLEST_TARGET)

    def improve(_: int, volatility: Scalar) -> Scalar:
        now = jnp.maximum(bachelier(forward, strike, volatility, expiry, sign), 1e-300)
        vega = jnp.sqrt(expiry) * normal_density(
            (forward - strike) / (volatility * jnp.sqrt(expiry))
        )
        step = now * jnp.log(now / target) / jnp.maximum(vega, 1e-300)
        return jnp.clip(volatility - step, 0.5 * volatility, 2.0 * volatility)

    return jax.lax.fori_loop(0, 12, improve, start)


@eqx.filter_jit
def _fit(
    curve: AbstractDiscountCurve,
    mean_reversion: Scalar,
    product: Swaption,
    normal_volatilities: Exercises,
) -> tuple[Exercises, Exercises]:
    discount_factors = jax.vmap(curve.discount_factor)(product.flow_times)
    loadings = jax.vmap(lambda t: decay_integral(mean_reversion, t))(product.flow_times)
    coterminals = Coterminals.of(product, discount_factors)
    variances = coterminals.variances(loadings, normal_volatilities)
    return variances, coterminals.implied_volatilities(loadings, variances) - normal_volatilities


def short_rate_volatilities(
    mean_reversion: Scalar, times: Exercises, variances: Exercises
) -> Exercises:
    """Piecewise-constant short-rate volatilities that accumulate these variances at these times."""
    growth = jax.vmap(lambda t: decay_integral(-2.0 * mean_reversion, t))(times)
    zero = jnp.zeros(1)
    steps = jnp.diff(jnp.concatenate([zero, variances]))
    spans = jnp.diff(jnp.concatenate([zero, growth]))
    return jnp.sqrt(steps / spans)


def calibrate(
    curve: AbstractDiscountCurve,
    mean_reversion: ArrayLike,
    product: Swaption,
    normal_volatilities: ArrayLike,
    tolerance: float = 1e-8,
) -> HullWhite:
    """Hull-White model that values the European swaption of every exercise time at its quote.

    Args:
        curve: discount curve
        mean_reversion: per year, given
        product: swaption whose exercise times, flows and strike define the coterminals
        normal_volatilities: quotes, one per exercise time, decimals per square root of year
        tolerance: largest misfit allowed, in normal volatility

    Returns:
        The model, its volatility constant between exercise times.

    Raises:
        CalibrationError: a quote cannot be met: which one, and by how much.

    Source: Hagan (2002), section 4; Andersen and Piterbarg (2010), volume II, section 10.1.

    Example:
        >>> import neuralrates as nr
        >>> trade = nr.products.Swaption([1, 2, 3], [2, 3, 4], [1, 1, 1], strike=0.03, side="payer")
        >>> model = nr.calibration.calibrate(nr.market.FlatCurve(0.03), 0.02, trade, [0.009, 0.0092, 0.0094])
        >>> print([f"{volatility:.5f}" for volatility in model.volatility])
        ['0.00909', '0.00948', '0.00986']
    """
    quotes, reversion = as_array(normal_volatilities), as_array(mean_reversion)
    variances, misfit = _fit(curve, reversion, product, quotes)
    check_fit(
        np.asarray(product.exercise_times), np.asarray(variances), np.asarray(misfit), tolerance
    )
    volatilities = short_rate_volatilities(reversion, product.exercise_times, variances)
    return HullWhite(curve, reversion, volatilities, product.exercise_times[:-1])


def check_fit(
    expiries: np.ndarray, variances: np.ndarray, misfit: np.ndarray, tolerance: float
) -> None:
    """Raise where a quote is missed, or asks for less variance than an earlier one."""
    bad = np.flatnonzero(~(np.abs(misfit) <= tolerance))
    if bad.size:
        worst = bad[np.argmax(np.nan_to_num(np.abs(misfit[bad]), nan=np.inf))]
        raise CalibrationError(
            f"the European swaption that expires in {expiries[worst]:.4f} years is missed by {misfit[worst]:.2e} in normal "
            f"volatility (allowed: {tolerance:.0e})"
        )
    falling = np.flatnonzero(np.diff(variances) <= 0.0)
    if falling.size:
        first = falling[0]
        raise CalibrationError(
            f"the European swaption that expires in {expiries[first + 1]:.4f} years asks for a variance of "
            f"{variances[first + 1]:.3e}, below the {variances[first]:.3e} of the one before, at "
            f"{expiries[first]:.4f} years: no volatility between them can fit both"
        )
