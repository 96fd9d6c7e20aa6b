"""Several projection curves of one currency: bootstrap, Jacobian, files, refusals."""

import copy
import dataclasses

import numpy as np
import pytest
import QuantLib as ql  # noqa: N813

import neuralrates as nr
from market.euribor import (
    AGAINST,
    ESTR,
    EURIBOR,
    OIS,
    SHORT,
    SWAPS,
    TODAY,
    YEARS,
    nodes,
    rows,
    spread,
    system,
)
from neuralrates.conventions import evaluation_date
from neuralrates.core.errors import CalibrationError, RefusalError
from neuralrates.market import Quote
from neuralrates.market.bootstrapping.repricing import implied_values


def by_quantlib():
    """The same curves by QuantLib's own helpers, each once the one that it is quoted against is there."""
    today = ql.Date(19, 3, 2024)
    calendar, rule = ql.TARGET(), ql.ModifiedFollowing
    none = ql.YieldTermStructureHandle()

    def solved(helpers):
        curve = ql.PiecewiseLogLinearDiscount(
            today, helpers, ql.Actual365Fixed(), ql.IterativeBootstrap(1e-14)
        )
        curve.enableExtrapolation()
        curve.nodes()
        return curve

    def quote(value):
        return ql.QuoteHandle(ql.SimpleQuote(value))

    def index(months, curve=None):
        handle = none if curve is None else ql.YieldTermStructureHandle(curve)
        return ql.Euribor(ql.Period(months, ql.Months), handle)

    found = {}
    helpers = [
        ql.DepositRateHelper(
            0.0391, ql.Period("1D"), 0, calendar, ql.Following, False, ql.Actual360()
        )
    ]
    helpers += [
        ql.OISRateHelper(
            2, ql.Period(year, ql.Years), quote(rate), ql.Estr(), none,
            telescopicValueDates=True, paymentLag=1, endOfMonth=False,
        )
        for year, rate in zip(YEARS, OIS, strict=True)
    ]  # fmt: skip
    found[ESTR] = solved(helpers)
    discount = ql.YieldTermStructureHandle(found[ESTR])
    helpers = [
        ql.DepositRateHelper(quote(SHORT[6]), index(6)),
        ql.FraRateHelper(quote(0.0362), ql.Period("1M"), index(6)),
    ]
    helpers += [
        ql.SwapRateHelper(
            quote(rate), ql.Period(year, ql.Years), calendar, ql.Annual, rule,
            ql.Thirty360(ql.Thirty360.BondBasis), index(6), ql.QuoteHandle(), ql.Period(0, ql.Days),
            discount, 2, ql.Pillar.LastRelevantDate, ql.Date(), False, False,
        )
        for year, rate in zip(YEARS, SWAPS, strict=True)
    ]  # fmt: skip
    found[EURIBOR[6]] = solved(helpers)
    for months, other in AGAINST.items():
        known = index(other, found[EURIBOR[other]])
        own_first = months < other
        pair = (index(months), known) if own_first else (known, index(months))
        helpers = [ql.DepositRateHelper(quote(SHORT[months]), index(months))]
        helpers += [
            ql.IborIborBasisSwapRateHelper(
                quote(spread(months, place)), ql.Period(year, ql.Years), 2, calendar, rule, False,
                *pair, discount, own_first, useIndexedCoupons=False,
            )
            for place, year in enumerate(YEARS)
            if (months, year) != (12, 1)
        ]  # fmt: skip
        found[EURIBOR[months]] = solved(helpers)
    return found


def test_five_euro_curves_are_quantlibs():
    ours = system()
    with evaluation_date(TODAY):
        theirs = by_quantlib()
        times = np.linspace(0.01, 30.0, 301)
        for index, curve in theirs.items():
            found = [float(ours.curve(index).discount_factor(time)) for time in times]
            np.testing.assert_allclose(found, [curve.discount(time) for time in times], atol=1e-10)
    assert set(ours.by_index) == set(theirs)
    assert (ours.discount_index, ours.projection_index) == (ESTR, EURIBOR[6])
    assert not ours.single_curve


@pytest.mark.parametrize("interpolation", ["log_linear", "natural_spline"])
def test_all_quotes_are_repriced(interpolation):
    ours = system(interpolation)
    assert np.max(np.abs(ours.residuals)) < 1e-12
    assert len(ours.quotes) == len(ours.node_labels) == ours.jacobian.shape[0]
    assert not ours.unused


