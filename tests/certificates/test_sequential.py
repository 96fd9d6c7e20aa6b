"""The sequential test against exact probabilities: it is a martingale where it must be, and alarms no oftener than it says."""

import math

import numpy as np
import pytest

import neuralrates as nr

EVIDENCE = nr.certificates.log_evidence
STATED, RATE = 0.01, 1e-3


@pytest.mark.parametrize(("events", "trials"), [(0, 0), (0, 50), (3, 40), (7, 7)])
def test_the_next_trial_changes_it_by_nothing_on_average(events: int, trials: int) -> None:
    """A property of likelihood ratios at the stated frequency; below it the average falls."""
    now = math.exp(EVIDENCE(events, trials, STATED))
    for share in (STATED, 0.5 * STATED):
        following = share * math.exp(EVIDENCE(events + 1, trials + 1, STATED))
        following += (1.0 - share) * math.exp(EVIDENCE(events, trials + 1, STATED))
        if share == STATED:
            assert following == pytest.approx(now, rel=1e-12)
        else:
            assert following < now


def chance_of_alarm(share: float, trials: int) -> float:
    """Probability that the evidence ever reaches the alarm within some trials, by all paths of the count."""
    alive, alarmed = np.array([1.0]), 0.0
    for trial in range(1, trials + 1):
        moved = np.zeros(len(alive) + 1)
        moved[:-1] += (1.0 - share) * alive
        moved[1:] += share * alive
        for events in range(len(moved)):
            if moved[events] and EVIDENCE(events, trial, STATED) >= -math.log(RATE):
                alarmed += moved[events]
                moved[events] = 0.0
        alive = moved[: max(np.flatnonzero(moved), default=0) + 1]
    return alarmed


def test_looked_at_after_every_trial_it_alarms_falsely_as_seldom_as_stated() -> None:
    assert chance_of_alarm(STATED, 800) <= RATE


def test_errors_far_more_frequent_than_stated_are_found() -> None:
    """One in five: about (6.9 + log 7) / 0.43 = 21 trials on average, by Wald; four times as many are nearly always enough."""
    assert EVIDENCE(3, 3, STATED) >= -math.log(RATE)
    assert chance_of_alarm(0.2, 84) > 0.99


def test_what_is_no_count_and_no_share_is_refused() -> None:
    with pytest.raises(ValueError, match="events"):
        EVIDENCE(3, 2, STATED)
    with pytest.raises(ValueError, match="stated"):
        EVIDENCE(1, 2, 1.0)
