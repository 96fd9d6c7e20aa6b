"""A test that may be looked at after every observation: whether events are more frequent than was stated."""

import math

import numpy as np

_SHARES = np.array([0.02, 0.05, 0.1, 0.2, 0.5, 0.9, 1.0])
"""Between the stated frequency and one: alternatives of equal weight."""


def log_evidence(events: int, trials: int, stated: float) -> float:
    r"""Log of the evidence that events are more frequent than stated.

    The average over some $p_j > p_0$ of the likelihood ratio of n trials with k events,
    $(p_j / p_0)^k ((1 - p_j) / (1 - p_0))^{n - k}$. As long as each trial, given all before it, is an event with probability at
    most $p_0$, this never leaves a non-negative supermartingale that starts at one: it ever reaches $1 / \alpha$ with
    probability at most $\alpha$, however often one looks and whenever one stops.

    Args:
        events: k, that were seen
        trials: n, out of so many
        stated: $p_0$, the probability of an event at most

    Returns:
        Natural logarithm; at least $\log (1 / \alpha)$ is an alarm whose probability of being false is at most $\alpha$.

    Source: Ville (1939); Robbins (1970), for mixtures; Ramdas, Gruenwald, Vovk and Shafer (2023), for a review.

    Example:
        >>> from neuralrates.certificates import log_evidence
        >>> log_evidence(0, 500, 0.01) < 0.0 < 6.9 < log_evidence(3, 3, 0.01)
        True
    """
    if not 0.0 < stated < 1.0:
        raise ValueError(f"Argument `stated` must be between 0 and 1, but is {stated}.")
    if not 0 <= events <= trials:
        raise ValueError(f"Argument `events` must be from 0 to {trials}, but is {events}.")
    likely = stated + (1.0 - stated) * _SHARES
    with np.errstate(divide="ignore"):
        without = np.log1p(-likely) - math.log1p(-stated)
    quiet = trials - events
    logs = events * np.log(likely / stated) + (quiet * without if quiet else 0.0)
    largest = float(np.max(logs))
    return largest + math.log(float(np.mean(np.exp(logs - largest))))
