"""Survival probabilities from spreads of credit default swaps, by QuantLib."""

import datetime
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import QuantLib

from neuralrates.conventions.quantlib_evaluation_date import evaluation_date
from neuralrates.core.errors import InputError
from neuralrates.exposures.currency_model import CurrencyModel
from neuralrates.exposures.figures import default_weights
from neuralrates.exposures.netting import Credit, Netting


class DefaultWeights(NamedTuple):
    """What expected discounted exposures are multiplied by, date by date, see `default_weights`.

    Args:
        own: of our default; None where no credit of ours is stated
        counterparties: of each netting set whose counterparty has a credit
        survival: of the same, the probabilities that the weights are made of
    """

    own: np.ndarray | None
    counterparties: Mapping[str, np.ndarray]
    survival: Mapping[str, np.ndarray]


def weights_of(
    netting: Netting,
    model: CurrencyModel,
    valuation_date: datetime.date,
    days: list[datetime.date],
) -> DefaultWeights:
    """The weights of all who may default.

    Raises:
        InputError: where no hazard rate explains a spread
    """

    def alive(credit: Credit, name: str) -> np.ndarray:
        return survival(credit, name, model, valuation_date, days)

    own, owners = netting.own_credit, netting.netting_sets
    credits = {one.netting_set: one.counterparty for one in owners if one.counterparty is not None}
    left = {name: alive(credit, name) for name, credit in credits.items()}
    return DefaultWeights(
        None if own is None else default_weights(alive(own, "ourselves"), own.recovery),
        {name: default_weights(left[name], credit.recovery) for name, credit in credits.items()},
        left,
    )


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
        except RuntimeError:
            quoted = ", ".join(f"{tenor} {spread:g}" for tenor, spread in credit.spreads.items())
            raise InputError(
                f"expected spreads that hazard rates explain, of {name}, found {quoted}",
                column="spreads",
            ) from None


def _helper(
    tenor: str, spread: float, credit: Credit, curve: QuantLib.YieldTermStructure
) -> QuantLib.SpreadCdsHelper:
    """A swap by the market's rules since 2015: protection from the day after the trade, maturities in June and December."""
    return QuantLib.SpreadCdsHelper(
        spread,
        QuantLib.Period(tenor),
        1,
        QuantLib.WeekendsOnly(),
        QuantLib.Quarterly,
        QuantLib.Following,
        QuantLib.DateGeneration.CDS2015,
        QuantLib.Actual360(),
        credit.recovery,
        QuantLib.YieldTermStructureHandle(curve),
    )
