"""The reference: Bermudan options under one Gaussian factor, by quadrature that knows where exercise begins.

In units of the numeraire the value of waiting at one exercise time is the Gaussian average of the value at the next. That
value has one kink, where exercise and waiting meet, and is smooth on each side: Gauss-Legendre rules on the two sides
converge faster than any power. Waiting is evaluated at the nodes themselves, so nothing is ever interpolated.
"""

import math
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from neuralrates.core.checks import is_concrete
from neuralrates.core.doors import door
from neuralrates.core.functions import decay_between, largest
from neuralrates.core.types import Exercises, Scalar
from neuralrates.models.hull_white import HullWhite
from neuralrates.pricers.gaussian.averages import averaged, kernel_average, nodes_and_weights
from neuralrates.pricers.gaussian.boundary import Portfolio, boundaries, boundary, break_even
from neuralrates.pricers.gaussian.jamshidian import SMALLEST_VARIANCE, Jamshidian
from neuralrates.pricers.gaussian.resolution import increasing_steps, never_taken, reach, survey
from neuralrates.pricers.gaussian.rule import Rule, half_width, largest_error
from neuralrates.pricers.price import Price
from neuralrates.pricers.pricer import AbstractPricer
from neuralrates.products.callable import AbstractBondCallable

ERROR_SHARE = 0.5
FLOOR = 0.1
"""Of the tolerance: least error that a price admits."""

_VOLATILITY_MARGIN = 1.25

Grid = Float[Array, "exercises states"]


class Induction(NamedTuple):
    """What one backward run leaves behind, per exercise time; values in units of the numeraire."""

    edges: Float[Array, "exercises edges"]
    states: Grid
    weights: Grid
    value: Grid
    exercised: Grid
    variances: Exercises


