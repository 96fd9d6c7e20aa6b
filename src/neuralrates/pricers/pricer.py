"""What a pricer is."""

import abc
from typing import Any

import equinox as eqx

from neuralrates.core.doors import door
from neuralrates.pricers.price import Price


class AbstractPricer(eqx.Module):
    """A method that turns a model and a product into a price; its fields are its numerical settings.

    The annotations of `__call__` say which models and products it accepts. They are checked at each call, also those of a
    pricer that a user writes.
    """

    def __init_subclass__(cls) -> None:
        call = cls.__dict__.get("__call__")
        if call is not None and not getattr(call, "__isabstractmethod__", False):
            cls.__call__ = door(call)  # type: ignore[method-assign]

    @abc.abstractmethod
    def __call__(self, model: Any, product: Any) -> Price:
        """Price per unit notional, with its error. Each pricer names the models and products that it takes."""

    @abc.abstractmethod
    def order(self) -> float | None:
        """Order of convergence in the main setting; None where convergence is faster than any power."""
