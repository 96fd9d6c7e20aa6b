"""Lower and upper bounds of Bermudan swaptions, for one trade: what tables and tests call."""

import functools
import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Float

from neuralrates.core.checks import as_array, is_concrete
from neuralrates.core.doors import door
from neuralrates.market.curves.discount_curve import AbstractDiscountCurve
from neuralrates.models.forward_curve import ForwardCurve
from neuralrates.models.gaussian import GaussianFactors
from neuralrates.pricers.price import Price
from neuralrates.pricers.pricer import AbstractPricer
from neuralrates.pricers.primal_dual.curve_paths import WIDEST_CELL, Cells, CurveLaw, curve_paths
from neuralrates.pricers.primal_dual.gaussian_paths import GaussianLaw, gaussian_paths
from neuralrates.pricers.primal_dual.policy import PathBounds, fit, judge
from neuralrates.pricers.primal_dual.right import Interval, Right
from neuralrates.products.callable import AbstractRateOption

Simulation = Callable[[np.random.Generator, int], Sequence[Interval]]
"""Random numbers and a number of paths to the paths."""

_BLOCK = 8192
_SAME_TIME = 1e-9


class PriceBounds(NamedTuple):
    """Two sides of a price, per unit notional.

    Args:
        lower: what a rule of exercise receives
        upper: what no rule exceeds
        lower_error: standard error of the lower bound
        upper_error: standard error of the upper bound
    """

    lower: float
    upper: float
    lower_error: float
    upper_error: float

    @property
    def middle(self) -> float:
        """Halfway between them."""
        return 0.5 * (self.lower + self.upper)

    @property
    def error(self) -> float:
        """Half of the gap, and one standard error of the middle."""
        return 0.5 * abs(self.upper - self.lower) + 0.5 * (self.lower_error + self.upper_error)


@door
class PrimalDual(AbstractPricer):
    """Bermudan swaptions on the whole forward curve, or under several Gaussian factors, between two bounds.

    One regression over some paths gives a rule of exercise and a martingale, exact for the steps taken. Fresh paths are
    exercised by the rule, which gives the lower bound; the most that any date would have received less the martingale gives
    the upper one. The martingale is the control of both, so that a standard error is that of a few percent of the price.

    On the curve everything is measured in the bond of the next exercise; forwards are averages over stretches of half a year
    at most. Gaussian factors take exact steps. What steps and stretches miss is not in the bounds: more of them show it.

    Args:
        num_paths: fresh paths
        num_fitted: paths of the regression
        steps_per_year: at least one step for each exercise
        seed: of the random numbers; the same gives the same bounds

    `error` is half of the gap and one standard error; numbers only, without derivatives.

    Source: Longstaff and Schwartz (2001); Rogers (2002); Andersen and Broadie (2004); Belomestny, Bender and Schoenmakers
    (2009), for the martingale.

    Example:
        >>> import neuralrates as nr
        >>> volatility = nr.models.TenorVolatility([[0.08, -0.02], [0.02, 0.03]])
        >>> model = nr.models.ForwardCurve(nr.market.FlatCurve(0.04), volatility, horizon=6.0)
        >>> trade = nr.products.Swaption([1, 2, 3, 4, 5], [2, 3, 4, 5, 6], [1] * 5, strike=0.04, side="receiver")
        >>> bounds = nr.pricers.PrimalDual(num_paths=2048, num_fitted=2048).bounds(model, trade)
        >>> print(f"{bounds.lower:.3f} {bounds.upper:.3f}", bounds.error < 3e-4)
        0.046 0.046 True
    """

    num_paths: int = eqx.field(static=True, default=2**14)
    num_fitted: int = eqx.field(static=True, default=2**14)
    steps_per_year: int = eqx.field(static=True, default=2)
    seed: int = eqx.field(static=True, default=0)

    def __check_init__(self) -> None:
        for name, least in (("num_paths", 2), ("num_fitted", 1024), ("steps_per_year", 1)):
            if getattr(self, name) < least:
                raise ValueError(
                    f"Argument `{name}` must be at least {least}, but is {getattr(self, name)}."
                )

    def __call__(self, model: ForwardCurve | GaussianFactors, product: AbstractRateOption) -> Price:
        found = self.bounds(model, product)
        return Price(as_array(found.middle), as_array(found.error))

    def order(self) -> float | None:
        return 0.5

    @door
    def bounds(
        self, model: ForwardCurve | GaussianFactors, product: AbstractRateOption
    ) -> PriceBounds:
        """Both bounds with their standard errors."""
        right = right_of(product)
        if isinstance(model, GaussianFactors):
            simulation = _of_factors(model, right, self.steps_per_year)
        else:
            _check_within(model, right)
            simulation = of_curve(
                right, law_of(model), _discount_factors(model.curve), self.steps_per_year
            )
        return bounded(simulation, self.num_paths, self.num_fitted, self.seed)