def test_the_jacobian_is_bump_and_rebuild():
    """Of a quote of each curve, to the nodes of all: 3M moves with 6M, 1M with both, all with the discount curve."""
    ours = system()
    given = rows()
    projections = [given[EURIBOR[months]] for months in (6, 1, 3, 12)]
    step = 1e-6
    for number in range(0, len(ours.quotes), 7):
        moved = []
        for sign in (1.0, -1.0):
            changed = [
                [
                    Quote(q.kind, q.index, q.tenor, q.value + sign * step * (q == ours.quotes[number]),
                          q.start, against=q.against)
                    for q in quotes
                ]
                for quotes in (given[ESTR], *projections)
            ]  # fmt: skip
            again = nr.market.bootstrap(
                TODAY, changed[0], [quote for quotes in changed[1:] for quote in quotes]
            )
            moved.append(np.concatenate([np.asarray(curve.zero_rates) for curve in again.curves]))
        slopes = (moved[0] - moved[1]) / (2.0 * step)
        np.testing.assert_allclose(ours.jacobian[:, number], slopes, atol=2e-6)


def test_a_quote_moves_the_curves_that_hang_on_it():
    ours = system()
    names = [quote.name for quote in ours.quotes]
    six, three = (
        ours.jacobian[:, names.index(name)]
        for name in ("EUR-EURIBOR-6M swap 10Y", "EUR-EURIBOR-3M basis 10Y against EUR-EURIBOR-6M")
    )

    def touched(column):
        return {index for index in ours.by_index if np.any(np.abs(column[own(index)]) > 1e-9)}

    def own(index):
        alone = ours.nodes(index)
        return alone if index == ESTR else alone[len(ours.nodes()) :]

    assert touched(six) == {EURIBOR[months] for months in (1, 3, 6, 12)}
    assert touched(three) == {EURIBOR[1], EURIBOR[3]}


@pytest.mark.parametrize("spread_on", [3, 6])
def test_a_basis_quote_is_a_swap_worth_nothing(spread_on):
    """Spread on the stated leg, priced by the desk as a dated trade and again by QuantLib."""
    given = rows()
    three = [
        Quote(q.kind, q.index, q.tenor, q.value if spread_on == 3 or q.kind == "deposit" else -q.value,
              against=q.against, spread_on=EURIBOR[spread_on] if q.against else "")
        for q in given[EURIBOR[3]]
    ]  # fmt: skip
    curves = nr.market.bootstrap(TODAY, given[ESTR], [*given[EURIBOR[6]], *three])
    market = nr.market.Market(TODAY, {"EUR": nr.market.CurrencyMarket("EUR", curves)})
    quoted = next(q for q in three if q.tenor == "10Y")
    paid = {"spread" if spread_on == 3 else "second_spread": quoted.value}
    fields = {
        "trade_id": "B", "currency": "EUR", "index": EURIBOR[3], "second_index": EURIBOR[6],
        "side": "payer", "notional": 1e8, "start_date": "2024-03-21", "maturity_date": "2034-03-21",
    }  # fmt: skip
    book = nr.trades.Book((nr.trades.BasisSwapTrade(**fields, **paid),))
    table = nr.price(book, market, greeks=["par_delta"])
    assert abs(table.value[0]) < 1e-3
    assert set(nr.desk.verify(book, market, table).status) == {"agrees"}
    own = f"par_delta {quoted.name}"
    ladder = table.loc[0, [name for name in table if name.startswith("par_delta ")]].astype(float)
    assert abs(ladder[own]) > 8e4
    assert np.max(np.abs(ladder.drop(own))) < 1e-2 * abs(ladder[own])


