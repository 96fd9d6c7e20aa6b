"""Values at future dates against prices today, closed forms, martingales and nested exact prices."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import ndtr

import neuralrates as nr
from exposures.cases import (
    CURVE,
    EURIBOR,
    EURO,
    FIVE_YEARS,
    MODEL,
    PROJECTED,
    SEASONED,
    TODAY,
    along,
    bermudan,
    cancellable,
    cap,
    european,
    swap,
    values,
)
from neuralrates.exposures.figures import standard_error
from neuralrates.exposures.path_block import PathBlock
from neuralrates.exposures.scenarios import simulate

DATES = [0.0, 0.3, 1.0, 1.7, 2.9, 4.2]
FEES = {"exercise_fees": [0.002]}


def price(trade, model=MODEL, projection=None):
    """Price today under the model, by the house's own pricers in JAX."""
    discount = model.model.curve.discount_factor
    projected = discount if projection is None else projection.discount_factor
    resolved = trade.resolve(TODAY)
    product = resolved.product(discount, projected)
    exact = nr.pricers.BackwardInduction(1e-11)
    match product:
        case nr.products.Swap():
            return float(product.value(discount))
        case nr.products.CancellableSwap():
            return float(product.swap.value(discount)) + float(
                exact(model.model, product.right).value
            )
    return float(exact(model.model, product).value)


@pytest.mark.parametrize(
    ("trade", "model", "projection"),
    [
        (swap(**FIVE_YEARS, spread=0.001), MODEL, None),
        (swap(**SEASONED), MODEL, PROJECTED),
        (swap(**EURIBOR, **FIVE_YEARS), EURO, CURVE),
        (european(), MODEL, None),
        (bermudan(**FEES), MODEL, PROJECTED),
        (cancellable(), MODEL, None),
    ],
)
def test_the_exposure_today_is_the_price(trade, model, projection):
    found = values(*along(trade, [0.0, 1.0], 64, model, projection))[0]
    assert np.ptp(found) < 1e-12
    assert found[0] == pytest.approx(price(trade, model, projection), abs=1e-8)


@pytest.mark.parametrize(
    ("trade", "model", "projection"),
    [
        (swap(start_date="2025-06-21", maturity_date="2031-06-21"), MODEL, PROJECTED),
        (european(), MODEL, None),
        (bermudan(**FEES), MODEL, None),
    ],
)
def test_discounted_values_are_martingales_until_something_is_paid(trade, model, projection):
    found = values(*along(trade, [0.0, 0.2, 0.5, 0.95], 8192, model, projection))
    misses = np.abs(found.mean(axis=1) - found[0, 0])
    assert np.all(misses <= 2.0 * standard_error(found) + 1e-9)


@pytest.mark.parametrize("term", [False, True])
def test_what_is_paid_and_what_is_left_make_up_the_price_of_a_swap(term):
    """Each period's payment is worth the drop of the value across its date: only its bonds count on the day before."""
    fields = {**EURIBOR, **FIVE_YEARS} if term else FIVE_YEARS
    trade, model = swap(**fields), EURO if term else MODEL
    projection = CURVE if term else PROJECTED
    end = 0.999
    found = values(*along(trade, [0.0, end], 8192, model, projection))
    paid = 0.0
    if term:  # one coupon of six months is over; its expectation is today's forward value
        factor, projected = (one.discount_factor for one in (model.model.curve, projection))
        floating = trade.resolve(TODAY).swap.floating
        start, stop, due = (np.asarray(part)[0] for part in floating.times())
        paid = -float((projected(start) / projected(stop) - 1.0) * factor(due))
    left = price(trade, model, projection) - paid
    assert abs(found[1].mean() - left) <= 2.0 * standard_error(found[1]) + 2e-6


def test_expected_exposure_of_a_forward_swap_is_a_european_swaption():
    """$E[V^+ / N]$ at the expiry of a European is its price."""
    dates = {"start_date": "2025-03-21", "maturity_date": "2029-03-21"}
    right = european(**dates)
    expiry = float(np.asarray(right.resolve(TODAY).schedule.exercise_times)[0])
    found = values(*along(swap(**dates), [0.0, expiry], 8192))
    exposure = np.maximum(found[1], 0.0)
    assert abs(exposure.mean() - price(right)) <= 2.0 * standard_error(exposure)


