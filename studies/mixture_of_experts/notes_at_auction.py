"""`python -m studies.mixture_of_experts.notes_at_auction`: Treasury floating rate notes reopened, predicted before the auction.

Real prices. The spread of a note is not in the data, so what a price says is the spread less the discount margin, here
called the excess; it is zero at issue, when the note is sold at par. Predicted is how far the excess moves from one auction
of a note to the next, from what was published up to the day before. Rivals: par, the note's last price, and the Treasury's
discount-margin formula with the excess of the last auction.
"""

import argparse
import json
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pandas as pd
from scipy.optimize import brentq, linprog

import neuralrates as nr
from neuralrates.certificates.bootstrap import bootstrap_interval
from neuralrates.certificates.metrics import mean_absolute_error
from neuralrates.pricers.gaussian.floating_rate_note import discount_margin_price
from studies.mixture_of_experts.regimes import DATA, data_file

HELD_OUT = (pd.Timestamp("2020-01-01"), pd.Timestamp("2022-12-31"))
CENT = 1e-4
_PENALTIES = np.geomspace(0.1, 1000.0, 17)
NAMED = ("bill_26w_less_13w", "bill_52w_less_13w", "overnight_less_4w", "months_since_auction")
"""Inputs of the article's own list that can be had: recent bill auctions, a funding spread, and a note's age since its auction.
Issue sizes, spreads at issue and credit spreads are not in the data."""
_SOFR_FROM, _EFFR_FROM = pd.Timestamp("2018-06-01"), pd.Timestamp("2015-12-01")


class Published:
    """What was published by a day, about money markets."""

    def __init__(self, data: Path) -> None:
        def read(name: str, percent: bool = True) -> pd.Series:
            path = data_file(data, *name.split("/"))
            return nr.histories.load_series(path, percent=percent).dropna()

        auctions = nr.histories.load_auctions(
            data_file(data, "treasury_auctions", "auctions_1979_2024.csv")
        )
        self.bill = nr.histories.bill_index(auctions)
        self.bills = {
            term: nr.histories.bill_index(
                auctions.replace({"term": {"13-Week": "", term: "13-Week"}})
            )
            for term in ("4-Week", "26-Week", "52-Week")
        }
        self.par = nr.histories.load_par_yields(
            data_file(data, "rates_history", "usd_eur_gbp_1990_2024.csv.xz")
        )
        self.sofr, self.effr = read("sofr/sofr_2018_2024.csv"), read("sofr/effr_2015_2020.csv")
        funds = read("fred/FEDFUNDS.csv")
        self.funds = funds.set_axis(funds.index + pd.Timedelta(days=32))
        self.inflation = read("fred/T5YIE.csv")
        self.repo = read("fred/RRPONTSYD.csv", percent=False)

    def index_rate(self, day: pd.Timestamp) -> float:
        """Index of floating rate notes known on a day."""
        return float(self.bill[:day].iloc[-1])

    def overnight(self, day: pd.Timestamp) -> float:
        """SOFR, before it the effective federal funds rate, before that its monthly mean."""
        series = self.sofr if day >= _SOFR_FROM else self.effr if day >= _EFFR_FROM else self.funds
        return float(series[: day - pd.Timedelta(days=1)].iloc[-1])

    def features(self, auction: pd.Timestamp) -> dict[str, float]:
        """Levels known on the day before an auction."""
        day = auction - pd.Timedelta(days=1)
        curve = self.par[:day]
        last, overnight = curve.iloc[-1], self.overnight(day)
        return {
            "overnight_less_index": overnight - self.index_rate(day),
            "overnight_less_3m": overnight - float(last[3]),
            "6m_less_3m": float(last[6] - last[3]),
            "12m_less_3m": float(last[12] - last[3]),
            "24m_less_3m": float(last[24] - last[3]),
            "volatility_24m": float(curve[24].diff().iloc[-20:].std()),
            "breakeven_5y": float(self.inflation[:day].iloc[-1]),
            "reverse_repo": 1e-6 * float(self.repo[:day].iloc[-1]),
            "bill_26w_less_13w": self._bill("26-Week", day) - self.index_rate(day),
            "bill_52w_less_13w": self._bill("52-Week", day) - self.index_rate(day),
            "overnight_less_4w": overnight - self._bill("4-Week", day),
        }

    def _bill(self, term: str, day: pd.Timestamp) -> float:
        """Rate of the last auction of another bill, simple interest."""
        return float(self.bills[term][:day].iloc[-1])


