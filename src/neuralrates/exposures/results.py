"""What an exposure run returns: tables of figures, profiles and trades."""

import datetime
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from neuralrates.exposures.adjoint.quotes import Greek
from neuralrates.exposures.adjoint.seeds import FIGURES
from neuralrates.exposures.collateral import collateralised
from neuralrates.exposures.credit import DefaultWeights
from neuralrates.exposures.currency_model import CurrencyModel
from neuralrates.exposures.figures import (
    Profile,
    adjustment,
    funding_weights,
    profile,
)
from neuralrates.exposures.netting import Netting, NettingSet

_COLUMNS = (
    "expected_exposure",
    "potential_future_exposure",
    "discounted_exposure",
    "discounted_exposure_error",
    "discounted_negative_exposure",
    "discounted_value",
    "discounted_value_error",
)


@dataclass(frozen=True)
class NettedValues:
    """Values on all paths.

    Args:
        times: of the dates, years
        numeraire: of the base currency, dates by paths
        by_set: values of each netting set in units of the numeraire, dates by paths
        exposed: the same less collateral
        likelihood: of default on each path, of netting sets with wrong-way risk; see `neuralrates.exposures.wrong_way`
        today: value of each trade today, base currency
        by_trade: mean of each trade's values where its netting set is exposed, by date; empty where not asked for
    """

    times: np.ndarray
    numeraire: np.ndarray
    by_set: Mapping[str, np.ndarray]
    exposed: Mapping[str, np.ndarray]
    likelihood: Mapping[str, np.ndarray]
    today: Mapping[str, float]
    by_trade: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Exposure:
    """Tables of an exposure run, in the base currency; units in `attrs["units"]`.

    Args:
        figures: a row per netting set: value, EPE, EEPE, CVA (and what it would be without wrong-way risk), DVA, FVA, with
            standard errors
        profiles: a row per netting set and date
        trades: a row per trade: its netting set, its value under the model of its currency, its price by `neuralrates.price`
            under a model of its own, the difference, its share of CVA where allocated
        greeks: a row per quote of the market and of the netting file: what CVA, DVA and FVA of all netting sets change by for
            a move of the size in `unit`; no rows where not asked for
        models: a row per European swaption that a model was calibrated to, see `neuralrates.exposures.models_table`
    """

    figures: pd.DataFrame
    profiles: pd.DataFrame
    trades: pd.DataFrame
    greeks: pd.DataFrame
    models: pd.DataFrame


def exposed_values(sets: Sequence[NettingSet], netted: NettedValues) -> dict[str, np.ndarray]:
    """Values of netting sets less the collateral held, in units of the numeraire."""
    found = dict(netted.by_set)
    for one in sets:
        if one.collateral is not None:
            amounts = found[one.netting_set] * netted.numeraire
            found[one.netting_set] = (
                collateralised(amounts, netted.times, one.collateral) / netted.numeraire
            )
    return found


def exposure_of(
    sets: Sequence[NettingSet],
    netting: Netting,
    netted: NettedValues,
    model: CurrencyModel,
    defaults: DefaultWeights,
    days: list[datetime.date],
    quantile: float,
    prices: Mapping[str, float],
) -> Exposure:
    """Figures of netting sets from their values on paths; prices of the trades are set beside them."""
    factors = model.discount_factors(netted.times)
    figures, profiles, trades = [], [], []
    for one in sets:
        values = netted.by_set[one.netting_set]
        exposed = netted.exposed[one.netting_set]
        found = profile(exposed, netted.numeraire, netted.times, factors, quantile)
        weights = defaults.counterparties.get(one.netting_set)
        row = _figures(one, values, exposed, found, weights, defaults.own, netting.funding_spread)
        if one.netting_set in netted.likelihood and weights is not None:
            likelier = exposed * netted.likelihood[one.netting_set]
            row["cva"], row["cva_error"] = adjustment(weights, likelier)
        figures.append(row)
        profiles.append(_profile_table(one.netting_set, days, found))
        rows = [_trade_row(name, one, netted, weights, prices[name]) for name in one.trades]
        trades += rows
        if netted.by_trade and one.collateral is not None:
            left = row["cva"] - sum(each["cva"] for each in rows)
            trades.append({"trade_id": _COLLATERAL, "netting_set": one.netting_set, "cva": left})
    profile_rows = pd.concat(profiles, ignore_index=True)
    return Exposure(
        pd.DataFrame(figures), profile_rows, pd.DataFrame(trades), greeks_table([]), pd.DataFrame()
    )