def bounded(simulation: Simulation, num_paths: int, num_fitted: int, seed: int) -> PriceBounds:
    """Bounds from paths of a simulation, in blocks that fit into memory."""
    random = np.random.default_rng(seed)
    policy, _ = fit(simulation(random, num_fitted))
    blocks = [_BLOCK] * (num_paths // _BLOCK)
    blocks += [num_paths % _BLOCK] if num_paths % _BLOCK else []
    found = [judge(policy, simulation(random, size)) for size in blocks]
    return of_paths(PathBounds(*map(np.concatenate, zip(*found, strict=True))))


def of_paths(found: PathBounds) -> PriceBounds:
    """Means and standard errors."""
    errors = (float(part.std(ddof=1)) / math.sqrt(part.shape[0]) for part in found)
    return PriceBounds(float(found.lower.mean()), float(found.upper.mean()), *errors)


def right_of(product: AbstractRateOption) -> Right:
    """Arrays of a product; no exercise may be today.

    Raises:
        ValueError: for an exercise time of zero, or a product that holds no numbers
    """
    if not is_concrete(product.exercise_times, product.strike):
        raise ValueError("Argument `product` must hold numbers, but is traced.")
    right = Right(
        np.asarray(product.exercise_times),
        np.asarray(product.flow_times),
        np.asarray(product.annuity_weights),
        np.asarray(product.floating_weights),
        float(product.strike),
        product.sign,
    )
    if not right.exercise_times[0] > 0.0:
        raise ValueError("Argument `product` must have its first exercise after time zero.")
    return right


def of_curve(
    right: Right,
    law: CurveLaw,
    discount_factor: Callable[[Float[np.ndarray, "times"]], Float[np.ndarray, "times"]],
    steps_per_year: int,
    widest: float = WIDEST_CELL,
) -> Simulation:
    """Simulation of a right on a forward curve, given its discount factors."""
    cells = Cells.of(right, discount_factor, widest)
    unit = float(discount_factor(right.exercise_times[:1])[0])

    def simulate(random: np.random.Generator, num_paths: int) -> Sequence[Interval]:
        def normals(count: int) -> Float[np.ndarray, "factors paths"]:
            return random.standard_normal((count, num_paths))

        return curve_paths(right, law, cells, unit, steps_per_year, normals)

    return simulate


def law_of(model: ForwardCurve) -> CurveLaw:
    """How the forwards of a model move."""
    volatility = model.volatility
    return CurveLaw(
        np.asarray(volatility.coefficients),
        volatility.longest,
        model.cap,
        0.0,
        np.reshape(np.asarray(volatility.scale), (1,)),
        np.zeros(0),
    )


def _of_factors(model: GaussianFactors, right: Right, steps_per_year: int) -> Simulation:
    """Simulation of a right under Gaussian factors."""
    maturities = np.concatenate([right.flow_times, right.exercise_times])
    loadings, factors = _maturities_under(model, as_array(maturities))

    @functools.cache
    def covariance(time: float) -> Float[np.ndarray, "factors factors"]:
        return np.asarray(_covariance(model, as_array(time)))

    law = GaussianLaw(covariance, np.asarray(loadings), np.asarray(factors))

    def simulate(random: np.random.Generator, num_paths: int) -> Sequence[Interval]:
        def normals(count: int) -> Float[np.ndarray, "factors paths"]:
            return random.standard_normal((count, num_paths))

        return gaussian_paths(right, law, steps_per_year, normals)

    return simulate


@eqx.filter_jit
def _maturities_under(model: GaussianFactors, times: jax.Array) -> tuple[jax.Array, jax.Array]:
    return jax.vmap(model.loadings)(times), jax.vmap(model.curve.discount_factor)(times)


@eqx.filter_jit
def _covariance(model: GaussianFactors, time: jax.Array) -> jax.Array:
    return model.covariance(time)


def _discount_factors(
    curve: AbstractDiscountCurve,
) -> Callable[[Float[np.ndarray, "times"]], Float[np.ndarray, "times"]]:
    """Discount factors of a curve at many times."""
    return lambda times: np.asarray(_discounted(curve, as_array(times)))


@eqx.filter_jit
def _discounted(curve: AbstractDiscountCurve, times: jax.Array) -> jax.Array:
    return jax.vmap(curve.discount_factor)(times)


def _check_within(model: ForwardCurve, right: Right) -> None:
    """Raise for flows past the horizon of the model."""
    if right.flow_times[-1] > model.horizon + _SAME_TIME:
        raise ValueError(
            f"Argument `product` must end within the horizon of the model, {model.horizon} years, but ends at "
            f"{right.flow_times[-1]}."
        )