def periods(settlement: pd.Timestamp, maturity: pd.Timestamp) -> tuple[np.ndarray, float]:
    """Days of the interest periods that are not over, the one that runs first, and how many of its days are."""
    ends = [maturity]
    while ends[-1] > settlement:
        ends.append(maturity - pd.offsets.MonthEnd(3 * len(ends)))
    ends.reverse()
    days = np.array([(b - a).days for a, b in zip(ends[:-1], ends[1:], strict=True)], dtype=float)
    return days, float((settlement - ends[0]).days)


def price_at(
    settlement: pd.Timestamp, maturity: pd.Timestamp, index: float, excess: float
) -> float:
    """Price by the Treasury's formula of a note whose spread exceeds its margin by so much."""
    days, elapsed = periods(settlement, maturity)
    return float(discount_margin_price(jnp.asarray(days), elapsed, index, 0.0, -excess))


def excess_of(
    settlement: pd.Timestamp, maturity: pd.Timestamp, index: float, price: float
) -> float:
    """Spread less margin at which the Treasury's formula gives a price."""
    return float(
        brentq(lambda e: price_at(settlement, maturity, index, e) - price, -0.02, 0.02, xtol=1e-9)
    )


def reopenings(data: Path = DATA) -> pd.DataFrame:
    """One row per reopening: its price, what the rivals say, the change of the excess and changes of the features.

    Args:
        data: folder of the published series

    Returns:
        Rows by auction date, prices per unit.

    Raises:
        MissingDataError: where the data is absent
        InputError: where a note's first auction is missing
    """
    published = Published(data)
    notes = nr.histories.load_auctions(
        data_file(data, "treasury_auctions", "frn_auction_prices.csv")
    )
    notes["index_rate"] = [published.index_rate(day) for day in notes.auction_date]
    rows = []
    for cusip, auctions in notes.groupby("cusip", sort=False):
        if not str(auctions.term.iloc[0]).startswith("2-Year"):
            raise nr.core.InputError(
                f"expected the first auction of note {cusip}, found a later one"
            )
        at = [
            excess_of(*row)
            for row in auctions[["issue_date", "maturity_date", "index_rate", "price"]].itertuples(
                index=False
            )
        ]
        known = [published.features(day) for day in auctions.auction_date]
        for k in range(1, len(auctions)):
            now = auctions.iloc[k]
            terms = (now.issue_date, now.maturity_date, now.index_rate)
            rows.append(
                {
                    "auction": now.auction_date,
                    "note": cusip,
                    "price": now.price,
                    "last_price": auctions.price.iloc[k - 1],
                    "discount_margin": price_at(*terms, at[k - 1]),
                    "per_excess": (price_at(*terms, 1e-4) - price_at(*terms, -1e-4)) / 2e-4,
                    "moved": at[k] - at[k - 1],
                    "last_excess": at[k - 1],
                }
                | {name: known[k][name] - known[k - 1][name] for name in known[k]}
                | {
                    "months_since_auction": (
                        now.auction_date - auctions.auction_date.iloc[k - 1]
                    ).days
                    / 30.4
                }
            )
    return pd.DataFrame(rows).set_index("auction").sort_index()


def _design(table: pd.DataFrame) -> np.ndarray:
    first = list(table.columns).index("moved") + 1
    return table.iloc[:, first:].to_numpy()


