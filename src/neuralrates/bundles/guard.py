"""A bundle at work: the surrogate where its certificate holds, the reference everywhere else."""

from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
from jaxtyping import Float

from neuralrates.bundles.bundle import Bundle
from neuralrates.core.doors import door
from neuralrates.core.finite import fault_of_numbers
from neuralrates.core.requests import check_engine
from neuralrates.core.types import ArrayLike
from neuralrates.core.units import ROUNDING

Engine = Literal["auto", "learned", "surrogate", "reference"]
_LARGEST_CALL, _BATCH_SIZE = 256, 8


@door
def serve(bundle: Bundle, x: ArrayLike, engine: Engine = "auto") -> pd.DataFrame:
    """Values, error bands and derivatives of a bundle's problem at any points.

    Args:
        bundle: surrogate, problem and certificate
        x: points, one a row, in the order and units of `bundle.domain`
        engine: `reference` never uses the surrogate; `auto` and `learned` use it at every point of its domain, and the
            reference at the others

    Returns:
        One row a point: value and error_band (currency per unit notional), engine, in_domain, `d <input>` for the
        derivative to each input, and status: `ok`, or which numbers are none. The band of a surrogate's price is its
        certificate's: with the stated confidence 99 percent of the domain lies within it; that of a reference's is its own
        error, one standard error where it simulates. A point where no model exists (a negative volatility) has no value,
        and a status that says so.

    Example:
        >>> import jax, neuralrates as nr
        >>> bundle = nr.bundles.load("bermudan")
        >>> table = nr.bundles.serve(bundle, bundle.domain.sample(jax.random.key(0), 3))
        >>> list(table.engine), bool((table.error_band < 1e-4).all())
        (['learned', 'learned', 'learned'], True)
    """
    asked = check_engine(engine)
    points = np.atleast_2d(np.asarray(x, dtype=np.float64))
    if points.ndim != 2 or points.shape[1] != len(bundle.domain.names):
        raise ValueError(
            f"Argument `x` must have one column per input, {bundle.domain.names}, but has shape {points.shape}."
        )
    inside = np.asarray(jax.vmap(bundle.domain.contains)(jnp.asarray(points)))
    learned = inside & (asked != "reference")
    values, bands = np.empty(len(points)), np.empty(len(points))
    slopes = np.empty_like(points)
    if learned.any():
        outputs, jacobian = bundle.runtime()(points[learned])
        values[learned], slopes[learned] = outputs[:, 0], jacobian[:, 0, :]
        bands[learned] = bundle.certificate.error_band
    if not learned.all():
        values[~learned], slopes[~learned], bands[~learned] = _reference(bundle, points[~learned])
    bands += ROUNDING
    table = pd.DataFrame(
        {
            "value": values,
            "error_band": bands,
            "engine": np.where(learned, "learned", "reference"),
            "in_domain": inside,
        }
    )
    greeks = pd.DataFrame(slopes, columns=[f"d {name}" for name in bundle.domain.names])
    whole = pd.concat([table, greeks], axis=1)
    numbers = whole.drop(columns=["engine", "in_domain"])
    return whole.assign(
        status=[fault_of_numbers(row) or "ok" for row in numbers.to_dict("records")]
    )


def _reference(
    bundle: Bundle, points: Float[np.ndarray, "batch inputs"]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values, derivatives and errors by the problem's own pricer."""

    def one(x: jax.Array) -> tuple[jax.Array, jax.Array]:
        price = bundle.problem(x)
        return price.value, price.error

    with_slopes = jax.value_and_grad(one, has_aux=True)
    priced = jax.jit(lambda x: jax.lax.map(with_slopes, x, batch_size=_BATCH_SIZE))
    size = len(points)
    batch = min(_LARGEST_CALL, 1 << (size - 1).bit_length())
    filler = np.repeat(points[-1:], -size % batch, axis=0)
    parts = np.concatenate([points, filler]).reshape(-1, batch, points.shape[1])
    results = [priced(jnp.asarray(part)) for part in parts]
    values = np.concatenate([np.asarray(value) for (value, _), _ in results])
    errors = np.concatenate([np.asarray(error) for (_, error), _ in results])
    slopes = np.concatenate([np.asarray(slope) for _, slope in results])
    return values[:size], slopes[:size], errors[:size]
