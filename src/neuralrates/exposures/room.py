"""What fits into memory: how many netting sets are looked at together."""

from collections.abc import Sequence

from neuralrates.core.errors import RefusalError
from neuralrates.exposures.adjoint.seeds import FIGURES
from neuralrates.exposures.netting import NettingSet

MOST_NUMBERS = 400_000_000
"""Numbers of eight bytes that a run may hold at once."""
_FIGURES_AT_WORK = 10
_MOST_VALUES = 100_000_000
"""Values of trades in a group: what is lost at most where a run ends early, unless one netting set has more."""


def groups(
    sets: Sequence[NettingSet],
    paths: int,
    dates: int,
    simulated: int,
    currencies: int,
    with_greeks: bool,
    allocate: bool = False,
) -> list[list[NettingSet]]:
    """Netting sets in groups whose values fit into memory together with the scenarios.

    Args:
        sets: all of them
        paths: number of paths
        dates: exposure dates
        simulated: times at which states are kept, of all currencies together
        currencies: how many
        with_greeks: whether derivatives are kept too
        allocate: whether it is kept too where netting sets are exposed

    Raises:
        RefusalError: where not even one netting set fits
    """
    states = 2 * simulated * paths
    fixed = states + 2 * currencies * dates * paths + _FIGURES_AT_WORK * dates * paths
    if with_greeks:
        fixed += (len(FIGURES) + 1) * states + 2 * len(FIGURES) * currencies * dates * paths
    found: list[list[NettingSet]] = []
    left, values = -1, 0
    for one in sets:
        arrays = 1 + (one.collateral is not None) + bool(one.wrong_way) + allocate
        own = (arrays + with_greeks * 2 * len(FIGURES)) * dates * paths
        if own > MOST_NUMBERS - fixed:
            raise RefusalError(
                f"expected fewer paths: {paths} of them need memory for {fixed + own:.1e} numbers, more than {MOST_NUMBERS:.1e}"
            )
        more = len(one.trades) * dates * paths
        if own > left or values + more > _MOST_VALUES:
            found.append([])
            left, values = MOST_NUMBERS - fixed, 0
        found[-1].append(one)
        left, values = left - own, values + more
    return found