def ridge(train: pd.DataFrame, test: pd.DataFrame) -> np.ndarray:
    """Prices of the test rows; the penalty is the one with the least error on rows of the training part left out in turn."""
    x, y = _design(train), train.moved.to_numpy()
    size = np.sqrt(np.mean(x**2, axis=0))
    x, z = x / size, _design(test) / size
    eye = np.eye(x.shape[1])

    def left_out(penalty: float) -> float:
        hat = x @ np.linalg.solve(x.T @ x + penalty * eye, x.T)
        missed = (y - hat @ y) / (1.0 - np.diag(hat))
        return float(np.mean(np.abs(missed * train.per_excess)))

    penalty = min(_PENALTIES, key=left_out)
    moved = z @ np.linalg.solve(x.T @ x + penalty * eye, x.T @ y)
    return test.discount_margin.to_numpy() + moved * test.per_excess.to_numpy()


def walk_forward(table: pd.DataFrame, day: pd.Timestamp) -> np.ndarray:
    """Price of the reopening of one day from all reopenings before it."""
    return ridge(table[table.index < day], table.loc[[day]])


def hindsight(held: pd.DataFrame) -> float:
    """Least mean absolute error, cents per 100, of any line through the features, fitted to the held-out prices themselves.

    No forecast: it says what the features could tell at most.
    """
    weight = held.per_excess.to_numpy() / CENT
    x, y = _design(held), held.moved.to_numpy() * weight
    x = x / np.max(np.abs(x), axis=0) * weight[:, None]
    rows, columns = x.shape
    eye = np.eye(rows)
    found = linprog(
        np.concatenate([np.zeros(columns), np.full(rows, 1.0 / rows)]),
        A_ub=np.block([[x, -eye], [-x, -eye]]),
        b_ub=np.concatenate([y, -y]),
        bounds=[(None, None)] * columns + [(0.0, None)] * rows,
    )
    return float(found.fun)


def experiment(data: Path = DATA) -> dict[str, object]:
    """Errors in cents per 100 on the reopenings of 2020 to 2022; none of them is trained on unless it came before.

    Intervals are bootstrapped, drawing whole notes.
    """
    table = reopenings(data)
    inside = (table.index >= HELD_OUT[0]) & (table.index <= HELD_OUT[1])
    held = table[inside]
    few = table.drop(columns=list(NAMED))
    predicted = {
        "par": np.ones(len(held)),
        "last price of the note": held.last_price.to_numpy(),
        "discount-margin model": held.discount_margin.to_numpy(),
        "ours, trained outside 2020-2022": ridge(few[~inside], few[inside]),
        "ours, trained on earlier auctions": np.concatenate(
            [walk_forward(few, day) for day in held.index]
        ),
        "ours, with the article's further inputs, trained on earlier auctions": np.concatenate(
            [walk_forward(table, day) for day in held.index]
        ),
    }
    missed = {
        name: np.abs(prices - held.price.to_numpy()) / CENT for name, prices in predicted.items()
    }
    return {
        "reopenings": len(held),
        "trained_outside": int((~inside).sum()),
        "mean_absolute_cents": {name: float(np.mean(m)) for name, m in missed.items()},
        "hindsight_cents": hindsight(few[inside]),
        "hindsight_with_further_inputs_cents": hindsight(held),
        "interval_95_cents": {
            name: bootstrap_interval(
                mean_absolute_error,
                held.price.to_numpy() / CENT,
                prices / CENT,
                np.unique(held.note, return_inverse=True)[1],
            )
            for name, prices in predicted.items()
        },
        "median_absolute_cents": {name: float(np.median(m)) for name, m in missed.items()},
        "by_year": {
            name: {
                str(year): float(np.mean(m[held.index.year == year])) for year in (2020, 2021, 2022)
            }
            for name, m in missed.items()
        },
    }


def main() -> None:
    """Print the experiment."""
    parser = argparse.ArgumentParser(prog="python -m studies.mixture_of_experts.notes_at_auction")
    parser.add_argument("--data", type=Path, default=DATA)
    print(json.dumps(experiment(parser.parse_args().data), indent=1))


if __name__ == "__main__":
    main()
