"""The command `book spread`."""

from pathlib import Path

from neuralrates.cli.book import named, valuation_date
from neuralrates.cli.market import read_market
from neuralrates.cli.outcome import Outcome
from neuralrates.core.errors import InputError
from neuralrates.desk.bond_spread import FixedBond, option_adjusted_spread
from neuralrates.trades.book import load as load_book


def spread(
    book: Path, name: str, market: Path, clean_price: float, settlement: str | None, date: str
) -> Outcome:
    """Print the spread over the curve at which a bond has a price."""
    trade, known = named(load_book(book, keep_going=True), name), read_market(market, date)
    if not isinstance(trade, FixedBond):
        raise InputError(f"expected a fixed-rate, callable or puttable bond, found a {trade.kind}")
    paid = valuation_date(None, settlement)
    found = option_adjusted_spread(trade, known, clean_price, settlement_date=paid)
    print(f"{trade.trade_id}: {found:.6%} a year, continuous, at {clean_price}")
    return Outcome.DONE
