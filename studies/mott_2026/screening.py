"""Choices that the paper leaves open, tried side by side: which of them decides the errors of its network.

    python -m studies.mott_2026.screening prepare --nodes 50
    python -m studies.mott_2026.screening train --nodes 50 --share 0.15
    python -m studies.mott_2026.screening judge --nodes 50
    python -m studies.mott_2026.screening table

All variants and seeds of a grid are one stacked network: an accelerator trains thirty at the price of a few. `prepare` reads
the data; `train` and `judge` read what it kept and nothing else, so that they may run on another machine.
"""

import argparse
import dataclasses
import json
import time
from pathlib import Path
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
from jaxtyping import Array, Float

import neuralrates as nr
from neuralrates.core.archive import read_archive, write_archive
from neuralrates.core.files import atomic_write
from neuralrates.core.types import Key
from studies.mott_2026 import history
from studies.mott_2026.judge import Drawn
from studies.mott_2026.paper_errors import Judged
from studies.mott_2026.paper_network import NUM_PARAMETERS, NUM_TERMS, Contracts, PaperNetwork
from studies.mott_2026.settings import FULL, PAPER_SCHEDULE
from studies.mott_2026.study import Study
from studies.mott_2026.without_network import intrinsic as intrinsic_value

RESULTS = Path(__file__).parent / "results"
WORK = Path(__file__).resolve().parents[2] / "build" / "mott_2026" / "screening"
SEEDS = (2026, 2027, 2028)
WIDTH = FULL.width
PUBLISHED, KIND = "published.csv", "screened-networks"
_DECAYS = (0.9, 0.999)  # of Adam's moments
_SMALL = 1e-8
_CHUNK = 250
_NEVER_SEEN = 1e30  # a scale that makes a constant of an input


@dataclasses.dataclass(frozen=True)
class Variant:
    """One set of choices.

    Args:
        coupled: weight decay as a term of the gradient, as the usual library's Adam has it; decoupled otherwise
        uniform: weights and biases begin uniform within plus or minus one over the root of the inputs, as there; normal
            weights and no biases otherwise
        longest: years that expiry and accrual are divided by; the grid's reach when None
        zero_weight: of the third term, which is summed over the points of strike zero and divided by the batch
        parameters: whether the six parameters of the curve are inputs; constants otherwise
    """

    coupled: bool = False
    uniform: bool = False
    longest: float | None = None
    zero_weight: float = 1.0
    parameters: bool = True


VARIANTS = {
    "as reported": Variant(),
    "coupled decay": Variant(coupled=True),
    "uniform start": Variant(uniform=True),
    "maturities over 30": Variant(longest=30.0),
    "zero strikes times 4": Variant(zero_weight=4.0),
    "coupled, uniform": Variant(coupled=True, uniform=True),
    "coupled, uniform, over 30": Variant(coupled=True, uniform=True, longest=30.0),
    "constant parameters": Variant(parameters=False),
    "constant parameters, coupled, uniform": Variant(True, True, parameters=False),
    "constant parameters, zero strikes times 4": Variant(zero_weight=4.0, parameters=False),
}


def start(contracts: Contracts, variant: Variant, seed: int, width: int = WIDTH) -> PaperNetwork:
    """The untrained network of a variant, in single precision."""
    network = PaperNetwork.random(contracts, width, FULL.depth, jax.random.key(seed)).network
    scale = network.input_scaling.scale
    if variant.longest is not None:
        scale = scale.at[-NUM_TERMS:-1].set(variant.longest)
    if not variant.parameters:
        scale = scale.at[-NUM_TERMS - NUM_PARAMETERS : -NUM_TERMS].set(_NEVER_SEEN)
    network = eqx.tree_at(lambda n: n.input_scaling.scale, network, scale)
    if variant.uniform:
        keys = jax.random.split(jax.random.key(seed + 1), len(network.layers))
        layers = tuple(map(_uniform, network.layers, keys))
        network = eqx.tree_at(lambda n: n.layers, network, layers)
    return jax.tree.map(_single, PaperNetwork(network))


def _uniform(layer: Any, key: Key) -> Any:
    of_weight, of_bias = jax.random.split(key)
    bound = layer.weight.shape[1] ** -0.5
    weight = jax.random.uniform(of_weight, layer.weight.shape, minval=-bound, maxval=bound)
    bias = jax.random.uniform(of_bias, layer.bias.shape, minval=-bound, maxval=bound)
    return eqx.tree_at(lambda one: (one.weight, one.bias), layer, (weight, bias))


def _single(leaf: Any) -> Any:
    return leaf.astype(jnp.float32) if eqx.is_inexact_array(leaf) else leaf


