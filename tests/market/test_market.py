"""Notes and warnings of a market, of its file and of its currencies."""

import datetime

import neuralrates as nr

DATE = datetime.date(2024, 3, 19)


def test_notes_and_warnings_name_their_currency() -> None:
    curves = nr.market.bootstrap(DATE, [nr.market.Quote("ois", "USD-SOFR", "10Y", 0.04)])
    source = nr.market.Source("file", notes=("a note",), warnings=("a slip",))
    usd = nr.market.CurrencyMarket("USD", curves, source=source)
    whole = nr.market.Source("file", notes=("of the file",), warnings=("of all",))
    market = nr.market.Market(DATE, {"USD": usd}, whole)
    assert market.notes == ("of the file", "USD: a note")
    assert market.warnings == ("of all", "USD: a slip")
