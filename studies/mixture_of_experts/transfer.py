"""The article's experiment: trained on options, priced on floating rate notes; against trained on the notes."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

import neuralrates as nr
from neuralrates.learning.mixture import kind_scaling, scaled_by_kind
from neuralrates.surrogates import MixtureOfExperts
from studies.kept import Result
from studies.mixture_of_experts.networks import NARROW, recipe
from studies.mixture_of_experts.panel_data import Panel
from studies.mixture_of_experts.study import Study

NOTE = "floating_rate_note"
OPTIONS = ("index_option", "gold_option")
_RIDGE = 1e-3


def transfer(study: Study) -> Result:
    """Mean absolute error of notes, in basis points, by what was learned where."""
    found: Result = {}
    for seed in study.settings.seeds:
        result = study.once(f"transfer-{seed}", lambda s=seed: _one(study, s))  # type: ignore[misc]
        for name, value in result.items():
            found.setdefault(name, []).append(value)
    return found


def _one(study: Study, seed: int) -> Result:
    panel = study.panel
    note = panel.groups.index(NOTE)
    options = [panel.groups.index(name) for name in OPTIONS]
    own, asked = (part.take(part.group == note) for part in (study.train, study.test))
    elsewhere = study.train.take(np.isin(study.train.group, options))
    of_notes = _trained(study, own, seed)
    of_options = _trained(study, elsewhere, seed)
    output = kind_scaling(np.asarray(own.x), np.asarray(own.value), (study.kinds[note],))
    shift, scale = float(output.shift[0]), float(output.scale[0])
    target = scaled_by_kind(output, own.x, own.value)

    def error(scaled: np.ndarray) -> float:
        misses = np.abs(shift + scale * scaled - asked.value)
        return float(misses.mean() / nr.core.basis_point)

    def refitted(network: MixtureOfExperts) -> float:
        return error(_ridge(_hidden(network, own), target, _hidden(network, asked)))

    inputs = [np.asarray(jax.vmap(of_notes.input_scaling)(jnp.asarray(p.x))) for p in (own, asked)]
    return {
        "trained on notes": error(_scaled(of_notes, asked)),
        "trained on options": error(_scaled(of_options, asked)),
        "options, output refitted to notes": refitted(of_options),
        "notes, output refitted": refitted(of_notes),
        "linear in the inputs": error(_ridge(inputs[0], target, inputs[1])),
        "mean of the notes": error(np.zeros(len(asked))),
        "par formula": float(np.abs(asked.baseline - asked.value).mean() / nr.core.basis_point),
    }


def _trained(study: Study, used: Panel, seed: int) -> MixtureOfExperts:
    """A dense network of 31 layers, a quarter as wide as the study's."""
    own = recipe(study, "dense", study.settings.depths_before[0], NARROW)
    kinds = tuple(study.kinds[k] for k in np.unique(used.group))
    nothing = np.zeros(len(used), dtype=np.int64)
    key = jax.random.key(seed)
    return nr.learning.fit_mixture(used.x, used.value, nothing, 1, kinds, own, key=key)[0]


@eqx.filter_jit
def _features(
    network: MixtureOfExperts, x: Float[Array, "samples inputs"]
) -> Float[Array, "samples states"]:
    def one(point: Array) -> Array:
        return jax.tree.map(lambda a: a[0], network.experts)(network.hidden(point)[1])

    return jax.lax.map(one, x, batch_size=1024)


def _hidden(network: MixtureOfExperts, panel: Panel) -> np.ndarray:
    """What the last hidden layer says of each row."""
    return np.asarray(_features(network, jnp.asarray(panel.x)), np.float64)


def _scaled(network: MixtureOfExperts, panel: Panel) -> np.ndarray:
    """Scaled outputs, whatever the kind of the row."""
    head = network.head
    return _hidden(network, panel) @ np.asarray(head.weight[0]) + float(head.bias[0])


def _ridge(known: np.ndarray, target: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Linear regression with a constant and a small penalty, on standardised columns."""
    middle, spread = known.mean(axis=0), known.std(axis=0) + 1e-9
    columns = np.column_stack([np.ones(len(known)), (known - middle) / spread])
    penalty = _RIDGE * len(known) * np.eye(columns.shape[1])
    penalty[0, 0] = 0.0
    weights = np.linalg.solve(columns.T @ columns + penalty, columns.T @ target)
    return np.column_stack([np.ones(len(asked)), (asked - middle) / spread]) @ weights