@door
class BackwardInduction(AbstractPricer):
    """Exact Bermudan prices under a one-factor Gaussian model, any exercise schedule, differentiable throughout.

    Args:
        tolerance: error aimed at, per unit notional; sets where the state space ends and how densely it is sampled
        num_points: nodes on each side of a boundary; chosen from the model and the tolerance when None
        num_boundaries: most boundaries an exercise time can have; found from the product when None
        local: average the polynomials through the values: for steps too narrow for the nodes; chosen with `num_points`

    Both choices look at numbers. Inside `jit`, `grad` or `vmap`, where the model has none to look at, they rest on the exercise
    times and on one boundary; where even those are traced, use `settle` beforehand on a typical case.

    Source: Sullivan (2000) and Andricopoulos et al. (2003), for quadrature with the boundary located; Hagan (2002), the model.

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
    local: bool = eqx.field(static=True, default=False)

    def __check_init__(self) -> None:
        if not 1e-13 <= self.tolerance <= 1e-2:
            raise ValueError(
                f"Argument `tolerance` must lie in [1e-13, 1e-2], but is {self.tolerance}."
            )

    def __call__(self, model: HullWhite, product: AbstractBondCallable) -> Price:
        if product.exercise_times.shape[0] == 1:
            return Jamshidian()(model, product)
        settled: BackwardInduction | None = self.settle(model, product)
        while settled is not None:
            price = _price(settled, settled.coarser(), model, product)
            if self.num_points is not None or not is_concrete(price.error):
                break
            settled = settled.finer() if float(price.error) > settled.target() else None
        return price

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
            measured, counted = _survey(model, product, half_width(self.tolerance))
            width, changes = float(measured), int(counted)
        changes = self.num_boundaries or max(1, changes)
        if self.num_points is not None:
            return BackwardInduction(self.tolerance, self.num_points, changes, self.local)
        return self.resolving(width, changes)

    def resolving(
        self, width: float, num_boundaries: int, most_points: int | None = None
    ) -> "BackwardInduction":
        """The same pricer with the cheaper of the two rules that resolves its steps: see `Rule.resolving`."""
        return BackwardInduction(
            *Rule.resolving(self.tolerance, width, num_boundaries, most_points)
        )

    @property
    def rule(self) -> Rule:
        """Its choices, once they are made."""
        assert self.num_points is not None
        assert self.num_boundaries is not None
        return Rule(self.tolerance, self.num_points, self.num_boundaries, self.local)

    def finer(self) -> "BackwardInduction | None":
        """The next pricer to try where this one misses its target; None after the last."""
        found = self.rule.finer()
        return None if found is None else BackwardInduction(*found)

    def target(self) -> float:
        """Largest error that needs no finer rule: ten times the tolerance."""
        return largest_error(self.tolerance)

    def band(self, fine: Scalar, coarse: Scalar) -> Scalar:
        """Error of a price, from the price by the coarser rule; at least a tenth of the tolerance."""
        return ERROR_SHARE * jax.lax.stop_gradient(jnp.abs(fine - coarse)) + FLOOR * self.tolerance

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
        return 2.0 * half_width(self.tolerance) * _VOLATILITY_MARGIN * ratio

    def coarser(self) -> "BackwardInduction":
        """The pricer against whose price the error is estimated."""
        return BackwardInduction(*self.rule.coarser())


@eqx.filter_jit
def _survey(
    model: HullWhite, product: AbstractBondCallable, half_width: float
) -> tuple[Scalar, Int[Array, ""]]:
    return survey(*numbers_of(model, product), half_width)


def numbers_of(
    model: HullWhite, product: AbstractBondCallable
) -> tuple[Exercises, Float[Array, "flows"], Float[Array, "exercises flows"]]:
    """Variances, loadings and present values: all that the induction knows of a model and a product.

    Loadings count from that of the last flow: prices do not change, and strong mean reversion leaves the others nearly equal.
    """
    end = largest(product.flow_times)
    discount_factors = jax.vmap(model.curve.discount_factor)(product.flow_times)
    loadings = -jax.vmap(lambda t: decay_between(model.mean_reversion, t, end))(product.flow_times)
    variances = jax.vmap(model.variance)(product.exercise_times)
    return variances, loadings, product.flows * discount_factors[None, :]


def induce(
    pricer: BackwardInduction,
    variances: Exercises,
    loadings: Float[Array, "flows"],
    present_values: Float[Array, "exercises flows"],
) -> Induction:
    """Run backward through the exercise times.

    Args:
        pricer: settings, settled
        variances: of the state at the exercise times, not falling
        loadings: $H(T_k)$ of the flow times, years, up to a constant
        present_values: value today of each flow received on exercise; an exercise with none is never taken

    Returns:
        Nodes and values at every exercise time.
    """
    num_points = pricer.num_points
    if num_points is None or pricer.num_boundaries is None:
        raise ValueError("Argument `pricer` must be settled first, by its method `settle`.")
    steps = increasing_steps(jnp.maximum(variances, SMALLEST_VARIANCE))
    variances = jnp.cumsum(jnp.concatenate([jnp.maximum(variances[:1], SMALLEST_VARIANCE), steps]))
    amounts = present_values * jnp.exp(-0.5 * loadings[None, :] ** 2 * variances[:, None])
    lows, highs = reach(variances, loadings, present_values, half_width(pricer.tolerance))
    next_steps = jnp.concatenate([steps, jnp.ones(1)])
    segments = pricer.num_boundaries + 1

    def step_back(carry: tuple, exercise: tuple) -> tuple:
        amount, low, high, step, too_early = exercise
        portfolio = Portfolio.of(amount, loadings)
        waiting = averaged(carry[0], carry[1], step, pricer.local)
        if segments == 2:
            start = break_even(portfolio, low, high)
            kinks = boundary(portfolio, waiting, start, low, high)[None]
        else:
            kinks = boundaries(portfolio, waiting, low, high, segments - 1)
        next_kinks = jax.lax.stop_gradient(carry[0][1:-1])
        kinks = jnp.where(too_early, jnp.clip(next_kinks, low, high), kinks)
        edges = jnp.concatenate([low[None], kinks, high[None]])
        nodes, weights = nodes_and_weights(edges, num_points)
        exercise_value = jax.vmap(portfolio.value)(nodes)
        waiting_value = jax.vmap(lambda x: waiting(x)[0])(nodes)
        value = jnp.maximum(exercise_value, waiting_value)
        exercised = ((exercise_value > waiting_value) & ~too_early).astype(jnp.float64)
        return (edges, value), (edges, nodes, weights, value, exercised)

    # What the local rule computes on the way is too much to keep for derivatives: they compute it again.
    step_back = jax.checkpoint(step_back) if pricer.local else step_back
    nothing = jnp.linspace(-1.0, 1.0, segments + 1), jnp.zeros(segments * num_points)
    rows = amounts, lows, highs, next_steps, never_taken(present_values)
    _, kept = jax.lax.scan(step_back, nothing, rows, reverse=True)
    edges, states, weights, value, exercised = kept
    return Induction(edges, states, weights, value, exercised, variances)


def value_today(run: Induction) -> Scalar:
    """Value of the whole right."""
    mass = run.weights[0] * run.value[0]
    return kernel_average(run.states[0], mass, run.variances[0], jnp.zeros(()))[0]


def run_induction(
    pricer: BackwardInduction, model: HullWhite, product: AbstractBondCallable
) -> Induction:
    """Backward induction of a product under a model."""
    return induce(pricer, *numbers_of(model, product))


@eqx.filter_jit
def _price(
    fine: BackwardInduction,
    coarse: BackwardInduction,
    model: HullWhite,
    product: AbstractBondCallable,
) -> Price:
    value = value_today(run_induction(fine, model, product))
    return Price(value, fine.band(value, value_today(run_induction(coarse, model, product))))


@eqx.filter_jit
def _sub_bermudans(
    pricer: BackwardInduction, model: HullWhite, product: AbstractBondCallable
) -> Exercises:
    run = run_induction(pricer, model, product)
    masses = run.weights * run.value
    average = jax.vmap(kernel_average, in_axes=(0, 0, 0, None))
    return average(run.states, masses, run.variances, jnp.zeros(()))[0]
