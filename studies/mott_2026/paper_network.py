"""The paper's network, its sampling of contracts and its conditions (sections 5 and 6).

Left open by the paper and chosen here: the grid reaches 5.75 years, the longest expiry and accrual together; a quarter of
each batch is relabelled to a strike of zero, and the third term of the loss is summed over these; 20 Chebyshev strikes; weights
begin normal with variance 1 / inputs; weight decay is decoupled.
"""

import dataclasses
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
from jaxtyping import Array, Float, Int

import neuralrates as nr
from neuralrates.core.types import Inputs, Key, Outputs, Scalar
from neuralrates.learning.losses.feynman_kac import Flow, GeneratorValues, Known, Points
from neuralrates.surrogates.networks.forward_laplacian import ForwardLaplacian
from studies.mott_2026 import history

HORIZON, LONGEST_EXPIRY = 5.75, 5.0
ACCRUALS = (1.0 / 3.0, 0.75)
HIGHEST_STRIKE, NUM_STRIKES = 0.07, 20
CAP = 0.4
NUM_PARAMETERS, NUM_TERMS = 6, 3
_ROUNDING = 1e-9


@dataclasses.dataclass(frozen=True)
class Grid:
    """Equally spaced tenors, and the contracts that begin and end on them.

    Args:
        num_nodes: of the curve, from zero to the horizon
        horizon: longest tenor, years
        lengths: of the accrual or of the swap, least and most, years
        whole_years: whether lengths are whole years alone
    """

    num_nodes: int
    horizon: float = HORIZON
    lengths: tuple[float, float] = ACCRUALS
    whole_years: bool = False

    @property
    def spacing(self) -> float:
        return self.horizon / (self.num_nodes - 1)

    @property
    def tenors(self) -> np.ndarray:
        return np.linspace(0.0, self.horizon, self.num_nodes)

    @property
    def integration(self) -> np.ndarray:
        """A row for each node: trapezoid weights of the integral from zero to it."""
        lower = np.tri(self.num_nodes) * self.spacing
        lower[:, 0] *= 0.5
        lower -= 0.5 * self.spacing * np.eye(self.num_nodes)
        lower[0] = 0.0
        return lower

    @property
    def pairs(self) -> np.ndarray:
        """Node of the expiry, after today, and nodes that the accrual spans."""
        steps = np.arange(1, self.num_nodes)
        years = steps * self.spacing
        inside = (years >= self.lengths[0] - _ROUNDING) & (years <= self.lengths[1] + _ROUNDING)
        if self.whole_years:
            inside &= np.abs(years - np.round(years)) <= _ROUNDING
        accruals = steps[inside]
        expiries = steps[steps * self.spacing <= LONGEST_EXPIRY + _ROUNDING]
        every = np.stack(np.meshgrid(expiries, accruals, indexing="ij"), axis=-1).reshape(-1, 2)
        return every[every.sum(axis=1) < self.num_nodes]


def strikes() -> np.ndarray:
    """Chebyshev grid of strikes."""
    angles = np.pi * (np.arange(NUM_STRIKES) + 0.5) / NUM_STRIKES
    return 0.5 * HIGHEST_STRIKE * (1.0 - np.cos(angles))


def single(tree: Any) -> Any:
    """The tree with double precision turned into single."""
    return jax.tree.map(lambda leaf: leaf.astype(jnp.float32) if _is_double(leaf) else leaf, tree)


def _is_double(leaf: Any) -> bool:
    return eqx.is_array(leaf) and leaf.dtype == jnp.float64


