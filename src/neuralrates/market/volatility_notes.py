"""What looks wrong in quoted swaption volatilities: slips of unit or type, and smiles with arbitrage."""

from collections.abc import Iterator

import numpy as np
from scipy.special import ndtr

from neuralrates.core.units import basis_point
from neuralrates.market.swaption_volatility import SwaptionVolatility

LARGEST_USUAL_NORMAL, SMALLEST_USUAL_LOGNORMAL = 0.03, 0.02
_SLACK = 0.001 * basis_point
"""Price by which quotes may miss the order of their strikes: what rounding a volatility does."""


def notes_on_quotes(volatility: SwaptionVolatility, forwards: np.ndarray) -> tuple[str, ...]:
    """One line for each kind of doubt about a matrix and its smile, with the evidence.

    Args:
        volatility: as quoted
        forwards: forward swap rates of its quotes, decimals, by expiry and tenor

    Returns:
        The lines; none where nothing looks wrong.
    """
    return (*_slips(volatility), *_undefined(volatility, forwards), *_smile(volatility, forwards))


def _slips(volatility: SwaptionVolatility) -> Iterator[str]:
    table = np.asarray(volatility.volatilities)
    if volatility.quote_type == "normal":
        worst = np.unravel_index(np.argmax(table), table.shape)
        if table[worst] > LARGEST_USUAL_NORMAL:
            points = table[worst] / basis_point
            yield (
                f"swaption volatility {_name(volatility, *worst)} is {table[worst]:g}, {points:,.0f} basis points of normal "
                "volatility: is it a lognormal one, or in other units?"
            )
        return
    quoted = np.where(table > 0.0, table, np.inf)
    worst = np.unravel_index(np.argmin(quoted), table.shape)
    if quoted[worst] < SMALLEST_USUAL_LOGNORMAL:
        yield (
            f"swaption volatility {_name(volatility, *worst)} is {quoted[worst]:g}, {quoted[worst]:.2%} of lognormal "
            "volatility: is it a normal one, or in other units?"
        )


def _undefined(volatility: SwaptionVolatility, forwards: np.ndarray) -> Iterator[str]:
    """Quotes that no price can be made of, though other quotes of the matrix may be good."""
    if volatility.quote_type == "normal":
        return
    bad = np.argwhere(forwards + np.asarray(volatility.shift) <= 0.0)
    if bad.size:
        where = tuple(bad[0])
        yield (
            f"{len(bad)} of {forwards.size} {volatility.quote_type} swaption volatilities have a forward rate at or below "
            f"minus the shift, the first {_name(volatility, *where)} with {forwards[where]:.6f}"
        )


def _smile(volatility: SwaptionVolatility, forwards: np.ndarray) -> Iterator[str]:
    smile = volatility.smile
    if smile is None:
        return
    rows = np.searchsorted(np.asarray(volatility.expiries), np.asarray(smile.expiries))
    columns = np.searchsorted(np.asarray(volatility.tenors), np.asarray(smile.tenors))
    if len(rows) < len(volatility.expiries) or len(columns) < len(volatility.tenors):
        first, last = volatility.expiry_labels[rows[0]], volatility.expiry_labels[rows[-1]]
        short, long = volatility.tenor_labels[columns[0]], volatility.tenor_labels[columns[-1]]
        yield (
            f"swaption smile quoted at {len(rows)} expiries ({first} to {last}) and {len(columns)} tenors ({short} to "
            f"{long}): linear between them, beyond them in proportion to the volatility at the money"
        )
    faults = []
    for e, row in enumerate(rows):
        for t, column in enumerate(columns):
            quotes = (
                float(volatility.volatilities[row, column]) + np.asarray(smile.spreads)[:, e, t]
            )
            fault = _arbitrage(volatility, forwards[row, column], row, column, quotes)
            if fault:
                faults.append(f"{_name(volatility, row, column)}, {fault}")
    if faults:
        points = len(rows) * len(columns)
        more = f" (the first of {len(faults)} such points of {points})" if len(faults) > 1 else ""
        yield f"swaption smile with arbitrage at {faults[0]}{more}"


def _arbitrage(
    volatility: SwaptionVolatility, forward: float, row: int, column: int, quotes: np.ndarray
) -> str:
    """The strikes at which payers do not fall, or bend the wrong way; empty where all is well."""
    assert volatility.smile is not None
    shift = float(volatility.shift[column])
    strikes = forward + np.asarray(volatility.smile.offsets)
    if volatility.quote_type != "normal":
        defined = strikes + shift > 0.0
        strikes, quotes = strikes[defined], quotes[defined]
    deviations = quotes * np.sqrt(float(volatility.expiries[row]))
    payers = _payers(volatility.quote_type, forward + shift, strikes + shift, deviations)
    for i in np.flatnonzero(np.diff(payers) > _SLACK):
        return f"a payer at {strikes[i + 1]:.4%} is dearer than at {strikes[i]:.4%}"
    for i in np.flatnonzero(-np.diff(payers) > np.diff(strikes) + _SLACK):
        return f"a receiver at {strikes[i + 1]:.4%} is cheaper than at {strikes[i]:.4%}"
    widths = np.diff(strikes)
    for i in range(1, len(strikes) - 1):
        share = widths[i - 1] / (widths[i - 1] + widths[i])
        if payers[i] - (1.0 - share) * payers[i - 1] - share * payers[i + 1] > _SLACK:
            return f"a butterfly of {strikes[i - 1]:.4%}, {strikes[i]:.4%}, {strikes[i + 1]:.4%} is worth less than nothing"
    return ""


def _payers(
    quote_type: str, forward: float, strikes: np.ndarray, deviations: np.ndarray
) -> np.ndarray:
    """Expected payoffs by Bachelier's (1900) or Black's (1976) formula."""
    safe = np.maximum(deviations, 1e-12)
    if quote_type == "normal":
        d = (forward - strikes) / safe
        return safe * (d * ndtr(d) + np.exp(-0.5 * d * d) / np.sqrt(2.0 * np.pi))
    if forward <= 0.0:
        return np.zeros(0)
    d = np.log(forward / strikes) / safe + 0.5 * safe
    return forward * ndtr(d) - strikes * ndtr(d - safe)


def _name(volatility: SwaptionVolatility, row: int, column: int) -> str:
    return f"{volatility.expiry_labels[row]} x {volatility.tenor_labels[column]}"
