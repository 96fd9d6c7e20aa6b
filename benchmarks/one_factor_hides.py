"""What one factor hides: Bermudans under one factor and under two, both calibrated to the same coterminal Europeans.

    python -m benchmarks.one_factor_hides

On the example market and on the dollar market of 2024-03-19, where its file is there: the options of the example book, and
Bermudans at the money of the first exercise. Differences are two factors minus one, basis points of notional. Draws
`docs/_static/one_factor_hides.svg`.
"""

import dataclasses
import datetime
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from benchmarks.support.results import save

import neuralrates as nr
from neuralrates.conventions import add_months, swap_convention
from neuralrates.core.units import basis_point
from neuralrates.desk.calibrated import calibrations
from neuralrates.market.two_factor import TwoFactorParameters

REAL = Path(__file__).resolve().parents[2] / "shared" / "data" / "ore" / "market_20240319_usd.csv"
PICTURE = Path(__file__).resolve().parents[1] / "docs" / "_static" / "one_factor_hides.svg"
TODAY, REVERSION = datetime.date(2024, 3, 19), 0.03
STRUCTURES = {"5NC1": (5, 1), "10NC1": (10, 1), "20NC5": (20, 5), "30NC1": (30, 1)}
CORRELATIONS = (-0.95, -0.9, -0.8, -0.7, -0.5, -0.3, 0.0, 0.3, 0.6)
USUAL = TwoFactorParameters()
SCANNED = np.linspace(-0.02, 0.20, 23)
"""Mean reversions of one factor that are compared with two."""


def bermudan(name: str, side: str, strike: float) -> nr.trades.BermudanSwaptionTrade:
    """An annual dollar Bermudan of a structure, on a notional of one million."""
    years, first = STRUCTURES[name]
    convention = swap_convention("USD-SOFR")
    start = convention.spot_date(TODAY)
    return nr.trades.BermudanSwaptionTrade(
        trade_id=f"{name} {side}",
        currency="USD",
        index="USD-SOFR",
        side=side,
        notional=1e6,
        strike=strike,
        start_date=start,
        maturity_date=add_months(start, 12 * years, convention.calendar),
        first_exercise_date=add_months(start, 12 * first, convention.calendar),
    )


def at_the_money(market: nr.market.Market) -> nr.trades.Book:
    """Payers and receivers of every structure, struck at the forward rate of the first exercise."""
    found = []
    for name in STRUCTURES:
        probe = nr.trades.Book((bermudan(name, "payer", 0.04),)).resolve(TODAY).trades
        forward = round(float(calibrations(probe, market)["forward"][0]), 6)
        found += [bermudan(name, side, forward) for side in ("payer", "receiver")]
    return nr.trades.Book(tuple(found))


def values(
    book: nr.trades.Book, market: nr.market.Market, model: str, reversion: float = REVERSION
) -> np.ndarray:
    """Values of all trades, basis points of notional."""
    table = nr.price(
        book, market, model=model, engine="reference", mean_reversion=reversion, keep_going=True
    )
    notionals = np.array([trade.notional for trade in book.trades])
    found: np.ndarray = np.asarray(table["value"]) / notionals / basis_point
    return found


def under(market: nr.market.Market, law: TwoFactorParameters) -> nr.market.Market:
    """The market with these parameters of the second factor."""
    usd = dataclasses.replace(market["USD"], two_factor=law)
    return dataclasses.replace(market, currencies={"USD": usd})


def compared(book: nr.trades.Book, market: nr.market.Market) -> list[dict[str, object]]:
    """Each trade under one factor and under two of usual parameters."""
    one, two = values(book, market, "one_factor"), values(book, under(market, USUAL), "two_factor")
    scanned = np.array([values(book, market, "one_factor", reversion) for reversion in SCANNED])
    return [
        {
            "trade": trade.trade_id,
            "one_factor_bp": float(one[number]),
            "difference_bp": float(two[number] - one[number]),
            "hidden_mean_reversion": hidden_reversion(scanned[:, number] - two[number]),
        }
        for number, trade in enumerate(book.trades)
    ]


