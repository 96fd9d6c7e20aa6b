"""Confidence intervals of metrics where samples come in groups."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float, Int

Numbers = Float[np.ndarray, "samples"]


def bootstrap_interval(
    metric: Callable[[Numbers, Numbers], float],
    actual: Numbers,
    predicted: Numbers,
    groups: Int[np.ndarray, "samples"],
    *,
    confidence: float = 0.95,
    num_draws: int = 1000,
    seed: int = 0,
) -> tuple[float, float]:
    """Interval of a metric, by drawing whole groups with replacement.

    Samples of one contract err together; drawing them one by one would claim too much.

    Args:
        metric: actual and predicted values to a number
        actual: values
        predicted: as many
        groups: number of each sample's group
        confidence: of the interval
        num_draws: resamples
        seed: of the draws

    Returns:
        Lower and upper end.

    Source: Efron (1979); groups as in Davison and Hinkley (1997), section 3.8.

    Example:
        >>> import numpy as np
        >>> from neuralrates.certificates.bootstrap import bootstrap_interval
        >>> from neuralrates.certificates.metrics import mean_absolute_error
        >>> y = np.arange(1.0, 5.0)
        >>> bootstrap_interval(mean_absolute_error, y, y + 0.5, np.arange(4))
        (0.5, 0.5)
    """
    members = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    random = np.random.default_rng(seed)
    found = []
    for _ in range(num_draws):
        chosen = np.concatenate(
            [members[i] for i in random.integers(len(members), size=len(members))]
        )
        found.append(metric(actual[chosen], predicted[chosen]))
    tail = 0.5 * (1.0 - confidence)
    low, high = np.quantile(found, [tail, 1.0 - tail])
    return float(low), float(high)
