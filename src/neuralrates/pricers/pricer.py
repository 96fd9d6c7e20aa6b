"""What a pricer is."""

import abc

import equinox as eqx

from neuralrates.core.doors import door
from neuralrates.models.model import AbstractModel
from neuralrates.pricers.price import Price
from neuralrates.products.callable import AbstractCallable


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
    def __call__(self, model: AbstractModel, product: AbstractCallable) -> Price:
        """Price per unit notional, with its error."""

    @abc.abstractmethod
    def order(self) -> float | None:
        """Order of convergence in the main setting; None where convergence is faster than any power."""
