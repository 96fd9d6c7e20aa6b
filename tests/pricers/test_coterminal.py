"""Europeans into the rest of one swap at once are those of Jamshidian's formula, one by one."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import neuralrates as nr
from neuralrates.pricers.gaussian.coterminal import coterminal_values_at_once
from neuralrates.pricers.gaussian.jamshidian import coterminal_values

pytestmark = pytest.mark.traced

CALLS, PAYMENTS = [1.0, 2.0, 4.0], [2.0, 4.0, 5.5, 7.0]


def swaption(strike, side):
    """Three exercises at the starts of the periods that they enter; the last enters two."""
    flows = jnp.array([*CALLS, 5.5, 7.0])
    coupons = np.triu(np.ones((3, 5)), 1) * np.diff(np.array([*CALLS, 5.5, 7.0]), prepend=1.0)
    floating = np.eye(3, 5) - np.eye(1, 5, 4)
    return nr.products.Swaption.from_weights(
        jnp.array(CALLS), flows, coupons, floating, strike, side
    )


@pytest.fixture(scope="module", params=["payer", "receiver"])
def values(request):
    """Of both formulas on one side: values and their slopes in the volatility, by volatility and strike."""

    def of(pricer):
        def value(volatility, strike):
            curve = nr.market.NelsonSiegel(0.035, -0.03, 0.01, 2.0)
            model = nr.models.HullWhite(curve, 0.03, [volatility, 0.011], [3.0])
            return pricer(model, swaption(strike, request.param))

        return jax.jit(lambda *at: (value(*at), jax.jacfwd(value)(*at)))

    return tuple(of(pricer) for pricer in (coterminal_values_at_once, coterminal_values))


@pytest.mark.parametrize("strike", [-0.005, 0.0, 0.03, 0.12])
def test_values_and_derivatives(values, strike):
    ours, theirs = (of(0.009, strike) for of in values)
    np.testing.assert_allclose(ours[0], theirs[0], rtol=0, atol=1e-14)
    np.testing.assert_allclose(ours[1], theirs[1], rtol=0, atol=1e-11)
