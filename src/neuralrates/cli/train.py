"""The command `train`."""

import json
import time
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import jax
import numpy as np

from neuralrates.bundles.saving import save
from neuralrates.certificates.certification import certify, predict
from neuralrates.certificates.metrics import all_metrics
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
        surrogate: name of a regressor
        settings: such as `degree=4`
        held_out: share of the samples to measure on
        seed: of the split and of the method
    """

    labels: Path
    surrogate: str
    settings: tuple[str, ...]
    held_out: float
    seed: int


def run(request: Request, problem: str, points: int, out: Path | None, *, as_json: bool) -> Outcome:
    """Fit a regressor, measure it on samples held out, and bundle it with a certificate if asked to."""
    method = _regressor(request.surrogate, request.settings)
    if (out is None) != (problem == ""):
        raise InputError("expected --problem and --out together, or neither: a bundle needs both")
    if problem and problem not in PROBLEMS:
        raise InputError(f"expected a problem among {', '.join(PROBLEMS)}, found {problem!r}")
    labels = _labels(request.labels, problem)
    used, kept = labels.split(jax.random.key(request.seed), request.held_out)
    start = time.perf_counter()
    try:
        surrogate = method.fit(used.x, used.value[:, 0], seed=request.seed)
    except ValueError as error:
        raise InputError(str(error), file=request.labels) from None
    seconds = time.perf_counter() - start
    errors = _errors(surrogate, kept)
    result: dict[str, Any] = {
        "surrogate": request.surrogate,
        "samples": len(used),
        "held_out": len(kept),
    }
    result |= {"seconds": seconds, "greeks": surrogate.differentiable, **errors}
    if out is not None:
        result["error_band"] = _bundle(surrogate, problem, points, out)
    _show(result, as_json)
    return Outcome.DONE


def _labels(folder: Path, problem: str) -> Labels:
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
    return store.labels()


def _regressor(name: str, settings: tuple[str, ...]) -> AbstractRegressor:
    """The regressor of a name, with some settings changed."""
    if name not in REGRESSORS:
        raise InputError(f"expected a surrogate among {', '.join(REGRESSORS)}, found {name!r}")
    method: Any = REGRESSORS[name]()
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
