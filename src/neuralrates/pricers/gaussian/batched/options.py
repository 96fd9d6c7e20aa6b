"""Values of many Bermudan options, each by the cheapest rule that meets its target, with errors and derivatives."""

import math
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from neuralrates.pricers.gaussian.backward_induction import (
    ERROR_SHARE,
    FLOOR,
    BackwardInduction,
)
from neuralrates.pricers.gaussian.batched.compiled import induced, survey, takes
from neuralrates.pricers.gaussian.batched.forward import adjoint, probabilities
from neuralrates.pricers.gaussian.batched.induction import Exercises, Induction, induce
from neuralrates.pricers.gaussian.batched.portfolio import Trades
from neuralrates.pricers.gaussian.batched.state_space import Rights
from neuralrates.pricers.gaussian.rule import Rule, half_width

_MEMORY = 6_000_000
"""Numbers that one run of several trades may keep."""

_MOST_MEMORY = 24_000_000
"""Numbers that a run of one trade may keep; averages of longer ones are computed again."""

_MOST_POINTS = 224
"""Nodes on each side of a boundary up to which averages by values cost less than those of polynomials."""

_WIDTHS = 1.1


class Valued(NamedTuple):
    """Options valued, per unit notional.

    Args:
        values: today
        errors: of the values
        probabilities: risk-neutral, of each exercise
        present_values: derivative to what each flow received on exercise is worth today; zeros where not asked for
        loadings: derivative to the loadings; as `present_values`
        variances: derivative to the variances at the exercise times; as `present_values`
    """

    values: Trades
    errors: Trades
    probabilities: Exercises
    present_values: Float[np.ndarray, "trades exercises flows"]
    loadings: Float[np.ndarray, "trades flows"]
    variances: Exercises

    @classmethod
    def nothing(cls, rights: Rights) -> "Valued":
        """As many options, no number known yet."""
        count, most, flows = rights.present_values.shape
        unknown = np.full(count, np.nan)
        return cls(
            unknown,
            unknown.copy(),
            np.zeros((count, most)),
            np.zeros((count, most, flows)),
            np.zeros((count, flows)),
            np.zeros((count, most)),
        )


Rules = dict[int, Rule]
"""The rule of each option, by its number."""


def valued(
    aim: BackwardInduction, rights: Rights, mean_loadings: Exercises, with_adjoint: bool
) -> tuple[Valued, Rules]:
    """Value options, each by the first rule that resolves it, then by finer ones while its error misses the target.

    Args:
        aim: tolerance; and nodes and boundaries, where they are given
        rights: of the trades
        mean_loadings: see `probabilities` of `forward`
        with_adjoint: whether derivatives are wanted

    Returns:
        One entry per trade, in the order given, not a number where a model is none; and the rule that each was valued by last.
    """
    found, rules = Valued.nothing(rights), _rules(aim, rights)
    pending = rules.copy()
    while pending:
        missed: Rules = {}
        for rule, chosen in _alike(pending, rights):
            if takes(rule):
                _compiled(found, rule, rights, mean_loadings, chosen, with_adjoint, closer=True)
            else:
                run = _value(found, rule, rights, chosen, with_adjoint)
                _look_closer(found, run, mean_loadings, chosen)
            finer = rule.finer() if aim.num_points is None else None
            if finer is not None:
                above = chosen[found.errors[chosen] > rule.target]
                missed |= dict.fromkeys(above.tolist(), finer)
        pending = missed
        rules |= pending
    return found, rules


def valued_again(rules: Rules, rights: Rights, with_adjoint: bool) -> Valued:
    """Values, and derivatives where wanted, by rules found before in a market near by: no difference then is one of rules.

    Errors and probabilities are not looked at.
    """
    found = Valued.nothing(rights)
    found.errors[:] = 0.0
    for rule, chosen in _alike(rules, rights):
        if takes(rule):
            unused = np.zeros_like(rights.variances)
            _compiled(found, rule, rights, unused, chosen, with_adjoint, closer=False)
            continue
        _value(found, rule, rights, chosen, with_adjoint)
    return found


