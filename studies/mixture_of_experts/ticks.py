"""Real option quotes as rows of the panel, with a stochastic-variance model calibrated to each day of them.

A user with a licence points `neuralrates.histories.load_option_quotes` at the files; what comes back replaces the panel's
synthetic options. Per day the last quote of each contract counts. The carry of an expiry is what put-call parity says at the
strike where call and put are closest; options in the money are turned into their counterparts' by parity, since they are
traded less.
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
from jaxtyping import Array, Float
from scipy.optimize import least_squares

import neuralrates as nr
from neuralrates.pricers.heston.characteristic_function import heston_call
from neuralrates.problems.instrument_density import MODEL_RANGES
from neuralrates.problems.instrument_inputs import (
    ASSET_MODEL,
    CONTRACT,
    CURVE,
    CURVE_TIMES,
    INSTRUMENTS,
    instrument_number,
)
from neuralrates.problems.instrument_prices import price_and_baseline
from studies.mixture_of_experts.panel import FEATURES
from studies.mixture_of_experts.panel_data import Panel
from studies.mixture_of_experts.regimes import REGIME_NAMES
from studies.mixture_of_experts.world import World

LAW = ASSET_MODEL[:-1]
_YEAR = pd.Timedelta(days=365)
_PADDED = 64
_LOW, _HIGH = (np.array([MODEL_RANGES[name][end] for name in LAW]) for end in (0, 1))


def panel_of_quotes(
    quotes: pd.DataFrame, spot: pd.Series, world: World, group: str
) -> tuple[Panel, pd.DataFrame]:
    """Rows of one option group from quotes of one underlying.

    Args:
        quotes: as `load_option_quotes` gives them
        spot: the underlying's price by day
        world: curves and macro columns by day
        group: `index_option` or `gold_option`

    Returns:
        The panel, without gradients; and per day the calibrated model with its root-mean-square error, per unit of spot.

    Raises:
        InputError: naming the day that the spot or the curves lack, or the expiry without a pair of call and put
    """
    number = instrument_number(group)
    parts, models = [], {}
    day_of = quotes.time.dt.tz_localize(None).dt.normalize()
    for day, part in quotes.groupby(day_of, sort=True):
        for what, known in (("a spot", spot.index), ("a curve", world.days)):
            if day not in known:
                raise nr.core.InputError(f"expected {what} on {day.date()}, found none")
        at = int(world.days.get_loc(day))
        calls = as_calls(part, float(spot[day]), world.rates[list(CURVE)].to_numpy()[at])
        start = (world.gold if group == "gold_option" else world.index)[list(LAW)].to_numpy()[at]
        law, error = calibrate(calls, start)
        models[day] = dict(zip(LAW, law, strict=True)) | {"error": error}
        parts.append(_rows(calls, law, world, at, number))
    return Panel.concatenate(parts), pd.DataFrame(models).T


def as_calls(quotes: pd.DataFrame, spot: float, rates: np.ndarray) -> pd.DataFrame:
    """One call per expiry and strike of a day: its terms, carry and price per unit of spot."""
    last = quotes.groupby(["expiry", "strike", "right"], sort=True).last().reset_index()
    found = []
    for expiry, part in last.groupby("expiry"):
        years = float((expiry - part.time.max()) / _YEAR)
        table = part.pivot(index="strike", columns="right", values="mid")
        pairs = table.dropna() if {"call", "put"} <= set(table.columns) else table.iloc[:0]
        if pairs.empty or years <= 0.0:
            raise nr.core.InputError(
                f"expected a call and a put that expire after the quote on {expiry}"
            )
        discount = float(_discount(jnp.asarray(rates), years))
        gap = pairs.call - pairs.put
        nearest = gap.abs().idxmin()
        forward = float(nearest + gap[nearest] / discount)
        for strike, row in table.iterrows():
            parity = discount * (forward - strike)
            call, put = row.get("call", np.nan), row.get("put", np.nan) + parity
            chosen = (put, call) if strike < forward else (call, put)
            price = next((one for one in chosen if np.isfinite(one)), np.nan)
            found.append(
                {
                    "expiry": years,
                    "log_moneyness": np.log(strike / spot),
                    "log_of_forward": np.log(strike / forward),
                    "carry": -np.log(forward * discount / spot) / years,
                    "value": price / spot,
                }
            )
    return pd.DataFrame(found)


def calibrate(calls: pd.DataFrame, start: np.ndarray) -> tuple[np.ndarray, float]:
    """Variance, its reversion, long variance, its volatility and correlation that fit a day's calls best."""
    rows = -(-len(calls) // _PADDED) * _PADDED
    paid = np.exp(-calls.carry * calls.expiry).to_numpy()
    columns = [jnp.asarray(np.resize(calls[name], rows)) for name in ("log_of_forward", "expiry")]

    def missed(law: np.ndarray) -> np.ndarray:
        value = np.asarray(_prices(jnp.asarray(law), *columns))[: len(calls)]
        return 1e4 * (paid * value - calls.value.to_numpy())

    first = np.clip(start, _LOW + 1e-6, _HIGH - 1e-6)
    fitted = least_squares(missed, first, bounds=(_LOW, _HIGH), x_scale=_HIGH - _LOW)
    return fitted.x, float(1e-4 * np.sqrt(np.mean(fitted.fun**2)))


def _price(law: Float[Array, "inputs"], moneyness: Array, expiry: Array) -> Array:
    return heston_call(nr.models.Heston(*law), moneyness, expiry)


@jax.jit
def _discount(rates: Float[Array, "nodes"], years: float) -> Array:
    curve = nr.market.ZeroCurve(jnp.asarray(CURVE_TIMES), rates, "natural_spline")
    return curve.discount_factor(years)


@jax.jit
def _baselines(x: Float[Array, "batch inputs"]) -> Float[Array, "batch"]:
    """Cheap prices of calls; those of the index and of gold are the same function."""
    return jax.vmap(lambda point: price_and_baseline(point, "index_option")[1])(x)


_prices = jax.jit(jax.vmap(_price, in_axes=(None, 0, 0)))


def _rows(calls: pd.DataFrame, law: np.ndarray, world: World, at: int, number: int) -> Panel:
    count = len(calls)
    every = functools.partial(np.repeat, repeats=count, axis=0)
    market = np.concatenate([world.rates.to_numpy()[at], law])
    terms = np.zeros((count, len(CONTRACT)))
    for name in ("expiry", "log_moneyness"):
        terms[:, CONTRACT.index(name)] = calls[name]
    codes = np.eye(len(INSTRUMENTS))[number]
    acting = np.concatenate(
        [every(market[None]), calls[["carry"]].to_numpy(), terms, every(codes[None])], axis=1
    )
    macro = world.macro.to_numpy()[at]
    day = (world.days[at] - pd.Timestamp("1970-01-01")).days
    return Panel(
        x=np.concatenate([acting, every(macro[None])], axis=1),
        value=calls.value.to_numpy(),
        baseline=np.asarray(_baselines(jnp.asarray(acting))),
        gradient=None,
        group=np.full(count, number),
        regime=np.full(count, world.regime[at]),
        day=np.full(count, day),
        features=FEATURES,
        groups=INSTRUMENTS,
        regimes=REGIME_NAMES,
    )