def test_a_basis_of_two_swaps_is_the_difference_of_their_rates():
    """As the market quotes EURIBOR: the swap on 3M so built is worth nothing at the rate of that on 6M less the quote."""
    given = rows()
    three = [
        dataclasses.replace(q, spread_on="fixed") if q.kind == "basis" else q
        for q in given[EURIBOR[3]]
    ]
    twelve = [
        dataclasses.replace(q, spread_on="fixed") if q.kind == "basis" else q
        for q in given[EURIBOR[12]]
    ]
    curves = nr.market.bootstrap(TODAY, given[ESTR], [*given[EURIBOR[6]], *three, *twelve])
    market = nr.market.Market(TODAY, {"EUR": nr.market.CurrencyMarket("EUR", curves)})
    place = YEARS.index(10)
    rates = {3: SWAPS[place] - spread(3, place), 12: SWAPS[place] + spread(12, place)}
    swaps = [
        nr.trades.SwapTrade(
            trade_id=f"{months}M", currency="EUR", index=EURIBOR[months], side="payer", notional=1e8,
            strike=rate, start_date="2024-03-21", maturity_date="2034-03-21",
        )
        for months, rate in rates.items()
    ]  # fmt: skip
    book = nr.trades.Book(tuple(swaps))
    table = nr.price(book, market)
    assert table.value.abs().max() < 1e-3
    check = nr.desk.verify(book, market, table)
    assert set(check.status) == {"agrees"}
    assert check.difference.abs().max() < 1e-6


def test_implied_values_of_all_curves():
    ours = system()
    found = implied_values(TODAY, ours, ours.quotes)
    np.testing.assert_allclose(found, [quote.value for quote in ours.quotes], atol=1e-12)


def test_a_rate_without_a_curve_is_refused_by_name():
    curves = system()
    for ask in (curves.for_index, curves.curve, curves.nodes):
        with pytest.raises(RefusalError, match=r"\(EUR-ESTR or .*\), found USD-SOFR"):
            ask("USD-SOFR")


def test_curves_are_found_again_in_a_copy():
    """As in another process: places of nodes do not hang on which object a curve is."""
    curves = nodes()
    before = curves.nodes(EURIBOR[3], EURIBOR[1])
    again = copy.deepcopy(curves)
    np.testing.assert_array_equal(again.nodes(EURIBOR[3], EURIBOR[1]), before)
    assert again.positions == curves.positions
    assert again.curve(EURIBOR[1]) is again.curves[3]


@pytest.mark.parametrize("further", [ESTR, EURIBOR[6]])
def test_a_rate_has_one_curve(further):
    curve, other = (nr.market.ZeroCurve([1.0], [rate]) for rate in (0.02, 0.03))
    with pytest.raises(ValueError, match="must have one curve"):
        nr.market.CurveSystem(curve, other, ESTR, EURIBOR[6], further={further: other})


def test_overnight_basis_may_build_a_term_curve():
    """Spread over the overnight rate, whichever of the two curves it builds."""
    given = rows()
    quotes = [
        Quote("deposit", EURIBOR[3], "3M", SHORT[3]),
        Quote("basis", EURIBOR[3], "10Y", 0.0012, against=ESTR),
    ]
    curves = nr.market.bootstrap(TODAY, given[ESTR], quotes)
    assert np.max(np.abs(curves.residuals)) < 1e-12
    wrong = Quote("basis", EURIBOR[3], "10Y", 0.0012, against=ESTR, spread_on=EURIBOR[3])
    with pytest.raises(CalibrationError, match="expected `spread_on` EUR-ESTR, found"):
        nr.market.bootstrap(TODAY, given[ESTR], [quotes[0], wrong])


def test_overnight_rates_project_beside_the_discount_curve():
    """Federal funds by their own OIS, discounted by SOFR: QuantLib's helper at its quote."""
    sofr = [Quote("ois", "USD-SOFR", f"{year}Y", 0.04 - 0.0005 * year) for year in (1, 5, 10)]
    funds = [Quote("ois", "USD-FEDFUNDS", f"{year}Y", 0.041 - 0.0005 * year) for year in (1, 5, 10)]
    curves = nr.market.bootstrap(TODAY, sofr, funds)
    assert np.max(np.abs(curves.residuals)) < 1e-12
    assert curves.jacobian.shape == (6, 6)
    market = nr.market.Market(TODAY, {"USD": nr.market.CurrencyMarket("USD", curves)})
    swap = nr.trades.SwapTrade(
        trade_id="F", currency="USD", index="USD-FEDFUNDS", side="payer", notional=1e8, strike=0.041 - 0.005,
        start_date="2024-03-21", maturity_date="2034-03-21",
    )  # fmt: skip
    book = nr.trades.Book((swap,))
    table = nr.price(book, market)
    assert abs(table.value[0]) < 1e-3
    assert set(nr.desk.verify(book, market, table).status) == {"agrees"}
