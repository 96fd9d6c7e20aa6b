"""Ours on the fresh basket: a Gaussian process of values, or of values and slopes, with and without the norm."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import jax
import numpy as np

from neuralrates.certificates.bootstrap import bootstrap_interval
from neuralrates.core.units import basis_point
from neuralrates.surrogates.regressors.relative_process import RelativeProcess
from neuralrates.surrogates.regressors.units import Column, InUnits, in_units
from neuralrates.surrogates.surrogate import AbstractSurrogate
from studies.aiolfi_2024.basket_labels import BasketLabels
from studies.aiolfi_2024.bermudan_basket import MOVES
from studies.aiolfi_2024.kernel_jets import Jets, fit_jets
from studies.aiolfi_2024.natural_hedges import (
    REDUCED,
    REDUCED_BY_NORM,
    REDUCED_WITH_NORM,
    UNIT,
    WITH_NORM,
)
from studies.aiolfi_2024.setup import Study, as_data
from studies.aiolfi_2024.tables import errors

SLOPE_MODELS = (0, 5, 8, 13)
VARIANTS: Mapping[str, tuple[Column, ...]] = {
    "seven": REDUCED,
    "with_norm": REDUCED_WITH_NORM,
    "norm_for_maximum": REDUCED_BY_NORM,
}


def gains(
    study: Study, settings: Mapping[str, Any], settings_with_norm: Mapping[str, Any]
) -> dict[str, Any]:
    """Errors of processes on the test set and the fresh basket, and what the norm does to them.

    Args:
        study: its samples
        settings: of the process of values
        settings_with_norm: of the same with the norm

    Returns:
        Per kind of label, `values` or `slopes`, and per variant of the features: errors, and the rise of the RMSE on the
        fresh basket over that of the first variant, in basis points, with its interval over contracts.
    """
    used = study.data(study.train, inputs=WITH_NORM)
    part = {"num_tuning": 50} if study.settings.tiny else {}
    values: dict[str, AbstractSurrogate] = {}
    for name, reduced in VARIANTS.items():
        chosen = settings if name == "seven" else settings_with_norm
        process: Any = RelativeProcess(reduced, UNIT)
        values[name] = replace(process, **{**part, **chosen}).fit(used.x, used.value)
    slopes = {name: with_slopes(study, reduced) for name, reduced in VARIANTS.items()}
    return {"values": _compared(study, values), "slopes": _compared(study, slopes)}


def with_slopes(study: Study, reduced: tuple[Column, ...]) -> InUnits:
    """Gaussian process in reduced features, with slopes to moves of strike and curve beside the values.

    Slopes are used under four of the fourteen models: under the others they say the same again.
    """
    data = jets(study.samples.take(study.train), SLOPE_MODELS, reduced)
    part = {"num_tuning": 40, "num_slopes": 60, "num_steps": 3} if study.settings.tiny else {}
    return InUnits(fit_jets(data, **part), reduced, UNIT)


def _compared(study: Study, fits: Mapping[str, AbstractSurrogate]) -> dict[str, Any]:
    left, fresh = study.data(study.test, inputs=WITH_NORM), as_data(study.fresh, inputs=WITH_NORM)
    draws = study.settings.num_draws
    found: dict[str, Any] = {}
    misses = []
    for name, one in fits.items():
        predicted = _predicted(one, fresh.x)
        misses.append((predicted - fresh.value) / basis_point)
        ends = bootstrap_interval(_rise, misses[0], misses[-1], fresh.groups, num_draws=draws)
        found[name] = {
            **errors(left, _predicted(one, left.x), draws),
            "fresh": errors(fresh, predicted, draws),
            "rise": _rise(misses[0], misses[-1]),
            "rise_interval": ends,
        }
    return found


def _rise(first: np.ndarray, second: np.ndarray) -> float:
    """By how much the root mean square of the second is larger."""
    return float(np.sqrt(np.mean(second**2)) - np.sqrt(np.mean(first**2)))


def _predicted(process: AbstractSurrogate, x: np.ndarray) -> np.ndarray:
    found = jax.jit(lambda points: jax.lax.map(process, points, batch_size=64))(x)
    return np.asarray(found[:, 0])


def jets(samples: BasketLabels, models: Sequence[int], reduced: tuple[Column, ...]) -> Jets:
    """Values and slopes of a basket over the unit, in reduced features.

    With a price y over the unit u, the slope of y / u is y' / u - y u' / u^2.

    Args:
        samples: of which all values are used
        models: numbers of the models, within each group, whose slopes are used
        reduced: columns, as for `InUnits`
    """
    x, unit = samples.labels.x, np.asarray(samples.labels.x)[:, UNIT]
    value = np.asarray(samples.labels.value)[:, 0]
    groups = np.asarray(samples.groups)
    places = np.arange(len(value)) - np.searchsorted(groups, groups)
    used = np.isin(places, models)
    z, turn = jax.vmap(lambda at: (in_units(at, reduced), jax.jacfwd(in_units)(at, reduced)))(x)
    moved = np.asarray(samples.directions)
    slopes = np.asarray(samples.slopes) / unit[:, None]
    slopes = slopes - (value / unit**2)[:, None] * moved[:, UNIT]
    ways = np.moveaxis(np.asarray(turn) @ moved, 2, 1)
    points = np.repeat(np.asarray(z)[used], len(MOVES), axis=0)
    along = ways[used].reshape(-1, len(reduced))
    return Jets(np.asarray(z), value / unit, points, along, slopes[used].reshape(-1))
