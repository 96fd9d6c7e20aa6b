"""Engines by name of model: which to ask for a trade, and in which order."""

from collections.abc import Callable, Sequence

from neuralrates.core.errors import InputError
from neuralrates.engines.annual_reader import annual_engines
from neuralrates.engines.engine import AbstractEngine
from neuralrates.engines.one_factor import TOLERANCE, OneFactorEngine

Make = Callable[[], Sequence[AbstractEngine]]
_REFERENCES: dict[str, Callable[[], AbstractEngine]] = {"one_factor": OneFactorEngine}
_LEARNED: dict[str, list[Make]] = {"one_factor": [annual_engines]}


def known_models() -> tuple[str, ...]:
    """Names of the models that have a reference engine."""
    return tuple(_REFERENCES)


def register_model(name: str, reference: Callable[[], AbstractEngine]) -> None:
    """Make a model known by its reference engine, which answers every trade that it does not refuse.

    Args:
        name: what `model=` calls it
        reference: makes the engine

    Raises:
        ValueError: where the name is taken
    """
    if name in _REFERENCES:
        raise ValueError(f"Argument `name` must be new, but {name!r} is registered already.")
    _REFERENCES[name] = reference


def register_learned(model: str, make: Make) -> None:
    """Add learned engines of a model; they are asked before its reference, in the order of their registration.

    Args:
        model: a known model
        make: called when they are first asked for; may load bundles
    """
    check_model(model)
    _LEARNED.setdefault(model, []).append(make)


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
        The engines.
    """
    reference = _REFERENCES[check_model(model)]()
    if engine == "reference":
        return (reference,)
    learned = [one for make in _LEARNED.get(model, ()) for one in make()]
    if engine == "auto":
        learned = [one for one in learned if one.certified_error <= TOLERANCE]
    return (*learned, reference)