def hidden_reversion(missed: np.ndarray) -> float | None:
    """Mean reversion at which one factor has the price of two, between those scanned; None where there is none."""
    crossed = np.flatnonzero(missed[1:] * missed[:-1] <= 0.0)
    if not crossed.size:
        return None
    first = int(crossed[0])
    share = missed[first] / (missed[first] - missed[first + 1])
    return float(SCANNED[first] + share * (SCANNED[first + 1] - SCANNED[first]))


def by_correlation(book: nr.trades.Book, market: nr.market.Market) -> dict[str, list[float]]:
    """Differences of every trade, correlation by correlation."""
    one = values(book, market, "one_factor")
    rows = [
        values(book, under(market, TwoFactorParameters(correlation=rho)), "two_factor") - one
        for rho in CORRELATIONS
    ]
    return {
        trade.trade_id: np.array(rows)[:, number].tolist()
        for number, trade in enumerate(book.trades)
    }


def fitted(book: nr.trades.Book, market: nr.market.Market) -> dict[str, object]:
    """Both models fitted to the whole matrix."""
    usd = market["USD"]
    reversion = float(
        nr.calibration.calibrate_mean_reversion(usd.curves, usd.swaption_volatility).mean_reversion
    )
    fit = nr.calibration.fit_two_factor(usd.curves, usd.swaption_volatility)
    law = fit.parameters
    assert law.mean_reversion is not None
    one = values(book, market, "one_factor", reversion)
    two = values(book, under(market, law), "two_factor", law.mean_reversion)
    return {
        "one_factor_mean_reversion": reversion,
        "two_factors": dataclasses.asdict(law),
        "misfit_bp": fit.root_mean_square / basis_point,
        "at_limit": list(fit.at_limit),
        "difference_bp": dict(
            zip([trade.trade_id for trade in book.trades], (two - one).tolist(), strict=True)
        ),
    }


def options_of(book: nr.trades.Book) -> nr.trades.Book:
    """Its trades with more than one exercise."""
    resolved = book.resolve(TODAY).trades
    return nr.trades.Book(
        tuple(
            trade
            for trade, seen in zip(book.trades, resolved, strict=True)
            if len(seen.exercise_dates) > 1
        )
    )


def draw(lines: dict[str, list[float]], names: Iterable[str]) -> None:
    """Differences by correlation, a line for each of the trades named."""
    from studies.plots import plt
    from studies.plots import save as write

    figure, axes = plt.subplots()
    for name in names:
        axes.plot(CORRELATIONS, lines[name], marker="o", markersize=3, label=name)
    axes.axhline(0.0, color="0.7", linewidth=0.8)
    axes.set_xlabel("correlation of the two factors")
    axes.set_ylabel("two factors minus one, bp of notional")
    axes.legend(frameon=False)
    write({PICTURE.stem: figure}, PICTURE.parent)


def main() -> None:
    """Measure, print, draw and save."""
    book_file, market_file = nr.desk.example.example_files()
    markets = {"example": nr.market.load(market_file)}
    if REAL.exists():
        markets["real"] = nr.market.load(REAL)
    options, results = options_of(nr.trades.load(book_file)), {}
    for name, market in markets.items():
        book = at_the_money(market)
        results[name] = {
            "example_book": compared(options, market),
            "at_the_money": compared(book, market),
            "correlations": list(CORRELATIONS),
            "by_correlation_bp": by_correlation(book, market),
            "fitted": fitted(book, market),
        }
        print(name, results[name])
    lines = results[next(reversed(results))]["by_correlation_bp"]
    draw(lines, (f"{name} payer" for name in STRUCTURES))
    save("one_factor_hides", results)


if __name__ == "__main__":
    main()