class Trainees(eqx.Module):
    """Stacked networks, and what tells them apart.

    Args:
        networks: one leading axis for all of them
        coupled: weight decay within the gradient, of each
        decoupled: weight decay beside it, of each
        zero_weight: of the third term, of each
        seeds: of the batches, of each
    """

    networks: PaperNetwork
    coupled: Float[Array, "samples"]
    decoupled: Float[Array, "samples"]
    zero_weight: Float[Array, "samples"]
    seeds: Array

    @classmethod
    def of(cls, contracts: Contracts, names: list[str]) -> "Trainees":
        """Every variant with every seed."""
        every = [(VARIANTS[name], seed) for name in names for seed in SEEDS]
        networks = [start(contracts, *one) for one in every]
        decay = [FULL.weight_decay * variant.coupled for variant, _ in every]
        beside = [FULL.weight_decay * (not variant.coupled) for variant, _ in every]
        return cls(
            jax.tree.map(lambda *leaves: jnp.stack(leaves), *networks),
            jnp.array(decay, jnp.float32),
            jnp.array(beside, jnp.float32),
            jnp.array([variant.zero_weight for variant, _ in every], jnp.float32),
            jnp.array([seed for _, seed in every]),
        )


@eqx.filter_jit(donate="all-except-first")
def _steps(fixed: tuple, state: tuple, batch: int, count: int) -> tuple[tuple, Array]:
    """Some steps of Adam for all networks, and the mean loss of each."""
    contracts, trainees, rate = fixed
    loss = nr.learning.FeynmanKacLoss(
        contracts, contracts.payoff, batch, operator=PaperNetwork.apply_generator
    )

    def one(network, first, second, coupled, decoupled, zero_weight, seed, step):  # type: ignore[no-untyped-def]
        def of(layers: Any) -> Array:
            key = jax.random.fold_in(jax.random.key(seed), step)
            equation, expiry, zero = loss.parts(
                eqx.tree_at(lambda n: n.network.layers, network, layers), key
            )
            return equation + expiry + zero_weight * zero

        layers = network.network.layers
        value, slope = jax.value_and_grad(of)(layers)
        slope = jax.tree.map(lambda g, w: g + coupled * w, slope, layers)
        first = jax.tree.map(lambda m, g: _DECAYS[0] * m + (1 - _DECAYS[0]) * g, first, slope)
        second = jax.tree.map(lambda v, g: _DECAYS[1] * v + (1 - _DECAYS[1]) * g**2, second, slope)
        done = (step + 1).astype(jnp.float32)
        one_less, two_less = 1 - _DECAYS[0] ** done, 1 - _DECAYS[1] ** done

        def moved(w: Array, m: Array, v: Array) -> Array:
            step = (m / one_less) / (jnp.sqrt(v / two_less) + _SMALL)
            return w - rate * (step + decoupled * w)

        layers = jax.tree.map(moved, layers, first, second)
        return eqx.tree_at(lambda n: n.network.layers, network, layers), first, second, value

    every = eqx.filter_vmap(one, in_axes=(0, 0, 0, 0, 0, 0, 0, None))

    def advance(carry: tuple, _: None) -> tuple[tuple, Array]:
        networks, first, second, step = carry
        them = (trainees.coupled, trainees.decoupled, trainees.zero_weight, trainees.seeds)
        networks, first, second, value = every(networks, first, second, *them, step)
        return (networks, first, second, step + 1), value

    state, values = jax.lax.scan(advance, state, length=count)
    return state, jnp.mean(values, axis=0)


def train(contracts: Contracts, names: list[str], share: float, say: Any) -> tuple[Any, list]:
    """All variants and seeds by a share of the paper's schedule; their losses by regime."""
    contracts = jax.tree.map(_single, contracts)
    trainees = Trainees.of(contracts, names)
    networks, losses, began = trainees.networks, [], time.perf_counter()
    for number, regime in enumerate(one.shortened(share) for one in PAPER_SCHEDULE):
        nothing = jax.tree.map(jnp.zeros_like, networks.network.layers)
        shifted = eqx.tree_at(lambda t: t.seeds, trainees, trainees.seeds + 1000 * number)
        state = (networks, nothing, jax.tree.map(jnp.copy, nothing), jnp.zeros((), jnp.int32))
        fixed = (contracts, shifted, jnp.float32(regime.learning_rate))
        left = regime.num_steps
        while left:
            count = min(_CHUNK, left)
            state, mean = _steps(fixed, state, regime.batch, count)
            left -= count
        networks = state[0]
        losses.append(np.asarray(mean).tolist())
        say(f"regime {number + 1}: {time.perf_counter() - began:.0f} s, losses {np.asarray(mean)}")
    return networks, losses


