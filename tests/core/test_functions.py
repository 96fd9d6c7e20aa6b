"""Elementary functions: their limits, and derivatives of any order beside sixty digits."""

from decimal import Decimal, localcontext

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from neuralrates.core.functions import decay_integral

RATES = (0.0, 1e-9, 1e-5, 1e-3, 0.004, 0.03, 0.0499, 0.0501, 0.2, 1.0, 4.0)
TIME = 2.0


def exact(rate: float, order: int) -> float:
    """Integral of (-t)^n e^{-a t} from zero to `TIME`, by parts: digits that cancel are few of sixty."""
    if rate == 0.0:
        return (-1) ** order * TIME ** (order + 1) / (order + 1)
    with localcontext() as context:
        context.prec = 60
        a, end = Decimal(rate), Decimal(TIME)
        decay = (-a * end).exp()
        total = (1 - decay) / a
        for n in range(1, order + 1):
            total = -((-end) ** n * decay + n * total) / a
        return float(total)


@pytest.mark.parametrize(("order", "tolerance"), [(0, 1e-14), (1, 1e-14), (2, 1e-13), (3, 1e-11)])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_decay_integral_and_its_derivatives_are_exact(order, tolerance, sign):
    def derivative(rate):
        return decay_integral(rate, jnp.asarray(TIME))

    for _ in range(order):
        derivative = jax.grad(derivative)
    rates = [sign * rate for rate in RATES]
    found = jax.vmap(derivative)(jnp.asarray(rates))
    np.testing.assert_allclose(found, [exact(rate, order) for rate in rates], rtol=tolerance)


def test_decay_integral_grows_with_time_as_what_decays():
    growth = jax.grad(lambda time: decay_integral(jnp.asarray(0.03), time))
    times = jnp.linspace(-5.0, 30.0, 36)
    np.testing.assert_allclose(jax.vmap(growth)(times), np.exp(-0.03 * times), rtol=2e-15)
