"""The reference: Bermudan options under one Gaussian factor, by quadrature that knows where exercise begins.

In units of the numeraire the value of waiting at one exercise time is the Gaussian average of the value at the next. That
value has one kink, where exercise and waiting meet, and is smooth on each side: Gauss-Legendre rules on the two sides
converge faster than any power. Waiting is evaluated at the nodes themselves, so nothing is ever interpolated.
"""

import math
from statistics import NormalDist
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from neuralrates.core.checks import is_concrete
from neuralrates.core.functions import largest, smallest
from neuralrates.core.types import Exercises, Scalar
from neuralrates.models.hull_white import HullWhite
from neuralrates.pricers.exercise_boundary import Portfolio, boundaries, boundary, break_even
from neuralrates.pricers.jamshidian import SMALLEST_VARIANCE, Jamshidian
from neuralrates.pricers.price import Price
from neuralrates.pricers.pricer import AbstractPricer
from neuralrates.products.callable import AbstractBondCallable

ERROR_SHARE = 0.2
_NODES_PER_DIGIT = 0.09
_FEWEST_POINTS = 24.0  # with 16 the error is 4e-8, and understated, where five exercises follow without volatility
_VOLATILITY_MARGIN = 1.25
_WIDEST = 600.0

Grid = Float[Array, "exercises states"]


class Induction(NamedTuple):
    """What one backward run leaves behind, per exercise time; values in units of the numeraire."""

    states: Grid
    weights: Grid
    value: Grid
    exercised: Grid
    variances: Exercises


