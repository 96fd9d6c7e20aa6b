"""A small book and market in two currencies: one curve with a payment lag, two curves with negative rates."""

import json
from pathlib import Path

USD_CURVE = {
    "index": "USD-SOFR",
    "times": [0.25, 1.0, 2.0, 5.0, 10.0, 20.0],
    "zero_rates": [0.053, 0.050, 0.044, 0.039, 0.038, 0.037],
}
EONIA = {"index": "EUR-EONIA", "times": [1.0, 5.0, 10.0], "zero_rates": [-0.004, -0.001, 0.004]}
EURIBOR = {
    "index": "EUR-EURIBOR-6M",
    "times": [1.0, 5.0, 10.0],
    "zero_rates": [-0.002, 0.001, 0.006],
}
MATRIX = {
    "type": "normal",
    "expiries": ["1Y", "5Y"],
    "tenors": ["2Y", "10Y"],
    "volatilities": [[0.0125, 0.0105], [0.0105, 0.0090]],
}
MARKET = {
    "schema": "neuralrates.market/1",
    "valuation_date": "2024-03-19",
    "currencies": {
        "USD": {"discount": USD_CURVE, "swaption_volatility": MATRIX},
        "EUR": {"discount": EONIA, "projection": EURIBOR, "swaption_volatility": MATRIX},
    },
}
HEADER = (
    "kind,trade_id,currency,index,side,notional,strike,start_date,maturity_date,"
    "first_exercise_date,exercise_dates,spread,notionals,current_fixing"
)
USD = "USD,USD-SOFR"
EUR = "EUR,EUR-EURIBOR-6M"
SWAP = f"swap,SWAP,{USD},payer,1e7,0.04,2024-03-21,2029-03-21,,,,,"
BERMUDAN = f"bermudan,BERMUDAN,{USD},receiver,1e7,0.04,2024-03-21,2029-03-21,2026-03-21,,,,"
ROWS = (
    SWAP,
    BERMUDAN,
    f"swap,BEGUN,{USD},payer,1e7,0.04,2023-09-21,2028-09-21,,,,,0.0532",
    f"european,AMORTISING,{USD},payer,1e7,0.04,2025-03-21,2028-03-21,,,0.001,1e7;8e6;6e6,",
    f"cancellable,CANCELLABLE,{USD},payer,2e7,0.041,2024-03-21,2029-03-21,2026-03-23,,,,",
    f"swap,TERM,{EUR},receiver,1e7,0.002,2023-11-21,2028-11-21,,,0.0005,,0.0391",
    f"european,TERM-EUROPEAN,{EUR},receiver,1e7,-0.001,2025-03-21,2030-03-21,,,,,",
    f"bermudan,TERM-BERMUDAN,{EUR},payer,1e7,0.004,2024-03-21,2031-03-21,,"
    "2025-03-19;2027-03-17;2029-03-19,0.0005,,",
)


def write_files(folder: Path, *rows: str, market: object = MARKET) -> tuple[Path, Path]:
    """Book and market files in a folder."""
    book, quotes = folder / "book.csv", folder / "market.json"
    book.write_text("\n".join([HEADER, *rows]) + "\n")
    quotes.write_text(json.dumps(market))
    return book, quotes
