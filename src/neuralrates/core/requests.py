"""What a user may ask of a price, in the words of the command line."""

from collections.abc import Iterable, Mapping

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
ENGINES = ("auto", "learned", "reference")
_ALSO = {"surrogate": "learned"}
FIRST_ORDER = frozenset({"zero_delta", "par_delta", "vega", "mean_reversion"})
SECOND_ORDER = frozenset({"gamma", "cross_gamma"})


def check_greeks(greeks: Iterable[str]) -> frozenset[str]:
    """The requested Greeks, or a refusal that lists what exists."""
    if isinstance(greeks, str):
        raise InputError(f"expected a list of Greeks, found the text {greeks!r}")
    asked = frozenset(greeks)
    if unknown := sorted(map(str, asked - set(GREEKS))):
        raise InputError(f"expected Greeks among {', '.join(GREEKS)}, found {', '.join(unknown)}")
    return asked


def check_engine(engine: str) -> str:
    """The requested engine, `surrogate` being another word for `learned`; or a refusal that lists what exists."""
    if engine not in (*ENGINES, *_ALSO):
        raise InputError(f"expected an engine among {', '.join(ENGINES)}, found {engine!r}")
    return _ALSO.get(engine, engine)


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
    return float(np.asarray(found))
