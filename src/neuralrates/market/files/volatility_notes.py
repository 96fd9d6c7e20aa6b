"""What looks wrong in quoted swaption volatilities: slips of unit or type, and smiles with arbitrage."""

from collections.abc import Iterator

import numpy as np
from scipy.special import ndtr

from neuralrates.core.units import basis_point
from neuralrates.market.volatility.swaption_volatility import QuoteType, SwaptionVolatility
from neuralrates.market.volatility.volatility_smile import VolatilitySmile

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


def smile_range(volatility: SwaptionVolatility) -> tuple[str, ...]:
    """Where a smile is quoted, in one line, unless at every point of the matrix."""
    if volatility.smile is None:
        return ()
    rows, columns = _places(volatility, volatility.smile)
    if len(rows) == len(volatility.expiries) and len(columns) == len(volatility.tenors):
        return ()
    first, last = volatility.expiry_labels[rows[0]], volatility.expiry_labels[rows[-1]]
    short, long = volatility.tenor_labels[columns[0]], volatility.tenor_labels[columns[-1]]
    return (
        f"swaption smile quoted at {len(rows)} expiries ({first} to {last}) and {len(columns)} tenors ({short} to "
        f"{long}): linear between them, beyond them in proportion to the volatility at the money",
    )


def _places(volatility: SwaptionVolatility, smile: VolatilitySmile) -> tuple[list[int], list[int]]:
    """Rows and columns of the matrix at which a smile is quoted."""
    rows = np.searchsorted(volatility.expiries, smile.expiries).tolist()
    columns = np.searchsorted(volatility.tenors, smile.tenors).tolist()
    return rows, columns


def _slips(volatility: SwaptionVolatility) -> Iterator[str]:
    table = np.asarray(volatility.volatilities)
    if volatility.quote_type == "normal":
        worst = _worst(table, largest=True)
        if table[worst] > LARGEST_USUAL_NORMAL:
            points = table[worst] / basis_point
            yield (
                f"swaption volatility {_name(volatility, *worst)} is {table[worst]:g}, {points:,.0f} basis points of normal "
                "volatility: is it a lognormal one, or in other units?"
            )
        return
    quoted = np.where(table > 0.0, table, np.inf)
    worst = _worst(quoted, largest=False)
    if quoted[worst] < SMALLEST_USUAL_LOGNORMAL:
        yield (
            f"swaption volatility {_name(volatility, *worst)} is {quoted[worst]:g}, {quoted[worst]:.2%} of lognormal "
            "volatility: is it a normal one, or in other units?"
        )


def _undefined(volatility: SwaptionVolatility, forwards: np.ndarray) -> Iterator[str]:
    """Quotes that no price can be made of, though other quotes of the matrix may be good."""
    if volatility.quote_type == "normal":
        return
    bad = np.argwhere(forwards + np.asarray(volatility.shift) <= 0.0).tolist()
    if bad:
        where = tuple(bad[0])
        yield (
            f"{len(bad)} of {forwards.size} {volatility.quote_type} swaption volatilities have a forward rate at or below "
            f"minus the shift, the first {_name(volatility, *where)} with {forwards[where]:.6f}"
        )


def _smile(volatility: SwaptionVolatility, forwards: np.ndarray) -> Iterator[str]:
    smile = volatility.smile
    if smile is None:
        return
    rows, columns = _places(volatility, smile)
    quotes = np.asarray(volatility.volatilities)[np.ix_(rows, columns)] + np.asarray(smile.spreads)
    faults = []
    for e, row in enumerate(rows):
        for t, column in enumerate(columns):
            forward, shift = forwards[row, column], np.asarray(volatility.shift)[column]
            strikes = forward + np.asarray(smile.offsets)
            deviations = quotes[:, e, t] * np.sqrt(np.asarray(volatility.expiries)[row])
            fault = _arbitrage(volatility.quote_type, forward, strikes, shift, deviations)
            faults += [f"{_name(volatility, row, column)}, {fault}"] if fault else []
    if faults:
        points = len(rows) * len(columns)
        more = f" (the first of {len(faults)} such points of {points})" if len(faults) > 1 else ""
        yield f"swaption smile with arbitrage at {faults[0]}{more}"


def _arbitrage(
    quote_type: QuoteType, forward: float, strikes: np.ndarray, shift: float, deviations: np.ndarray
) -> str:
    """The strikes at which payers do not fall, or bend the wrong way; empty where all is well."""
    if quote_type != "normal":
        defined = strikes + shift > 0.0
        strikes, deviations = strikes[defined], deviations[defined]
        if forward + shift <= 0.0:
            return ""
    payers = _payers(quote_type, forward + shift, strikes + shift, deviations)
    for i in np.flatnonzero(np.diff(payers) > _SLACK):
        return f"a payer at {strikes[i + 1]:.4%} is dearer than at {strikes[i]:.4%}"
    for i in np.flatnonzero(-np.diff(payers) > np.diff(strikes) + _SLACK):
        return f"a receiver at {strikes[i + 1]:.4%} is cheaper than at {strikes[i]:.4%}"
    share = np.diff(strikes)[:-1] / (strikes[2:] - strikes[:-2])
    wings = (1.0 - share) * payers[:-2] + share * payers[2:]
    for i in np.flatnonzero(payers[1:-1] - wings > _SLACK):
        three = ", ".join(f"{strike:.4%}" for strike in strikes[i : i + 3])
        return f"a butterfly of {three} is worth less than nothing"
    return ""


def _payers(
    quote_type: QuoteType, forward: float, strikes: np.ndarray, deviations: np.ndarray
) -> np.ndarray:
    """Expected payoffs by Bachelier's (1900) or Black's (1976) formula."""
    safe = np.maximum(deviations, 1e-12)
    if quote_type == "normal":
        d = (forward - strikes) / safe
        return safe * (d * ndtr(d) + np.exp(-0.5 * d * d) / np.sqrt(2.0 * np.pi))
    d = np.log(forward / strikes) / safe + 0.5 * safe
    return forward * ndtr(d) - strikes * ndtr(d - safe)


def _worst(table: np.ndarray, largest: bool) -> tuple[int, int]:
    """Row and column of the largest or smallest quote."""
    row, column = divmod(int(np.argmax(table) if largest else np.argmin(table)), table.shape[1])
    return row, column


def _name(volatility: SwaptionVolatility, row: int, column: int) -> str:
    return f"{volatility.expiry_labels[row]} x {volatility.tenor_labels[column]}"
