"""Labels of tenors as the second code reads them: strictly, and the fractional years of labels made from times."""

import datetime

import pytest
import QuantLib as ql  # noqa: N813

import neuralrates as nr
from neuralrates.core.errors import RefusalError
from neuralrates.desk.verification.conventions import period
from neuralrates.desk.verification.volatility import quoted_volatility
from neuralrates.market.files.schema import SwaptionVolatilityEntry

MONTHS = {"1M": 1, "18M": 18, "10Y": 120, "1Y6M": 18, "0.5Y": 6, "1.5Y": 18, "0.0833333Y": 1}
ODD = ("", "5", "Y", " 5Y", "5y", "5Y ", "0.37Y", "0.0Y", "1M2W", "1W3D", "-1Y")


@pytest.mark.parametrize("label", MONTHS)
def test_labels_in_months(label):
    assert period(label) == ql.Period(MONTHS[label], ql.Months)


def test_weeks_stay_weeks():
    """A calendar counts days as business days, but not those of weeks."""
    assert (period("2W").length(), period("2W").units()) == (2, ql.Weeks)
    assert (period("1D").length(), period("1D").units()) == (1, ql.Days)


@pytest.mark.parametrize("label", ODD)
def test_anything_else_is_refused(label):
    with pytest.raises(RefusalError, match="label"):
        period(label)


def test_expiries_from_labels_of_fractional_years():
    """From Tuesday 2024-03-19: the 19th of September is a Thursday in 2024, a Friday in 2025."""
    today = datetime.date(2024, 3, 19)
    market = nr.market.SwaptionVolatility([0.5, 1.5], [5.0], [[0.01], [0.01]])
    labels = list(market.expiry_labels)
    stated = SwaptionVolatilityEntry.model_construct(expiries=labels, tenors=["5Y"], smile=None)
    found = quoted_volatility(market, "USD-SOFR", today, stated).expiries
    days = [(datetime.date(year, 9, 19) - today).days for year in (2024, 2025)]
    assert found.tolist() == pytest.approx([one / 365.0 for one in days])
