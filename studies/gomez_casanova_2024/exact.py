"""Experiments on exact labels: today, at future dates, and the paper's reference beside the exact one."""

import functools
import time
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

import neuralrates as nr
from neuralrates.learning import Labels
from neuralrates.problems import MarketGenerator, Problem
from neuralrates.problems.bermudan import CALL_TIMES
from neuralrates.surrogates import AbstractSurrogate
from studies.gomez_casanova_2024 import judge, learning
from studies.gomez_casanova_2024.backward import exact_values
from studies.gomez_casanova_2024.sampled import backward_settings, policy_of
from studies.gomez_casanova_2024.settings import KINDS, Kind, Learning
from studies.gomez_casanova_2024.study import Result, Study


def exact_joint(study: Study) -> Result:
    """Exact differential joint labels, case IV."""
    s = study.settings
    source = nr.problems.ten_year_cancellable(learning.SIDE, induction=learning.LABEL_INDUCTION)
    judged = nr.problems.ten_year_cancellable(learning.SIDE)
    return _exact(study, "exact-joint", source, judged, study.truth, s.exact_samples, s.exact)


def future_dates(study: Study) -> Result:
    """Exact labels at all nine dates, judged as a whole and date by date."""
    s = study.settings
    source = nr.problems.ten_year_cancellable_held(
        learning.SIDE, induction=learning.HELD_LABEL_INDUCTION
    )
    judged = nr.problems.ten_year_cancellable_held(learning.SIDE)

    def truth() -> Labels:
        return study.fresh("held", judged, judged.domain)

    return _exact(study, "future-dates", source, judged, truth, s.held_samples, s.held)


def sampled_dates(study: Study) -> Result:
    """The source's future dates (its figures 11 to 13): sampled payoffs at all nine, plain and joint, and by date."""
    s = study.settings
    problem = nr.problems.ten_year_cancellable_held(
        learning.SIDE, induction=learning.HELD_LABEL_INDUCTION
    )
    x = problem.domain.sample(jax.random.key(41), s.num_fresh)
    truth = study.once(
        "dated-exact", lambda: {"values": exact_values(problem, x).tolist()}, s.num_fresh
    )["values"]

    def run(kind: Kind) -> Result:
        rule = policy_of(study, "IV", 1, kind)
        labels = nr.learning.sampled_payoffs(
            problem, rule, jax.random.key(42), s.dated_samples, joint=kind != "plain"
        )
        key = jax.random.key(43)
        start = learning.untrained(labels, s.dated, key)
        network = learning.learn(start, labels, key, learning=s.dated, kind=kind)
        predicted = jax.jit(lambda x: jax.lax.map(network, x, batch_size=512))(x)[:, 0]
        missed = (np.asarray(predicted) - np.asarray(truth)) / nr.core.basis_point
        times = np.asarray(x[:, problem.domain.index("time")])
        return judge.summary(missed) | {
            "by_date": {f"{y:g}": judge.summary(missed[times == y]) for y in np.unique(times)}
        }

    return {
        kind: study.once(
            f"dated-{kind}",
            functools.partial(run, kind),
            *backward_settings(s),
            s.dated_samples,
            s.dated,
            s.num_fresh,
        )
        for kind in KINDS[:2]
    }


def _exact(
    study: Study,
    name: str,
    source: Problem,
    judged: Problem,
    fresh: Callable[[], Labels],
    num_samples: int,
    chosen: Learning,
) -> Result:
    """Train on the exact labels of one problem, judge on another's reference."""

    def tell(done: int, of: int) -> None:
        if done % 16_384 == 0:
            study.say(f"{name}: {done} of {of} labels")

    def run() -> Result:
        labels = nr.learning.exact_labels(
            source,
            jax.random.key(11),
            num_samples,
            joint=True,
            batch=min(2048, num_samples),
            folder=study.work / f"{name}-labels",
            progress=tell,
        )
        place = study.work / f"{name}-checkpoint"
        surrogate = learning.fit_corrected(source, labels, chosen, jax.random.key(12), place)
        truth = fresh()
        missed = judge.errors(surrogate, truth)
        result = judge.summary(missed) | {
            "greeks": judge.greeks(surrogate, judged, truth),
            "companions_mean_bp": judge.control_prices(surrogate, judged, truth),
            "label_error_bp": float(np.max(np.asarray(labels.error))) / nr.core.basis_point,
        }
        if "time" in judged.domain.names:
            times = np.asarray(truth.x[:, judged.domain.index("time")])
            result["by_date"] = {
                f"{year:g}": judge.summary(missed[times == year]) for year in np.unique(times)
            }
        return result

    return study.once(name, run, num_samples, chosen, study.settings.num_fresh)


def states(study: Study) -> Result:
    """Price against state at every date, in one middling market: forward network, backward networks, exact."""
    s = study.settings

    def run() -> Result:
        source = nr.problems.ten_year_cancellable_held(
            learning.SIDE, induction=learning.HELD_LABEL_INDUCTION
        )
        surrogate = _held_surrogate(study, source)
        rule = policy_of(study, "IV", 1, "joint")
        market = MarketGenerator("IV").point(jnp.full(10, 0.5))
        at = np.linspace(-0.06, 0.06, 25)
        dates: Result = {}
        for index, year in enumerate(CALL_TIMES):
            x = jnp.stack([jnp.concatenate([market, jnp.array([year, z])]) for z in at])
            backward = [float(rule(index, market, jnp.asarray(z))) for z in at]
            dates[f"{year:g}"] = {
                "exact": np.asarray(jax.vmap(lambda p: source(p).value)(x)).tolist(),
                "forward": np.asarray(jax.vmap(surrogate)(x)[:, 0]).tolist(),
                "backward": backward,
            }
        return {"state": at.tolist(), "dates": dates}

    return study.once("states", run, s.held_samples, s.held, *backward_settings(s))


def _held_surrogate(study: Study, source: Problem) -> AbstractSurrogate:
    """The network of `future_dates`, from the labels and the checkpoint that it left."""
    s = study.settings
    labels = nr.learning.exact_labels(
        source,
        jax.random.key(11),
        s.held_samples,
        joint=True,
        batch=min(2048, s.held_samples),
        folder=study.work / "future-dates-labels",
    )
    place = study.work / "future-dates-checkpoint"
    return learning.fit_corrected(source, labels, s.held, jax.random.key(12), place)


def grid_bundling(study: Study) -> Result:
    """The paper's own reference against the exact one, and what each costs a price."""
    s = study.settings
    problem = nr.problems.ten_year_cancellable(learning.SIDE)

    def run() -> Result:
        x = problem.domain.sample(jax.random.key(21), s.num_bundling)
        keys = jax.random.split(jax.random.key(22), s.num_bundling)

        def bundled(point: jax.Array, key: jax.Array) -> jax.Array:
            pricer = nr.pricers.Cancellable(nr.pricers.StochasticGridBundling(key))
            return pricer(*problem.build(point)).value

        price, exact = jax.jit(bundled), jax.jit(lambda point: problem(point).value)
        price(x[0], keys[0]), exact(x[0])
        start = time.process_time()
        found = np.array([price(*at) for at in zip(x, keys, strict=True)])
        middle = time.process_time()
        wanted = np.array([exact(point) for point in x])
        end = time.process_time()
        return judge.summary((found - wanted) / nr.core.basis_point) | {
            "processor_seconds_per_price": {
                "grid_bundling": (middle - start) / len(x),
                "exact": (end - middle) / len(x),
            }
        }

    return study.once("grid-bundling", run, s.num_bundling)