def joined(
    parts: Sequence[Exposure], models: pd.DataFrame, currency: str, quantile: float
) -> Exposure:
    """One run of those of several groups of netting sets: Greeks add up."""
    tables = [
        pd.concat([getattr(one, name) for one in parts], ignore_index=True) for name in _TABLES
    ]
    greeks = [
        [
            Greek(str(greek), str(quote), str(unit), np.array(amounts))
            for greek, quote, unit, *amounts in one.greeks.itertuples(index=False)
        ]
        for one in parts
    ]
    tables.append(greeks_table(greeks))
    for table in tables:
        table.attrs["units"] = {str(name): currency for name in table.columns if name not in _NAMES}
        table.attrs["exposure"] = {"currency": currency, "quantile": quantile}
    figures, profiles, trades, greeks_rows = tables
    return Exposure(figures, profiles, trades, greeks_rows, models)


def greeks_table(parts: Sequence[Sequence[Greek]]) -> pd.DataFrame:
    """A row for each quote, kind by kind in the order they come; amounts of the same quote of several groups add up.

    Quotes of one name within a group are different ones, of curves named alike.
    """
    sums: dict[tuple[str, str, str, int], np.ndarray] = {}
    for part in parts:
        seen: Counter[tuple[str, str, str]] = Counter()
        for one in part:
            name = one.greek, one.quote, one.unit
            key = (*name, seen[name])
            seen[name] += 1
            sums[key] = sums[key] + one.amounts if key in sums else one.amounts
    kinds = list(dict.fromkeys(key[0] for key in sums))
    rows = [
        (*key[:3], *map(float, sums[key]))
        for key in sorted(sums, key=lambda key: kinds.index(key[0]))
    ]
    return pd.DataFrame(rows, columns=[*_GREEK, *FIGURES])


_COLLATERAL = "(collateral)"
_TABLES = ("figures", "profiles", "trades")
_GREEK = ("greek", "quote", "unit")
_NAMES = ("netting_set", "trade_id", "date", "time", *_GREEK)


def _figures(
    one: NettingSet,
    values: np.ndarray,
    exposed: np.ndarray,
    found: Profile,
    weights: np.ndarray | None,
    own_weights: np.ndarray | None,
    spread: float,
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "netting_set": one.netting_set,
        "value": float(values[0].mean()),
        "epe": found.expected_positive_exposure,
        "eepe": found.effective_expected_positive_exposure,
        "largest_pfe": float(found.future.max()),
    }
    funding = funding_weights(found.times, spread)
    zero = np.zeros(funding.size)
    row["cva"], row["cva_error"] = adjustment(zero if weights is None else weights, exposed)
    row["cva_independent"] = row["cva"]
    own = zero if own_weights is None else own_weights
    row["dva"], row["dva_error"] = adjustment(own, -exposed)
    cost, cost_error = adjustment(funding, exposed)
    benefit, _ = adjustment(funding, -exposed)
    return row | {"fca": cost, "fba": benefit, "fva": cost - benefit, "fca_error": cost_error}


def _profile_table(name: str, days: list[datetime.date], found: Profile) -> pd.DataFrame:
    parts = (
        found.expected,
        found.future,
        found.discounted,
        found.discounted_error,
        found.discounted_negative,
        found.value,
        found.value_error,
    )
    head = {"netting_set": name, "date": [day.isoformat() for day in days], "time": found.times}
    return pd.DataFrame(head | dict(zip(_COLUMNS, parts, strict=True)))


def _trade_row(
    name: str,
    one: NettingSet,
    netted: NettedValues,
    weights: np.ndarray | None,
    price: float,
) -> dict[str, Any]:
    value = netted.today[name]
    row: dict[str, Any] = {
        "trade_id": name,
        "netting_set": one.netting_set,
        "value": value,
        "price": price,
        "difference": value - price,
    }
    if netted.by_trade:
        row["cva"] = 0.0 if weights is None else float(weights @ netted.by_trade[name])
    return row
