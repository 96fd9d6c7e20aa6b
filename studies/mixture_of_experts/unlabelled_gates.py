"""Gates that nobody told whose part a sample is: trunk, experts and gate learn together, from prices alone.

    python -m studies.mixture_of_experts --full --only unlabelled_gates

As many experts as there are instruments, and as there are regimes; the columns that name the instrument are constants for
trunk, experts and gate. The loss is the likelihood of a mixture with one learned deviation, and a penalty on uneven use; every
expert answers every sample while it learns, and one of them when it is judged. A gate has collapsed where an expert gets less
than a tenth of an even share of held-out samples. The penalty has the weight of its source, and ten times that, which was
chosen when most gates had been seen to collapse at the first.

Source: Jacobs, Jordan, Nowlan and Hinton (1991), equation 1.3; Fedus, Zoph and Shazeer (2022), equation 4.
"""

import functools
import itertools

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float

from neuralrates.core.types import Key, Scalar
from neuralrates.learning.experts import ExpertsApart
from neuralrates.learning.fitting import even_chunk, fit
from neuralrates.learning.gate import uneven_use
from neuralrates.learning.mixture import kind_scaling, scaled_by_kind
from neuralrates.surrogates import MixtureOfExperts, Scaling
from neuralrates.surrogates.networks.layers import Statistics
from neuralrates.surrogates.networks.network import Dense
from studies.kept import Result
from studies.mixture_of_experts.gates import COLLAPSED, gate_weights
from studies.mixture_of_experts.networks import NARROW, errors, part_of, prices, recipe, spreads
from studies.mixture_of_experts.settings import Partition
from studies.mixture_of_experts.study import Study

PARTITIONS: tuple[Partition, ...] = ("instrument", "regime")
"""Whose number of parts the experts are as many as."""
BALANCES = (0.01, 0.1)
"""Weights of the penalty."""
RATE, WARM_UP, POPULATION = 5e-3, 0.1, 4096
_NEVER_SEEN = 1e30  # a scale that makes a constant of an input


class Together(eqx.Module):
    """What learns together.

    Args:
        network: trunk, experts and output
        gate: logits of the experts from what the trunk says and the scaled inputs
        log_deviation: of a sample around the expert that it belongs to
    """

    network: ExpertsApart
    gate: Dense
    log_deviation: Float[Array, ""]

    def __call__(
        self, z: Float[Array, "batch inputs"], key: Key
    ) -> tuple[
        Float[Array, "batch experts"], Float[Array, "experts batch"], tuple[Statistics, Statistics]
    ]:
        """Logarithms of shares, every expert's answer to every sample, and the batch's statistics."""
        hidden, trunk = self.network.trunk(z, key, 0.0)
        answers, experts = eqx.filter_vmap(lambda expert: expert(hidden, key, 0.0))(
            self.network.experts
        )
        logits = jax.vmap(self.gate)(jnp.concatenate([hidden, z], axis=1))
        head = self.network.head
        said = answers @ head.weight[0] + head.bias[0]
        return jax.nn.log_softmax(logits), said, (trunk, experts)


class TogetherLoss(eqx.Module):
    """Negative log-likelihood of the mixture, and uneven use."""

    z: Float[Array, "samples inputs"]
    target: Float[Array, "samples"]
    batch: int = eqx.field(static=True)
    balance: float = eqx.field(static=True)

    def __call__(self, model: Together, key: Key) -> Scalar:
        drawn, own = jax.random.split(key)
        rows = jax.random.randint(drawn, (self.batch,), 0, self.target.shape[0])
        logs, said, _ = model(self.z[rows], own)
        misses = ((said.T - self.target[rows, None]) * jnp.exp(-model.log_deviation)) ** 2
        fitting = model.log_deviation - jnp.mean(jax.nn.logsumexp(logs - 0.5 * misses, axis=1))
        return fitting + self.balance * uneven_use(jnp.exp(logs))


def unlabelled_gates(study: Study) -> Result:
    """Smallest share of an expert, seed by seed, and the error beside that of experts by label."""
    found: Result = {}
    for partition, balance in itertools.product(PARTITIONS, BALANCES):
        for seed in study.settings.gate_seeds:
            run = functools.partial(_one, study, partition, seed, balance)
            result = study.once(f"unlabelled-{partition}-{balance:g}-{seed}", run, __doc__)
            found.setdefault(partition, {}).setdefault(f"{balance:g}", []).append(result)
    return found


def _one(study: Study, partition: Partition, seed: int, balance: float) -> Result:
    test = study.test
    network = trained(study, partition, seed, balance)
    chosen = np.argmax(gate_weights(network, jnp.asarray(test.x)), axis=1)
    count = network.num_experts
    shares = np.bincount(chosen, minlength=count) * count / len(chosen)
    part, _ = part_of(test, partition)
    purest = sum(np.bincount(part[chosen == k]).max() for k in np.unique(chosen)) / len(chosen)
    return {
        "smallest_share": float(shares.min()),
        "collapsed": int(np.sum(shares < COLLAPSED)),
        "of_its_commonest_part": float(purest),
        "relative": errors(test, prices(network, test), spreads(study.train))["relative"],
    }


def trained(study: Study, partition: Partition, seed: int, balance: float) -> MixtureOfExperts:
    """A mixture without labels, its normalisation folded away."""
    used, settings = study.train, study.settings
    own = recipe(study, partition, settings.depths_before[0], NARROW)
    count = part_of(used, partition)[1]
    inputs = Scaling.from_samples(used.x)
    hidden = inputs.scale.at[jnp.array(study.kinds)].set(_NEVER_SEEN)
    inputs = eqx.tree_at(lambda scaling: scaling.scale, inputs, hidden)
    output = kind_scaling(np.asarray(used.x), np.asarray(used.value), study.kinds)
    z = jax.vmap(inputs)(jnp.asarray(used.x)).astype(jnp.float32)
    target = jnp.asarray(scaled_by_kind(output, used.x, used.value), jnp.float32)
    keys = jax.random.split(jax.random.key(seed), 4)
    sizes = own.width, own.depth_before, count, own.expert_depth
    network = ExpertsApart.random(z.shape[1], *sizes, keys[0])
    gate = Dense.random(own.width + z.shape[1], count, keys[1])
    start = Together(network, jax.tree.map(_single, gate), jnp.zeros((), jnp.float32))
    model, _ = fit(
        start,
        TogetherLoss(z, target, settings.batch, balance),
        _adam(own.num_steps),
        key=keys[2],
        num_steps=own.num_steps,
        chunk=even_chunk(own.num_steps, 250),
    )
    rows = jax.random.randint(keys[3], (POPULATION,), 0, len(target))
    statistics = eqx.filter_jit(lambda model, z: model(z, keys[3])[2])(model, z[rows])
    mixture = model.network.joined(statistics, inputs, output)
    return eqx.tree_at(lambda m: m.gate, mixture, model.gate)


def _single(leaf: Array) -> Array:
    return leaf.astype(jnp.float32)


@functools.cache
def _adam(num_steps: int) -> optax.GradientTransformation:
    """One object per number of steps, so that training compiles once."""
    return optax.adamw(optax.cosine_onecycle_schedule(num_steps, RATE, pct_start=WARM_UP))
