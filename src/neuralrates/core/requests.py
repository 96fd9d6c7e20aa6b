"""What a user may ask of a price, in the words of the command line."""

from collections.abc import Iterable, Mapping
from typing import Literal

import numpy as np

from neuralrates.core.errors import InputError
from neuralrates.core.expectations import given, num_axes

GREEKS = (
    "zero_delta",
    "par_delta",
    "vega",
    "gamma",
    "cross_gamma",
    "theta",
    "mean_reversion",
)
EngineName = Literal["auto", "learned", "reference"]
ENGINES: tuple[EngineName, ...] = ("auto", "learned", "reference")
_ALSO: dict[str, EngineName] = {"surrogate": "learned"}
ALL = "all"
FIRST_ORDER = frozenset({"zero_delta", "par_delta", "vega", "mean_reversion"})
SECOND_ORDER = frozenset({"gamma", "cross_gamma"})
LARGEST_MEAN_REVERSION = 2.0
"""Per year; a state forgotten within months. What is larger was meant in percent."""


def check_greeks(greeks: Iterable[str]) -> frozenset[str]:
    """The requested Greeks, or a refusal that lists what exists."""
    if isinstance(greeks, str):
        raise InputError(f"expected a list of Greeks, found the text {greeks!r}")
    asked = frozenset(greeks)
    if unknown := sorted(map(str, asked - set(GREEKS))):
        raise InputError(f"expected Greeks among {', '.join(GREEKS)}, found {', '.join(unknown)}")
    return asked


def greeks_of(text: str) -> tuple[str, ...]:
    """The Greeks that a text asks for, names between commas or `all`; or a refusal that lists what exists."""
    if text == ALL:
        return GREEKS
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if unknown := sorted(set(names) - set(GREEKS)):
        known = f"{', '.join(GREEKS)}, or {ALL} alone"
        raise InputError(f"expected Greeks among {known}, found {', '.join(unknown)}")
    return names


def check_engine(engine: str) -> EngineName:
    """The requested engine, `surrogate` being another word for `learned`; or a refusal that lists what exists."""
    known: dict[str, EngineName] = {name: name for name in ENGINES} | _ALSO
    if engine not in known:
        raise InputError(f"expected an engine among {', '.join(ENGINES)}, found {engine!r}")
    return known[engine]


def check_currencies(mean_reversion: float | Mapping[str, float], known: Iterable[str]) -> None:
    """Refuse a mean reversion of a currency that no market has, which nothing would be priced by."""
    if not isinstance(mean_reversion, Mapping):
        return
    names = list(known)
    if surplus := [code for code in mean_reversion if code not in names]:
        raise InputError(
            f"expected mean reversions of currencies of the market ({', '.join(names)}), found one of {surplus[0]!r}"
        )


def mean_reversion_of(mean_reversion: float | Mapping[str, float], currency: str) -> float:
    """Mean reversion per year of one currency, or a refusal of what is no finite number."""
    found: object = mean_reversion
    if isinstance(mean_reversion, Mapping):
        if currency not in mean_reversion:
            expected = f"expected a mean reversion for {currency}, found {dict(mean_reversion)}"
            raise InputError(expected)
        found = mean_reversion[currency]
    if num_axes(found) != 0 or not np.isfinite(np.asarray(found)):
        expected = f"expected a finite mean reversion per year for {currency}, found {given(found)}"
        raise InputError(expected)
    value = float(np.asarray(found))
    if abs(value) > LARGEST_MEAN_REVERSION:
        raise InputError(
            f"expected a mean reversion for {currency} within {LARGEST_MEAN_REVERSION:g} of zero, as a decimal per year (0.03, "
            f"not 3.0), found {value:g}"
        )
    return value