@pytest.mark.parametrize("date", [1.0, 1.96])
def test_bermudans_are_worth_their_nested_exact_price(date):
    """The rest of the right seen from a state is a Bermudan on the curve of that state: priced anew, state by state."""
    trade = bermudan()
    future, paths = along(trade, [0.0, date, 5.0], 256)
    right = future.right
    taken = right.exercises(paths)
    passed = int(np.searchsorted(right.exercise_times, date, side="right"))
    waiting = np.flatnonzero(taken >= passed)[:6]
    block = PathBlock(paths, np.array([paths.at(date)]))
    found = right.waiting(block, np.array([passed]))[0]
    times = right.exercise_times[passed:]
    bonds, amounts = right.received
    loadings = bonds.loadings
    variance = float(block.variances[0])
    for path in waiting:
        deflated = bonds.factors * np.exp(
            -loadings * block.states[0, path] - 0.5 * loadings**2 * variance
        )
        assert found[path] == pytest.approx(
            nested(times, loadings, amounts[passed:] * deflated, variance), abs=1e-7
        )


def nested(times, loadings, flows, variance):
    """Price of a right by JAX's induction, its variance counted from a later date."""
    from neuralrates.pricers.gaussian.backward_induction import induce, value_today

    variances = jnp.asarray(MODEL.moments(times)[0] - variance)
    rule = nr.pricers.BackwardInduction(1e-11, 160, 1)
    return float(value_today(induce(rule, variances, jnp.asarray(loadings), jnp.asarray(flows))))


def test_an_exercised_right_is_its_swap_and_a_cancelled_swap_is_nothing():
    dates = [0.0, 1.5, 2.5, 3.5]
    future, paths = along(bermudan(), dates)
    taken = future.exercises(paths)
    found = values(future, paths)
    fields = {"start_date": "2025-03-21", "maturity_date": "2029-03-21", "side": "payer"}
    underlying = values(along(swap(**fields), dates, 16)[0], paths)
    for date, time in enumerate(dates[1:], start=1):
        passed = int(np.searchsorted(future.right.exercise_times, time))
        gone = taken < passed
        assert gone.any()
        assert not gone.all()
        assert found[date, gone] == pytest.approx(underlying[date, gone], abs=2e-9)
    cancelled, paths = along(cancellable(), dates)
    stopped = cancelled.exercises(paths)
    left = values(cancelled, paths)
    for date, time in enumerate(dates[1:], start=1):
        passed = int(np.searchsorted(cancelled.right.exercise_times, time))
        assert np.abs(left[date, stopped < passed]).max() < 2e-9


def test_a_right_settled_in_cash_leaves_nothing():
    future, paths = along(bermudan(), [0.0, 2.5, 5.0], delivered=False)
    taken = future.exercises(paths)
    found = values(future, paths)[1]
    assert np.all(found[taken < 2] == 0.0)
    assert np.all(found[taken >= 2] > 0.0)


def black(growth, level, deviation, sign=1.0):
    """Undiscounted Black value."""
    centre = np.log(growth / level) / deviation
    up, down = ndtr(sign * (centre + deviation / 2)), ndtr(sign * (centre - deviation / 2))
    return sign * (growth * up - level * down)


ONE_PERIOD = {"start_date": "2025-03-21", "maturity_date": "2025-09-22"}


def option_on_growth(term, strike, sign):
    """Price today of the option of one period, by Black's formula with the variance of the model; and without time value."""
    model, curve = (EURO, CURVE) if term else (MODEL, PROJECTED)
    fields = (EURIBOR if term else {}) | ONE_PERIOD | {"frequency": "6M"}
    floating = cap(nr.trades.CapTrade, **fields).resolve(TODAY).rates.floating
    start, end, due = (float(np.asarray(part)[0]) for part in floating.times())
    loadings = model.loadings(np.array([start, end]))
    zeta, first, second = (np.diff(part)[0] for part in model.moments(np.array([start, end])))
    spread = (loadings[1] - loadings[0]) ** 2 * model.moments(np.array([start]))[0][0]
    if not term:
        spread += loadings[1] ** 2 * zeta - 2.0 * loadings[1] * first + second
    factor, projected = (one.discount_factor for one in (model.model.curve, curve))
    forward = float(projected(start) / projected(end))
    level = 1.0 + strike * float(np.asarray(floating.accruals)[0])
    discount = float(factor(due))
    option = black(forward, level, np.sqrt(spread), sign)
    return discount * option, discount * (forward - level)


