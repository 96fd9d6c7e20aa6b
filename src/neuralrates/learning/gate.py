"""The gate, trained when the experts are done: towards those who do best, and evenly used."""

import functools

import equinox as eqx
import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Float, Int

from neuralrates.core.types import Key, Scalar
from neuralrates.learning.fitting import fit
from neuralrates.surrogates.networks.mixture_of_experts import MixtureOfExperts
from neuralrates.surrogates.networks.network import Dense

_BATCH_SIZE = 1024
_FLOOR = 1e-12
_WARM_UP = 0.2


class GateLoss(eqx.Module):
    r"""Negative log-likelihood of a mixture, cross-entropy with each sample's own part, and uneven use.

    With shares p of the logits over the temperature and squared misses $m_e$ of the experts over their spread $s^2$, the
    likelihood of a sample is $\sum_e p_e e^{-m_e / 2 s^2}$.

    Args:
        seen: what the gate sees
        misses: squared error of every expert at every sample, over the spread
        part: number of the part that each sample was drawn for
        temperature: divides the logits
        likelihood: weight of the likelihood; the cross-entropy has the rest
        batch: samples per step
        balance: weight of uneven use

    Source: Jacobs, Jordan, Nowlan and Hinton (1991), equation 1.3; Fedus, Zoph and Shazeer (2022), equation 4.
    """

    seen: Float[Array, "samples features"]
    misses: Float[Array, "samples experts"]
    part: Int[Array, "samples"]
    temperature: Float[Array, ""]
    likelihood: Float[Array, ""]
    batch: int = eqx.field(static=True)
    balance: float = eqx.field(static=True)

    def __call__(self, gate: Dense, key: Key) -> Scalar:
        rows = jax.random.randint(key, (self.batch,), 0, self.part.shape[0])
        logits = jax.vmap(gate)(self.seen[rows]) / self.temperature
        logs = jax.nn.log_softmax(logits)
        own = -jnp.mean(jnp.take_along_axis(logs, self.part[rows][:, None], axis=1))
        fitting = -jnp.mean(jax.nn.logsumexp(logs - 0.5 * self.misses[rows], axis=1))
        blend = self.likelihood * fitting + (1.0 - self.likelihood) * own
        return blend + self.balance * uneven_use(jnp.exp(logs))


def uneven_use(shares: Float[Array, "batch experts"]) -> Scalar:
    """Experts times the sum over experts of samples sent there times mean share; one where use is even.

    Args:
        shares: softmax of the gate, one row per sample

    Source: Fedus, Zoph and Shazeer (2022), equations 4 to 6; Shazeer et al. (2017), section 4.

    Example:
        >>> import jax.numpy as jnp
        >>> from neuralrates.learning.gate import uneven_use
        >>> shares = jnp.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.4, 0.6]])
        >>> print(f"{uneven_use(shares):.4f}")  # 2 (0.75 x 0.7 + 0.25 x 0.3)
        1.2000
    """
    count = shares.shape[1]
    sent = jnp.mean(jax.nn.one_hot(jnp.argmax(shares, axis=1), count, dtype=shares.dtype), axis=0)
    return count * jnp.sum(jax.lax.stop_gradient(sent) * jnp.mean(shares, axis=0))


def fit_gate(
    mixture: MixtureOfExperts,
    x: Float[Array, "samples inputs"],
    scaled: Float[Array, "samples"],
    part: Int[Array, "samples"],
    *,
    key: Key,
    num_steps: int,
    batch: int = 512,
    learning_rate: float = 1e-2,
    temperatures: tuple[float, ...] = (2.0, 1.0),
    likelihoods: tuple[float, ...] = (0.0, 0.5),
    balance: float = 0.01,
) -> MixtureOfExperts:
    """Train the gate of a mixture; trunk and experts stay.

    What the gate sees and how far every expert misses is worked out once. Each phase has its temperature and its weight of
    the likelihood: first the gate learns whose part a sample is, then who does best. The rate warms up and decays.

    Args:
        mixture: experts that are trained
        x: raw inputs
        scaled: scaled outputs
        part: number of each sample's part
        key: of the batches
        num_steps: steps of all phases together
        batch: samples per step
        learning_rate: highest step of Adam
        temperatures: one per phase
        likelihoods: one per phase
        balance: weight of uneven use

    Returns:
        The mixture with its gate trained.

    Raises:
        DivergenceError: where the loss runs away
    """
    seen, misses = _seen_and_misses(mixture, x, scaled)
    each = max(1, num_steps // len(temperatures))
    gate = mixture.gate
    phases = zip(temperatures, likelihoods, strict=True)
    for number, numbers in enumerate(phases):
        # As arrays, so that all phases are compiled once.
        temperature, likelihood = (jnp.asarray(one, seen.dtype) for one in numbers)
        loss = GateLoss(seen, misses, part, temperature, likelihood, batch, balance)
        own = jax.random.fold_in(key, number)
        gate, _ = fit(gate, loss, _adam(each, learning_rate), key=own, num_steps=each, chunk=each)
    return eqx.tree_at(lambda m: m.gate, mixture, gate)


@functools.cache
def _adam(num_steps: int, rate: float) -> optax.GradientTransformation:
    return optax.adam(optax.cosine_onecycle_schedule(num_steps, rate, pct_start=_WARM_UP))


@eqx.filter_jit
def _seen_and_misses(
    mixture: MixtureOfExperts, x: Array, scaled: Array
) -> tuple[Float[Array, "samples features"], Float[Array, "samples experts"]]:
    """What the gate sees at every sample, and every expert's squared error there over the best one's median."""

    def one(point: Array, target: Array) -> tuple[Array, Array]:
        z, hidden = mixture.hidden(point)
        answers = eqx.filter_vmap(lambda expert: mixture.head(expert(hidden))[0])(mixture.experts)
        return jnp.concatenate([hidden, z]), (answers - target) ** 2

    single = scaled.astype(jnp.float32)
    seen, misses = jax.lax.map(lambda pair: one(*pair), (x, single), batch_size=_BATCH_SIZE)
    return seen, misses / (jnp.median(jnp.min(misses, axis=1)) + _FLOOR)
