"""Labels of a basket: one sample per contract, market and model; exact and by simulation, both kept."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from neuralrates.core.archive import read_archive, write_archive
from neuralrates.core.errors import InputError
from neuralrates.core.types import Inputs, Key, Outputs
from neuralrates.pricers.gaussian.backward_induction import BackwardInduction
from neuralrates.pricers.simulation.least_squares import LongstaffSchwartz
from neuralrates.problems.labels import Labels
from studies.aiolfi_2024.bermudan_basket import MOVES, BasketTrade

KIND = "basket"
REFERENCE = BackwardInduction(tolerance=1e-8, num_points=56, num_boundaries=1)
"""Fixed for the whole basket: nineteen annual exercises, within 1e-8 of four times the nodes."""

Features = Callable[[BasketTrade, Inputs], Outputs]
Progress = Callable[[int, int], None]
_BATCH_SIZE = 8
_SINGLE = ("slopes", "directions")


class BasketLabels(eqx.Module):
    """Samples of a basket, in step with each other; prices per unit notional.

    Args:
        labels: features and exact prices; no gradient, for features are no free inputs
        simulated: the same prices by simulation, with their standard errors
        slopes: derivatives of the exact price to the moves of strike and curve, as `MOVES`
        directions: derivatives of every feature to the same moves
        parameters: market inputs of each sample
        groups: number of the contract-and-market pair of each sample
    """

    labels: Labels
    simulated: Labels
    slopes: Float[Array, "samples steps"]
    directions: Float[Array, "samples inputs steps"]
    parameters: Float[Array, "samples parameters"]
    groups: Int[Array, "samples"]

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, chosen: Any) -> "BasketLabels":
        """The samples at the given positions (an index array or a slice)."""
        return jax.tree.map(lambda array: array[chosen], self)

    def save(self, folder: str | Path, record: dict[str, Any]) -> None:
        """Write to a folder, whole or not at all; derivatives in single precision."""
        arrays = {name: np.asarray(array) for name, array in self._arrays().items()}
        arrays |= {name: arrays[name].astype(np.float32) for name in _SINGLE}
        write_archive(folder, arrays, {"kind": KIND, **record})

    @classmethod
    def load(cls, folder: str | Path) -> tuple["BasketLabels", dict[str, Any]]:
        """Samples and record that `save` wrote; altered or cut files are refused."""
        arrays, record, _ = read_archive(folder, KIND)
        try:
            exact = Labels.from_arrays(arrays["x"], arrays["value"], error=arrays["error"])
            simulated = Labels.from_arrays(
                arrays["x"], arrays["simulated"], error=arrays["standard_error"]
            )
            single = (arrays[name].astype(np.float64) for name in _SINGLE)
            rest = (*single, arrays["parameters"], arrays["groups"])
        except KeyError as error:
            raise InputError(f"expected an array {error} of a basket", file=folder) from None
        return cls(exact, simulated, *(jnp.asarray(array) for array in rest)), record

    def _arrays(self) -> dict[str, Any]:
        return {
            "x": self.labels.x,
            "value": self.labels.value,
            "error": self.labels.error,
            "simulated": self.simulated.value,
            "standard_error": self.simulated.error,
            "slopes": self.slopes,
            "directions": self.directions,
            "parameters": self.parameters,
            "groups": self.groups,
        }


def basket_labels(
    trades: Sequence[BasketTrade],
    parameters: Float[Array, "steps inputs"],
    features: Features,
    key: Key,
    *,
    num_paths: int,
    progress: Progress | None = None,
) -> BasketLabels:
    """Exact and simulated prices of every trade under every model, with features and derivatives.

    Args:
        trades: contracts on their markets; each is one group
        parameters: market inputs, one row a model
        features: trade and market inputs to the inputs of a regression
        key: of the simulations; every sample has its own
        num_paths: paths of each of the two sets of a simulation
        progress: called with the number of groups done and to do

    Returns:
        Samples, those of one trade after each other.

    Source: labels by simulation as in Aiolfi et al. (2024), section 3; exact labels beside them are ours.
    """
    parts = []
    for number, trade in enumerate(trades):
        keys = jax.random.split(jax.random.fold_in(key, number), parameters.shape[0])
        parts.append(_sample(trade, parameters, features, keys, num_paths))
        if progress is not None:
            progress(number + 1, len(trades))
    x, value, error, simulated, deviation, slopes, directions = map(
        jnp.concatenate, zip(*parts, strict=True)
    )
    return BasketLabels(
        Labels.from_arrays(x, value, error=error),
        Labels.from_arrays(x, simulated, error=deviation),
        slopes,
        directions,
        jnp.tile(parameters, (len(trades), 1)),
        jnp.repeat(jnp.arange(len(trades)), parameters.shape[0]),
    )


@eqx.filter_jit
def _sample(
    trade: BasketTrade, parameters: Array, features: Features, keys: Array, num_paths: int
) -> tuple[Array, ...]:
    """Everything about one trade, model by model."""

    def one(at: tuple[Array, Array]) -> tuple[Array, ...]:
        x, key = at
        (value, error), slope = jax.value_and_grad(_exact, argnums=1, has_aux=True)(trade, x)
        drawn = LongstaffSchwartz(num_paths, key)(*trade.build(x))
        inputs = features(trade, x)
        direction = jax.jacfwd(lambda at: features(trade, at))(x)
        moved = slice(-len(MOVES), None)
        return inputs, value, error, drawn.value, drawn.error, slope[moved], direction[:, moved]

    return jax.lax.map(one, (parameters, keys), batch_size=_BATCH_SIZE)


def _exact(trade: BasketTrade, x: Inputs) -> tuple[Array, Array]:
    price = REFERENCE(*trade.build(x))
    return price.value, price.error
