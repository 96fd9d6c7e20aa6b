"""What our networks cost: a price, its Greeks, training; and against simulation of the same accuracy."""

from concurrent.futures import ThreadPoolExecutor

import jax
import jax.numpy as jnp
import numpy as np

import neuralrates as nr
from neuralrates.problems.forward_curve import Kind
from studies.kept import Result
from studies.mott_2026.contracts import Held
from studies.mott_2026.corrections import KINDS, PROBLEMS, cost, learned, learns
from studies.mott_2026.costs import BATCH, fastest
from studies.mott_2026.our_networks import JUDGED_NODES, caplets, swaptions
from studies.mott_2026.study import Study

CORES = 2
KEY, FEW = 11, 16


def our_costs(study: Study) -> Result:
    """Microseconds per price and per price with all derivatives, in batches of a thousand; seconds of training."""
    settings = study.settings

    def run() -> Result:
        return {
            kind: {
                "training_seconds": cost(study, kind),
                **{str(nodes): _inference(study, kind, nodes) for nodes in JUDGED_NODES[kind]},
            }
            for kind in KINDS
        }

    return study.once("our-costs", run, *learns(settings.corrections), settings.timed_batches)


def _inference(study: Study, kind: Kind, nodes: int) -> Result:
    surrogate = learned(study, kind).on(nodes)
    x = PROBLEMS[kind](nodes).domain.sample(jax.random.key(KEY), BATCH)
    price = jax.jit(jax.vmap(lambda point: surrogate(point)[0]))
    greeks = jax.jit(jax.vmap(jax.value_and_grad(lambda point: surrogate(point)[0])))
    found: Result = {}
    with ThreadPoolExecutor(CORES) as pool:
        parts = jnp.split(x, CORES)
        for name, call in {"price": price, "price_and_greeks": greeks}.items():

            def together(call: object = call) -> list[object]:
                return list(pool.map(call, parts))  # type: ignore[arg-type]

            found[name] = fastest(together, study.settings.timed_batches) / BATCH * 1e6
    return found


def equal_accuracy(study: Study) -> Result:
    """Time of our own simulation with as few paths as err no more than the network, over that of the network's price."""
    settings = study.settings

    def run() -> Result:
        return {kind: _rival(study, kind) for kind in KINDS}

    ours = settings.corrections
    judges = ours.num_contracts, ours.num_points, settings.timed_batches
    return study.once("equal-accuracy", run, *learns(ours), *judges)


def _rival(study: Study, kind: Kind) -> Result:
    """Standard errors fall as the paths grow; the smallest number whose mean is below the network's mean error."""
    errors = {"caplet": caplets, "swaption": swaptions}[kind](study)
    wanted = errors["50"]["network"]["mean_absolute"]
    held = Held.drawn(study, kind, min(FEW, errors["contracts"]))
    points, noise = 8, np.inf
    while noise > wanted and points < study.settings.corrections.num_points[KINDS.index(kind)]:
        points *= 2
        simulation = nr.pricers.ForwardSimulation(points, 8, 4)
        noise = float(np.mean(held.on_the_curve(simulation)[1]))
    model = jnp.asarray(held.points(50))
    run = jax.jit(
        lambda x: jax.lax.map(lambda p: simulation(*PROBLEMS[kind](50).build(p)).value, x)
    )
    seconds = fastest(lambda: run(model), 3) / len(model)
    price = our_costs(study)
    return {
        "paths": 4 * points,
        "standard error": noise,
        "network error": wanted,
        "seconds": seconds,
        "ratio": seconds / (price[kind]["50"]["price"] * 1e-6),
    }
