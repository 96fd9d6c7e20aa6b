"""The command `train`."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np

from neuralrates.bundles.saving import save
from neuralrates.certificates.certification import certify, predict
from neuralrates.certificates.metrics import all_metrics
from neuralrates.cli.network_fit import NetworkFit
from neuralrates.cli.outcome import Outcome
from neuralrates.cli.progress import progress
from neuralrates.cluster.manifest import NAME
from neuralrates.cluster.store import LabelStore, is_store
from neuralrates.core.errors import InputError
from neuralrates.core.units import basis_point
from neuralrates.learning.regressors import REGRESSORS
from neuralrates.problems.catalogue import PROBLEMS
from neuralrates.problems.catalogue import load as load_problem
from neuralrates.problems.fingerprint import changed_part
from neuralrates.problems.labels import Labels
from neuralrates.surrogates.regressors.regressor import AbstractRegressor
from neuralrates.surrogates.surrogate import AbstractSurrogate

_KEY = 20240101


@dataclass(frozen=True)
class Request:
    """What to train, on what.

    Args:
        labels: folder that `Labels.save` or `neuralrates labels` wrote
        surrogate: name of a regressor, or `network`
        settings: such as `degree=4`
        held_out: share of the samples to measure on
        seed: of the split and of the method
        checkpoint: folder that a network goes on from
    """

    labels: Path
    surrogate: str
    settings: tuple[str, ...]
    held_out: float
    seed: int
    checkpoint: Path | None = None


class _Fitted(NamedTuple):
    """What was fitted, to how many samples, and those held out."""

    surrogate: AbstractSurrogate
    samples: int
    kept: Labels


def run(request: Request, problem: str, points: int, out: Path | None, *, as_json: bool) -> Outcome:
    """Fit a regressor, measure it on samples held out, and bundle it with a certificate if asked to."""
    method = _method(request.surrogate, request.settings)
    if (out is None) != (problem == ""):
        raise InputError("expected --problem and --out together, or neither: a bundle needs both")
    if problem and problem not in PROBLEMS:
        raise InputError(f"expected a problem among {', '.join(PROBLEMS)}, found {problem!r}")
    labels = _labels(request.labels, problem)
    start = time.perf_counter()
    try:
        surrogate, used, kept = _fitted(method, labels, request)
    except ValueError as error:
        raise InputError(str(error), file=request.labels) from None
    seconds = time.perf_counter() - start
    errors = _errors(surrogate, kept)
    result: dict[str, Any] = {
        "surrogate": request.surrogate,
        "samples": used,
        "held_out": len(kept),
    }
    result |= {"seconds": seconds, "greeks": surrogate.differentiable, **errors}
    if out is not None:
        result["error_band"] = _bundle(surrogate, problem, points, out)
    _show(result, as_json)
    return Outcome.DONE


def _fitted(method: Any, labels: Labels | LabelStore, request: Request) -> _Fitted:
    """A regressor or a network fitted to what is not held out."""
    key = jax.random.key(request.seed)
    match method:
        case NetworkFit():
            return _Fitted(*method.fit(labels, key, request.held_out, request.checkpoint))
    if request.checkpoint is not None:
        raise InputError("expected --checkpoint beside --surrogate network", column="--checkpoint")
    whole = labels.labels() if isinstance(labels, LabelStore) else labels
    used, kept = whole.split(key, request.held_out)
    return _Fitted(method.fit(used.x, used.value[:, 0], seed=request.seed), len(used), kept)


def _labels(folder: Path, problem: str) -> Labels | LabelStore:
    """Labels of a folder: of `Labels.save`, or a store that `neuralrates labels` made, which knows its problem.

    Raises:
        InputError: where a store is not of the problem to certify on, if there is one
    """
    if not is_store(folder):
        return Labels.load(folder)
    store = LabelStore.load(folder)
    record = store.plan.problem
    if problem and (part := changed_part(load_problem(problem), record)):
        raise InputError(
            f"expected labels of {problem!r}, found those of {record['name']!r} with another {part}",
            file=folder / NAME,
            column=f"plan.problem.{part}",
        )
    return store


def _method(name: str, settings: tuple[str, ...]) -> AbstractRegressor | NetworkFit:
    """The regressor of a name, or the network, with some settings changed."""
    methods: dict[str, Callable[[], Any]] = {**REGRESSORS, "network": NetworkFit}
    if name not in methods:
        raise InputError(f"expected a surrogate among {', '.join(methods)}, found {name!r}")
    method = methods[name]()
    known = {one.name: getattr(method, one.name) for one in fields(method)}
    for setting in settings:
        key, _, text = setting.partition("=")
        if key not in known:
            raise InputError(
                f"expected a setting of {name} among {', '.join(known) or 'none'}, found {key!r}"
            )
        method = replace(method, **{key: _number(key, text, known[key])})
    return method


def _number(key: str, text: str, like: Any) -> Any:
    """The text as a value of the kind of the default."""
    try:
        return type(like)(text) if like is not None else int(text)
    except ValueError:
        expected = f"expected a value like {like} for {key}, found {text!r}"
        raise InputError(expected, column=key) from None


def _errors(surrogate: AbstractSurrogate, kept: Labels) -> dict[str, float]:
    predicted = np.asarray(predict(surrogate, kept.x, slopes=False).value)[:, 0]
    actual = np.asarray(kept.value)[:, 0]
    if np.any(actual == 0.0):
        return {"RMSE": float(np.sqrt(np.mean((actual - predicted) ** 2)))}
    return all_metrics(actual, predicted)


def _bundle(surrogate: AbstractSurrogate, name: str, points: int, out: Path) -> float:
    problem = load_problem(name)
    with progress("certifying") as step:
        certificate = certify(
            surrogate, problem, key=jax.random.key(_KEY), num_samples=points, progress=step
        )
    return save(out, surrogate, problem, certificate).certificate.error_band


def _show(result: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps(result, indent=1))
        return
    print(
        f"{result['surrogate']}: {result['samples']} samples learned in {result['seconds']:.2f} s"
    )
    for name in ("MAE", "RMSE", "error_band"):
        if name in result:
            print(f"  {name.replace('_', ' ')}: {result[name] / basis_point:.4f} bp")
    if "WAPE" in result:
        print(f"  WAPE: {result['WAPE']:.4%}")
    if not result["greeks"]:
        print("  no useful derivatives: Greeks come from the reference")
