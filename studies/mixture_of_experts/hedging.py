"""Delta and vega hedging under stochastic variance, regime by regime, with everyone's own Greeks."""

from collections.abc import Callable
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

import neuralrates as nr
from neuralrates.surrogates import MixtureOfExperts
from studies.kept import Result
from studies.mixture_of_experts.hedge_networks import ARTICLE, corrections, published, states
from studies.mixture_of_experts.hedge_paths import (
    EXPIRY,
    HEDGE_EXPIRY,
    HORIZON,
    OPTION,
    REBALANCES,
    Law,
    Path,
    option_rows,
    simulate,
)
from studies.mixture_of_experts.panel import NUM_ACTING, evaluate
from studies.mixture_of_experts.panel_data import Panel
from studies.mixture_of_experts.study import Study, slopes_of_baseline

KEY = 31
_SMALLEST_VEGA = 1e-4
_MOST = 2.0
"""Longer options held against one that is sold, at most, whoever has the Greeks."""
_BATCH_SIZE = 64

Slopes = tuple[Float[np.ndarray, "samples"], Float[np.ndarray, "samples inputs"]]
Owner = Callable[[Float[np.ndarray, "samples inputs"]], Slopes]


def hedging(study: Study) -> Result:
    """Distribution of hedging errors, in basis points of spot, by regime, hedge and owner of the Greeks."""
    learned = {name: _of_network(published(study, name)) for name in ARTICLE}
    learned["ours"] = _corrected(_of_network(corrections(study)))
    rows = states(study)
    found: Result = {}
    for number, regime in enumerate(rows.regimes):

        def run(number: int = number) -> Result:
            return _regime(study, rows.take(rows.regime == number), learned, number)

        result = study.once(f"hedged-{regime}", run)
        found[regime] = {name: value for name, value in result.items() if isinstance(value, dict)}
    return found


def _model(x: np.ndarray) -> Slopes:
    """Heston's prices per unit of spot, and their derivatives to the features that act."""
    value, _, slopes = evaluate(x[:, :NUM_ACTING], OPTION)
    return value, slopes


def _lognormal(x: np.ndarray) -> Slopes:
    return evaluate(x[:, :NUM_ACTING], OPTION)[1], slopes_of_baseline(x, OPTION)


def _of_network(network: MixtureOfExperts) -> Owner:
    def slopes(x: np.ndarray) -> Slopes:
        value, slope = _values_and_slopes(network, jnp.asarray(x))
        return np.asarray(value), np.asarray(slope)

    return slopes


def _corrected(missed: Owner) -> Owner:
    def slopes(x: np.ndarray) -> Slopes:
        both = zip(_lognormal(x), missed(x), strict=True)
        value, slope = (one + other for one, other in both)
        return value, slope

    return slopes


@eqx.filter_jit
def _values_and_slopes(network: MixtureOfExperts, x: Array) -> tuple[Array, Array]:
    one = jax.value_and_grad(lambda point: network(point)[0])
    return jax.lax.map(one, x, batch_size=_BATCH_SIZE)


def _regime(study: Study, rows: Panel, learned: dict[str, Owner], number: int) -> Result:
    """One regime: the market stays at its middle day, spot and variance move as Heston says."""
    panel = study.panel
    chosen = (panel.regime == number) & (panel.group == panel.groups.index(OPTION))
    middle = np.median(panel.x[chosen], axis=0)
    at = dict(zip(panel.features, middle, strict=True))
    path = simulate(at, study.settings.num_paths, np.random.default_rng([KEY, number]))
    market = _greeks(_model, panel.features, middle, path)
    trusted = _inside(rows, path)
    own = {"Heston": market, "Black-Scholes": _greeks(_lognormal, panel.features, middle, path)}
    for name, owner in learned.items():
        greeks = _greeks(owner, panel.features, middle, path)
        own[name] = _Greeks(
            *(np.where(trusted, *pair) for pair in zip(greeks, market, strict=True))
        )
    found: Result = {}
    for name, greeks in own.items():
        share = {"inside": float(trusted.mean())} if name in learned else {}
        for hedge, error in _errors(market, greeks, path, at).items():
            found[f"{hedge}, {name}"] = _distribution(error) | share
    return found


def _inside(rows: Panel, path: Path) -> Bool[np.ndarray, "paths times"]:
    """Whether spot and variance lie in the range of the regime's rows, outside which the reference has the Greeks."""
    strike, variance = (np.asarray(rows.column(name)) for name in ("log_moneyness", "variance"))
    near = (-np.log(path.spot) >= strike.min()) & (-np.log(path.spot) <= strike.max())
    return near & (path.variance >= variance.min()) & (path.variance <= variance.max())


class _Greeks(NamedTuple):
    """Of option and hedge option: price, delta and vega to the variance, in currency."""

    price: Float[np.ndarray, "assets paths times"]
    delta: Float[np.ndarray, "assets paths times"]
    vega: Float[np.ndarray, "assets paths times"]


def _greeks(owner: Owner, features: tuple[str, ...], middle: np.ndarray, path: Path) -> _Greeks:
    """Greeks of both options, at the money at the start, on every path and date."""
    times = np.linspace(0.0, HORIZON, REBALANCES + 1)
    points = np.stack(
        [
            option_rows(middle, features, path.spot, path.variance, expiry - times)
            for expiry in (EXPIRY, HEDGE_EXPIRY)
        ]
    )
    values, slopes = owner(points.reshape(-1, len(middle)))
    shape = points.shape[:3]
    unit, slope = values.reshape(shape), slopes.reshape(*shape, -1)
    return _Greeks(
        path.spot * unit,
        unit - slope[..., features.index("log_moneyness")],
        path.spot * slope[..., features.index("variance")],
    )


def _errors(
    market: _Greeks, greeks: _Greeks, path: Path, at: Law
) -> dict[str, Float[np.ndarray, "paths"]]:
    """What is left at the horizon of one option sold at the market's price and hedged; and unhedged."""
    option, other = 0, 1
    vega = np.maximum(greeks.vega[other], _SMALLEST_VEGA * path.spot)
    ratio = np.clip(greeks.vega[option] / vega, 0.0, _MOST)
    nothing = np.zeros_like(ratio)
    return {
        "none": _run(market, path, at, nothing, nothing),
        "delta": _run(market, path, at, greeks.delta[option], nothing),
        "delta and vega": _run(
            market, path, at, greeks.delta[option] - ratio * greeks.delta[other], ratio
        ),
    }


def _run(
    market: _Greeks, path: Path, at: Law, shares: np.ndarray, hedges: np.ndarray
) -> Float[np.ndarray, "paths"]:
    """Gain of the hedge less that of the option, discounted to the start, in units of the first spot."""
    step = HORIZON / REBALANCES
    discount = np.exp(-at["zero_0.25"] * step * np.arange(REBALANCES + 1))
    paid = np.exp(at["carry"] * step * np.arange(REBALANCES + 1))
    moves = np.diff(discount * paid * path.spot, axis=1) / paid[:-1]
    of_option, of_other = np.diff(discount * market.price, axis=2)
    return np.sum(shares[:, :-1] * moves + hedges[:, :-1] * of_other - of_option, axis=1)


def _distribution(error: Float[np.ndarray, "paths"]) -> dict[str, float | list[float]]:
    scaled = error / nr.core.basis_point
    return {
        "mean_bp": float(scaled.mean()),
        "deviation_bp": float(scaled.std()),
        "quantiles_bp": np.quantile(scaled, (0.05, 0.25, 0.5, 0.75, 0.95)).tolist(),
        "worst_bp": float(scaled.min()),
    }
