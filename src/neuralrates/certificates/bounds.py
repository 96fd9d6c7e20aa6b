"""Bounds that hold whatever the distribution of the errors."""

import math

import numpy as np
from jaxtyping import Float
from scipy.stats import beta, binom


def tolerance_bound(
    errors: Float[np.ndarray, "samples"], content: float, confidence: float
) -> float:
    """Error that a fraction `content` of the population stays below, with given confidence.

    The k-th smallest of n independent errors exceeds the p-quantile of any distribution with
    probability at least $P(B < k)$, where B is binomial(n, p): take the smallest k for which that
    reaches the confidence.

    Args:
        errors: independent absolute errors
        content: p, between 0 and 1
        confidence: between 0 and 1

    Returns:
        The bound, in the unit of the errors; infinite where there are too few errors for one.

    Source: Wilks (1941); Hahn and Meeker (1991), section 5.3.

    Example:
        >>> import numpy as np
        >>> from neuralrates.certificates import tolerance_bound
        >>> float(tolerance_bound(np.arange(1.0, 1001.0), 0.99, 0.95))
        996.0
    """
    _check_fractions(content=content, confidence=confidence)
    rank = int(binom.ppf(confidence, errors.size, content)) + 1
    return float(np.sort(errors)[rank - 1]) if rank <= errors.size else math.inf


def proportion_bound(failures: int, samples: int, confidence: float) -> float:
    """Upper confidence bound of the probability of a failure, from the failures seen.

    Args:
        failures: how many failed
        samples: out of how many independent ones
        confidence: between 0 and 1

    Returns:
        The bound; with no failure about $-\\log(1 - confidence) / samples$.

    Source: Clopper and Pearson (1934).

    Example:
        >>> from neuralrates.certificates import proportion_bound
        >>> print(f"{proportion_bound(0, 1000, 0.95):.5f}")
        0.00299
    """
    _check_fractions(confidence=confidence)
    if not 0 <= failures <= samples or samples == 0:
        raise ValueError(
            f"Argument `failures` must lie between 0 and {samples}, but is {failures}."
        )
    return (
        1.0
        if failures == samples
        else float(beta.ppf(confidence, failures + 1, samples - failures))
    )


def proportion_interval(successes: int, samples: int, confidence: float) -> tuple[float, float]:
    """Two-sided confidence interval of a probability, from how often it came true.

    Args:
        successes: how often
        samples: out of how many independent trials
        confidence: between 0 and 1

    Returns:
        Lower and upper end; each is exceeded with at most half of one less the confidence.

    Source: Clopper and Pearson (1934).

    Example:
        >>> from neuralrates.certificates import proportion_interval
        >>> low, high = proportion_interval(990, 1000, 0.95)
        >>> print(f"{low:.4f} {high:.4f}")
        0.9817 0.9952
    """
    one_sided = 0.5 * (1.0 + confidence)
    return (
        1.0 - proportion_bound(samples - successes, samples, one_sided),
        proportion_bound(successes, samples, one_sided),
    )


def _check_fractions(**fractions: float) -> None:
    for name, value in fractions.items():
        if not 0.0 < value < 1.0:
            raise ValueError(f"Argument `{name}` must lie between 0 and 1, but is {value}.")
