"""Numbers of both models and options on single rates, on the host with derivatives by hand, against JAX."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import neuralrates as nr
from desk.pricing_setting import SETTINGS, padded, shape_and_inputs, trades
from desk.test_rate_trades import NORMAL, SHIFTED, SWAPTIONS, TODAY, market, random_trade
from engines.traced import numbers_of
from engines.traced_plane import plane_numbers_of
from engines.traced_rates import rate_value
from neuralrates.engines.batches import in_batches
from neuralrates.engines.closed_forms.cash_flows import CashFlows
from neuralrates.engines.coterminal_numbers import CoterminalNumbers
from neuralrates.engines.market_inputs import MarketShape
from neuralrates.engines.rate_options import RateEngine
from neuralrates.engines.two_factor_numbers import TwoFactorNumbers

EXACT = 1e-12  # of the largest: sums in another order
MODELS = {
    "one factor": (CoterminalNumbers, numbers_of),
    "two factors": (TwoFactorNumbers, plane_numbers_of),
}
EUR, USD = "two curves and a smile, EUR", "single curve, USD"


def lognormal(setting, shift):
    """The setting's market with its matrix quoted in lognormal terms."""
    known = setting.volatility
    kind = "shifted_lognormal" if shift else "lognormal"
    return dataclasses.replace(
        setting,
        volatility=nr.market.SwaptionVolatility(
            known.expiries, known.tenors, 30.0 * known.volatilities, None, (), (), kind, shift
        ),
    )


def splined(shape):
    """The shape with both curves read as splines."""
    curves = [
        None if one is None else nr.market.ZeroCurve(one.times, one.zero_rates, "natural_spline")
        for one in (shape.discount, shape.projection)
    ]
    return dataclasses.replace(shape, discount=curves[0], projection=curves[1])


def markets():
    for name in (USD, EUR):
        yield name, shape_and_inputs(SETTINGS[name]), trades(name)
    shape, inputs = shape_and_inputs(SETTINGS[EUR])
    yield "splines", (splined(shape), inputs), trades(EUR)
    for shift in (0.0, 0.02):
        setting = lognormal(SETTINGS[USD], shift)
        yield f"lognormal, {shift}", shape_and_inputs(setting), trades(USD)


MARKETS = {name: rest for name, *rest in markets()}


def compare(ours, theirs, where):
    for name in theirs._fields:
        first, second = np.asarray(getattr(ours, name)), np.asarray(getattr(theirs, name))
        largest = np.max(np.abs(second), initial=1e-300)
        np.testing.assert_allclose(
            where(first), where(second), rtol=0.0, atol=EXACT * largest, err_msg=name
        )


@pytest.mark.traced
@pytest.mark.parametrize(
    ("name", "model"), [*((name, "one factor") for name in MARKETS), (EUR, "two factors")]
)
def test_numbers_and_derivatives_are_those_of_jax(name, model):
    """Also a day on, and with random derivatives to every number at once."""
    own, traced = MODELS[model]
    (shape, inputs), book = MARKETS[name]
    inputs = inputs._replace(elapsed=np.asarray(0.003))
    stacked = padded(book)
    alive = stacked.alive > 0.0
    found = own(CashFlows(stacked), shape, inputs)

    def where(values):
        return values[alive] if values.shape[:2] == alive.shape else values

    rng = np.random.default_rng(5)
    weights = [
        rng.standard_normal(one.shape)
        * (
            alive.reshape(alive.shape + (1,) * (one.ndim - 2))
            if one.shape[:2] == alive.shape
            else 1
        )
        for one in found.numbers
    ]
    weights = type(found.numbers)(*weights)

    @jax.jit
    def all_of_it(trades, inputs):
        def one(trade, weight):
            (numbers, facts), back = jax.vjp(lambda at: traced(shape, trade, at), inputs)
            nothing = jax.tree.map(
                lambda leaf: (
                    np.zeros(leaf.shape, jax.dtypes.float0)
                    if leaf.dtype == bool
                    else jnp.zeros_like(leaf)
                ),
                facts,
            )
            return numbers, facts, back((weight, nothing))[0]

        return jax.vmap(one)(trades, weights)

    numbers, facts, gradient = all_of_it(stacked, inputs)
    compare(found.numbers, numbers, where)
    compare(found.facts, facts, where)
    compare(found.pulled_back(weights), gradient, lambda values: values)


OPTIONS = {
    "normal caps": (NORMAL, None, "cap", "EUR-EURIBOR-6M"),
    "shifted caps": (SHIFTED, None, "cap", "EUR-EURIBOR-6M"),
    "swaptions, overnight": (None, SWAPTIONS, "swaption", "EUR-ESTR"),
    "no options": (None, None, "no", "EUR-EURIBOR-6M"),
}


@pytest.mark.traced
@pytest.mark.parametrize("name", OPTIONS)
def test_options_on_rates_and_derivatives_are_those_of_jax(name):
    caps, swaptions, quotes, index = OPTIONS[name]
    usd = market(caps, swaptions)["EUR"]
    shape = MarketShape.of(
        usd.curves.for_index(index), usd.swaption_volatility, usd.two_factor, usd.cap_volatility
    )
    inputs = shape.inputs(0.03)._replace(elapsed=np.asarray(0.003))
    kinds = ("fra",) if quotes == "no" else ("cap", "floor", "collar")
    book = [
        random_trade(number, kind, index).resolve(TODAY) for kind in kinds for number in range(4)
    ]
    batch = in_batches(book)[0]
    found = RateEngine(quotes).assess(batch, inputs, shape, with_gradient=True)
    both = jax.value_and_grad(lambda at, trade: rate_value(shape, trade, at, quotes))
    values, gradient = jax.jit(jax.vmap(both, in_axes=(None, 0)))(inputs, batch.trades)
    np.testing.assert_allclose(found.value, values, rtol=0.0, atol=EXACT)
    compare(found.gradient, gradient, lambda slopes: slopes)
