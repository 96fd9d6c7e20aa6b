"""Stochastic grid bundling: simulation whose continuation values come from regressions one step later."""

import math

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.core.doors import door
from neuralrates.core.types import Key
from neuralrates.models.model import AbstractModel
from neuralrates.pricers.price import Price
from neuralrates.pricers.pricer import AbstractPricer
from neuralrates.pricers.simulation.bundled_paths import (
    Regression,
    Walk,
    in_bundles,
    regress,
    waiting,
    walk,
)
from neuralrates.products.callable import AbstractCallable

Paths = Float[Array, "paths"]
_AFFINE = 1e-9


class Estimates(eqx.Module):
    """Three estimates of one price by the same regressions.

    Args:
        direct: from the regressions themselves; its bias has no sign
        path: from exercise by the rule on fresh paths; biased low
        dual: from the best exercise with hindsight, less what hindsight is worth, on fresh paths; biased high
    """

    direct: Price
    path: Price
    dual: Price


@door
class StochasticGridBundling(AbstractPricer):
    """Regress-later Monte Carlo in bundles, for any model with Gaussian transitions and any callable product.

    Measure and numeraire are the model's own. Paths are grouped by their exercise value. In each bundle the value at the
    next exercise time is fitted by polynomials of the state there, whose mean given the state now is known exactly: the
    transition must be affine in its normals, which is checked. `__call__` gives the direct estimator, differentiable in
    model and product with the paths' normals held fixed. `estimates` adds the path estimator and the dual bound, both on
    fresh paths, where the fitted polynomials less their means make the martingale that takes most of the variance away.

    `error` is one standard error over independent repetitions; it falls at least with order 1/2 in the number of paths,
    and faster while the values in a bundle are smooth. The bias of the direct estimator, from bundles too wide or
    with too few paths, is not in it: it shows as the distance from the path estimator.

    Args:
        key: random key; the same key gives the same price
        num_paths: paths of a repetition, a power of two
        num_bundles: bundles at each exercise time, a power of two
        degree: total degree of the polynomials
        num_repetitions: independent repetitions, at least two

    Source: Jain and Oosterlee (2015), sections 3 and 4; the dual bound is Andersen and Broadie (2004) without nested
        simulation; paths ordered before they meet a sequence are those of L'Ecuyer, Lecot and Tuffin (2008).

    Example:
        >>> import jax
        >>> import neuralrates as nr
        >>> model = nr.models.HullWhite(nr.market.FlatCurve(0.03), 0.03, 0.01)
        >>> trade = nr.products.Swaption([1, 2, 3], [2, 3, 4], [1, 1, 1], strike=0.03, side="receiver")
        >>> price = nr.pricers.StochasticGridBundling(jax.random.key(0))(model, trade)
        >>> print(f"{price.value:.5f}, standard error {price.error:.6f}")
        0.01266, standard error 0.000004
    """

    key: Key
    num_paths: int = eqx.field(static=True, default=1024)
    num_bundles: int = eqx.field(static=True, default=4)
    degree: int = eqx.field(static=True, default=4)
    num_repetitions: int = eqx.field(static=True, default=4)

    def __check_init__(self) -> None:
        for name, size in (("num_paths", self.num_paths), ("num_bundles", self.num_bundles)):
            if size < 1 or size & (size - 1):
                raise ValueError(f"Argument `{name}` must be a power of two, but is {size}.")
        if self.degree < 1:
            raise ValueError(f"Argument `degree` must be at least 1, but is {self.degree}.")
        if self.num_paths < 4 * self.num_bundles * self.degree:
            raise ValueError(
                "Argument `num_paths` must leave each bundle at least four paths per degree, but is "
                f"{self.num_paths} for {self.num_bundles} bundles and degree {self.degree}."
            )
        if self.num_repetitions < 2:
            raise ValueError(
                f"Argument `num_repetitions` must be at least 2, but is {self.num_repetitions}."
            )

    @eqx.filter_jit
    def __call__(self, model: AbstractModel, product: AbstractCallable) -> Price:
        keys = jax.random.split(self.key, self.num_repetitions)
        values = jax.vmap(lambda key: self._fit(model, product, key)[0])(keys)
        return _price(model, _refuse_other_laws(model, product, values))

    @eqx.filter_jit
    def estimates(self, model: AbstractModel, product: AbstractCallable) -> Estimates:
        """Direct, path and dual estimators.

        Args:
            model: with a transition affine in its normals
            product: right to exercise once

        Returns:
            The estimates, each with its standard error; `direct` is what `__call__` gives.
        """

        def one(key: Key) -> tuple[Array, Array, Array]:
            direct, rule = self._fit(model, product, key)
            fresh = walk(model, product, jax.random.fold_in(key, 1), self.num_paths)
            return direct, *_follow(model, rule, fresh)

        values = jax.vmap(one)(jax.random.split(self.key, self.num_repetitions))
        checked = _refuse_other_laws(model, product, jnp.stack(values))
        return Estimates(*(_price(model, value) for value in checked))

    def order(self) -> float | None:
        return 0.5

    def _fit(
        self, model: AbstractModel, product: AbstractCallable, key: Key
    ) -> tuple[Float[Array, ""], Regression]:
        """Direct estimate in units of the numeraire, and the regressions of every step."""
        paths = walk(model, product, key, self.num_paths)
        first, steps = _at(paths, 0), _at(paths, slice(1, None))
        earlier = _at(paths, slice(0, -1))

        def back(held: Paths, at: tuple[Walk, Walk]) -> tuple[Paths, Regression]:
            before, step = at
            edges = _edges(before.value[before.order], self.num_bundles)
            fitted = regress(step.after, held, edges, self.degree)
            states = in_bundles(step.before, self.num_bundles)
            worth = jnp.ravel(waiting(model, step.start, step.end, states, fitted))
            return jnp.maximum(before.value, worth[before.rank]), fitted

        last = jnp.maximum(paths.value[-1], 0.0)
        held, later = jax.lax.scan(back, last, (earlier, steps), reverse=True)
        now = regress(first.after, held, jnp.zeros(0), self.degree)
        state = in_bundles(first.before[:1], 1)
        value = waiting(model, first.start, first.end, state, now)[0, 0]
        return value, _join(now, later, self.num_bundles)


