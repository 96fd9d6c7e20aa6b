"""Least-squares Monte Carlo: the independent second method for callable products."""

import math

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from neuralrates.core.doors import door
from neuralrates.core.types import Exercises, Key, Scalar
from neuralrates.models.model import AbstractModel, State
from neuralrates.pricers.price import Price
from neuralrates.pricers.pricer import AbstractPricer
from neuralrates.pricers.simulation.polynomial_basis import hermite_products
from neuralrates.products.callable import AbstractCallable

Paths = Float[Array, "paths"]
States = Float[Array, "paths factors"]


class _Continuation(eqx.Module):
    """Value of not exercising at one time: a polynomial in the standardised state."""

    centre: Float[Array, "factors"]
    scale: Float[Array, "factors"]
    coefficients: Float[Array, "inputs"]


@door
class LongstaffSchwartz(AbstractPricer):
    """Least-squares Monte Carlo for any model with exact transitions and any callable product.

    Measure and numeraire are the model's own: for `HullWhite` the LGM measure and its numeraire. Paths are antithetic.
    A first set of paths fits, backwards in time and on the paths in the money, the realised value of not exercising as a
    polynomial of the state; a second, independent set is exercised by that rule. So the price never looks ahead: its
    expectation is below the true value, by an amount of second order in the error of the rule. `error` is one standard
    error; it falls with order 1/2 in the number of paths and leaves that low bias out.

    Args:
        num_paths: paths of each of the two sets, an even number
        key: random key; the same key gives the same price
        degree: total degree of the polynomials

    Source: Longstaff and Schwartz (2001), section 2; the second set as in Glasserman (2004), section 8.6.2.

    Example:
        >>> import jax
        >>> import neuralrates as nr
        >>> model = nr.models.HullWhite(nr.market.FlatCurve(0.03), 0.03, 0.01)
        >>> trade = nr.products.Swaption([1, 2, 3], [2, 3, 4], [1, 1, 1], strike=0.03, side="receiver")
        >>> price = nr.pricers.LongstaffSchwartz(num_paths=16384, key=jax.random.key(0))(model, trade)
        >>> print(f"{price.value:.4f}, standard error {price.error:.4f}")
        0.0127, standard error 0.0001
    """

    num_paths: int = eqx.field(static=True)
    key: Key
    degree: int = eqx.field(static=True, default=5)

    def __check_init__(self) -> None:
        if self.num_paths < 4 or self.num_paths % 2:
            raise ValueError(
                f"Argument `num_paths` must be even and at least 4, but is {self.num_paths}."
            )
        if self.degree < 1:
            raise ValueError(f"Argument `degree` must be at least 1, but is {self.degree}.")

    @eqx.filter_jit
    def __call__(self, model: AbstractModel, product: AbstractCallable) -> Price:
        keys = jax.random.split(self.key)
        states, values = jax.vmap(lambda key: self._simulate(model, product, key))(keys)
        rule = _fit(states[0], values[0], self.degree)
        cash = _exercise(rule, states[1], values[1], self.degree)
        pairs = jnp.mean(jnp.reshape(cash, (2, self.num_paths // 2)), axis=0)
        unit = model.numeraire(0.0, model.initial_state)
        error = jnp.std(pairs, ddof=1) / math.sqrt(self.num_paths // 2)
        return Price(value=unit * jnp.mean(pairs), error=unit * error)

    def order(self) -> float | None:
        return 0.5

    def _simulate(
        self, model: AbstractModel, product: AbstractCallable, key: Key
    ) -> tuple[Float[Array, "exercises paths factors"], Float[Array, "exercises paths"]]:
        """States and exercise values in units of the numeraire, at the exercise times along each path."""
        times = product.exercise_times
        shape = (self.num_paths // 2, times.shape[0], *jnp.shape(model.initial_state))
        normals = jax.random.normal(key, shape, dtype=jnp.float64)
        normals = jnp.concatenate([normals, -normals])
        states = jax.vmap(lambda z: _path(model, times, z), out_axes=1)(normals)
        deflated = jax.vmap(lambda t, x: _deflated_exercise_value(model, product, t, x))
        values = jax.vmap(deflated, in_axes=(None, 1), out_axes=1)(times, states)
        return jnp.reshape(states, (*values.shape, -1)), values


def _path(
    model: AbstractModel, times: Exercises, normals: Float[Array, "exercises *factors"]
) -> Float[Array, "exercises *factors"]:
    """States at `times` of one path."""

    def step(at: tuple[Array, Array], to: tuple[Array, Array]) -> tuple[tuple[Array, Array], Array]:
        state = jnp.asarray(model.transition(at[0], to[0], at[1], to[1]))
        return (to[0], state), state

    start = (jnp.zeros(()), jnp.asarray(model.initial_state))
    return jax.lax.scan(step, start, (times, normals))[1]


def _deflated_exercise_value(
    model: AbstractModel, product: AbstractCallable, time: Scalar, state: State
) -> Float[Array, ""]:
    value = product.exercise_value(time, lambda end: model.bond(time, end, state))
    return jnp.asarray(value / model.numeraire(time, state))


def _fit(
    states: Float[Array, "exercises paths factors"],
    values: Float[Array, "exercises paths"],
    degree: int,
) -> _Continuation:
    """Continuation values by regression, from the last exercise to the first."""

    def step(cash: Paths, at: tuple[States, Paths]) -> tuple[Paths, _Continuation]:
        state, value = at
        continuation = _regress(state, cash, value > 0.0, degree)
        return _decide(continuation, state, value, cash, degree), continuation

    cash = jnp.zeros_like(values[0])
    return jax.lax.scan(step, cash, (states, values), reverse=True)[1]


def _exercise(
    rule: _Continuation,
    states: Float[Array, "exercises paths factors"],
    values: Float[Array, "exercises paths"],
    degree: int,
) -> Paths:
    """What each path pays under the rule, in units of the numeraire."""

    def step(cash: Paths, at: tuple[_Continuation, States, Paths]) -> tuple[Paths, None]:
        return _decide(*at, cash, degree), None

    cash = jnp.zeros_like(values[0])
    return jax.lax.scan(step, cash, (rule, states, values), reverse=True)[0]


def _decide(
    continuation: _Continuation, state: States, value: Paths, cash: Paths, degree: int
) -> Paths:
    """Exercise value where it is positive and not below the continuation value, else what comes later."""
    z = (state - continuation.centre[None, :]) / continuation.scale[None, :]
    expected = hermite_products(z, degree) @ continuation.coefficients
    return jnp.where((value > 0.0) & (value >= expected), value, cash)


def _regress(
    state: States, cash: Paths, inside: Bool[Array, "paths"], degree: int
) -> _Continuation:
    """Least squares over the paths inside; the pseudo-inverse drops what they cannot tell."""
    centre, spread = jnp.mean(state, axis=0), jnp.std(state, axis=0)
    scale = jnp.where(spread > 0.0, spread, 1.0)
    basis = hermite_products((state - centre[None, :]) / scale[None, :], degree)
    weighted = jnp.where(inside[:, None], basis, 0.0)
    inverse = jnp.linalg.pinv(weighted.T @ basis / inside.size, hermitian=True)
    coefficients = inverse @ (weighted.T @ cash / inside.size)
    return _Continuation(centre, scale, coefficients)
