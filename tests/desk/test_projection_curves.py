"""Books on five EUR curves: every kind on a third curve, basis swaps of any two, and all that reads curves."""

import dataclasses
import datetime

import numpy as np
import pytest

import neuralrates as nr
from neuralrates.core.units import basis_point
from neuralrates.market.files.market_file import parse
from neuralrates.scenarios.moved_market import moved_market
from neuralrates.trades.coverage import refusal

TODAY = datetime.date(2024, 3, 19)
ESTR = "EUR-ESTR"
RATES = tuple(f"EUR-EURIBOR-{months}M" for months in (6, 3, 1, 12))
TIMES = np.array([0.25, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0])
LEVELS = {ESTR: 0.0, RATES[0]: 0.0012, RATES[1]: 0.0007, RATES[2]: 0.0004, RATES[3]: 0.002}
BASE = np.array([0.038, 0.034, 0.029, 0.026, 0.027, 0.026, 0.025])
BEND = np.array([0.0, 0.0002, 0.0005, 0.0001, -0.0003, 0.0002, 0.0001])
VOLATILITY = nr.market.SwaptionVolatility(
    [0.5, 1.0, 5.0, 10.0, 20.0], [1.0, 2.0, 5.0, 10.0, 20.0], np.full((5, 5), 0.0085) - 0.0001 * np.arange(5)
)  # fmt: skip


def market(today=TODAY, shift=0.0, moved=None, step=0.0):
    """Five curves of zero rates, none a shift of another; one of them moved by a step."""
    curves = {
        index: nr.market.ZeroCurve(
            TIMES,
            BASE + level + 100.0 * level * BEND + shift + (step if index == moved else 0.0),
        )
        for index, level in LEVELS.items()
    }
    discount, projection = curves.pop(ESTR), curves.pop(RATES[0])
    system = nr.market.CurveSystem(discount, projection, ESTR, RATES[0], further=curves)
    euros = nr.market.CurrencyMarket("EUR", system, VOLATILITY)
    return nr.market.Market(today, {"EUR": euros})


def fields(name, index, **more):
    return {
        "trade_id": name, "currency": "EUR", "index": index, "side": "payer", "notional": 1e7,
        "strike": 0.028, "start_date": "2024-06-21", "maturity_date": "2034-06-21",
    } | more  # fmt: skip


def kinds(index):
    """A trade of every kind on one rate."""
    trades, called = nr.trades, {"first_exercise_date": "2026-06-21"}
    one = index.removeprefix("EUR-EURIBOR-")
    months = int(one.removesuffix("M"))
    end = nr.conventions.add_months(datetime.date(2024, 6, 21), months, "TARGET")
    return (
        trades.SwapTrade(**fields(f"swap {one}", index)),
        trades.EuropeanSwaptionTrade(**fields(f"european {one}", index)),
        trades.BermudanSwaptionTrade(**fields(f"bermudan {one}", index, **called)),
        trades.CancellableSwapTrade(**fields(f"cancellable {one}", index, **called)),
        trades.ForwardRateAgreementTrade(**fields(f"fra {one}", index, maturity_date=end)),
        trades.CapTrade(**fields(f"cap {one}", index, maturity_date="2028-06-21")),
    )


def basis(name, first, second, **more):
    own = fields(name, first, second_index=second, **more)
    del own["strike"]
    return nr.trades.BasisSwapTrade(**own)


def basis_swap(number):
    """Two of the five rates, spreads and notionals by period, begun and to begin."""
    rng = np.random.default_rng(number)
    first, second = rng.choice([ESTR, *RATES], 2, replace=False)
    start = datetime.date(2024, 4, 2) + datetime.timedelta(days=int(rng.integers(0, 600)))
    own = {
        "side": str(rng.choice(["payer", "receiver"])),
        "position": str(rng.choice(["long", "short"])),
        "start_date": start,
        "maturity_date": start + datetime.timedelta(days=int(365 * rng.integers(1, 12) + rng.integers(0, 60))),
        "stub": str(rng.choice(["short front", "short back"])),
        "spread": float(rng.uniform(-0.003, 0.003)),
        "second_spread": float(rng.uniform(-0.003, 0.003)),
    }  # fmt: skip
    if number % 5 == 0 and ESTR not in (first, second):
        own |= {
            "start_date": datetime.date(2023, 12, 5),
            "maturity_date": datetime.date(2030, 12, 5),
        }
        own |= {"current_fixing": 0.039, "second_current_fixing": 0.0385}
        own = with_fixings_that_are_due(str(first), str(second), own)
    return basis(f"B{number}", str(first), str(second), **own)