class BackwardInduction(AbstractPricer):
    """Exact Bermudan prices under a one-factor Gaussian model, any exercise schedule, differentiable throughout.

    Args:
        tolerance: error aimed at, per unit notional; sets where the state space ends and how densely it is sampled
        num_points: nodes on each side of a boundary; chosen from the model and the tolerance when None
        num_boundaries: most boundaries an exercise time can have; found from the product when None

    Both choices look at numbers. Inside `jit`, `grad` or `vmap`, where the model has none to look at, they rest on the exercise
    times and on one boundary; where even those are traced, use `settle` beforehand on a typical case.

    Source: quadrature with the boundary located follows Sullivan (2000) and Andricopoulos et al. (2003); the model in
        this form is Hagan (2002).

    Example:
        >>> import neuralrates as nr
        >>> model = nr.models.HullWhite(nr.market.FlatCurve(0.03), mean_reversion=0.01, volatility=0.01)
        >>> trade = nr.products.Swaption([1, 2, 3, 4, 5], [2, 3, 4, 5, 6], [1] * 5, strike=0.03, side="receiver")
        >>> price = nr.pricers.BackwardInduction()(model, trade)
        >>> print(f"{price.value:.7f}")
        0.0244742
    """

    tolerance: float = eqx.field(static=True, default=1e-7)
    num_points: int | None = eqx.field(static=True, default=None)
    num_boundaries: int | None = eqx.field(static=True, default=None)

    def __check_init__(self) -> None:
        if not 1e-13 <= self.tolerance <= 1e-2:
            raise ValueError(
                f"Argument `tolerance` must lie in [1e-13, 1e-2], but is {self.tolerance}."
            )

    def __call__(self, model: HullWhite, product: AbstractBondCallable) -> Price:
        if product.exercise_times.shape[0] == 1:
            return Jamshidian()(model, product)
        settled = self.settle(model, product)
        return _price(settled, settled.coarser(), model, product)

    def order(self) -> float | None:
        return None

    def sub_bermudans(self, model: HullWhite, product: AbstractBondCallable) -> Exercises:
        """Values today of the rights that begin at each exercise time, all from one run."""
        return _sub_bermudans(self.settle(model, product), model, product)

    def settle(self, model: HullWhite, product: AbstractBondCallable) -> "BackwardInduction":
        """The same pricer with its automatic choices made for this model and product."""
        if self.num_points is not None and self.num_boundaries is not None:
            return self
        if product.exercise_times.shape[0] == 1:
            return BackwardInduction(self.tolerance, self.num_points or 16, 1)
        width, changes = self._width_of_times(product), 1
        if is_concrete(*jax.tree.leaves((model, product))):
            measured, counted = _survey(model, product, self.half_width())
            width, changes = float(measured), int(counted)
        points = 8 * math.ceil(max(_FEWEST_POINTS, self._density() * min(width, _WIDEST)) / 8.0)
        return BackwardInduction(
            self.tolerance, self.num_points or points, self.num_boundaries or max(1, changes)
        )

    def _density(self) -> float:
        """Nodes on each side of a boundary per standard deviation of the narrowest step."""
        return -_NODES_PER_DIGIT * math.log10(self.tolerance)

    def _width_of_times(self, product: AbstractBondCallable) -> float:
        """State space over the narrowest step, as if volatility were nearly flat."""
        if self.num_points is not None:
            return 1.0
        if not is_concrete(product.exercise_times):
            raise ValueError(
                "Argument `num_points` must be given, or the pricer settled first by its method `settle`, where exercise times "
                "are traced: nothing then says how far apart they are."
            )
        times = np.asarray(product.exercise_times)
        ratio = math.sqrt(np.max(times[1:] / np.diff(times)))
        return 2.0 * self.half_width() * _VOLATILITY_MARGIN * ratio

    def coarser(self) -> "BackwardInduction":
        """The rule against which the error is estimated: three quarters of the nodes, ten times the tolerance."""
        assert self.num_points is not None
        return BackwardInduction(
            min(10.0 * self.tolerance, 1e-2), -(-3 * self.num_points // 4), self.num_boundaries
        )

    def half_width(self) -> float:
        """Standard deviations kept on each side of every flow's centre."""
        return -NormalDist().inv_cdf(self.tolerance / 5.0)


@eqx.filter_jit
def _survey(
    model: HullWhite, product: AbstractBondCallable, half_width: float
) -> tuple[Scalar, Int[Array, ""]]:
    """Width of the state space over the narrowest step, and the most boundaries an exercise time can have.

    Laguerre's rule: a sum of exponentials has, beyond any state, at most as many roots as its partial sums there, the
    shortest maturity first, have sign changes; they are counted at the low end of the state space.
    """
    variances = _variances(model, product)
    loadings = jax.vmap(model.loading)(product.flow_times)
    spread = jnp.max(loadings) - jnp.min(loadings)
    widths = spread * variances + 2.0 * half_width * jnp.sqrt(variances)
    width = jnp.max(widths[1:] / jnp.sqrt(jnp.diff(variances)))
    discount_factors = jax.vmap(model.curve.discount_factor)(product.flow_times)
    lows = -jnp.max(loadings) * variances - half_width * jnp.sqrt(variances)
    exponents = (
        -loadings[None, :] * lows[:, None] - 0.5 * loadings[None, :] ** 2 * variances[:, None]
    )
    amounts = product.flows * discount_factors[None, :] * jnp.exp(exponents)
    sums = jnp.cumsum(amounts, axis=1)
    scale = jnp.max(jnp.abs(amounts), axis=1, keepdims=True)
    signs = jnp.where(jnp.abs(sums) > 1e-12 * scale, jnp.sign(sums), 0.0)
    return width, jnp.max(jax.vmap(_sign_changes)(signs))


def _sign_changes(signs: Float[Array, "flows"]) -> Int[Array, ""]:
    """Changes of sign along a sequence, zeros skipped."""

    def follow(last: Scalar, sign: Scalar) -> tuple[Scalar, Int[Array, ""]]:
        change = (sign * last < 0.0).astype(jnp.int64)
        return jnp.where(sign == 0.0, last, sign), change

    return jnp.sum(jax.lax.scan(follow, jnp.zeros(()), signs)[1])


def _variances(model: HullWhite, product: AbstractBondCallable) -> Exercises:
    """Variances of the state at the exercise times, kept strictly increasing."""
    variances = jax.vmap(model.variance)(product.exercise_times)
    steps = jnp.diff(jnp.concatenate([jnp.zeros(1), variances]))
    return jnp.cumsum(jnp.maximum(steps, SMALLEST_VARIANCE))


def _waiting(states: Array, mass: Array, step: Scalar, state: Scalar) -> tuple[Scalar, Scalar]:
    """Value of waiting and its slope: the Gaussian average, with variance `step`, of point masses."""
    offset = states - state
    kernel = mass * jnp.exp(-0.5 / step * offset**2)
    return jnp.sum(kernel), jnp.sum(offset * kernel) / step


def induce(
    pricer: BackwardInduction,
    variances: Exercises,
    loadings: Float[Array, "flows"],
    present_values: Float[Array, "exercises flows"],
) -> Induction:
    """Run backward through the exercise times.

    Args:
        pricer: settings, settled
        variances: of the state at the exercise times, strictly increasing
        loadings: $H(T_k)$ of the flow times, years
        present_values: value today of each flow received on exercise; an exercise with none is never taken

    Returns:
        Nodes and values at every exercise time.
    """
    if pricer.num_points is None or pricer.num_boundaries is None:
        raise ValueError("Argument `pricer` must be settled first, by its method `settle`.")
    points, widths = (jnp.asarray(a) for a in np.polynomial.legendre.leggauss(pricer.num_points))
    squared = loadings[None, :] ** 2 * variances[:, None]
    amounts = present_values * jnp.exp(-0.5 * squared)
    deviations = jnp.sqrt(variances)
    lows = -largest(loadings) * variances - pricer.half_width() * deviations
    highs = -smallest(loadings) * variances + pricer.half_width() * deviations
    next_steps = jnp.concatenate([jnp.diff(variances), jnp.ones(1)])
    segments = pricer.num_boundaries + 1

    def step_back(carry: tuple, exercise: tuple) -> tuple:
        states, mass = carry
        amount, low, high, step = exercise
        portfolio = Portfolio.of(amount, loadings)
        mass = mass / jnp.sqrt(2.0 * jnp.pi * step)

        def waiting(state: Scalar) -> tuple[Scalar, Scalar]:
            return _waiting(states, mass, step, state)

        if pricer.num_boundaries == 1:
            start = break_even(portfolio, low, high)
            kinks = boundary(portfolio, waiting, start, low, high)[None]
        else:
            kinks = boundaries(portfolio, waiting, low, high, segments - 1)
        edges = jnp.concatenate([low[None], kinks, high[None]])
        half = 0.5 * jnp.diff(edges)[:, None]
        nodes = (edges[:-1, None] + half * (points[None, :] + 1.0)).reshape(-1)
        weights = (half * widths[None, :]).reshape(-1)
        exercise_value = jax.vmap(portfolio.value)(nodes)
        waiting_value = jax.vmap(lambda x: waiting(x)[0])(nodes)
        value = jnp.maximum(exercise_value, waiting_value)
        exercised = (exercise_value > waiting_value).astype(jnp.float64)
        return (nodes, weights * value), (nodes, weights, value, exercised)

    nothing = jnp.zeros(segments * pricer.num_points)
    _, kept = jax.lax.scan(
        step_back, (nothing, nothing), (amounts, lows, highs, next_steps), reverse=True
    )
    states, weights, value, exercised = kept
    return Induction(states, weights, value, exercised, variances)


def waiting_value(states: Array, mass: Array, step: Scalar, state: Scalar) -> Scalar:
    """Gaussian average, from `state` and with variance `step`, of what is worth `mass` at the nodes `states`."""
    return _waiting(states, mass / jnp.sqrt(2.0 * jnp.pi * step), step, state)[0]


def value_today(run: Induction) -> Scalar:
    """Value of the whole right."""
    mass = run.weights[0] * run.value[0]
    return waiting_value(run.states[0], mass, run.variances[0], jnp.zeros(()))


def run_induction(
    pricer: BackwardInduction, model: HullWhite, product: AbstractBondCallable
) -> Induction:
    """Backward induction of a product under a model."""
    discount_factors = jax.vmap(model.curve.discount_factor)(product.flow_times)
    loadings = jax.vmap(model.loading)(product.flow_times)
    present_values = product.flows * discount_factors[None, :]
    return induce(pricer, _variances(model, product), loadings, present_values)


@eqx.filter_jit
def _price(
    fine: BackwardInduction,
    coarse: BackwardInduction,
    model: HullWhite,
    product: AbstractBondCallable,
) -> Price:
    value = value_today(run_induction(fine, model, product))
    difference = jnp.abs(value - value_today(run_induction(coarse, model, product)))
    return Price(value, ERROR_SHARE * jax.lax.stop_gradient(difference) + 1e-14)


@eqx.filter_jit
def _sub_bermudans(
    pricer: BackwardInduction, model: HullWhite, product: AbstractBondCallable
) -> Exercises:
    run = run_induction(pricer, model, product)
    masses = run.weights * run.value
    return jax.vmap(waiting_value, in_axes=(0, 0, 0, None))(
        run.states, masses, run.variances, jnp.zeros(())
    )
