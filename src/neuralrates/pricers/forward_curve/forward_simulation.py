"""Caplets and European swaptions on the whole forward curve by simulation: the reference."""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.core.doors import door
from neuralrates.core.types import Key, Scalar, Times
from neuralrates.models.forward_curve import ForwardCurve
from neuralrates.pricers.forward_curve.forward_period import ForwardPeriod, check_european
from neuralrates.pricers.forward_curve.low_discrepancy import Normals, along, shifted_normals
from neuralrates.pricers.forward_curve.square_root import square_root_ratio_call
from neuralrates.pricers.forward_curve.square_root_scheme import Levels, Loadings, advance
from neuralrates.pricers.price import Price
from neuralrates.pricers.pricer import AbstractPricer
from neuralrates.products.callable import AbstractRateOption

_TURNS = 12
_NO_CAP = 1e3

Flows = Float[Array, "flows"]
Ratios = Float[Array, "paths flows"]
OwnLoadings = Float[Array, "factors flows"]
Normal = Float[Array, "factors paths"]


@door
class ForwardSimulation(AbstractPricer):
    """European swaptions, caplets and floorlets on the whole forward curve.

    Under the measure of the bond that matures at exercise nothing is discounted on the way, and only forwards from exercise to
    the last payment matter: eight or sixteen Gauss nodes carry them. Paths are Sobol's, by a bridge whose first normal moves
    the value of the swap; steps are of second order. The control: each bond alone, in proportion to its forwards, follows the
    square-root law of `SquareRootCaplet`, so that Jamshidian's sum of options on bonds has a closed form; it moves by the
    same normals. What is simulated is the difference.

    `error` is the standard error over independent random moves of the points; the bias of the time steps is not in it: halve
    the steps to see it. Prices are differentiable in curve, volatility, times and strike, path by path.

    Args:
        num_points: paths of each move, a power of two
        num_steps: time steps, a power of two
        num_shifts: independent moves of the points, at least two
        seed: of the moves

    Source: Heath, Jarrow and Morton (1992), for the drift; Ninomiya and Victoir (2008), for the steps; Jamshidian (1989), for
    the control.

    Example:
        >>> import neuralrates as nr
        >>> volatility = nr.models.TenorVolatility([[0.08, -0.02], [0.02, 0.03]])
        >>> model = nr.models.ForwardCurve(nr.market.FlatCurve(0.04), volatility, horizon=6.0)
        >>> caplet = nr.products.Caplet(5.0, 5.5, 0.04)
        >>> price = nr.pricers.ForwardSimulation(num_points=256, num_steps=8)(model, caplet)
        >>> print(f"{price.value:.4f}", bool(price.error < 1e-5))
        0.0068 True
    """

    num_points: int = eqx.field(static=True, default=2**13)
    num_steps: int = eqx.field(static=True, default=16)
    num_shifts: int = eqx.field(static=True, default=8)
    seed: int = eqx.field(static=True, default=0)

    def __check_init__(self) -> None:
        for name in ("num_points", "num_steps"):
            number = getattr(self, name)
            if number < 1 or number & (number - 1):
                raise ValueError(f"Argument `{name}` must be a power of two, but is {number}.")
        if self.num_shifts < 2:
            raise ValueError(f"Argument `num_shifts` must be at least 2, but is {self.num_shifts}.")

    def __call__(self, model: ForwardCurve, product: AbstractRateOption) -> Price:
        return self.at(model, product, jax.random.key(self.seed))

    def at(self, model: ForwardCurve, product: AbstractRateOption, key: Key) -> Price:
        """Price by the random numbers of a key: averages over keys have no error but the steps'."""
        check_european(model, product)
        amounts = -product.flows[0, 1:] / product.flows[0, 0]
        price = _payer(self, model, product.flow_times, amounts, key)
        if product.sign < 0.0:
            return price
        bonds = jax.vmap(model.curve.discount_factor)(product.flow_times)
        return Price(price.value + product.flows[0] @ bonds, price.error)

    def order(self) -> float | None:
        return 2.0