class Contracts(eqx.Module):
    """What points are drawn from: curves of some days, and contracts on the grid.

    A point is the forwards of the grid, the six parameters of the curve, expiry and accrual in years, and the strike. The
    volatility of a forward is in proportion to its root, or, where it is `constant`, that of equation 12 of the paper.
    """

    forwards: Float[Array, "samples nodes"]
    slopes: Float[Array, "samples nodes"]
    parameters: Float[Array, "samples inputs"]
    volatility: Float[Array, "factors nodes"]
    integration: Float[Array, "nodes nodes"]
    pairs: Int[Array, "periods 2"]
    strikes: Float[Array, "times"]
    spacing: Float[Array, ""]
    zero_share: float = eqx.field(static=True)
    constant: bool = eqx.field(static=True, default=False)

    @classmethod
    def of(
        cls,
        grid: Grid,
        days: pd.DataFrame,
        volatility: nr.models.TenorVolatility,
        zero_share: float,
        constant: bool = False,
    ) -> "Contracts":
        """Contracts on the curves of these days."""
        tenors = jnp.asarray(grid.tenors)
        return cls(
            jnp.asarray(history.forwards(days, grid.tenors)),
            jnp.asarray(history.slopes(days, grid.tenors)),
            jnp.asarray(days.to_numpy(dtype=float)),
            volatility(tenors),
            jnp.asarray(grid.integration),
            jnp.asarray(grid.pairs),
            jnp.asarray(strikes()),
            jnp.asarray(grid.spacing),
            zero_share,
            constant,
        )

    @property
    def num_nodes(self) -> int:
        """Nodes of the grid."""
        return int(self.forwards.shape[1])

    def contracts(self, key: Key, number: int) -> tuple[Array, Array, Array]:
        """Days, pairs and strikes."""
        day, pair, strike = jax.random.split(key, 3)
        return (
            jax.random.randint(day, (number,), 0, self.forwards.shape[0]),
            jax.random.randint(pair, (number,), 0, self.pairs.shape[0]),
            jax.random.choice(strike, self.strikes, (number,)),
        )

    def points(self, day: Array, pair: Array, strike: Array) -> Float[Array, "batch inputs"]:
        """Inputs of the network for some contracts."""
        terms = self.pairs[pair].astype(strike.dtype) * self.spacing
        parts = [self.forwards[day], self.parameters[day], terms, strike[:, None]]
        return jnp.concatenate(parts, axis=1)

    def __call__(self, key: Key, number: int) -> Points:
        """One batch: of its contracts the first share has a strike of zero."""
        day, pair, strike = self.contracts(key, number)
        zeros = round(self.zero_share * number)
        strike = strike.at[:zeros].set(0.0)
        x = self.points(day, pair, strike)
        known = Known(x[:zeros], self.zero_strike(day[:zeros], pair[:zeros]))
        return Points(self.flow(x, day), x.at[:, -NUM_TERMS].set(0.0), known)

    def flow(self, x: Float[Array, "batch inputs"], day: Array) -> Flow:
        """How the forwards move by tenor; expiry comes nearer, all else stays."""
        forwards = self.forwards[day]
        scale = jnp.ones_like(forwards) if self.constant else jnp.minimum(jnp.sqrt(forwards), CAP)
        moves = self.volatility[:, None, :] * scale[None, :, :]
        drift = self.slopes[day] + jnp.sum(moves * (moves @ self.integration.T), axis=0)
        still = jnp.zeros((x.shape[0], NUM_PARAMETERS + NUM_TERMS), x.dtype)
        clock = still.at[:, NUM_PARAMETERS].set(-1.0)
        flat = jnp.broadcast_to(still[None], (moves.shape[0], *still.shape))
        return Flow(
            x,
            jnp.concatenate([drift, clock], axis=1),
            jnp.concatenate([moves, flat], axis=2),
            forwards[:, 0],
        )

    def zero_strike(self, day: Array, pair: Array) -> Float[Array, "batch"]:
        """Difference of two zero-coupon bonds, by the trapezoid rule."""
        bonds = jnp.exp(-self.forwards[day] @ self.integration.T)
        start, span = self.pairs[pair].T
        rows = jnp.arange(day.shape[0])
        return bonds[rows, start] - bonds[rows, start + span]

    def payoff(self, x: Inputs) -> Scalar:
        """Value of a caplet at its expiry, by the trapezoid rule."""
        accrual, strike = x[-2], x[-1]
        row = self.integration[jnp.round(accrual / self.spacing).astype(int)]
        bond = jnp.exp(-(row @ x[: self.num_nodes]))
        return jnp.maximum(1.0 - (1.0 + accrual * strike) * bond, 0.0)


class PaperNetwork(nr.surrogates.AbstractSurrogate):
    """Dense layers of SiLU units with a softplus at the end; forwards and strike as they are, the other inputs scaled."""

    network: nr.surrogates.Network

    @classmethod
    def random(cls, contracts: Contracts, width: int, depth: int, key: Key) -> "PaperNetwork":
        """Untrained network: z-scores of the parameters, terms in units of the longest tenor."""
        of_parameters = nr.surrogates.Scaling.from_samples(contracts.parameters)
        nodes = contracts.num_nodes
        shift = jnp.concatenate([jnp.zeros(nodes), of_parameters.shift, jnp.zeros(NUM_TERMS)])
        horizon = (nodes - 1) * contracts.spacing
        terms = jnp.stack([horizon, horizon, jnp.ones_like(horizon)])
        scale = jnp.concatenate([jnp.ones(nodes), of_parameters.scale, terms])
        inputs, unit = (
            nr.surrogates.Scaling(shift, scale),
            nr.surrogates.Scaling(jnp.zeros(1), jnp.ones(1)),
        )
        return cls(nr.surrogates.Network.random(inputs, unit, [width] * depth, key=key))

    def __call__(self, x: Inputs) -> Outputs:
        return jax.nn.softplus(self.network(x))

    def apply_generator(self, flow: Flow, further: Float[Array, "_ inputs"]) -> GeneratorValues:
        """Values, and drift and diffusion of those in the flow, in one pass."""
        x = jnp.concatenate([flow.x, further])
        carried = ForwardLaplacian(x, flow.loadings, flow.drift).scaled(self.network.input_scaling)
        for layer in self.network.layers[:-1]:
            carried = carried.affine(layer).through(jax.nn.silu)
        priced = carried.affine(self.network.layers[-1]).through(jax.nn.softplus)
        return priced.value[:, 0], priced.operator[:, 0]
