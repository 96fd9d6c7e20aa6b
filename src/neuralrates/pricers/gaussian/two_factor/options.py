"""Values of many Bermudan options under two factors, each by the cheapest rule that meets its target."""

import math
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from neuralrates.pricers.gaussian.backward_induction import FLOOR
from neuralrates.pricers.gaussian.two_factor import compiled
from neuralrates.pricers.gaussian.two_factor.break_even import BreakEven, break_even
from neuralrates.pricers.gaussian.two_factor.dominated import Worthwhile
from neuralrates.pricers.gaussian.two_factor.forward import adjoint
from neuralrates.pricers.gaussian.two_factor.induction import Induction, induce
from neuralrates.pricers.gaussian.two_factor.plane import (
    Exercises,
    Matrices,
    Plane,
    PlaneRights,
    Trades,
)
from neuralrates.pricers.gaussian.two_factor.probabilities import probabilities
from neuralrates.pricers.gaussian.two_factor.rule import Rule
from neuralrates.pricers.gaussian.two_factor.survey import boundaries, widths

_AT_ONCE = 150_000
"""Numbers in the largest array of a run of several trades: what fits into a cache."""

_MOST_MEMORY = 24_000_000
"""Numbers that a run may keep; averages of longer ones are computed again."""

_WIDTHS = 1.1
_SURE = 1.01
"""Times the target: a difference beyond it surely asks for a finer rule."""

Rules = dict[int, Rule]
"""The rule of each option, by its number."""


class Valued(NamedTuple):
    """Options valued, per unit notional.

    Args:
        values: today
        errors: of the values
        rights: values of the rights that begin at each exercise
        probabilities: risk-neutral, of each exercise; zeros where not asked for
        present_values: derivative to what each flow received on exercise is worth today; zeros where not asked for
        loadings: derivative to the loadings; as `present_values`
        covariances: derivative to the covariances at the exercise times; as `present_values`
    """

    values: Trades
    errors: Trades
    rights: Exercises
    probabilities: Exercises
    present_values: Float[np.ndarray, "trades exercises flows"]
    loadings: Float[np.ndarray, "trades flows 2"]
    covariances: Matrices

    @classmethod
    def nothing(cls, rights: PlaneRights) -> "Valued":
        """As many options, no number known yet."""
        count, most, flows = rights.present_values.shape
        return cls(
            np.full(count, np.nan),
            np.full(count, np.nan),
            np.full((count, most), np.nan),
            np.zeros((count, most)),
            np.zeros((count, most, flows)),
            np.zeros((count, flows, 2)),
            np.zeros((count, most, 2, 2)),
        )


class Wanted(NamedTuple):
    """What is wanted beside values.

    Args:
        derivatives: whether to everything
        drifts: of the state in the bank-account measure, by exercise, for probabilities; None where not wanted
        errors: whether to estimate them, and to refine where they miss the target
    """

    derivatives: bool
    drifts: Float[np.ndarray, "trades exercises 2"] | None = None
    errors: bool = True


def valued(
    tolerance: float, rights: PlaneRights, wanted: Wanted, rules: Rules | None = None
) -> tuple[Valued, Rules]:
    """Value options, each by the first rule that resolves it, then by finer ones while its error misses the target.

    Args:
        tolerance: error aimed at, per unit notional
        rights: of the trades
        wanted: beside values
        rules: found before in a market near by, so that no difference is one of rules; nothing is refined then

    Returns:
        One entry per trade, in the order given, not a number where a model is none; and the rule that each was valued by last.
    """
    kept = Worthwhile.of(rights)
    if kept is None:
        return _valued(tolerance, rights, wanted, rules)
    drifts = None if wanted.drifts is None else kept.drifts(wanted.drifts)
    part, last = _valued(tolerance, kept.rights(rights), wanted._replace(drifts=drifts), rules)
    whole = Valued.nothing(rights)._replace(
        values=part.values, errors=part.errors, loadings=part.loadings
    )
    kept.put_back_rights(part.rights, whole.rights)
    for name in ("probabilities", "present_values", "covariances"):
        kept.put_back(getattr(part, name), getattr(whole, name))
    return whole, last


def _valued(
    tolerance: float, rights: PlaneRights, wanted: Wanted, rules: Rules | None
) -> tuple[Valued, Rules]:
    """The same where no exercise enters what the next one enters."""
    rights = compiled.contiguous(rights)
    found = Valued.nothing(rights)
    pending = _rules(tolerance, rights) if rules is None else dict(rules)
    last = pending.copy()
    while pending:
        for rule, chosen in _alike(pending, rights):
            _value(found, rule, rights, chosen, wanted, refined=rules is None)
        if rules is not None or not wanted.errors:
            break
        pending = {
            trade: finer
            for trade, rule in pending.items()
            if found.errors[trade] > rule.target and (finer := rule.finer()) is not None
        }
        last |= pending
    return found, last