def judge(study: Study, num_nodes: int, networks: Any, names: list[str]) -> dict:
    """Errors of every network at the contracts of the study, and each variant's mean over the seeds."""
    drawn, same = study.drawn(num_nodes), study.drawn(num_nodes, same_days=True)
    found: dict = {name: {"held_out": [], "same_days": [], "below_intrinsic": []} for name in names}
    for number, name in enumerate(n for n in names for _ in SEEDS):
        network = jax.tree.map(lambda leaf, at=number: leaf[at], networks)
        judged = Judged(study, network, num_nodes)
        for kind, contracts in (("held_out", drawn), ("same_days", same)):
            errors = judged.errors(contracts)["drawn"]["curve"]
            found[name][kind].append(errors["mean_absolute"])
        found[name]["below_intrinsic"].append(_below_intrinsic(judged, same))
    return found


def _below_intrinsic(judged: Judged, drawn: Drawn) -> float:
    """Share of the contracts in the money that a network prices below intrinsic value."""
    intrinsic = intrinsic_value(drawn, judged.grid)
    inside = intrinsic > 0.0
    return float(np.mean(judged.priced(jax.tree.map(_single, drawn.x))[inside] < intrinsic[inside]))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m studies.mott_2026.screening")
    parser.add_argument("step", choices=("prepare", "train", "judge", "table"))
    parser.add_argument("--nodes", type=int, nargs="+", default=[50])
    parser.add_argument("--share", type=float, default=0.15, help="of the paper's schedule")
    parser.add_argument("--variants", nargs="+", choices=list(VARIANTS), default=list(VARIANTS))
    parser.add_argument("--work", type=Path, default=WORK)
    parser.add_argument("--out", type=Path, help="where results go; the work folder")
    options = parser.parse_args()
    if options.step == "table":
        atomic_write(RESULTS / "full" / "screening.md", table())
        return
    for num_nodes in options.nodes:
        _STEPS[options.step](num_nodes, options)


def _prepare(_: int, options: argparse.Namespace) -> None:
    options.work.mkdir(parents=True, exist_ok=True)
    history.published(history.DATA / "gsw").to_csv(options.work / PUBLISHED)


def _train(num_nodes: int, options: argparse.Namespace) -> None:
    contracts = _study(options).training(num_nodes)
    networks, losses = train(contracts, options.variants, options.share, print)
    leaves = enumerate(jax.tree.leaves(networks))
    arrays = {f"{place:02d}": np.asarray(leaf) for place, leaf in leaves}
    record = {"variants": options.variants, "share": options.share, "losses": losses}
    write_archive(options.work / f"networks-{num_nodes}", arrays, {"kind": KIND} | record)


def _judge(num_nodes: int, options: argparse.Namespace) -> None:
    study = _study(options)
    arrays, record, _ = read_archive(options.work / f"networks-{num_nodes}", KIND)
    like = start(study.training(num_nodes), Variant(), 0)
    leaves = [jnp.asarray(arrays[name]) for name in sorted(arrays)]
    networks = jax.tree.unflatten(jax.tree.structure(like), leaves)
    errors = judge(study, num_nodes, networks, record["variants"])
    result = record | {"nodes": num_nodes, "errors": errors}
    name = f"screening-{num_nodes}-{record['share']:g}.json"
    atomic_write((options.out or options.work) / name, json.dumps(result, indent=1) + "\n")
    for name, found in errors.items():
        held, same, below = (np.mean(found[kind]) for kind in found)
        print(f"{num_nodes:4d}  {name:40s} {held:.2e} {same:.2e}  {below:.0%}")


def table() -> str:
    """Mean errors on days held out, by variant and by what was screened, from the committed results."""
    files = sorted((RESULTS / "screening").glob("screening-*.json"))
    read = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    read = sorted(read, key=lambda result: (result["share"], result["nodes"]))
    heads = [f"K = {result['nodes']}, {_share(result['share'])}" for result in read]
    lines = [["variant", *heads], ["---"] * (1 + len(heads))]
    for name in VARIANTS:
        errors = [result["errors"].get(name) for result in read]
        lines.append([name, *(f"{np.mean(one['held_out']):.1e}" if one else "" for one in errors)])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _share(share: float) -> str:
    return "all" if share == 1.0 else f"{share:.0%} of the epochs"


def _study(options: argparse.Namespace) -> Study:
    published = pd.read_csv(options.work / PUBLISHED, index_col=0, parse_dates=True)
    return Study(FULL, options.work, print, published)


_STEPS = {"prepare": _prepare, "train": _train, "judge": _judge}

if __name__ == "__main__":
    main()
