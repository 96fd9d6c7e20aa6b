"""Delta and vega hedging under stochastic variance, regime by regime, with everyone's own Greeks."""

from collections.abc import Callable
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

import neuralrates as nr
from neuralrates.problems.instrument_inputs import INPUTS
from neuralrates.problems.instrument_prices import price_and_baseline
from neuralrates.surrogates import MixtureOfExperts
from studies.kept import Result
from studies.mixture_of_experts.networks import article, ours
from studies.mixture_of_experts.study import Study

OPTION = "index_option"
LEARNED = ("article", "ours")
EXPIRY, HEDGE_EXPIRY = 0.5, 0.75
HORIZON, REBALANCES, SUBSTEPS = 0.25, 25, 10
KEY = 31
_SMALLEST_VEGA = 1e-4
_TOGETHER = 64

Scalar = Float[Array, ""]
Unit = Callable[[Float[Array, "inputs"]], Scalar]


class Path(NamedTuple):
    """Spot and variance at each rebalancing date, spot starting from one."""

    spot: Float[np.ndarray, "paths times"]
    variance: Float[np.ndarray, "paths times"]


def hedging(study: Study) -> Result:
    """Distribution of hedging errors, in basis points of spot, by regime, hedge and owner of the Greeks."""
    owners = _owners(study)
    names = study.panel.regimes
    found: Result = {}
    for number, regime in enumerate(names):
        result = study.once(f"hedging-{regime}", lambda n=number: _regime(study, owners, n))  # type: ignore[misc]
        found[regime] = {name: value for name, value in result.items() if isinstance(value, dict)}
    return found


def _owners(study: Study) -> dict[str, Unit]:
    """Prices per unit of spot as functions of the features, whose derivatives are the Greeks."""
    number, seed = study.panel.groups.index(OPTION), study.settings.seeds[0]
    correction = ours(study, seed).alone(number)
    published = article(study, "instrument", seed).alone(number)

    def model(x: Array) -> Scalar:
        return price_and_baseline(x[: len(INPUTS)], OPTION)[0]

    def lognormal(x: Array) -> Scalar:
        return price_and_baseline(x[: len(INPUTS)], OPTION)[1]

    def corrected(x: Array) -> Scalar:
        return lognormal(x) + _one(correction, x)

    return {
        "Heston": model,
        "Black-Scholes": lognormal,
        "article": lambda x: _one(published, x),
        "ours": corrected,
    }


def _one(network: MixtureOfExperts, x: Array) -> Scalar:
    return network(x)[0]


def _regime(study: Study, owners: dict[str, Unit], number: int) -> Result:
    """One regime: the market stays at its middle day, spot and variance move as Heston says."""
    panel = study.panel
    chosen = (panel.regime == number) & (panel.group == panel.groups.index(OPTION))
    middle = np.median(panel.x[chosen], axis=0)
    at = dict(zip(panel.features, middle, strict=True))
    path = simulate(at, study.settings.num_paths, np.random.default_rng([KEY, number]))
    market = _greeks(owners["Heston"], panel.features, middle, path)
    found: Result = {}
    trusted = _inside(np.asarray(panel.x)[chosen], panel.features, path)
    for name, price in owners.items():
        greeks = market if name == "Heston" else _greeks(price, panel.features, middle, path)
        if name in LEARNED:
            greeks = _Greeks(
                *(np.where(trusted, *pair) for pair in zip(greeks, market, strict=True))
            )
        for hedge, error in _errors(market, greeks, path, at).items():
            own = {"inside": float(trusted.mean())} if name in LEARNED else {}
            found[f"{hedge}, {name}"] = _distribution(error) | own
    return found


def _inside(
    x: np.ndarray, features: tuple[str, ...], path: Path
) -> Bool[np.ndarray, "paths times"]:
    """Whether spot and variance lie in the range of the regime's rows, outside which the reference has the Greeks."""
    strike, variance = (x[:, features.index(name)] for name in ("log_moneyness", "variance"))
    near = (-np.log(path.spot) >= strike.min()) & (-np.log(path.spot) <= strike.max())
    return near & (path.variance >= variance.min()) & (path.variance <= variance.max())


