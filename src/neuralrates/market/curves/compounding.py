"""Zero rates quoted with one compounding, said in another."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Compounding = Literal["continuous", "simple", "annual", "semiannual"]
_PER_YEAR = {"annual": 1, "semiannual": 2}


def continuous_rates(
    times: NDArray[np.float64], zero_rates: NDArray[np.float64], compounding: Compounding
) -> NDArray[np.float64]:
    """Continuously compounded zero rates with the same discount factors.

    Args:
        times: years
        zero_rates: decimals per year, as quoted
        compounding: `continuous`, `simple`, `annual` or `semiannual`

    Returns:
        Decimals per year: $\\log(1 + r t) / t$ for simple rates, $m \\log(1 + r / m)$ for m periods a year.

    Raises:
        ValueError: where a rate leaves no positive discount factor

    Source: Hull (2018), Options, Futures, and Other Derivatives, section 4.2.

    Example:
        >>> import numpy as np
        >>> from neuralrates.market.curves.compounding import continuous_rates
        >>> print(continuous_rates(np.array([2.0]), np.array([0.05]), "annual").round(6))
        [0.04879]
    """
    if compounding == "continuous":
        return zero_rates
    periods = 1.0 / times if compounding == "simple" else _PER_YEAR[compounding]
    growth = 1.0 + zero_rates / periods
    if np.any(growth <= 0.0):
        raise ValueError(
            f"Argument `zero_rates` must leave discount factors positive ({compounding})."
        )
    return np.asarray(periods * np.log(growth))
