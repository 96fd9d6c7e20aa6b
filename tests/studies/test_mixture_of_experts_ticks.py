"""Option quotes in the publisher's own format become rows: a day written from a known model is found again."""

import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest

import neuralrates as nr
from histories.dbn_files import write_definitions, write_quotes
from neuralrates.core import InputError
from neuralrates.problems.instrument_inputs import ASSET_MODEL, CURVE, RATE_MODEL

LAW = (0.09, 3.0, 0.05, 0.9, -0.7)
SPOT, CARRY, RATE = 300.0, 0.015, 0.01
DAY = pd.Timestamp("2020-03-02")
EXPIRIES = ("2020-04-17 20:00", "2020-09-18 20:00")
STRIKES = tuple(range(240, 361, 10))


@pytest.fixture(scope="module")
def world():
    """One day on a flat curve."""
    from studies.mixture_of_experts.world import MACRO, World

    def table(names, values):
        return pd.DataFrame([values], index=pd.DatetimeIndex([DAY]), columns=list(names))

    rates = table((*CURVE, *RATE_MODEL), [RATE] * len(CURVE) + [0.03, 0.01])
    start = table(ASSET_MODEL, [0.05, 2.0, 0.06, 0.6, -0.5, 0.0])
    macro = table(MACRO, np.zeros(len(MACRO)))
    return World(rates, start, start, macro, np.array([0]))


@pytest.fixture(scope="module")
def quotes(tmp_path_factory):
    """Calls and puts of two expiries, half a cent to each side of the model's price."""
    from studies.mixture_of_experts.ticks import _prices

    folder = tmp_path_factory.mktemp("dbn")
    terms, found = {}, []
    moment = pd.Timestamp("2020-03-02 20:00", tz="UTC")
    years = [float((pd.Timestamp(e, tz="UTC") - moment) / pd.Timedelta(days=365)) for e in EXPIRIES]
    grid = np.array([(t, k) for t in years for k in STRIKES])
    forward = SPOT * np.exp((RATE - CARRY) * grid[:, 0])
    padded = np.resize(np.stack([np.log(grid[:, 1] / forward), grid[:, 0]], axis=1), (64, 2))
    calls = np.asarray(_prices(jnp.asarray(LAW), *jnp.asarray(padded.T)))[: len(grid)]
    calls = calls * forward * np.exp(-RATE * grid[:, 0])
    puts = calls - np.exp(-RATE * grid[:, 0]) * (forward - grid[:, 1])
    for row, (call, put) in enumerate(zip(calls, puts, strict=True)):
        expiry, strike = EXPIRIES[row // len(STRIKES)], STRIKES[row % len(STRIKES)]
        for kind, value in (("CALL", call), ("PUT", put)):
            number = len(terms) + 1
            terms[number] = ("SPY", expiry, float(strike), kind)
            found.append((number, "2020-03-02 15:00", 1.0, 2.0))  # an earlier quote
            found.append((number, "2020-03-02 20:00", value - 0.005, value + 0.005))
    return nr.histories.load_option_quotes(
        write_definitions(folder / "definitions.dbn.zst", terms),
        write_quotes(folder / "quotes.dbn.zst", found),
    )


def test_the_model_that_wrote_the_quotes_is_found_again(quotes, world):
    from studies.mixture_of_experts.ticks import panel_of_quotes

    panel, models = panel_of_quotes(quotes, pd.Series({DAY: SPOT}), world, "index_option")
    assert len(panel) == len(EXPIRIES) * len(STRIKES)
    assert np.allclose(panel.column("carry"), CARRY, atol=1e-6)
    found = models.loc[DAY]
    assert found.error < 1e-6
    assert found.variance == pytest.approx(LAW[0], rel=1e-3)
    assert found.correlation == pytest.approx(LAW[4], abs=1e-2)
    assert np.all(np.abs(panel.baseline - panel.value) < 0.02)
    assert np.max(np.abs(panel.baseline - panel.value)) > 1e-4  # Black-Scholes is wrong
    assert set(panel.group.tolist()) == {7}


def test_what_is_missing_is_named(quotes, world):
    from studies.mixture_of_experts.ticks import panel_of_quotes

    with pytest.raises(InputError, match="a spot on 2020-03-02"):
        panel_of_quotes(quotes, pd.Series({pd.Timestamp("2020-03-03"): SPOT}), world, "gold_option")
    with pytest.raises(InputError, match="a call and a put"):
        panel_of_quotes(
            quotes[quotes.right == "call"], pd.Series({DAY: SPOT}), world, "index_option"
        )
