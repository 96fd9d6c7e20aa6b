"""One Bermudan swaption of a book, priced by every engine that there is, and by a second code.

    python examples/one_bermudan_all_engines.py

The exact engine calibrates one Gaussian factor and runs backward; the learned one reads the price off coterminal Europeans;
QuantLib builds everything again from the fields of the trade and the quotes of the market.
"""

import neuralrates as nr

TRADE = "BRM-10NC1-PAY"


def main():
    book_file, market_file = nr.desk.example_files()
    market = nr.market.load(market_file)
    trades = [trade for trade in nr.trades.load(book_file).trades if trade.trade_id == TRADE]
    book = nr.trades.Book(tuple(trades))
    for engine in ("reference", "learned"):
        table = nr.price(book, market, engine=engine, greeks=["vega"])
        row = table.iloc[0]
        unit = row.notional * nr.core.basis_point
        print(
            f"{row.engine:>9}: {row.value / unit:8.4f} bp, band {row.error_band / unit:.4f} bp, "
            f"vega {row.vega / unit:.4f} bp per bp"
        )
    second = nr.desk.verify(book, market, table, tolerance=0.2).iloc[0]
    unit = trades[0].notional * nr.core.basis_point
    print(f" QuantLib: {second.quantlib / unit:8.4f} bp, grid {second.quantlib_error:.4f} bp")


if __name__ == "__main__":
    main()
