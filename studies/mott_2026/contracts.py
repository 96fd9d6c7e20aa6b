"""Contracts on real curves that nothing was trained on, and their prices on the whole curve."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

import neuralrates as nr
from neuralrates.problems.forward_curve import LONGEST_TENOR, VOLATILITY, Kind, contract
from studies.mott_2026.paper_network import ACCRUALS, LONGEST_EXPIRY, strikes
from studies.mott_2026.study import Study

SEED, LEAST_EXPIRY, LONGEST = 7, 0.02, 10

Method = Callable[[nr.models.ForwardCurve, Any], object]


@dataclass(frozen=True, eq=False)
class Held:
    """Contracts of a kind, a row each.

    Args:
        kind: of contract
        curves: Svensson parameters of days held out
        terms: expiry and length in years, strike
    """

    kind: Kind
    curves: Float[np.ndarray, "samples inputs"]
    terms: Float[np.ndarray, "samples 3"]

    @classmethod
    def drawn(cls, study: Study, kind: Kind, number: int) -> "Held":
        """Caplets drawn as in the paper; swaptions of one to ten whole years into one to ten, at the same strikes."""
        days = study.days[study.apart]
        random = np.random.default_rng(SEED)
        curves = days.iloc[random.integers(len(days), size=number)].to_numpy(dtype=float)
        if kind == "caplet":
            expiry = random.uniform(LEAST_EXPIRY, LONGEST_EXPIRY, number)
            length = random.uniform(*ACCRUALS, number)
        else:
            expiry, length = random.integers(1, LONGEST + 1, (2, number)).astype(float)
        terms = np.stack([expiry, length, random.choice(strikes(), number)], axis=1)
        return cls(kind, curves, terms)

    def points(self, num_nodes: int) -> Float[np.ndarray, "samples inputs"]:
        """Inputs of the problem on a grid, at the volatility of the history."""
        tenors = jnp.linspace(0.0, contract(self.kind, num_nodes).horizon, num_nodes)

        def nodes(row: Array) -> Array:
            return jax.vmap(nr.market.Svensson(*row).instantaneous_forward_rate)(tenors)

        forwards = np.asarray(jax.jit(jax.vmap(nodes))(jnp.asarray(self.curves)))
        return np.concatenate([forwards, np.ones((len(forwards), 1)), self.terms], axis=1)

    def on_the_curve(self, method: Method) -> list[np.ndarray]:
        """What a method says of each contract on its whole Svensson curve, leaf by leaf."""
        shape = contract(self.kind, 5)
        volatility = nr.models.TenorVolatility(jnp.asarray(VOLATILITY), LONGEST_TENOR)

        def one(at: tuple[Array, Array]) -> object:
            row, terms = at
            model = nr.models.ForwardCurve(nr.market.Svensson(*row), volatility, shape.horizon)
            return method(model, shape.product(jnp.concatenate([jnp.zeros(6), terms])))

        run = eqx.filter_jit(lambda rows, terms: jax.lax.map(one, (rows, terms)))
        found = run(jnp.asarray(self.curves), jnp.asarray(self.terms))
        return [np.asarray(leaf) for leaf in jax.tree.leaves(found)]
