"""Problems that a bundle can name."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from neuralrates.core.checks import check_choice
from neuralrates.problems.annual.bermudan import annual_bermudan
from neuralrates.problems.bermudan import ten_year_bermudan
from neuralrates.problems.cancellable import (
    ten_year_cancellable,
    ten_year_cancellable_held,
)
from neuralrates.problems.forward_curve import forward_caplet, forward_swaption
from neuralrates.problems.multi_instrument import nine_instruments
from neuralrates.problems.problem import Problem

PROBLEMS: Mapping[str, Callable[[], Problem]] = MappingProxyType(
    {
        "ten_year_bermudan_receiver": lambda: ten_year_bermudan("receiver"),
        "ten_year_bermudan_payer": lambda: ten_year_bermudan("payer"),
        "ten_year_cancellable_receiver": lambda: ten_year_cancellable("receiver"),
        "ten_year_cancellable_payer": lambda: ten_year_cancellable("payer"),
        "ten_year_cancellable_receiver_held": lambda: ten_year_cancellable_held("receiver"),
        "ten_year_cancellable_payer_held": lambda: ten_year_cancellable_held("payer"),
        "annual_bermudan_9_receiver": lambda: annual_bermudan("receiver"),
        "annual_bermudan_9_payer": lambda: annual_bermudan("payer"),
        "nine_instruments": nine_instruments,
        "forward_caplet_50": lambda: forward_caplet(50),
        "forward_swaption_50": lambda: forward_swaption(50),
    }
)


def load(name: str) -> Problem:
    """The problem of this name, with its own reference.

    Example:
        >>> import neuralrates as nr
        >>> nr.problems.load("ten_year_bermudan_payer").decreasing
        ('strike_spread',)
    """
    check_choice("name", name, tuple(PROBLEMS))
    return PROBLEMS[name]()