def simulate(at: dict[str, float], num_paths: int, random: np.random.Generator) -> Path:
    """Paths of spot and variance under the pricing measure, full truncation, small steps.

    Source: Lord, Koekkoek and Van Dijk (2010), full truncation scheme.
    """
    step = HORIZON / (REBALANCES * SUBSTEPS)
    spot, variance = np.zeros(num_paths), np.full(num_paths, at["variance"])
    kept = [(spot, variance)]
    for number in range(1, REBALANCES * SUBSTEPS + 1):
        first, second = random.normal(size=(2, num_paths))
        correlation = at["correlation"]
        mixed = correlation * first + np.sqrt(1.0 - correlation**2) * second
        positive = np.maximum(variance, 0.0)
        spot = spot + (_drift(at) - 0.5 * positive) * step + np.sqrt(positive * step) * first
        pull = at["variance_reversion"] * (at["long_variance"] - positive) * step
        variance = variance + pull + at["variance_volatility"] * np.sqrt(positive * step) * mixed
        if number % SUBSTEPS == 0:
            kept.append((spot, np.maximum(variance, 1e-4)))
    spots, variances = (np.stack(part, axis=1) for part in zip(*kept, strict=True))
    return Path(np.exp(spots), variances)


def _drift(at: dict[str, float]) -> float:
    """Growth of spot: the three-month rate less what it pays."""
    return at["zero_0.25"] - at["carry"]


class _Greeks(NamedTuple):
    """Of option and hedge option: price, delta and vega to the variance, in currency."""

    price: Float[np.ndarray, "assets paths times"]
    delta: Float[np.ndarray, "assets paths times"]
    vega: Float[np.ndarray, "assets paths times"]


def _greeks(price: Unit, features: tuple[str, ...], middle: np.ndarray, path: Path) -> _Greeks:
    """Greeks of both options, at the money at the start, on every path and date."""
    column = {name: features.index(name) for name in ("expiry", "log_moneyness", "variance")}
    times = np.linspace(0.0, HORIZON, REBALANCES + 1)
    rows = []
    for expiry in (EXPIRY, HEDGE_EXPIRY):
        x = np.broadcast_to(middle, (*path.spot.shape, len(middle))).copy()
        x[..., column["expiry"]] = expiry - times
        x[..., column["log_moneyness"]] = -np.log(path.spot)  # strike one over spot
        x[..., column["variance"]] = path.variance
        rows.append(x)
    points = np.stack(rows)
    values, slopes = _values_and_slopes(price, jnp.asarray(points.reshape(-1, len(middle))))
    shape = points.shape[:3]
    unit, slope = np.asarray(values).reshape(shape), np.asarray(slopes).reshape(*shape, -1)
    return _Greeks(
        path.spot * unit,
        unit - slope[..., column["log_moneyness"]],
        path.spot * slope[..., column["variance"]],
    )


@eqx.filter_jit
def _values_and_slopes(price: Unit, x: Array) -> tuple[Array, Array]:
    return jax.lax.map(jax.value_and_grad(price), x, batch_size=_TOGETHER)


def _errors(
    market: _Greeks, greeks: _Greeks, path: Path, at: dict[str, float]
) -> dict[str, Float[np.ndarray, "paths"]]:
    """What is left at the horizon of one option sold at the market's price and hedged; and unhedged."""
    option, other = 0, 1
    vega = np.maximum(greeks.vega[other], _SMALLEST_VEGA * path.spot)
    ratio = greeks.vega[option] / vega
    nothing = np.zeros_like(ratio)
    return {
        "none": _run(market, path, at, nothing, nothing),
        "delta": _run(market, path, at, greeks.delta[option], nothing),
        "delta and vega": _run(
            market, path, at, greeks.delta[option] - ratio * greeks.delta[other], ratio
        ),
    }


def _run(
    market: _Greeks, path: Path, at: dict[str, float], shares: np.ndarray, hedges: np.ndarray
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
