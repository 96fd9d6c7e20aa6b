"""The scale of a volatility that meets a quote: repriced, differentiated, refused."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import neuralrates as nr
from neuralrates.pricers.gaussian.bachelier import bachelier

pytestmark = pytest.mark.traced

RATE, EXPIRY, ROOT = 0.03, 2.0, np.sqrt(2.0 / (2.0 * np.pi))


def price(scale):
    """At the money under the normal model: proportional to the scale, ROOT times the volatility."""
    numbers = (jnp.asarray(v) for v in (RATE, RATE))
    return bachelier(*numbers, 0.01 * scale, jnp.asarray(EXPIRY), jnp.ones(()))


@jax.jit
def fitted(quote):
    return nr.calibration.volatility_scale(price, quote)


def test_the_scale_behind_a_quote_is_found_with_its_derivative():
    for scale in (0.06, 1.0, 4.9):
        quote = 0.01 * scale * ROOT
        assert float(fitted(quote)) == pytest.approx(scale, rel=1e-10)
    assert float(jax.jit(jax.grad(fitted))(0.005)) == pytest.approx(1.0 / (0.01 * ROOT), rel=1e-10)


def test_a_model_of_the_forward_curve_is_scaled_to_its_quote():
    volatility = nr.models.TenorVolatility([[0.06, -0.02], [0.02, 0.03]])
    model = nr.models.ForwardCurve(nr.market.FlatCurve(0.04), volatility)

    def cap(scale):
        cap = nr.products.Cap([1.0, 1.5], [1.5, 2.0], 0.042)
        pricer = nr.pricers.CapletStrip(nr.pricers.SquareRootCaplet())
        return pricer(model.scaled(scale), cap).value

    quote = jax.jit(cap)(0.7)
    found = jax.jit(lambda quote: nr.calibration.volatility_scale(cap, quote))(quote)
    assert float(found) == pytest.approx(0.7, rel=1e-9)


def test_a_quote_out_of_reach_is_refused_and_without_a_value_in_a_batch():
    with pytest.raises(nr.core.CalibrationError, match="no scale of the volatility meets a quote"):
        nr.calibration.volatility_scale(price, 0.9)
    scales = jax.jit(jax.vmap(fitted))(jnp.array([0.9, 0.01 * ROOT]))
    assert jnp.isnan(scales[0])
    assert float(scales[1]) == pytest.approx(1.0, rel=1e-10)
