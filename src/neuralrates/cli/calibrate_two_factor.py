"""The command `calibrate --model two_factor` without a book: two factors fitted to the matrix of each currency."""

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from neuralrates.calibration.two_factor import TwoFactorFit, fit_two_factor
from neuralrates.cli.market import read_market
from neuralrates.cli.outcome import Outcome
from neuralrates.cli.tables import console, new_table
from neuralrates.core.errors import CalibrationError, RefusalError
from neuralrates.core.files import atomic_write
from neuralrates.core.units import basis_point
from neuralrates.desk.writers import check_can_write
from neuralrates.market.files.to_file import market_entries
from neuralrates.market.market import Market
from neuralrates.market.volatility.swaption_volatility import SwaptionVolatility

SCHEMA = "neuralrates.two_factor_fit/1"


def run(path: Path, date: str, out: Path | None, *, as_json: bool) -> Outcome:
    """Fit, show what is missed, and write a market file that states the parameters."""
    if out is not None:
        check_can_write(out, (".json",), (path,))
    market = read_market(path, date)
    fits = _fits(market)
    if out is not None:
        stated = market_entries(_stating(market, fits), "two factors fitted to its volatilities")
        atomic_write(out, json.dumps(stated, indent=1) + "\n")
    if as_json:
        rows = {code: _entries(market, code, fit) for code, fit in fits.items()}
        print(json.dumps({"schema": SCHEMA, "currencies": rows}, indent=1))
        return Outcome.DONE
    for code, fit in fits.items():
        _show(code, _matrix(market, code), fit)
    return Outcome.DONE


def _fits(market: Market) -> dict[str, TwoFactorFit]:
    found = {}
    for code, one in market.currencies.items():
        if one.swaption_volatility is None:
            continue
        try:
            found[code] = fit_two_factor(one.curves, one.swaption_volatility)
        except CalibrationError as error:
            raise CalibrationError(f"{code}: {error}") from None
    if not found:
        raise RefusalError(
            "two factors are fitted to swaption volatilities, and the market has none"
        )
    return found


def _stating(market: Market, fits: Mapping[str, TwoFactorFit]) -> Market:
    """The market with the parameters that were fitted."""
    currencies = dict(market.currencies)
    for code, fit in fits.items():
        currencies[code] = dataclasses.replace(currencies[code], two_factor=fit.parameters)
    return dataclasses.replace(market, currencies=currencies)


def _matrix(market: Market, code: str) -> SwaptionVolatility:
    matrix = market[code].swaption_volatility
    assert matrix is not None
    return matrix


def _entries(market: Market, code: str, fit: TwoFactorFit) -> dict[str, object]:
    matrix = _matrix(market, code)
    return {
        "two_factor": dataclasses.asdict(fit.parameters),
        "at_limit": list(fit.at_limit),
        "volatilities": fit.volatilities.tolist(),
        "expiries": list(matrix.expiry_labels),
        "tenors": list(matrix.tenor_labels),
        "misfit": fit.misfit.tolist(),
        "root_mean_square": fit.root_mean_square,
    }


def _show(code: str, matrix: SwaptionVolatility, fit: TwoFactorFit) -> None:
    missed = fit.misfit / basis_point
    shown = new_table(f"{code} model - quote, bp", *matrix.tenor_labels)
    for label, row in zip(matrix.expiry_labels, missed, strict=True):
        shown.add_row(label, *(f"{value:.1f}" for value in row))
    console().print(shown)
    law = fit.parameters
    worst = int(np.argmax(np.abs(missed)))
    print(
        f"{code}: mean reversions {law.fast_mean_reversion:.4f} and {law.mean_reversion:.4f} per year, the fast factor "
        f"{law.volatility_ratio:.4f} times as volatile, correlation {law.correlation:.4f}"
    )
    print(
        f"{code}: {missed.size} quotes missed by {fit.root_mean_square / basis_point:.2f} bp, root mean square, and by "
        f"{missed.flat[worst]:+.1f} bp at worst ({matrix.labels[worst]})"
    )
    if fit.at_limit:
        names = " and ".join(name.replace("_", " ") for name in fit.at_limit)
        print(f"{code}: {names} at the limit of the search: these quotes hardly tell them apart")