@eqx.filter_jit
def _payer(
    settings: ForwardSimulation, model: ForwardCurve, times: Times, amounts: Flows, key: Key
) -> Price:
    """Closed form of the control plus the mean of what the payoff has beyond it."""
    period = ForwardPeriod.of(model, times)
    payer = Payer(period, amounts, _break_even(amounts, period.log_ratios))
    size = settings.num_steps, model.volatility.coefficients.shape[0], settings.num_points

    @jax.checkpoint  # derivatives hold the paths of one move at a time
    def gain(key: Key) -> Scalar:
        return payer.beyond_control(shifted_normals(key, *size))

    gains = jax.lax.map(gain, jax.random.split(key, settings.num_shifts))
    discount = model.curve.discount_factor(times[0])
    error = discount * jnp.std(gains, ddof=1) / jnp.sqrt(float(settings.num_shifts))
    value = discount * (payer.control_value() + jnp.mean(gains))
    return Price(value, jax.lax.stop_gradient(error))


class Payer(NamedTuple):
    """Right to pay bonds and to receive one unit at the start: $(1 - \\sum_i c_i P(s, e_i))^+$.

    Args:
        period: the forwards that matter
        amounts: $c_i$
        strikes: of each bond, at which all are exercised together if forwards keep their proportions
    """

    period: ForwardPeriod
    amounts: Flows
    strikes: Flows

    def control_value(self) -> Scalar:
        """Jamshidian's sum, each bond by its square-root law."""

        def put(strike: Scalar, log_ratio: Scalar, variance: Scalar) -> Scalar:
            call = square_root_ratio_call(log_ratio, -jnp.log(strike), variance)
            return strike * jnp.exp(-log_ratio) * call

        puts = jax.vmap(put)(self.strikes, self.period.log_ratios, self.period.variances())
        return jnp.sum(self.amounts * puts)

    def beyond_control(self, normals: Normals) -> Scalar:
        """Mean of payoff less control over the paths of these normals."""
        weights = jax.lax.stop_gradient(self.amounts * jnp.exp(-self.period.log_ratios))
        bonds, alone = _bonds(self.period, weights, normals)
        paid = jnp.maximum(1.0 - bonds @ self.amounts, 0.0)
        control = jnp.maximum(self.strikes[None, :] - alone, 0.0) @ self.amounts
        return jnp.mean(paid - control)


def _break_even(amounts: Flows, log_ratios: Flows) -> Flows:
    """Bond prices at which the swap is worth nothing, all log ratios in proportion."""

    def newton(power: Scalar, _: None) -> tuple[Scalar, None]:
        values = amounts * jnp.exp(-power * log_ratios)
        return power + (jnp.sum(values) - 1.0) / jnp.sum(values * log_ratios), None

    power, _ = jax.lax.scan(newton, jnp.ones(()), None, length=_TURNS)
    return jnp.exp(-jax.lax.stop_gradient(power) * log_ratios)


def _bonds(period: ForwardPeriod, weights: Flows, normals: Normals) -> tuple[Ratios, Ratios]:
    """Bonds at the start of the period on each path: by the model, and each alone by its square-root law."""
    num_steps, num_paths = normals.shape[0], normals.shape[2]
    step = period.start / float(num_steps)
    times = jnp.arange(0.5, num_steps) * step
    loadings = jax.vmap(period.loadings)(times)
    couplings = jax.vmap(period.coupling)(loadings)
    alone = jax.vmap(period.bond_loadings)(times)
    directions = jax.lax.stop_gradient(alone @ (weights * period.log_ratios))
    turned = along(directions, normals)

    def move(
        state: tuple[Levels, Ratios],
        at: tuple[Loadings, Float[Array, "nodes nodes"], OwnLoadings, Normal],
    ) -> tuple[tuple[Levels, Ratios], None]:
        (forwards, ratios), (loading, coupling, own, normal) = state, at
        growth = 0.5 * jnp.sum(own**2, axis=0) * period.log_ratios
        return (
            advance(
                forwards, loading, normal, step, lambda x: period.drift(x, coupling), period.cap
            ),
            advance(ratios, own, normal, step, lambda q: q * growth[None, :], _NO_CAP),
        ), None

    first = (
        jnp.broadcast_to(period.forwards, (num_paths, period.forwards.shape[0])),
        jnp.ones((num_paths, period.log_ratios.shape[0])),
    )
    (forwards, ratios), _ = jax.lax.scan(move, first, (loadings, couplings, alone, turned))
    return jnp.exp(-forwards @ period.integrals.T), jnp.exp(-ratios * period.log_ratios[None, :])