def _rules(tolerance: float, rights: PlaneRights) -> Rules:
    """The rule that each option is first valued by; none where its model is no number."""
    good = np.flatnonzero(
        np.all(np.isfinite(rights.covariances), axis=(1, 2, 3))
        & np.all(np.isfinite(rights.present_values), axis=(1, 2))
    )
    rules: Rules = {}
    for trades, wide, many in _surveyed(rights, good, Rule(tolerance, 1, 1).half_width):
        for trade, width, count in zip(trades.tolist(), wide, many, strict=True):
            rule = None
            if math.isfinite(width):
                rule = Rule.resolving(tolerance, _rounded(width), int(count))
            if rule is not None:
                rules[trade] = rule
    return rules


def _surveyed(
    rights: PlaneRights, good: np.ndarray, half_width: float
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Trades, their widths and their numbers of boundaries."""
    if compiled.available():
        yield good, *compiled.survey(rights, good, half_width)
        return
    for chosen in np.array_split(good, max(1, good.size // 64)):
        if chosen.size:
            ordered, _, plane, start = _prepared(rights, chosen)
            yield ordered, widths(plane, start, half_width), boundaries(plane, start, half_width)


def _rounded(width: float) -> float:
    """A width no smaller, one of few."""
    return _WIDTHS ** math.ceil(math.log(max(width, 1.0), _WIDTHS))


def _prepared(
    rights: PlaneRights, chosen: np.ndarray
) -> tuple[np.ndarray, np.ndarray, Plane, BreakEven]:
    """Some trades, those with most exercises first, the flows that they have, and where they stand."""
    ordered = chosen[np.argsort(-rights.counts[chosen], kind="stable")]
    some, used = rights.take(ordered)
    plane = Plane.of(some)
    return ordered, used, plane, break_even(plane)


def _alike(rules: Rules, rights: PlaneRights) -> Iterator[tuple[Rule, np.ndarray]]:
    """Trades of one rule each, similar numbers of exercises together, in parts of one size."""
    alike: dict[Rule, list[int]] = defaultdict(list)
    for trade, rule in rules.items():
        alike[rule].append(trade)
    for rule, trades in alike.items():
        chosen = np.array(trades)
        if compiled.runs(rule):
            yield rule, chosen
            continue
        chosen = chosen[np.argsort(-rights.counts[chosen], kind="stable")]
        each = rule.num_columns**2
        size = max(1, _AT_ONCE // each)
        for start in range(0, chosen.size, size):
            yield rule, chosen[start : start + size]


def _value(
    found: Valued,
    rule: Rule,
    rights: PlaneRights,
    chosen: np.ndarray,
    wanted: Wanted,
    *,
    refined: bool,
) -> None:
    """Value some trades by one rule, into what is found; finer ones follow where it misses its target, if `refined`."""
    if compiled.runs(rule):
        _value_compiled(found, rule, rights, chosen, wanted, refined=refined)
        return
    ordered, used, plane, start = _prepared(rights, chosen)
    keep = wanted.derivatives or wanted.drifts is not None
    keep = keep and int(plane.counts.sum()) * rule.num_columns**2 <= _MOST_MEMORY
    run = induce(rule, plane, start, keep=keep)
    most = plane.places.shape[1]
    who, real = ordered[:, None], np.arange(most) < plane.counts[:, None]
    found.values[ordered] = run.values
    found.rights[np.broadcast_to(who, real.shape)[real], plane.places[real]] = run.rights[real]
    if wanted.derivatives:
        back = adjoint(run)
        found.present_values[np.ix_(ordered, np.arange(most), used)] = back.present_values
        found.loadings[np.ix_(ordered, used)] = back.loadings
        found.covariances[ordered, :most] = back.covariances
    if wanted.drifts is not None:
        found.probabilities[ordered, :most] = probabilities(run, wanted.drifts[ordered, :most])
    found.errors[ordered] = _errors(run, start) if wanted.errors else 0.0


def _value_compiled(
    found: Valued,
    rule: Rule,
    rights: PlaneRights,
    chosen: np.ndarray,
    wanted: Wanted,
    *,
    refined: bool,
) -> None:
    coarse = np.empty_like(found.values) if wanted.errors else None
    probabilities = None if wanted.drifts is None else found.probabilities
    slopes = (found.present_values, found.loadings, found.covariances)
    if wanted.derivatives:
        for slope in slopes:
            slope[chosen] = 0.0
    most = _SURE * rule.target if refined and rule.finer() is not None else math.inf
    answers = compiled.Answers(
        found.values,
        coarse,
        found.rights,
        wanted.drifts,
        probabilities,
        *(slopes if wanted.derivatives else (None, None, None)),
    )
    compiled.value(rights, chosen, rule, most, answers)
    found.errors[chosen] = 0.0
    if coarse is not None:
        missed = np.abs(found.values[chosen] - coarse[chosen])
        found.errors[chosen] = missed + FLOOR * rule.tolerance


def _errors(run: Induction, start: BreakEven) -> Trades:
    """Errors, from a coarser rule."""
    coarse = induce(run.rule.coarser(), run.plane, start, keep=False, finer=run)
    missed = np.abs(run.values - coarse.values)
    return missed + FLOOR * run.rule.tolerance