def _alike(rules: Rules, rights: Rights) -> Iterator[tuple[Rule, np.ndarray]]:
    """Trades of one rule each, in parts that fit into memory where the kernel does not take them one by one."""
    alike: dict[Rule, list[int]] = defaultdict(list)
    for trade, rule in rules.items():
        alike[rule].append(trade)
    for rule, trades in alike.items():
        parts = [np.array(trades)] if takes(rule) else _parts(rule, rights, trades)
        for chosen in parts:
            yield rule, chosen


def _rules(aim: BackwardInduction, rights: Rights) -> Rules:
    """The rule that each option is first valued by; none where its state space is no number."""
    if aim.num_points is not None and aim.num_boundaries is not None:
        return dict.fromkeys(range(rights.counts.shape[0]), aim.rule)
    tolerance = aim.tolerance
    widths, boundaries = survey(rights, half_width(tolerance))
    known = np.flatnonzero(np.isfinite(widths)).tolist()
    return {
        trade: Rule.resolving(
            tolerance, _rounded(widths[trade]), max(1, int(boundaries[trade])), _MOST_POINTS
        )
        for trade in known
    }


def _rounded(width: float) -> float:
    """A width no smaller, one of few."""
    return _WIDTHS ** math.ceil(math.log(max(width, 1.0), _WIDTHS))


def _parts(rule: Rule, rights: Rights, trades: list[int]) -> list[np.ndarray]:
    """Trades of one rule, those with most exercises first, cut into parts that fit into memory."""
    chosen = np.array(trades)
    chosen = chosen[np.argsort(-rights.counts[chosen], kind="stable")]
    nodes = _nodes(rule)
    each = rights.counts[chosen] * nodes // 2 * (nodes + rights.loadings.shape[1])
    part = np.cumsum(each) // _MEMORY
    return [chosen[part == number] for number in np.unique(part)]


def _compiled(
    found: Valued,
    rule: Rule,
    rights: Rights,
    mean_loadings: Exercises,
    chosen: np.ndarray,
    with_adjoint: bool,
    *,
    closer: bool,
) -> None:
    """Value some trades by the kernel, into what is found; with errors and probabilities where looked at closer."""
    some, coarse = Rights(*(part[chosen] for part in rights)), rule.coarser() if closer else None
    run = induced(rule, coarse, some, mean_loadings[chosen], with_adjoint=with_adjoint)
    found.values[chosen] = run.values
    if run.coarse is not None:
        found.errors[chosen] = _error(rule, run.values, run.coarse)
        found.probabilities[chosen] = run.probabilities
    if with_adjoint:
        found.present_values[chosen] = run.present_values
        found.loadings[chosen], found.variances[chosen] = run.loadings, run.variances


def _value(
    found: Valued,
    rule: Rule,
    rights: Rights,
    chosen: np.ndarray,
    with_adjoint: bool,
) -> Induction:
    """Value some trades by one rule, into what is found."""
    some, used = rights.take(chosen)
    some = some if with_adjoint else some.packed()
    keep = int(some.counts.sum()) * _nodes(rule) ** 2 // 2 <= _MOST_MEMORY
    run = induce(rule, some, with_adjoint=with_adjoint, keep=keep)
    found.values[chosen] = run.values
    if with_adjoint:
        back, most = adjoint(run), some.variances.shape[1]
        found.present_values[np.ix_(chosen, np.arange(most), used)] = back.present_values
        found.loadings[np.ix_(chosen, used)] = back.loadings
        found.variances[chosen, :most] = back.variances
    return run


def _look_closer(
    found: Valued, run: Induction, mean_loadings: Exercises, chosen: np.ndarray
) -> None:
    """Errors, from a coarser rule, and probabilities of trades just valued, into what is found."""
    some, most = run.space.rights.packed(), run.space.variances.shape[1]
    coarse = induce(run.rule.coarser(), some, with_adjoint=False, keep=False, finer=run)
    found.errors[chosen] = _error(run.rule, run.values, coarse.values)
    found.probabilities[chosen, :most] = probabilities(run, mean_loadings[chosen, :most])


def _error(rule: Rule, fine: Trades, coarse: Trades) -> Trades:
    return ERROR_SHARE * np.abs(fine - coarse) + FLOOR * rule.tolerance


def _nodes(rule: Rule) -> int:
    return rule.num_points * (rule.num_boundaries + 1)
