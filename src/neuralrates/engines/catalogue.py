"""Engines by name of model: which to ask for a trade, and in which order."""

import functools
import importlib
import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from neuralrates.core.errors import InputError
from neuralrates.core.registry import Registry
from neuralrates.core.units import basis_point
from neuralrates.engines.engine import AbstractEngine
from neuralrates.engines.one_factor import TOLERANCE, OneFactorEngine
from neuralrates.engines.rate_options import Quotes, RateEngine

_ONE_FACTOR = "one_factor"
Make = Callable[[], Sequence[AbstractEngine]]


def _engine(file: str, name: str) -> AbstractEngine:
    """An engine of this room, whose file is imported only here: rich models bring much with them."""
    engine: AbstractEngine = getattr(importlib.import_module(f"neuralrates.engines.{file}"), name)()
    return engine


_REFERENCES: Registry[Callable[[], AbstractEngine]] = Registry("a model")
_REFERENCES.register(_ONE_FACTOR, OneFactorEngine)
_REFERENCES.register("two_factor", functools.partial(_engine, "two_factor", "TwoFactorEngine"))
_REFERENCES.register(
    "forward_curve", functools.partial(_engine, "forward_curve", "ForwardCurveReference")
)


_QUOTES: tuple[Quotes, ...] = ("no", "cap", "swaption")
"""Whose volatilities trades on single rates take, in order: what is quoted for caps before what is quoted for swaptions."""


class _Learned(NamedTuple):
    """Learned engines that are made when they are first asked for, and an error that each of them exceeds."""

    make: Make
    least_error: float


def _annual() -> Sequence[AbstractEngine]:
    """Learned annual Bermudans; their room is imported only here, as bundles bring much with them."""
    module = importlib.import_module("neuralrates.engines.annual_reader")
    engines: Sequence[AbstractEngine] = module.annual_engines()
    return engines


def _on_curve() -> Sequence[AbstractEngine]:
    """The learned correction on the forward curve, whose reference is a simulation."""
    return (_engine("forward_curve", "LearnedCurveEngine"),)


_LEARNED: dict[str, list[_Learned]] = {
    "one_factor": [_Learned(_annual, basis_point / 100)],
    "forward_curve": [_Learned(_on_curve, 0.0)],
}


@functools.cache
def _on_rates() -> tuple[RateEngine, ...]:
    return tuple(map(RateEngine, _QUOTES))


def known_models() -> tuple[str, ...]:
    """Names of the models that have a reference engine."""
    return tuple(_REFERENCES)


def register_model(name: str, reference: Callable[[], AbstractEngine]) -> None:
    """Make a model known by its reference engine, which answers every trade that it does not refuse.

    Args:
        name: what `model=` calls it
        reference: makes the engine

    Raises:
        ValueError: where the name is no word, or taken by another
    """
    _REFERENCES.register(name, reference)


def register_learned(model: str, make: Make, least_error: float = 0.0) -> None:
    """Add learned engines of a model; they are asked before its reference, in the order of their registration.

    Args:
        model: a known model
        make: called when they are first asked for; may load bundles
        least_error: what the certified error of each of them exceeds, so that `auto` need not load what it cannot use
    """
    check_model(model)
    _LEARNED.setdefault(model, []).append(_Learned(make, least_error))


def check_model(model: str) -> str:
    """The requested model, or a refusal that lists what exists."""
    if model not in _REFERENCES:
        raise InputError(f"expected a model among {', '.join(_REFERENCES)}, found {model!r}")
    return model


def candidates(model: str, engine: str) -> tuple[AbstractEngine, ...]:
    """Engines to ask for a trade, in order; the last is the reference.

    Args:
        model: a known model
        engine: `reference` for it alone; `learned` for every certified surrogate before it; `auto` for those whose certified
            error is no larger than what the reference aims at

    Returns:
        The engines: learned ones, those of trades on single rates and of cash settlement, the reference of the model.
    """
    by_yield = (_engine("par_yield", "ParYieldEngine"),) if model == _ONE_FACTOR else ()
    exact = (*_on_rates(), *by_yield, _REFERENCES[check_model(model)]())
    if engine == "reference":
        return exact
    largest = TOLERANCE if engine == "auto" else math.inf
    made = [each.make() for each in _LEARNED.get(model, ()) if each.least_error <= largest]
    learned = [one for several in made for one in several if one.certified_error <= largest]
    return (*learned, *exact)
