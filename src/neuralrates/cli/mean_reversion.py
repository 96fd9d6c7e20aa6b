"""The option `--mean-reversion`: a number, one per currency, or what fits the matrix best."""

import math
from typing import TYPE_CHECKING

from neuralrates.core.errors import InputError
from neuralrates.core.requests import LARGEST_MEAN_REVERSION
from neuralrates.desk.run_record import MeanReversion
from neuralrates.market.market import Market

if TYPE_CHECKING:
    from neuralrates.calibration.mean_reversion import MeanReversionFit

FIT = "fit"
_WITHOUT_MATRIX = 0.03
_OPTION = "--mean-reversion"


def mean_reversion(text: str, market: Market, model: str) -> MeanReversion:
    """What the option asks for.

    Args:
        text: `0.03`, `USD=0.03,EUR=0.02`, or `fit`; empty for what the market says
        market: whose matrices are fitted
        model: by which the book is priced

    Returns:
        Per year, for all currencies or by currency.

    Raises:
        InputError: for any other text
    """
    if not text:
        return market.mean_reversion(model)
    if text == FIT:
        fits = fitted(market)
        return {
            code: float(fits[code].mean_reversion) if code in fits else _WITHOUT_MATRIX
            for code in market.currencies
        }
    try:
        if "=" not in text:
            return _number(text)
        pairs = [part.split("=") for part in text.split(",")]
        found = {currency.strip(): _number(value) for currency, value in pairs}
    except ValueError:
        expected = f"expected a decimal like 0.03, or USD=0.03,EUR=0.02, or {FIT}"
        raise InputError(f"{expected}, found {text!r}", column=_OPTION) from None
    if len(found) < len(pairs):
        message = f"expected each currency once, found {text!r}"
        raise InputError(message, column=_OPTION)
    if unknown := [code for code in found if code not in market.currencies]:
        message = f"expected currencies of the market ({', '.join(market.currencies)}), found {', '.join(unknown)}"
        raise InputError(message, column=_OPTION)
    return found


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    if abs(value) > LARGEST_MEAN_REVERSION:
        expected = (
            f"expected a decimal per year within {LARGEST_MEAN_REVERSION:g} of zero (0.03, not 3.0)"
        )
        raise InputError(f"{expected}, found {text.strip()}", column=_OPTION)
    return value


def fitted(market: Market) -> "dict[str, MeanReversionFit]":
    """Mean reversion that fits each currency's matrix best, where there is one."""
    from neuralrates.calibration.mean_reversion import calibrate_mean_reversion

    return {
        code: calibrate_mean_reversion(one.curves, one.swaption_volatility)
        for code, one in market.currencies.items()
        if one.swaption_volatility is not None
    }
