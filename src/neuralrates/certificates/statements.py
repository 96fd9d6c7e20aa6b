"""Exact statements about large errors: how much of a distribution is off by more than so much, at most."""

import numpy as np
from jaxtyping import Float

from neuralrates.certificates.bounds import proportion_bound
from neuralrates.certificates.evidence import Statement
from neuralrates.core.units import basis_point

CONFIDENCE = 0.999
ERRORS = tuple(size * basis_point for size in (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0))
"""Of which statements are made, per unit notional."""


def statements(
    output: str, errors: Float[np.ndarray, "samples"], confidence: float = CONFIDENCE
) -> tuple[Statement, ...]:
    """With this confidence, at most the fraction `bound` of the distribution is off by more than `error`; for each in `ERRORS`.

    Args:
        output: name of the output
        errors: absolute errors at independent points of the distribution
        confidence: of each statement by itself

    Returns:
        One statement per error.

    Source: Clopper and Pearson (1934).

    Example:
        >>> import numpy as np
        >>> from neuralrates.certificates.statements import statements
        >>> made = statements("price", np.full(1000, 7e-5))
        >>> [(f"{one.error:.0e}", one.failures, f"{one.bound:.4f}") for one in made[3:5]]
        [('5e-05', 1000, '1.0000'), ('1e-04', 0, '0.0069')]
    """
    failures = [int(np.sum(errors > error)) for error in ERRORS]
    return tuple(
        Statement(
            output=output,
            error=error,
            failures=count,
            samples=errors.size,
            confidence=confidence,
            bound=proportion_bound(count, errors.size, confidence),
        )
        for error, count in zip(ERRORS, failures, strict=True)
    )
