"""Smiles by SABR: the formula against QuantLib's, the fit against known parameters, and the market file."""

import copy
import json

import numpy as np
import pytest
import QuantLib as ql

import neuralrates as nr
from neuralrates.core.errors import InputError
from neuralrates.desk.verification.verify import verify
from neuralrates.market.volatility.sabr import fitted, sabr_at_the_money

OFFSETS = np.array([-0.02, -0.01, -0.005, 0.005, 0.01, 0.02])
SMILE = {
    "sabr": {"beta": 0.25, "shift": 0.02},
    "offsets": [-0.01, -0.005, 0.005, 0.01],
    "expiries": ["1Y", "5Y"],
    "tenors": ["10Y"],
    "volatilities": [
        [[0.0113], [0.0101]],
        [[0.0107], [0.0097]],
        [[0.0106], [0.0096]],
        [[0.0110], [0.0100]],
    ],
}
MARKET = {
    "schema": "neuralrates.market/1",
    "valuation_date": "2024-03-19",
    "currencies": {
        "USD": {
            "discount": {
                "index": "USD-SOFR",
                "quotes": [
                    {"kind": "ois", "tenor": "2Y", "value": 0.0459},
                    {"kind": "ois", "tenor": "30Y", "value": 0.0370},
                ],
            },
            "swaption_volatility": {
                "expiries": ["1Y", "5Y"],
                "tenors": ["5Y", "10Y"],
                "volatilities": [[0.0110, 0.0105], [0.0100, 0.0095]],
                "smile": SMILE,
            },
        }
    },
}


def loaded(folder, **changed):
    content = copy.deepcopy(MARKET)
    matrix = content["currencies"]["USD"]["swaption_volatility"]
    matrix |= {name: value for name, value in changed.items() if name != "sabr"}
    matrix["smile"] |= {name: value for name, value in changed.items() if name == "sabr"}
    path = folder / "market.json"
    path.write_text(json.dumps(content))
    return nr.market.load(path)


def random_laws(count):
    """Models with a volatility of 30 to 100 basis points at the money, forwards and expiries.

    Beyond ten years or so the expansion in time reaches no larger volatility of a lognormal rate.
    """
    random = np.random.default_rng(5)
    for _ in range(count):
        forward, expiry = random.uniform(0.0, 0.06), random.uniform(0.05, 12.0)
        nu = min(random.uniform(0.05, 1.2), 1.5 / np.sqrt(expiry))
        money, rho = random.uniform(0.003, 0.010), random.uniform(-0.8, 0.6)
        beta = float(random.choice([0.0, 0.25, 0.5, 1.0]))
        law = sabr_at_the_money(money, forward, expiry, beta, rho, nu, 0.03)
        yield law, forward, expiry, money


def test_volatilities_are_quantlibs():
    for law, forward, expiry, _ in random_laws(100):
        strikes = forward + np.append(OFFSETS, [0.0, 1e-9, 0.1])
        strikes = strikes[strikes + law.shift > 0.06 * (forward + law.shift)]
        theirs = [
            ql.shiftedSabrVolatility(
                float(strike), forward, expiry, law.alpha, law.beta, law.nu, law.rho, law.shift,
                ql.Normal,
            )
            for strike in strikes
        ]  # fmt: skip
        np.testing.assert_allclose(
            law.volatilities(forward, expiry, strikes), theirs, rtol=0.0, atol=1e-10
        )


def test_a_smile_of_the_model_is_found_again_and_met_at_the_money():
    """The quotes are the model's own, so that nothing but the search can miss them: a millionth of the volatility."""
    for law, forward, expiry, money in random_laws(20):
        quotes = law.volatilities(forward, expiry, forward + OFFSETS)
        found = fitted(forward, expiry, OFFSETS, quotes, money, law.beta, law.shift)
        again = found.volatilities(forward, expiry, forward + OFFSETS)
        np.testing.assert_allclose(again, quotes, rtol=1e-6)
        middle = found.volatilities(forward, expiry, np.array([forward]))
        np.testing.assert_allclose(middle, money, rtol=1e-12)


def test_every_quote_of_a_file_is_met_and_the_note_says_what_the_model_misses(tmp_path):
    usd = loaded(tmp_path)["USD"]
    volatility = usd.swaption_volatility
    for row, expiry in enumerate(np.asarray(volatility.expiries)):
        for offset, table in zip(SMILE["offsets"], SMILE["volatilities"], strict=True):
            assert abs(float(volatility(expiry, 10.0, offset)) - table[row][0]) < 1e-12
        assert abs(float(volatility(expiry, 10.0, 0.0)) - (0.0105, 0.0095)[row]) < 1e-12
    (note,) = [line for line in usd.source.notes if "SABR" in line]
    assert "at 2 points (beta 0.25, shift 0.02)" in note


def test_beyond_its_quotes_a_smile_goes_on_as_the_model_does(tmp_path):
    """At an offset of the grid, the model's volatility and what it misses of the last quote."""
    market = loaded(tmp_path)
    volatility = market["USD"].swaption_volatility
    (forward,) = nr.market.forward_swap_rates(
        market.valuation_date, market["USD"].curves, ["5Y"], ["10Y"]
    )[0]
    expiry, quotes = float(volatility.expiries[1]), [row[1][0] for row in SMILE["volatilities"]]
    law = fitted(forward, expiry, np.array(SMILE["offsets"]), np.array(quotes), 0.0095, 0.25, 0.02)
    last, beyond = law.volatilities(forward, expiry, forward + np.array([0.01, 0.02]))
    found = float(volatility(expiry, 10.0, 0.02))
    assert found == pytest.approx(beyond + quotes[-1] - last, abs=1e-9)
    assert beyond > last


def test_a_file_written_again_says_the_same(tmp_path):
    market = loaded(tmp_path)
    nr.market.dump(market, tmp_path / "again.json")
    again = nr.market.load(tmp_path / "again.json")["USD"].swaption_volatility
    for offset in (-0.03, -0.0075, 0.0, 0.004, 0.03):
        first = market["USD"].swaption_volatility(3.0, 10.0, offset)
        assert float(again(3.0, 10.0, offset)) == pytest.approx(float(first), abs=1e-12)


def test_the_second_code_agrees_on_such_a_smile(tmp_path):
    market = loaded(tmp_path)
    fields = {"currency": "USD", "index": "USD-SOFR", "side": "payer", "notional": 1e6}
    dates = {"start_date": "2026-03-21", "maturity_date": "2036-03-21"}
    trades = [
        nr.trades.EuropeanSwaptionTrade(trade_id=str(strike), strike=strike, **fields, **dates)
        for strike in (0.02, 0.034, 0.055)
    ]
    book = nr.trades.Book(tuple(trades))
    checked = verify(book, market, nr.price(book, market))
    assert set(checked["status"]) == {"agrees"}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"sabr": {"beta": 1.5}}, "beta"),
        ({"sabr": {"gamma": 0.5}}, "gamma"),
        ({"type": "lognormal"}, "no `sabr` beside lognormal volatilities"),
        ({"volatilities": [[0.011, 0.0], [0.01, 0.0095]]}, "smile at 1 x 10 years"),
    ],
)
def test_what_cannot_be_fitted_is_named(tmp_path, changed, said):
    if "type" in changed:
        changed = changed | {"volatilities": [[0.3, 0.3], [0.3, 0.3]]}
    with pytest.raises(InputError, match=said):
        loaded(tmp_path, **changed)
