"""Dollar Bermudans with the dates of their convention, whose cost benchmarks measure."""

import datetime

import neuralrates as nr
from neuralrates.conventions import add_months, swap_convention
from neuralrates.trades.resolved import ResolvedTrade

TODAY = datetime.date(2024, 3, 19)


def dated_bermudan(first: float, exercises: int, frequency: float = 1.0) -> ResolvedTrade:
    """A dollar Bermudan whose exercises are so many, years apart, the first after so many; none in the last annual period."""
    start = swap_convention("USD-SOFR").spot_date(TODAY)
    months = [round(12.0 * (first + frequency * i)) for i in range(exercises + 1)]
    dates = [add_months(start, month, swap_convention("USD-SOFR").calendar) for month in months]
    return nr.trades.BermudanSwaptionTrade(
        trade_id="one",
        currency="USD",
        index="USD-SOFR",
        side="payer",
        notional=1e6,
        strike=0.0385,
        start_date=start,
        maturity_date=dates[-1],
        exercise_dates=tuple(
            date for date, month in zip(dates, months, strict=True) if month <= months[-1] - 12
        ),
    ).resolve(TODAY)
