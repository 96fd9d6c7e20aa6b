"""Fields of dated trades: what each accepts, in types that validate and in words."""

import datetime
import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError

from neuralrates.conventions.quantlib import FIRST_DATE, LAST_DATE
from neuralrates.core.errors import InputError, RefusalError
from neuralrates.trades.errors import BookError

SMALLEST_NOTIONAL, LARGEST_NOTIONAL = 1e-6, 1e13
LARGEST_RATE = 0.5
LONGEST_LIST = 1000

EXPECTED = {
    "trade_id": "a name of at most 64 printable characters that begins with neither = nor @ nor +",
    "currency": "an ISO currency code like USD",
    "index": "an index like USD-SOFR",
    "side": "`payer` or `receiver` (of the fixed rate)",
    "notional": "an amount in currency from 1e-6 to 1e13 (a trade that was sold says so in `position`)",
    "floor_strike": "a decimal from -0.5 to 0.5 below the strike, like 0.0125",
    "frequency": "a tenor like 3M or 1Y",
    "strike": "a decimal from -0.5 to 0.5, like 0.0325",
    "start_date": "a date from 1950 to 2149, like 2024-03-21",
    "maturity_date": "a date from 1950 to 2149, like 2034-03-21",
    "spread": "a decimal from -0.5 to 0.5, like 0.0010",
    "notionals": "amounts in currency from 1e-6 to 1e13, like 1e6;9e5, one per fixed period",
    "floating_notionals": "amounts in currency from 1e-6 to 1e13, like 1e6;9e5, one per floating period",
    "coupons": "decimals from -0.5 to 0.5, like 0.03;0.035, one per fixed period",
    "spreads": "decimals from -0.5 to 0.5, like 0.001;0.002, one per floating period",
    "leg": "`both`, `fixed` or `floating`",
    "zero_coupon": "`none`, `fixed`, `floating` or `both`",
    "previous_fixing": "a decimal from -0.5 to 0.5, like 0.0531",
    "current_fixing": "a decimal from -0.5 to 0.5, like 0.0531",
    "next_fixing": "a decimal from -0.5 to 0.5, like 0.0531",
    "projection": "`accrual` or `index`",
    "position": "`long` or `short`",
    "premium": "an amount in currency from 1e-6 to 1e13",
    "premium_date": "a date from 1950 to 2149, like 2024-03-21",
    "fixed_dates": "increasing dates from 1950 to 2149, like 2024-03-21;2025-03-21",
    "floating_dates": "increasing dates from 1950 to 2149, like 2024-03-21;2024-09-23",
    "fixed_day_count": "a day count among Act/365F, Act/360, 30/360, 30E/360, Act/Act",
    "floating_day_count": "a day count among Act/365F, Act/360, 30/360, 30E/360, Act/Act",
    "second_index": "an index like EUR-ESTR, of the same currency",
    "second_frequency": "a tenor like 3M or 1Y",
    "second_dates": "increasing dates from 1950 to 2149, like 2024-03-21;2024-06-21",
    "second_day_count": "a day count among Act/365F, Act/360, 30/360, 30E/360, Act/Act",
    "second_notionals": "amounts in currency from 1e-6 to 1e13, like 1e6;9e5, one per period of the second leg",
    "second_spread": "a decimal from -0.5 to 0.5, like 0.0010",
    "second_spreads": "decimals from -0.5 to 0.5, like 0.001;0.002, one per period of the second leg",
    "second_previous_fixing": "a decimal from -0.5 to 0.5, like 0.0531",
    "second_current_fixing": "a decimal from -0.5 to 0.5, like 0.0531",
    "second_next_fixing": "a decimal from -0.5 to 0.5, like 0.0531",
    "payment_frequency": "a tenor like 6M, or `once`",
    "compounding": "`flat`, `straight`, `spread exclusive` or `averaged`",
    "known_resets": "decimals from -0.5 to 0.5, like 0.0531;0.0529, one per reset already fixed",
    "payment_lag": "a whole number of business days from 0 to 30",
    "stub": "`short front` or `short back`",
    "exercise_dates": "increasing dates from 1950 to 2149, at most 1000, like 2025-03-19;2026-03-19",
    "first_exercise_date": "a date from 1950 to 2149, like 2025-03-21",
    "exercise_frequency": "a tenor like 1Y or 6M",
    "notice_days": "a whole number of business days from 0 to 30",
    "settlement": "`physical` or `cash collateralised`, or of a european `cash par yield`",
    "exercise_fees": "amounts in currency from -1e13 to 1e13, like 10000;5000, one, or one per exercise date",
    "exercise_prices": "clean prices per unit of notional from 0.1 to 10, like 1.02;1.01;1, one, or one per exercise date",
    "option_adjusted_spread": "a decimal from -0.5 to 0.5, like 0.0075",
    "exercise_fee_dates": "increasing dates from 1950 to 2149, one per exercise date",
}
PAR_YIELD = "cash par yield"
SETTLEMENTS = ("physical", "cash collateralised", PAR_YIELD)
_SHOWN = 40
_FORMULA = ("=", "@", "+")