def with_fixings_that_are_due(first, second, own):
    """The begun swap with the rates stated that its periods have fixed."""
    for keep in (
        (),
        ("current_fixing",),
        ("second_current_fixing",),
        ("current_fixing", "second_current_fixing"),
    ):
        left = {
            name: value
            for name, value in own.items()
            if not name.endswith("fixing") or name in keep
        }
        try:
            basis("try", first, second, **left).resolve(TODAY)
        except nr.core.InputError:
            continue
        return left
    raise AssertionError("no set of fixings fits")


def book_of_all():
    swaps = [
        basis(f"{a} {b}", a, b)
        for a, b in ((RATES[1], RATES[0]), (RATES[2], RATES[1]), (RATES[3], ESTR))
    ]
    return nr.trades.Book((*(trade for index in RATES for trade in kinds(index)), *swaps))


def test_every_kind_on_every_curve_against_the_second_code():
    book, known = book_of_all(), market()
    table = nr.price(book, known)
    check = nr.desk.verify(book, known, table)
    assert set(check.status) == {"agrees"}, check[check.status != "agrees"].to_string()
    assert table.value.abs().min() > 1.0


def test_two_hundred_basis_swaps_of_any_two_rates_against_the_second_code():
    book, known = nr.trades.Book(tuple(map(basis_swap, range(200)))), market()
    check = nr.desk.verify(book, known, nr.price(book, known))
    assert set(check.status) == {"agrees"}, check[check.status != "agrees"].to_string()
    assert check.difference.abs().max() < 1e-6


def test_deltas_by_curve_are_their_bumps():
    book = nr.trades.Book((*book_of_all(), *map(basis_swap, range(12))))
    table = nr.price(book, market(), greeks=["zero_delta"])
    for index in LEVELS:
        own = [name for name in table if name.startswith(f"zero_delta {index} zero rate")]
        assert len(own) == TIMES.size
        up, down = (nr.price(book, market(moved=index, step=step)).value for step in (1e-5, -1e-5))
        bumped = (up - down) / 2e-5 * basis_point
        np.testing.assert_allclose(table[own].sum(axis=1), bumped, rtol=1e-5, atol=1e-2)


def test_second_derivatives_and_theta_add_up():
    book = nr.trades.Book((basis("B", RATES[1], RATES[2]), kinds(RATES[1])[0]))
    table = nr.price(book, market(), greeks=["gamma", "cross_gamma", "theta"])
    crossed = [name for name in table if name.startswith("cross_gamma ")]
    pairs = [tuple(name.removeprefix("cross_gamma ").split(" x ")) for name in crossed]
    weights = np.array([1.0 if first == other else 2.0 for first, other in pairs])
    total = table[crossed].fillna(0.0).to_numpy() @ weights
    np.testing.assert_allclose(total, table.gamma, rtol=1e-6)
    three = [n for n, pair in enumerate(pairs) if any(RATES[2] in part for part in pair)]
    assert table.loc[0, np.array(crossed)[three]].abs().max() > 0.0
    assert table.loc[1, np.array(crossed)[three]].isna().all()
    assert np.all(np.isfinite(table.theta))


def test_scenarios_are_prices_on_moved_curves():
    book, known = book_of_all(), market()
    moves = [nr.scenarios.parallel(0.005), *nr.scenarios.bucketed(0.001)[:2]]
    table = nr.scenarios.revalue(book, known, moves)
    for move in moves:
        again = nr.price(book, moved_market(known, move)).value
        np.testing.assert_allclose(table[move.name], again - table.value, atol=0.05)
    by_hand = nr.price(book, market(shift=0.005)).value
    np.testing.assert_allclose(table[moves[0].name], by_hand - table.value, atol=0.05)


def test_profit_and_loss_of_a_day_is_explained():
    book, later = book_of_all(), TODAY + datetime.timedelta(days=1)
    table = nr.scenarios.explain(book, market(), market(later, 0.0010))
    assert table.unexplained.abs().max() < 0.01 * table.pnl.abs().max()
    one = table[table.trade_id == f"{RATES[1]} {RATES[0]}"].iloc[0]
    assert abs(one.unexplained) < 0.01 * abs(one.delta)


def test_cash_of_a_basis_swap_is_of_both_rates():
    """A payment within the explained days: carry has no jump, and the cash is what the curves projected."""
    trade = basis("B", RATES[1], RATES[0], start_date="2024-03-21", maturity_date="2026-03-21")
    later = datetime.date(2024, 6, 25)
    table = nr.scenarios.explain(
        nr.trades.Book((trade.model_copy(update={"current_fixing": 0.0395, "second_current_fixing": 0.039}),)),
        market(), market(later), earlier=nr.trades.Book((trade,)), keep_going=True,
    )  # fmt: skip
    row = table.iloc[0]
    curve = market()["EUR"].curves.curve(RATES[1])
    start, end = 2.0 / 365.0, 94.0 / 365.0
    grown = float(curve.discount_factor(start) / curve.discount_factor(end)) - 1.0
    assert row.cash == pytest.approx(-1e7 * grown, rel=1e-9)


