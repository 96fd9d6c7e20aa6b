"""Networks for hedging: trained on rows of the option at the states that hedges of other days have met."""

import jax
import numpy as np

import neuralrates as nr
from neuralrates.surrogates import MixtureOfExperts
from studies.mixture_of_experts.hedge_paths import (
    EXPIRY,
    HEDGE_EXPIRY,
    HORIZON,
    OPTION,
    REBALANCES,
    option_rows,
    simulate,
)
from studies.mixture_of_experts.networks import NARROW, part_of, recipe
from studies.mixture_of_experts.panel import NUM_ACTING, evaluate
from studies.mixture_of_experts.panel_data import Panel
from studies.mixture_of_experts.settings import Partition
from studies.mixture_of_experts.study import Study, slopes_of_baseline

KEY = 53
MORE = 2
"""Rows of the one option for one of each instrument in the panel."""
ARTICLE: dict[str, Partition] = {"dense": "dense", "article": "regime"}


def states(study: Study) -> Panel:
    """Rows of the option, priced: a day of the training rows, a path from its market, a date, one of the two expiries."""
    place = study.work / "panel-hedging"
    if not place.exists():
        parts = [_regime(study, number) for number in range(len(study.panel.regimes))]
        Panel.concatenate(parts).save(place)
    return Panel.load(place)


def _regime(study: Study, number: int) -> Panel:
    train = study.train
    chosen = np.flatnonzero((train.regime == number) & (train.group == train.groups.index(OPTION)))
    random = np.random.default_rng([KEY, number])
    count = MORE * study.settings.rows
    rows = train.take(random.choice(chosen, count))
    market = np.asarray(rows.x)
    path = simulate(dict(zip(rows.features, market.T, strict=True)), count, random)
    date, each = random.integers(0, REBALANCES + 1, count), np.arange(count)
    left = random.choice((EXPIRY, HEDGE_EXPIRY), count) - date * HORIZON / REBALANCES
    spot, variance = path.spot[each, date], path.variance[each, date]
    x = option_rows(market, rows.features, spot, variance, left)
    value, baseline, slopes = evaluate(x[:, :NUM_ACTING], OPTION)
    silent = np.zeros((count, x.shape[1] - NUM_ACTING))
    return Panel(
        x,
        value,
        baseline,
        np.concatenate([slopes, silent], axis=1),
        rows.group,
        rows.regime,
        rows.day,
        rows.features,
        rows.groups,
        rows.regimes,
    )


def corrections(study: Study) -> MixtureOfExperts:
    """Ours: what Black-Scholes misses, with its differentials."""
    rows, seed = states(study), study.settings.seeds[0]

    def train() -> MixtureOfExperts:
        assert rows.gradient is not None
        x = np.asarray(rows.x)
        return nr.learning.fit_corrections(
            x,
            np.asarray(rows.value - rows.baseline),
            np.asarray(rows.gradient) - slopes_of_baseline(x, OPTION),
            (study.kinds[study.panel.groups.index(OPTION)],),
            study.settings.ours,
            key=jax.random.key(seed),
        )[0]

    return study.network(f"ours-hedging-{seed}", train)


def published(study: Study, name: str) -> MixtureOfExperts:
    """The article's network with experts by regime, or the dense one, a quarter as wide as the study's."""
    rows, seed, partition = states(study), study.settings.seeds[0], ARTICLE[name]
    part, count = part_of(rows, partition)
    own = recipe(study, partition, study.settings.depths_before[0], NARROW)
    kind = (study.kinds[study.panel.groups.index(OPTION)],)

    def train() -> MixtureOfExperts:
        key = jax.random.key(seed)
        return nr.learning.fit_mixture(rows.x, rows.value, part, count, kind, own, key=key)[0]

    return study.network(f"{name}-hedging-{seed}", train)