def shown(value: Any) -> str:
    """What was found, on one short line."""
    text = str(value) if isinstance(value, str | int | float) else repr(value)
    text = text if text.isprintable() else repr(text)
    return "nothing" if text == "" else text if len(text) <= _SHOWN else text[:_SHOWN] + "..."


def as_number(value: Any) -> Any:
    """A number as it stands; refused where it is none that a book writes."""
    odd = isinstance(value, str) and ("_" in value or not value.isascii())
    if isinstance(value, bool | bytes) or odd:
        raise ValueError("not a number")
    return value


def _date(value: Any) -> datetime.date:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value.strip()):
        value = datetime.date.fromisoformat(value.strip())
    if type(value) is not datetime.date or not FIRST_DATE <= value <= LAST_DATE:
        raise ValueError("not a date")
    return value


def split_list(value: Any) -> Any:
    """Elements of a list in one cell."""
    return tuple(re.split(r"[;\s]+", value.strip())) if isinstance(value, str) else value


def _increasing(dates: tuple[datetime.date, ...]) -> tuple[datetime.date, ...]:
    if any(later <= earlier for earlier, later in zip(dates, dates[1:], strict=False)):
        raise ValueError("not increasing")
    return dates


def _printable(value: str) -> str:
    if not value.isprintable() or value != value.strip() or value.startswith(_FORMULA):
        raise ValueError("not a plain name")
    return value


def _known_settlement(value: Any) -> Any:
    other = isinstance(value, str) and value.strip().lower().startswith("cash")
    if other and value not in SETTLEMENTS:
        raise RefusalError(
            "this cash settlement pays another amount than the swap is worth, and is not priced here: "
            f"expected {EXPECTED['settlement']}, found {shown(value)}"
        )
    return value


def tenor_months(tenor: str) -> int:
    """Months in a tenor like 6M or 1Y."""
    return int(tenor[:-1]) * (12 if tenor.endswith("Y") else 1)


Name = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_printable)]
Date = Annotated[datetime.date, BeforeValidator(_date)]
Dates = Annotated[
    tuple[Date, ...],
    BeforeValidator(split_list),
    AfterValidator(_increasing),
    Field(min_length=1, max_length=LONGEST_LIST),
]
Rate = Annotated[
    float,
    BeforeValidator(as_number),
    Field(ge=-LARGEST_RATE, le=LARGEST_RATE, allow_inf_nan=False),
]
Rates = Annotated[
    tuple[Rate, ...], BeforeValidator(split_list), Field(min_length=1, max_length=LONGEST_LIST)
]
Amount = Annotated[
    float,
    BeforeValidator(as_number),
    Field(ge=SMALLEST_NOTIONAL, le=LARGEST_NOTIONAL, allow_inf_nan=False),
]
Amounts = Annotated[
    tuple[Amount, ...], BeforeValidator(split_list), Field(min_length=1, max_length=LONGEST_LIST)
]
Fees = Annotated[
    tuple[
        Annotated[
            float,
            BeforeValidator(as_number),
            Field(ge=-LARGEST_NOTIONAL, le=LARGEST_NOTIONAL, allow_inf_nan=False),
        ],
        ...,
    ],
    BeforeValidator(split_list),
    Field(min_length=1, max_length=LONGEST_LIST),
]
Settlement = Annotated[
    Literal["physical", "cash collateralised", "cash par yield"], BeforeValidator(_known_settlement)
]
Tenor = Annotated[str, Field(pattern=r"^[1-9][0-9]?[MY]$")]
Days = Annotated[int, BeforeValidator(as_number), Field(ge=0, le=30)]


def input_error(error: ValidationError, accepted: tuple[str, ...], kind: str) -> InputError:
    """Pydantic's findings as the house says them, one line a field."""
    found: dict[str, InputError] = {}
    for fault in error.errors(include_url=False, include_context=False):
        field = str(fault["loc"][0]) if fault["loc"] else "trade"
        found.setdefault(field, _fault(field, fault, accepted, kind))
    return BookError(tuple(found.values()))


def _fault(field: str, fault: Any, accepted: tuple[str, ...], kind: str) -> InputError:
    if fault["type"] == "missing":
        return InputError(f"expected {EXPECTED[field]}, found nothing", column=field)
    if fault["type"] == "extra_forbidden":
        known = ", ".join(accepted)
        return InputError(f"no such field for a {kind}; it has {known}", column=shown(field))
    expected = EXPECTED.get(field, "a table of fields")
    return InputError(f"expected {expected}, found {shown(fault['input'])}", column=field)