def test_a_third_curve_is_hedged_by_its_own_basis_swaps():
    """A 3M swap is one on 6M, sold, and a basis swap of 3M against 6M: nothing is left."""
    known, years = market(), (2, 5, 10, 15)
    book = nr.trades.Book(
        (
            nr.trades.SwapTrade(
                **fields("S", RATES[1], start_date="2024-03-21", maturity_date="2034-03-21")
            ),
        )
    )
    dates = [
        {"start_date": "2024-03-21", "maturity_date": f"{2024 + year}-03-21"} for year in years
    ]
    hedges = [
        nr.trades.SwapTrade(**fields(f"H{n}", RATES[0], **date)) for n, date in enumerate(dates)
    ]
    hedges += [basis(f"B{n}", RATES[1], RATES[0], **date) for n, date in enumerate(dates)]
    tables = [
        nr.price(one, known, greeks=["zero_delta"]) for one in (book, nr.trades.Book(tuple(hedges)))
    ]
    found = nr.desk.hedge(*tables, ["zero_delta"])
    left = found.attrs["greeks"]
    assert np.abs(left["after"]).max() < 1e-9 * np.abs(left["before"]).max()
    ten = found.set_index("trade_id").multiple
    assert ten["H2"] == pytest.approx(-1.0, abs=1e-9)
    assert ten["B2"] == pytest.approx(1.0, abs=1e-9)


def test_a_rate_without_a_curve_is_refused_by_name():
    known = market()
    euros = known["EUR"]
    curves = dataclasses.replace(euros.curves, further={})
    two = nr.market.Market(TODAY, {"EUR": dataclasses.replace(euros, curves=curves)})
    for trade in (kinds(RATES[1])[0], basis("B", RATES[0], RATES[1])):
        resolved = trade.resolve(TODAY)
        assert refusal(resolved, known) is None
        assert f"(EUR-ESTR or {RATES[0]}), found {RATES[1]}" in str(refusal(resolved, two))


def test_volatilities_of_another_rate_are_said_to_be():
    book = nr.trades.Book((*kinds(RATES[1]), *kinds(RATES[0])))
    lines = [line for line in nr.price(book, market()).attrs["warnings"] if "quoted on" in line]
    assert lines == [
        "trades european 3M, bermudan 3M, cancellable 3M and 1 more: EUR swaption volatilities are quoted on EUR-EURIBOR-6M, "
        "and taken as those of EUR-EURIBOR-3M"
    ]


def test_the_total_par_delta_moves_rates_and_keeps_spreads():
    """Against a market built anew from rates a basis point higher, with the same spread between 3M and 6M."""

    def built(move):
        six, three = "EUR-EURIBOR-6M", "EUR-EURIBOR-3M"
        tenors = ("1Y", "5Y", "10Y")

        def quotes(kind, rates, up, **more):
            values = [{"value": rate + up, **more} for rate in rates]
            return [
                {"kind": kind, "tenor": tenor, **value}
                for tenor, value in zip(tenors, values, strict=True)
            ]

        overnight = quotes("ois", (0.0365, 0.0262, 0.0259), move)
        swaps = quotes("swap", (0.0375, 0.0276, 0.0273), move)
        spreads = quotes("basis", (0.0008, 0.0007, 0.0006), 0.0, against=six)
        curves = {
            "discount": {"index": ESTR, "quotes": overnight},
            "projection": [
                {"index": six, "quotes": swaps},
                {"index": three, "quotes": spreads},
            ],
        }
        document = {
            "schema": "neuralrates.market/1",
            "valuation_date": TODAY.isoformat(),
            "currencies": {"EUR": curves},
        }
        return parse(document)

    kind = {"trade_id": "S", "currency": "EUR", "side": "payer", "notional": 1e6, "strike": 0.027}
    dates = {"start_date": "2024-03-21", "maturity_date": "2032-03-21"}
    trades = [
        nr.trades.SwapTrade(**kind | dates | {"trade_id": index, "index": index})
        for index in ("EUR-EURIBOR-3M", "EUR-EURIBOR-6M")
    ]
    book = nr.trades.Book(tuple(trades))
    table = nr.price(book, built(0.0), greeks=["par_delta"])
    up, down = (nr.price(book, built(step)).value for step in (1e-6, -1e-6))
    np.testing.assert_allclose(table.par_delta, (up - down) / 2e-6 * basis_point, rtol=1e-5)
    assert table.par_delta.min() > 600.0
