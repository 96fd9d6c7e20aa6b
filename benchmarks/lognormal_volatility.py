"""Random Europeans on lognormal and shifted matrices, against Black's formula on QuantLib's own swaps.

    python -m benchmarks.lognormal_volatility [--trades 1000]

Payers and receivers on six-month EURIBOR, on flat curves of -1 to 6 percent, expiries and tenors between and beyond the quotes,
strikes from four deviations below the forward to four above. The matrix is interpolated here once more; swap, forward rate and
annuity are QuantLib's, the price is its `blackFormula` at forward, strike and shift of the trade.
"""

import argparse
import datetime
from dataclasses import dataclass

import numpy as np
import QuantLib as ql  # noqa: N813
from benchmarks.support.results import save
from scipy.interpolate import RegularGridInterpolator

from neuralrates.conventions import evaluation_date, quantlib_date
from neuralrates.conventions.quantlib import python_date
from neuralrates.core.units import basis_point
from neuralrates.desk.pricing import price
from neuralrates.market.curves.curve_system import CurveSystem
from neuralrates.market.curves.zero_curve import ZeroCurve
from neuralrates.market.market import CurrencyMarket, Market
from neuralrates.market.volatility.swaption_volatility import SwaptionVolatility
from neuralrates.trades.book import Book
from neuralrates.trades.callable_trade import EuropeanSwaptionTrade

SEED = 20250115
TODAY = datetime.date(2025, 1, 15)
EXPIRIES, TENORS = np.array([0.5, 1.0, 5.0, 10.0]), np.array([1.0, 5.0, 10.0, 20.0])
INDEX = "EUR-EURIBOR-6M"
PER_MARKET = 50


@dataclass(frozen=True)
class Case:
    """A market of flat rate and random matrix, and trades on it.

    Args:
        rate: continuous zero rate
        volatilities: lognormal, by expiry and tenor
        shift: by tenor; zeros where the quotes are not shifted
        trades: Europeans
        black: price of each by QuantLib, currency
    """

    rate: float
    volatilities: np.ndarray
    shift: np.ndarray
    trades: tuple[EuropeanSwaptionTrade, ...]
    black: np.ndarray

    def errors(self) -> np.ndarray:
        """Our price minus QuantLib's, in basis points of notional."""
        curve = ZeroCurve([1.0, 60.0], [self.rate, self.rate])
        matrix = SwaptionVolatility(
            EXPIRIES,
            TENORS,
            self.volatilities,
            quote_type="shifted_lognormal" if np.any(self.shift) else "lognormal",
            shift=self.shift,
        )
        euros = CurrencyMarket("EUR", CurveSystem(curve, curve, INDEX, INDEX), matrix)
        table = price(Book(self.trades), Market(TODAY, {"EUR": euros}))
        return (np.asarray(table["value"]) - self.black) / table["notional"] / basis_point


def random_case(random: np.random.Generator, shifted: bool, count: int) -> Case:
    """A random market, lognormal or shifted, and random trades on it priced by QuantLib."""
    rate = random.uniform(-0.01 if shifted else 0.005, 0.06)
    shift = random.uniform(0.02, 0.04, TENORS.size) if shifted else np.zeros(TENORS.size)
    volatilities = random.uniform(0.1, 0.8, (EXPIRIES.size, TENORS.size))
    with evaluation_date(TODAY):
        curve = ql.YieldTermStructureHandle(
            ql.FlatForward(quantlib_date(TODAY), rate, ql.Actual365Fixed(), ql.Continuous)
        )
        drawn = [_random_trade(random, f"{n}", curve, volatilities, shift) for n in range(count)]
    return Case(
        rate, volatilities, shift, tuple(d[0] for d in drawn), np.array([d[1] for d in drawn])
    )


def _random_trade(
    random: np.random.Generator,
    name: str,
    curve: ql.YieldTermStructureHandle,
    volatilities: np.ndarray,
    shift: np.ndarray,
) -> tuple[EuropeanSwaptionTrade, float]:
    calendar = ql.TARGET()
    expiry = calendar.adjust(quantlib_date(TODAY) + int(random.integers(30, 5000)))
    start = calendar.advance(expiry, 2, ql.Days)
    end = start + ql.Period(int(random.integers(1, 26)), ql.Years)
    swap = _swap(start, end, curve)
    today = quantlib_date(TODAY)
    time, tenor = (
        (later - first) / 365.0 for first, later in ((today, expiry), (start, swap.maturityDate()))
    )
    inside = np.clip([time, tenor], [EXPIRIES[0], TENORS[0]], [EXPIRIES[-1], TENORS[-1]])
    volatility = float(RegularGridInterpolator((EXPIRIES, TENORS), volatilities)(inside)[0])
    added = float(np.interp(tenor, TENORS, shift))
    deviation = volatility * np.sqrt(time)
    forward = swap.fairRate()
    strike = float((forward + added) * np.exp(deviation * random.uniform(-4.0, 4.0)) - added)
    strike = min(strike, 0.4)
    payer = bool(random.integers(2))
    trade = EuropeanSwaptionTrade(
        trade_id=name,
        currency="EUR",
        index=INDEX,
        side="payer" if payer else "receiver",
        notional=1e6,
        strike=strike,
        start_date=python_date(start),
        maturity_date=python_date(end),
    )
    annuity = abs(swap.fixedLegBPS()) / basis_point * 1e6
    kind = ql.Option.Call if payer else ql.Option.Put
    return trade, ql.blackFormula(kind, strike, forward, deviation, annuity, added)


def _swap(start: ql.Date, end: ql.Date, curve: ql.YieldTermStructureHandle) -> ql.VanillaSwap:
    """The standard swap on six-month EURIBOR, per unit notional."""
    rules = (
        ql.TARGET(),
        ql.ModifiedFollowing,
        ql.ModifiedFollowing,
        ql.DateGeneration.Backward,
        False,
    )
    legs = [ql.Schedule(start, end, ql.Period(months, ql.Months), *rules) for months in (12, 6)]
    day_counts = ql.Thirty360(ql.Thirty360.BondBasis), ql.Actual360()
    swap = ql.VanillaSwap(
        ql.Swap.Payer,
        1.0,
        legs[0],
        0.0,
        day_counts[0],
        legs[1],
        ql.Euribor6M(curve),
        0.0,
        day_counts[1],
    )
    swap.setPricingEngine(ql.DiscountingSwapEngine(curve))
    return swap


def main() -> None:
    """Measure, print and save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trades", type=int, default=1000)
    count = parser.parse_args().trades
    random = np.random.default_rng(SEED)
    results: dict[str, object] = {"trades": count}
    for name, shifted in (("lognormal", False), ("shifted_lognormal", True)):
        markets = [
            random_case(random, shifted, PER_MARKET) for _ in range(count // (2 * PER_MARKET))
        ]
        errors = np.abs(np.concatenate([case.errors() for case in markets]))
        results[f"{name}_largest_error_basis_points"] = float(errors.max())
        results[f"{name}_median_error_basis_points"] = float(np.median(errors))
        print(f"{name}: {errors.size} Europeans, largest error {errors.max():.2e} bp")
    print(f"written to {save('lognormal_volatility', results)}")


if __name__ == "__main__":
    main()
