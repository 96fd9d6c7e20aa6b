"""The judge: closed forms of the square-root law on contracts drawn as in the paper, with their derivatives.

The closed form is within 4e-7 per unit notional of the model on average (`baselines`), a thousandth of what is judged. Two
worlds: the whole Svensson curve, and the nodes of a grid with trapezoid integrals, which is all that a network of its nodes can
know of a curve off the Svensson family.
"""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

import neuralrates as nr
from neuralrates.core.types import Inputs, Scalar
from neuralrates.pricers.forward_curve.square_root import square_root_ratio_call
from studies.kept import Result
from studies.mott_2026.paper_network import CAP, HORIZON, NUM_TERMS, Contracts, Grid

QUANTILES = (0.5, 0.9, 0.99, 1.0)
_NODES, _WEIGHTS = (jnp.asarray(0.5 * a) for a in np.polynomial.legendre.leggauss(24))


@dataclasses.dataclass(frozen=True, eq=False)
class Drawn:
    """Contracts on a grid: days, pairs and strikes, and their points."""

    contracts: Contracts
    day: Array
    pair: Array
    strike: Array

    @classmethod
    def of(cls, contracts: Contracts, number: int, seed: int) -> "Drawn":
        """A number of contracts drawn as in training."""
        return cls(contracts, *contracts.contracts(jax.random.key(seed), number))

    def at_zero(self) -> "Drawn":
        """The same contracts with a strike of zero."""
        return dataclasses.replace(self, strike=jnp.zeros_like(self.strike))

    @property
    def x(self) -> Float[Array, "batch inputs"]:
        """Points of the network."""
        return self.contracts.points(self.day, self.pair, self.strike)


def on_the_curve(volatility: nr.models.TenorVolatility, x: Inputs) -> Scalar:
    """Price of the contract of a point, from its Svensson parameters; the forwards at the nodes are not looked at."""
    model = nr.models.ForwardCurve(
        nr.market.Svensson(*x[-NUM_TERMS - 6 : -NUM_TERMS]), volatility, HORIZON, CAP
    )
    start, accrual, strike = x[-NUM_TERMS:]
    caplet = nr.products.Caplet(start, start + accrual, strike)
    return nr.pricers.SquareRootCaplet()(model, caplet).value


def on_the_nodes(volatility: nr.models.TenorVolatility, grid: Grid, x: Inputs) -> Scalar:
    """Price of the contract of a point, from the forwards at its nodes by the trapezoid rule."""
    forwards, (start, accrual, strike) = x[: grid.num_nodes], x[-NUM_TERMS:]
    integration, tenors = jnp.asarray(grid.integration), jnp.asarray(grid.tenors)
    first = jnp.round(start / grid.spacing).astype(int)
    last = jnp.round((start + accrual) / grid.spacing).astype(int)
    period = integration[last] - integration[first]
    scaled = period * jnp.minimum(jnp.sqrt(forwards), CAP)

    def squared(time: Scalar) -> Scalar:
        return jnp.sum((volatility(jnp.maximum(tenors - time, 0.0)) @ scaled) ** 2)

    variance = start * jnp.sum(_WEIGHTS * jax.vmap(squared)(start * (_NODES + 0.5)))
    bond = jnp.exp(-integration[last] @ forwards)
    log_strike = jnp.log1p(strike * accrual)
    return bond * square_root_ratio_call(period @ forwards, log_strike, variance)


def summary(missed: np.ndarray) -> Result:
    """Mean and quantiles of errors per unit notional."""
    sizes = np.quantile(np.abs(missed), QUANTILES)
    return {
        "mean_absolute": float(np.mean(np.abs(missed))),
        "mean": float(np.mean(missed)),
        "quantiles": dict(zip(map(str, QUANTILES), sizes.tolist(), strict=True)),
    }


def relative(missed: np.ndarray, truth: np.ndarray) -> float:
    """Mean size of an error over the mean size of what it is an error of."""
    return float(np.mean(np.abs(missed)) / np.mean(np.abs(truth)))
