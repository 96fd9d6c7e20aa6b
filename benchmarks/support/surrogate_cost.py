"""What a served surrogate costs beside the exact engine, one core, one process, compile time apart."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
from benchmarks.support.clock import processor_seconds

from neuralrates.bundles import Bundle
from neuralrates.pricers.gaussian.backward_induction import BackwardInduction
from neuralrates.problems import Problem

_COARSE = (6, 8, 10, 12, 14, 16, 20, 24, 32, 40)


def costs(bundle: Bundle) -> dict[str, float]:
    """Processor seconds per price of the surrogate in ONNX Runtime, and of the exact engine in JAX.

    The exact engine runs at its default setting, far more exact than the surrogate, and as
    coarsely as the surrogate's own errors allow: the comparison at equal error. Its error estimate
    is left out, which would cost half as much again.
    """
    x = bundle.domain.sample(jax.random.key(0), 4096)
    seconds = _surrogate_costs(bundle, np.asarray(x))
    for name, pricer in _engines(bundle).items():
        seconds |= _engine_costs(name, bundle.problem, pricer, x[:512])
    return seconds


def _surrogate_costs(bundle: Bundle, points: np.ndarray) -> dict[str, float]:
    runtime, size = bundle.runtime(), len(points)
    return {
        "surrogate_single_price": processor_seconds(lambda: runtime.value(points[:1]), 2000),
        "surrogate_single_price_and_greeks": processor_seconds(lambda: runtime(points[:1]), 2000),
        "surrogate_batch_price": processor_seconds(lambda: runtime.value(points), 20) / size,
        "surrogate_batch_price_and_greeks": processor_seconds(lambda: runtime(points), 20) / size,
    }


def _engine_costs(
    name: str, problem: Problem, pricer: BackwardInduction, x: jax.Array
) -> dict[str, float]:
    price, both = _compiled(problem, pricer)
    size = len(x)
    return {
        f"{name}_single_price": processor_seconds(lambda: price(x[0]), 200),
        f"{name}_single_price_and_greeks": processor_seconds(lambda: both(x[0]), 100),
        f"{name}_batch_price": processor_seconds(lambda: _in_turn(price, x), 5) / size,
        f"{name}_batch_price_and_greeks": processor_seconds(lambda: _in_turn(both, x), 5) / size,
    }


def _engines(bundle: Bundle) -> dict[str, BackwardInduction]:
    """The exact engine at its default, and as coarse as the surrogate's errors allow."""
    x = bundle.domain.sample(jax.random.key(1), 256)
    middle = 0.5 * jnp.asarray(bundle.domain.low + bundle.domain.high)
    default = BackwardInduction().settle(*bundle.problem.build(middle))
    exact = _in_turn(bundle.problem, x).value
    allowed = bundle.certificate.outputs[0]
    for num_points in _COARSE:
        coarse = BackwardInduction(1e-5, num_points, 1)
        errors = jnp.abs(_in_turn(_compiled(bundle.problem, coarse)[0], x) - exact)
        if jnp.mean(errors) <= allowed.mean and jnp.quantile(errors, 0.99) <= allowed.quantile_99:
            return {"exact_default": default, f"exact_{num_points}_points": coarse}
    return {"exact_default": default}


def _compiled(problem: Problem, pricer: BackwardInduction) -> tuple:
    """Compiled price, and price with Greeks, of one point."""
    price = jax.jit(lambda x: pricer(*problem.build(x)).value)
    return price, jax.jit(jax.value_and_grad(price))


@functools.partial(jax.jit, static_argnums=0)
def _in_turn(function, x):
    """A batch, eight points at a time: they then stay in the processor's cache."""
    return jax.lax.map(function, x, batch_size=8)
