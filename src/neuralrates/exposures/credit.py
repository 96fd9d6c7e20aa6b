"""Survival probabilities from spreads of credit default swaps, by QuantLib."""

import datetime

import numpy as np
import QuantLib

from neuralrates.conventions.quantlib_evaluation_date import evaluation_date
from neuralrates.core.errors import InputError
from neuralrates.exposures.currency_model import CurrencyModel
from neuralrates.exposures.netting import Credit


def survival(
    credit: Credit,
    name: str,
    model: CurrencyModel,
    valuation_date: datetime.date,
    dates: list[datetime.date],
) -> np.ndarray:
    """Probability of no default up to each date: hazard rates are constant between the quoted tenors.

    Args:
        credit: spreads and recovery
        name: of the debtor, for errors
        model: whose curve discounts
        valuation_date: today
        dates: when it is asked for, none before today

    Raises:
        InputError: where no hazard rate explains a spread
    """
    with evaluation_date(valuation_date):
        today = QuantLib.Date.from_date(valuation_date)
        days = [valuation_date + datetime.timedelta(days=180 * n) for n in range(1, 121)]
        times = np.array([(day - valuation_date).days / 365.0 for day in days])
        curve = QuantLib.DiscountCurve(
            [today, *map(QuantLib.Date.from_date, days)],
            [1.0, *map(float, model.discount_factors(times))],
            QuantLib.Actual365Fixed(),
        )
        try:
            helpers = [
                _helper(tenor, spread, credit, curve) for tenor, spread in credit.spreads.items()
            ]
            found = QuantLib.PiecewiseFlatHazardRate(today, helpers, QuantLib.Actual365Fixed())
            found.enableExtrapolation()
            return np.array(
                [found.survivalProbability(QuantLib.Date.from_date(day)) for day in dates]
            )
        except RuntimeError as error:
            reason = " ".join(str(error).split())
            raise InputError(
                f"expected spreads that hazard rates explain, of {name}: {reason}", column="spreads"
            ) from None


def _helper(
    tenor: str, spread: float, credit: Credit, curve: QuantLib.YieldTermStructure
) -> QuantLib.SpreadCdsHelper:
    return QuantLib.SpreadCdsHelper(
        spread,
        QuantLib.Period(tenor),
        0,
        QuantLib.WeekendsOnly(),
        QuantLib.Quarterly,
        QuantLib.Following,
        QuantLib.DateGeneration.TwentiethIMM,
        QuantLib.Actual360(),
        credit.recovery,
        QuantLib.YieldTermStructureHandle(curve),
    )
