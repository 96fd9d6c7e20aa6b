"""Simulated paths of a product that is held: what its holder gets, once a rule says when to stop."""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from neuralrates.core.types import Exercises, Scalar
from neuralrates.models.model import AbstractModel, State
from neuralrates.pricers.gaussian.held import beside_right
from neuralrates.products.callable import (
    AbstractBondCallable,
    AbstractCallable,
    AbstractRateOption,
)
from neuralrates.products.cancellable import CancellableSwap
from neuralrates.products.held import HeldProduct
from neuralrates.products.swap import side_sign

Payoff = Literal["cash_flows", "exercise_value", "hedged", "compensated"]
PAYOFFS: tuple[Payoff, ...] = ("cash_flows", "exercise_value", "hedged", "compensated")
Keeping = Callable[[Scalar, State], Scalar]
"""Number of an exercise time and state there to the value of keeping the product, currency of that time."""
SAME_TIME = 1e-9


class Position(NamedTuple):
    """What is held from a date on: a right, and flows beside it that exercise would end; of these the floating leg apart."""

    right: AbstractCallable
    start: Scalar
    state: State
    beside_times: Float[Array, "flows"]
    beside_amounts: Float[Array, "flows"]
    beside_floating: Float[Array, "flows"]
    beside_value: Scalar
    is_cancellable: bool


Control = Callable[[Any, Position, Float[Array, "exercises factors"], Exercises], Scalar]
"""Model, position, states at the exercise times and where the holder stops to gains in units of the numeraire, zero in
expectation."""


def position(
    model: AbstractModel, product: AbstractCallable | CancellableSwap | HeldProduct
) -> Position:
    """The position that a product stands for: held today, or at the date that it names."""
    if isinstance(product, HeldProduct):
        return _held(model, product)
    start, state, nothing = jnp.zeros(()), model.initial_state, jnp.zeros(1)
    if not isinstance(product, CancellableSwap):
        return Position(product, start, state, nothing, nothing, nothing, jnp.zeros(()), False)
    swap = product.swap
    value = swap.value(lambda end: model.bond(0.0, end, state))
    floating = -side_sign(swap.side) * swap.floating_weights
    return Position(product.right, start, state, swap.flow_times, swap.flows, floating, value, True)


def _held(model: AbstractModel, product: HeldProduct) -> Position:
    right, value = product.right, beside_right(model, product)
    if right is product.product:
        nothing = jnp.zeros(1)
        return Position(right, product.time, product.state, nothing, nothing, nothing, value, False)
    amounts = -(product.exercise @ right.flows)
    floating = -(product.exercise @ _floating_of(right))
    return Position(
        right, product.time, product.state, right.flow_times, amounts, floating, value, True
    )


def path_value(
    model: AbstractModel,
    held: Position,
    keeping: Keeping,
    normals: Float[Array, "times factors"],
    payoff: Payoff,
    control: Control | None,
) -> Scalar:
    """Value of one path in currency of its start: differentiable, the decisions held fixed.

    Args:
        model: simulates by its exact transitions
        held: position at the start
        keeping: value of keeping at each exercise time, which decides; exercise happens where it gives more
        normals: standard normals, one row per time of `grid_size`
        payoff: `cash_flows`, every flow as it is paid along the path, the floating leg by coupons; `exercise_value`, on
            exercise the value of what is entered, and beside the right its exact value; `hedged` and `compensated`, the
            same less the control
        control: gains along the path that are zero in expectation

    Returns:
        What the holder gets, per unit notional. Its derivative leaves out that a decision may flip: exercise and keeping
        are worth the same there, so that the omission is of the first order in the error of `keeping` only.
    """
    times, states = _simulate(model, held, normals, payoff)
    exercise_times = held.right.exercise_times
    at = _row(times, exercise_times)
    exercise_states = states[at]
    values = jax.vmap(lambda t, x: worth_of_exercise(model, held.right, t, shaped(model, x)))(
        exercise_times, exercise_states
    )
    stops = _stops(model, held, keeping, exercise_states, values)
    deflators = jax.vmap(lambda t, x: 1.0 / model.numeraire(t, shaped(model, x)))
    unit = model.numeraire(held.start, held.state)
    if payoff == "cash_flows":
        return unit * _paid(model, held, stops, times, states)
    discounts = deflators(exercise_times, exercise_states)
    gained = jnp.sum(stops * values * discounts)
    if control is not None:
        gained = gained - control(model, held, exercise_states, stops)
    return unit * gained + held.beside_value