@pytest.mark.parametrize("term", [False, True])
def test_caps_less_floors_are_swaps_and_caplets_are_martingales(term):
    fields = (EURIBOR if term else {}) | ONE_PERIOD | {"frequency": "6M"}
    model, curve = (EURO, CURVE) if term else (MODEL, PROJECTED)
    kinds = nr.trades.CapTrade, nr.trades.FloorTrade
    caplet, floorlet = (
        values(*along(cap(kind, **fields), [0.0, 0.5, 1.2, 1.4], 32768, model, curve))
        for kind in kinds
    )
    for found in (caplet, floorlet):
        misses = np.abs(found.mean(axis=1) - found[0, 0])
        assert np.all(misses <= 2.0 * standard_error(found) + 1e-9)
    expected, parity = option_on_growth(term, 0.036, 1.0)
    assert caplet[0, 0] == pytest.approx(expected, abs=1e-9)
    assert caplet[0, 0] - floorlet[0, 0] == pytest.approx(parity, abs=1e-9)


@pytest.mark.parametrize("term", [False, True])
def test_a_collar_today_is_its_cap_less_its_floor(term):
    fields = (EURIBOR if term else {}) | ONE_PERIOD | {"frequency": "6M", "floor_strike": 0.02}
    model, curve = (EURO, CURVE) if term else (MODEL, PROJECTED)
    found = values(*along(cap(nr.trades.CollarTrade, **fields), [0.0], 16, model, curve))
    cap_, floor_ = (option_on_growth(term, *one)[0] for one in ((0.036, 1.0), (0.02, -1.0)))
    assert floor_ > 1e-5
    assert found[0] == pytest.approx(cap_ - floor_, abs=1e-8)


def test_a_forward_rate_agreement_today_is_its_discounted_settlement():
    """$D(s) \\tau (L - K) / (1 + \\tau L)$."""
    fields = {**EURIBOR, **ONE_PERIOD, "trade_id": "F", "side": "payer"}
    trade = nr.trades.ForwardRateAgreementTrade(**fields)
    found = values(*along(trade, [0.0], 16, EURO, CURVE))
    floating = trade.resolve(TODAY).rates.floating
    start, end, _ = (float(np.asarray(part)[0]) for part in floating.times())
    grown = float(CURVE.discount_factor(start) / CURVE.discount_factor(end))
    owed = 1.0 + 0.036 * float(np.asarray(floating.accruals)[0])
    settled = float(EURO.model.curve.discount_factor(start)) * (1.0 - owed / grown)
    assert abs(settled) > 1e-5
    assert found[0] == pytest.approx(settled, abs=1e-8)


def test_exchange_rates_and_foreign_bonds_are_martingales():
    """A foreign bond paid in the base currency is worth its spot price, whatever the measure adds to the drift."""
    from neuralrates.exposures.scenarios import ExchangeRate

    dates = np.array([0.0, 1.0, 4.0])
    models = {"USD": MODEL, "EUR": EURO}
    rates = {"EUR": ExchangeRate(1.1, 0.1)}
    found = simulate(models, "USD", rates, dates, {}, 8192, 5)["EUR"]
    loading = float(EURO.loadings(np.array(9.0)))
    factor = float(EURO.discount_factors(np.array(9.0)))
    bond = factor * np.exp(-loading * found.states - 0.5 * loading**2 * found.variances[:, None])
    converted = bond * found.exchange
    misses = np.abs(converted.mean(axis=1) - 1.1 * factor)
    assert np.all(misses <= 2.0 * standard_error(converted) + 1e-12)
    bank = np.exp(found.bank - loading_terms(found))
    assert np.all(
        np.abs((bank * found.exchange).mean(axis=1) - 1.1)
        <= 2.0 * standard_error(bank * found.exchange) + 1e-12
    )


def loading_terms(paths):
    """Logarithm of the numeraire of a currency's own model."""
    loadings = paths.model.loadings(paths.times)[:, None]
    own = loadings * paths.states + 0.5 * loadings**2 * paths.variances[:, None]
    return own - np.log(paths.model.discount_factors(paths.times))[:, None]
