"""Wrong-way risk: a counterparty that defaults more readily where interest rates are high, or low."""

import numpy as np
from jaxtyping import Float

Values = Float[np.ndarray, "dates paths"]
Dates = Float[np.ndarray, "dates"]
_STEPS, _SETTLED = 50, 1e-14


def likelihood(
    sensitivity: float, survival: Dates, states: Values, variances: Dates, numeraire: Values
) -> Values:
    """How many times as likely default around each date is on each path as the credit spreads say of all paths together.

    The hazard rate is $\\lambda_t = k_t e^{b y_t}$, with the state of rates $y_t = x_t / \\sqrt{\\zeta(t)}$; $k_t$ is constant
    between dates and such that $E[S_t / N_t] = D(t) S(t)$: whatever pays at a date unless default came before is worth what the
    spreads say.

    Args:
        sensitivity: b, of the logarithm of the hazard rate to one standard deviation of rates
        survival: S by date, of the spreads, the first one
        states: x of the base currency
        variances: of the states
        numeraire: N on the paths

    Returns:
        Ratio of the path's default probability to that of the spreads, half of the intervals on each side of each date; ones
        where that is zero.

    Source: Hull and White (2012), whose hazard rate is this function of the exposure in place of rates.
    """
    deviations = np.sqrt(np.where(variances > 0.0, variances, 1.0))
    hazards = np.exp(sensitivity * states / deviations[:, None])
    alive = np.ones(states.shape[1])
    drops = np.zeros_like(states)
    for date in range(1, survival.size):
        weights = 1.0 / numeraire[date]
        weights /= weights.sum()
        rate = 0.5 * (hazards[date - 1] + hazards[date])
        left = alive * np.exp(-_level(weights * alive, rate, float(survival[date])) * rate)
        drops[date], alive = alive - left, left
    falls = -np.diff(survival, prepend=1.0)
    ours, theirs = (
        part + np.concatenate([part[1:], np.zeros_like(part[:1])]) for part in (drops, falls)
    )
    known = np.where(theirs > 0.0, theirs, 1.0)[:, None]
    return np.where(theirs[:, None] > 0.0, ours / known, 1.0)


def _level(
    weights: Float[np.ndarray, "paths"], rate: Float[np.ndarray, "paths"], target: float
) -> float:
    """The k at which the weighted mean of $e^{-k \\lambda}$ is the target; zero where it is that already.

    Newton's method from zero: the mean is convex in k, so that steps never overshoot.
    """
    level = 0.0
    for _ in range(_STEPS):
        parts = weights * np.exp(-level * rate)
        above = float(parts.sum()) - target
        if above <= _SETTLED:
            break
        level += above / float(parts @ rate)
    return level