def _paid(
    model: AbstractModel,
    held: Position,
    stops: Exercises,
    times: Float[Array, "times"],
    states: Float[Array, "times factors"],
) -> Scalar:
    """What is paid along a path, in units of the numeraire: fixed flows as they are, the floating leg by its coupons.

    A notional that is outstanding from one time of the grid to the next is not exchanged: it earns the rate between them, fixed
    at the first and paid at the second. The mean is that of notionals exchanged at both ends, the noise less.
    """
    right = _of_bonds(held.right)
    deflators = jax.vmap(lambda t, x: 1.0 / model.numeraire(t, shaped(model, x)))(times, states)
    to_come = held.beside_times > held.start - SAME_TIME  # those of the start itself count
    entered = stops @ _floating_of(right)
    beside = jnp.where(to_come, held.beside_floating, 0.0)
    fixed = jnp.sum((stops @ right.flows - entered) * deflators[_row(times, right.flow_times)])
    fixed_beside = jnp.where(to_come, held.beside_amounts, 0.0) - beside
    fixed = fixed + jnp.sum(fixed_beside * deflators[_row(times, held.beside_times)])
    outstanding = _until(times, right.flow_times) @ entered
    outstanding = outstanding + _until(times, held.beside_times) @ beside
    bonds = jax.vmap(lambda t, end, x: model.bond(t, end, shaped(model, x)))(
        times[:-1], times[1:], states[:-1]
    )
    coupons = outstanding[:-1] * deflators[1:] * (1.0 / bonds - 1.0)
    return fixed + jnp.sum(coupons) + outstanding[-1] * deflators[-1]


def _until(
    times: Float[Array, "times"], flow_times: Float[Array, "flows"]
) -> Float[Array, "times flows"]:
    """One where a flow has been exchanged by a time of the grid."""
    return (flow_times[None, :] <= times[:, None] + SAME_TIME).astype(jnp.float64)


def _floating_of(right: AbstractBondCallable) -> Float[Array, "exercises flows"]:
    """Of the flows received on exercise the floating leg, as notionals exchanged; none where a right has no such leg."""
    if isinstance(right, AbstractRateOption):
        return -right.sign * right.floating_weights
    return jnp.zeros_like(right.flows)


def grid_size(held: Position, payoff: Payoff) -> int:
    """How many times a path visits."""
    size = held.right.exercise_times.shape[0]
    if payoff != "cash_flows":
        return size
    return size + _of_bonds(held.right).flow_times.shape[0] + held.beside_times.shape[0]


def _of_bonds(right: AbstractCallable) -> AbstractBondCallable:
    if not isinstance(right, AbstractBondCallable):
        raise ValueError(
            "Argument `payoff` must not be `cash_flows` for a product that does not say which flows exercise gives."
        )
    return right


def _simulate(
    model: AbstractModel, held: Position, normals: Float[Array, "times factors"], payoff: Payoff
) -> tuple[Float[Array, "times"], Float[Array, "times factors"]]:
    """Times of the grid, none before the start, and the states there."""
    times = held.right.exercise_times
    if payoff == "cash_flows":
        flow_times = _of_bonds(held.right).flow_times
        times = jnp.sort(jnp.concatenate([times, flow_times, held.beside_times]))
    times = jnp.maximum(times, held.start)

    def step(at: tuple[Scalar, State], to: tuple[Scalar, Array]) -> tuple[tuple, Array]:
        moved = model.transition(at[0], to[0], at[1], shaped(model, to[1]))
        moves = to[0] > at[0] + SAME_TIME
        state = jnp.where(moves, moved, at[1])
        return (to[0], state), jnp.reshape(state, (-1,))

    start = (jnp.asarray(held.start), jnp.asarray(held.state))
    return times, jax.lax.scan(step, start, (times, normals))[1]


def _row(times: Float[Array, "times"], wanted: Float[Array, "..."]) -> Array:
    """Where on the grid each time is; times before the start are its first row."""
    return jnp.clip(jnp.searchsorted(times, wanted - SAME_TIME), 0, times.shape[0] - 1)


def shaped(model: AbstractModel, state: Float[Array, "factors"]) -> State:
    """The state in the shape that the model knows: a number under one factor."""
    return jnp.reshape(state, jnp.shape(model.initial_state))


def worth_of_exercise(
    model: AbstractModel, right: AbstractCallable, time: Scalar, state: State
) -> Scalar:
    """Value of exercising the right there, in currency of the time."""
    return right.exercise_value(time, lambda end: model.bond(time, end, state))


def _stops(
    model: AbstractModel,
    held: Position,
    keeping: Keeping,
    states: Float[Array, "exercises factors"],
    values: Exercises,
) -> Exercises:
    """One where the holder stops, zero elsewhere; not differentiated, nor is anything that it rests on."""
    states, values = jax.lax.stop_gradient((states, values))
    count = values.shape[0]
    kept = jax.vmap(lambda i, x: keeping(i, shaped(model, x)))(jnp.arange(count), states)
    right_kept = kept + values if held.is_cancellable else kept
    later = to_come(held)
    wants = (later & (values > 0.0) & (values >= right_kept)).astype(jnp.float64)
    earlier = jnp.cumsum(wants) - wants
    return jnp.where(earlier < 0.5, wants, 0.0)


def to_come(held: Position) -> Bool[Array, "exercises"]:
    """Whether each exercise time is still ahead."""
    return held.right.exercise_times > held.start + SAME_TIME


def beginnings(held: Position) -> Exercises:
    """Where the interval that ends at each exercise time begins; none before the start."""
    earlier = jnp.concatenate([jnp.reshape(held.start, (1,)), held.right.exercise_times[:-1]])
    return jnp.maximum(earlier, held.start)


def kept_until(stops: Exercises) -> Exercises:
    """One where the right was not exercised before an exercise time, else zero."""
    return 1.0 - jnp.concatenate([jnp.zeros(1), jnp.cumsum(stops)[:-1]])
