"""Rows of nine instruments on the days of four regimes, each with its exact price, a cheap price and its gradient."""

import functools
import hashlib
from collections.abc import Callable
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
from jaxtyping import Array, Float, PRNGKeyArray

import neuralrates as nr
from neuralrates.problems.instrument_inputs import (
    ASSET_MODEL,
    CONTRACT,
    CURVE,
    INPUTS,
    INSTRUMENTS,
    RATE_MODEL,
    named,
    rate_model,
    term_bounds,
)
from neuralrates.problems.instrument_prices import PRICES, Priced, price_and_baseline
from studies.mixture_of_experts.panel_data import Panel
from studies.mixture_of_experts.regimes import DATA, REGIME_NAMES, days_of
from studies.mixture_of_experts.world import MACRO, World, load_world

FEATURES = INPUTS + MACRO
NUM_ACTING = len(INPUTS)
_BATCH, _BATCH_SIZE = 256, 32
_REACH = 2.0
_MARGIN_DEVIATION = 5.0 * nr.core.basis_point


def make_panel(
    num_per_group_and_regime: int,
    key: PRNGKeyArray,
    folder: Path | None = None,
    data: Path = DATA,
) -> Panel:
    """Rows of every instrument in every regime.

    Args:
        num_per_group_and_regime: rows of one instrument in one regime
        key: of the days and contracts
        folder: where the panel is kept; a later call with the same number and key reads it there
        data: folder of the published series

    Returns:
        The panel, checked: nothing is missing, no instrument and no regime is empty.

    Raises:
        MissingDataError: where the published series are absent
    """
    place = None if folder is None else folder / f"panel-{_mark(num_per_group_and_regime, key)}"
    if place is not None and place.exists():
        return Panel.load(place)
    world = load_world(data)
    random = np.random.default_rng(np.asarray(jax.random.bits(key, (4,)), dtype=np.uint32))
    parts = [
        _rows(world, number, name, num_per_group_and_regime, random)
        for number, name in enumerate(INSTRUMENTS)
    ]
    panel = Panel.concatenate(parts).check()
    if place is not None:
        panel.save(place)
    return panel


def price(x: Float[Array, "inputs"], group: int) -> Float[Array, ""]:
    """Exact price of one row of the panel.

    Args:
        x: its features, or the first of them, on which prices depend
        group: number of its instrument

    Returns:
        Price per unit notional, of options per unit of spot.

    Raises:
        InputError: for an unknown instrument
    """
    if not 0 <= int(group) < len(INSTRUMENTS):
        raise nr.core.InputError(
            f"expected an instrument number below {len(INSTRUMENTS)}, found {group}"
        )
    return price_and_baseline(jnp.asarray(x)[:NUM_ACTING], INSTRUMENTS[int(group)])[0]


def _mark(number: int, key: PRNGKeyArray) -> str:
    """What decides a panel, short."""
    words = [number, *np.asarray(jax.random.key_data(key)).reshape(-1).tolist(), *FEATURES]
    return hashlib.sha256(repr(words).encode()).hexdigest()[:16]


def _rows(world: World, number: int, name: str, count: int, random: np.random.Generator) -> Panel:
    """Rows of one instrument, `count` in each regime."""
    drawn = [random.choice(days_of(world.days, k), count) for k in range(len(REGIME_NAMES))]
    at = np.concatenate(drawn)
    asset = world.gold if name == "gold_option" else world.index
    codes = np.zeros((len(at), len(INSTRUMENTS)))
    codes[:, number] = 1.0
    market = np.concatenate([world.rates.to_numpy()[at], asset.to_numpy()[at]], axis=1)
    terms = contracts(name, market, world.macro["bill_13w"].to_numpy()[at], random)
    acting = np.concatenate([market, terms, codes], axis=1)
    value, baseline, slopes = evaluate(acting, name)
    silent = np.zeros((len(at), len(MACRO)))
    return Panel(
        x=np.concatenate([acting, world.macro.to_numpy()[at]], axis=1),
        value=value,
        baseline=baseline,
        gradient=np.concatenate([slopes, silent], axis=1),
        group=np.full(len(at), number),
        regime=np.repeat(np.arange(len(REGIME_NAMES)), count),
        day=(world.days[at] - pd.Timestamp("1970-01-01")).days.to_numpy().astype(np.int64),
        features=FEATURES,
        groups=INSTRUMENTS,
        regimes=REGIME_NAMES,
    )


def contracts(
    name: str, market: np.ndarray, index_rate: np.ndarray, random: np.random.Generator
) -> np.ndarray:
    """Contract terms drawn uniformly between their bounds, one row per market.

    A note's margin lies near its spread, and its index is that of the day. Options are struck within two deviations.
    """
    low, high = term_bounds(name)
    terms = low + (high - low) * random.uniform(size=(len(market), len(CONTRACT)))
    column = {term: position for position, term in enumerate(CONTRACT)}
    if name == "floating_rate_note":
        spread, margin = column["note_spread"], column["discount_margin"]
        near = terms[:, spread] + _MARGIN_DEVIATION * random.normal(size=len(market))
        terms[:, margin] = np.clip(near, low[margin], high[margin])
        terms[:, column["index_rate"]] = index_rate
    if name.endswith("_option"):
        strike, first = column["log_moneyness"], len(CURVE) + len(RATE_MODEL)
        law = dict(zip(ASSET_MODEL, market[:, first:].T, strict=True))
        wait = terms[:, column["expiry"]]
        decay = -np.expm1(-law["variance_reversion"] * wait) / law["variance_reversion"]
        total = law["long_variance"] * (wait - decay) + law["variance"] * decay
        reach = _REACH * np.sqrt(total) * random.uniform(-1.0, 1.0, len(market))
        terms[:, strike] = np.clip(reach, low[strike], high[strike])
    return terms


def evaluate(acting: np.ndarray, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Exact prices, cheap prices and gradients of rows of one instrument.

    Args:
        acting: rows of the inputs on which prices depend
        name: of the instrument

    Returns:
        Prices, cheap prices, and derivatives of the exact price to every input.
    """
    filler = np.repeat(acting[-1:], -len(acting) % _BATCH, axis=0)
    batches = np.concatenate([acting, filler]).reshape(-1, _BATCH, acting.shape[1])
    found = [_evaluate(jnp.asarray(batch), PRICES[name]) for batch in batches]
    value, baseline, slopes = (
        np.concatenate([np.asarray(part[k]) for part in found])[: len(acting)] for k in range(3)
    )
    return value, baseline, slopes


@functools.partial(jax.jit, static_argnames="pricer")
def _evaluate(
    x: Float[Array, "batch inputs"], pricer: Callable[..., Priced]
) -> tuple[Float[Array, "batch"], Float[Array, "batch"], Float[Array, "batch inputs"]]:
    def one(
        point: Float[Array, "inputs"],
    ) -> tuple[Float[Array, ""], Float[Array, ""], Float[Array, "inputs"]]:
        both = jax.value_and_grad(lambda p: pricer(rate_model(p), named(p)), has_aux=True)
        (value, baseline), slopes = both(point)
        return value, baseline, slopes

    return jax.lax.map(one, x, batch_size=_BATCH_SIZE)
