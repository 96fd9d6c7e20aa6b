"""Problems that a bundle can name: those of the package, and a user's own."""

import functools
from collections.abc import Callable

from neuralrates.core.checks import check_choice
from neuralrates.core.doors import door
from neuralrates.core.registry import Registry
from neuralrates.problems.annual.bermudan import annual_bermudan
from neuralrates.problems.bermudan import ten_year_bermudan
from neuralrates.problems.cancellable import (
    ten_year_cancellable,
    ten_year_cancellable_held,
)
from neuralrates.problems.forward_curve import forward_caplet, forward_swaption
from neuralrates.problems.multi_instrument import nine_instruments
from neuralrates.problems.problem import Problem

PROBLEMS: Registry[Callable[[], Problem]] = Registry("a problem")
"""Every problem by name, as what makes it."""


@door
def register(name: str, make: Callable[[], Problem]) -> None:
    """Add a problem of one's own, so that it can be certified, bundled, loaded and served.

    A module that defines a problem registers it when it is imported; whoever loads a bundle of it imports that module first.

    Args:
        name: the problem's own
        make: called without arguments where the problem is needed

    Raises:
        ValueError: where the name is taken

    Example:
        >>> import dataclasses
        >>> import neuralrates as nr
        >>> def make():
        ...     return dataclasses.replace(nr.problems.ten_year_bermudan("payer"), name="mine")
        >>> nr.problems.register("mine", make)
        >>> nr.problems.load("mine").name
        'mine'
    """
    PROBLEMS.register(name, make)


@door
def load(name: str) -> Problem:
    """The problem of this name, with its own reference.

    Args:
        name: of one of the package's problems, or of one registered

    Returns:
        The problem.

    Raises:
        ValueError: where there is none of this name, or it calls itself otherwise

    Example:
        >>> import neuralrates as nr
        >>> nr.problems.load("ten_year_bermudan_payer").decreasing
        ('strike_spread',)
    """
    check_choice("name", name, tuple(PROBLEMS))
    problem = PROBLEMS[name]()
    if problem.name != name:
        raise ValueError(
            f"The problem registered as {name!r} must be named so, not {problem.name}."
        )
    return problem


for _side in ("receiver", "payer"):
    register(f"ten_year_bermudan_{_side}", functools.partial(ten_year_bermudan, _side))
    register(f"ten_year_cancellable_{_side}", functools.partial(ten_year_cancellable, _side))
    register(
        f"ten_year_cancellable_{_side}_held", functools.partial(ten_year_cancellable_held, _side)
    )
    register(f"annual_bermudan_9_{_side}", functools.partial(annual_bermudan, _side))
register("nine_instruments", nine_instruments)
register("forward_caplet_50", forward_caplet)
register("forward_swaption_50", forward_swaption)