def _price(model: AbstractModel, values: Float[Array, "batch"]) -> Price:
    """Mean over the repetitions, and its standard error, in currency."""
    unit = model.numeraire(0.0, model.initial_state)
    spread = jnp.std(jax.lax.stop_gradient(values), ddof=1)
    return Price(unit * jnp.mean(values), unit * spread / math.sqrt(values.shape[0]))


def _follow(
    model: AbstractModel, rule: Regression, paths: Walk
) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """Path estimate and dual bound on paths that the rule has not seen, in units of the numeraire."""

    def forward(carry: tuple, at: tuple[Walk, Regression]) -> tuple[tuple, None]:
        value, martingale, alive, cash, best = carry
        step, fitted = at[0], at[1].of_paths(value)
        states = in_bundles(step.before, value.shape[0])
        worth = waiting(model, step.start, step.end, states, fitted)[:, 0]
        exercised = alive & (value > 0.0) & (value >= worth)
        cash = jnp.where(exercised, value - martingale, cash)
        best = jnp.maximum(best, value - martingale)
        martingale += fitted(in_bundles(step.after, value.shape[0]))[:, 0] - worth
        kept = (step.value, martingale, alive & ~exercised, cash, best)
        return tuple(part[step.order] for part in kept), None

    nothing = jnp.zeros(paths.value.shape[1])
    never = jnp.full_like(nothing, -jnp.inf)
    start = (never, nothing, jnp.ones_like(nothing, dtype=bool), nothing, never)
    value, martingale, alive, cash, best = jax.lax.scan(forward, start, (paths, rule))[0]
    last = jnp.maximum(value, 0.0) - martingale
    return jnp.mean(jnp.where(alive, last, cash)), jnp.mean(jnp.maximum(best, last))


def _at(paths: Walk, index: int | slice) -> Walk:
    """One step, or some of them."""
    return jax.tree.map(lambda part: part[index], paths)


def _edges(ordered: Paths, bundles: int) -> Float[Array, "_"]:
    """Half-way between the last exercise value of each bundle and the first of the next."""
    lowest = jnp.reshape(ordered, (bundles, -1))[1:, 0]
    highest = jnp.reshape(ordered, (bundles, -1))[:-1, -1]
    return jax.lax.stop_gradient(0.5 * (lowest + highest))


def _join(now: Regression, later: Regression, bundles: int) -> Regression:
    """Regressions of all steps: the single bundle of the first is repeated, and never left."""

    def joined(first: Array, others: Array) -> Array:
        repeated = jnp.broadcast_to(first[None], (1, bundles, *first.shape[1:]))
        return jnp.concatenate([repeated, others])

    return Regression(
        jnp.concatenate([jnp.full((1, bundles - 1), jnp.inf), later.edges]),
        joined(now.centre, later.centre),
        joined(now.scale, later.scale),
        joined(now.coefficients, later.coefficients),
        later.degree,
    )


def _refuse_other_laws(model: AbstractModel, product: AbstractCallable, values: Array) -> Array:
    """The values, once the transition is seen to be affine in its normals."""
    state, time = model.initial_state, product.exercise_times[-1]
    normals = jax.random.normal(jax.random.key(0), (2, *jnp.shape(state)), jnp.float64)

    def moved(normal: Array) -> Array:
        return jnp.asarray(model.transition(0.0, time, state, normal))

    middle, ends = moved(normals[0] + normals[1]), jax.vmap(moved)(normals)
    origin = moved(jnp.zeros_like(normals[0]))
    size = jnp.max(jnp.abs(ends - origin[None])) + 1e-300
    miss = jnp.max(jnp.abs(middle + origin - jnp.sum(ends, axis=0)))
    return eqx.error_if(
        values,
        miss > _AFFINE * size,
        "Argument `model` must have a transition that is affine in its normals, but it is not: use LongstaffSchwartz.",
    )
