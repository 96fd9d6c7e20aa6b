r"""The losses of labels: values, differentials, or both, with a baseline or without.

Weights follow Huge and Savine (2020), appendix 2: with n inputs and the weight $\lambda$ of one derivative against the value,
values count $\alpha = 1 / (1 + \lambda n)$ and the sum over inputs $\beta = \lambda / (1 + \lambda n)$.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.core.checks import check_above, check_finite
from neuralrates.core.doors import door
from neuralrates.core.types import Outputs
from neuralrates.learning.data.samples import Samples
from neuralrates.learning.losses.loss import Loss, Weighted
from neuralrates.learning.losses.terms import Jacobian, MixedSlopeTerm, SlopeTerm, ValueTerm
from neuralrates.problems.labels import Labels
from neuralrates.surrogates.corrected import MakeBaseline
from neuralrates.surrogates.scaling import Scaling

_NOTHING = 1e-9
_LEAST_SPREAD = 1e-4


@door
def value_loss(
    labels: Labels, batch: int | None = None, *, baseline: MakeBaseline | None = None
) -> Loss:
    """Mean squared residual of the values, each output in units of what is left to learn of it.

    That is its standard deviation, or with a baseline the root mean square of the residuals. Errors then count in the unit
    of the values, so that a correction weighs as much as its scale makes it matter.

    Args:
        labels: the data
        batch: samples drawn per step, with replacement; all of them when None
        baseline: raw inputs to what is known; the loss is then one of the correction alone

    Returns:
        The loss, with one term, `values`.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> import neuralrates as nr
        >>> labels = nr.learning.Labels.from_arrays([[0.0], [1.0]], [0.0, 2.0])
        >>> print(nr.learning.value_loss(labels)(lambda x: jnp.zeros(1), jax.random.key(0)))
        2.0
        >>> def baseline(x):
        ...     return nr.surrogates.Baseline(x, x, jnp.ones(1))
        >>> print(nr.learning.value_loss(labels, baseline=baseline)(lambda features: features, jax.random.key(0)))
        0.0
    """
    samples = Samples.of(labels, baseline, slopes=False)
    terms = (Weighted("values", 1.0, _values(_left(samples))),)
    return Loss(samples, terms, _corrections(samples), batch, baseline)


@door
def differential_loss(
    labels: Labels,
    batch: int | None = None,
    weight: float = 1.0,
    *,
    baseline: MakeBaseline | None = None,
    common_size: bool = False,
    single: bool = False,
) -> Loss:
    r"""Mean squared residual of values and differentials, each in units of its own size.

    With one size for all differentials each of them counts times the spread of its input, so that an input matters by how far
    it moves the output, and one that hardly does needs no fit of its own.

    Args:
        labels: the data, with gradients
        batch: samples drawn per step, with replacement; all of them when None
        weight: $\lambda$, of one derivative against the value; with one size, of all of them together
        baseline: raw inputs to what is known; the loss is then one of the correction alone
        common_size: whether there is one size for all derivatives of an output
        single: whether samples are kept, and training goes on, in single precision

    Returns:
        The loss, with the terms `values` and `slopes`.

    Raises:
        ValueError: where the labels carry no gradients

    Source: Huge and Savine (2020), "Differential machine learning", appendix 2.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> import neuralrates as nr
        >>> labels = nr.learning.Labels.from_arrays([[0.0], [1.0]], [0.0, 2.0], gradient=[[2.0], [2.0]])
        >>> loss = nr.learning.differential_loss(labels)
        >>> print(loss(lambda x: 2.0 * x, jax.random.key(0)), loss(lambda x: x, jax.random.key(0)))
        0.0 0.375
    """
    samples = Samples.of(labels, baseline, single=single)
    unit = _left(samples)
    sizes = _common_sizes if common_size else _sizes
    slopes = SlopeTerm(sizes(samples, labels.x.astype(unit.dtype), unit))
    terms = _balanced(1 if common_size else labels.x.shape[1], weight, _values(unit), slopes)
    return Loss(samples, terms, _corrections(samples), batch, baseline)


@door
def slope_loss(
    labels: Labels, batch: int | None = None, *, baseline: MakeBaseline | None = None
) -> Loss:
    """Mean squared residual of the differentials alone: the limit of `differential_loss` for a large weight.

    A partner of `value_loss` in a `Sum`: values may be known at more points than differentials, which cost more to simulate.

    Args:
        labels: the data, with gradients
        batch: samples drawn per step, with replacement; all of them when None
        baseline: raw inputs to what is known; the loss is then one of the correction alone

    Returns:
        The loss, with one term, `slopes`.

    Raises:
        ValueError: where the labels carry no gradients

    Source: Huge and Savine (2020), for learning from differentials.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> import neuralrates as nr
        >>> labels = nr.learning.Labels.from_arrays([[0.0], [1.0]], [0.0, 2.0], gradient=[[2.0], [2.0]])
        >>> def baseline(x):
        ...     return nr.surrogates.Baseline(x, x, jnp.ones(1))
        >>> loss = nr.learning.slope_loss(labels, baseline=baseline)
        >>> print(loss(lambda features: features, jax.random.key(0)), loss(lambda features: 0.0 * features, jax.random.key(0)))
        0.0 1.0
    """
    samples = Samples.of(labels, baseline)
    term = SlopeTerm(_sizes(samples, labels.x, _left(samples)))
    terms = (Weighted("slopes", 1.0 / labels.x.shape[1], term),)
    return Loss(samples, terms, _corrections(samples), batch, baseline)


@door
def joint_loss(
    labels: Labels,
    batch: int | None = None,
    weight: float = 1.0,
    *,
    baseline: MakeBaseline | None = None,
) -> Loss:
    r"""`differential_loss` of a target, plus that of its control prices with the differentials of one random mix of them.

    The first output is the target and counts as much as all others together. Any number of control prices costs one reverse
    sweep, see `MixedSlopeTerm`; their derivative to each input is measured in units of its mean size over the control prices.
    Units are those of the labels, with a baseline too, so that target and control prices weigh against each other as they do
    without one.

    Args:
        labels: the data, with gradients; at least two outputs
        batch: samples drawn per step, with replacement; all of them when None
        weight: $\lambda$, of one derivative against the value
        baseline: raw inputs to what is known; the loss is then one of the correction alone

    Returns:
        The loss, with the terms `values` and `slopes`.

    Raises:
        ValueError: where the labels carry no gradients or a single output

    Source: Gomez Casanova et al. (2024), section 3.3, for joint learning.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> import neuralrates as nr
        >>> values, slopes = [[0.0, 0.0], [2.0, 4.0]], [[[2.0], [4.0]], [[2.0], [4.0]]]
        >>> loss = nr.learning.joint_loss(nr.learning.Labels.from_arrays([[0.0], [1.0]], values, gradient=slopes))
        >>> half = lambda x: jnp.concatenate([x, 2.0 * x])
        >>> print(loss(lambda x: 2.0 * half(x), jax.random.key(0)), loss(half, jax.random.key(0)))
        0.0 0.75
    """
    if labels.value.shape[1] < 2:
        raise ValueError(
            "Argument `labels` must have a target and control prices: use differential_loss."
        )
    plain, samples = Samples.of(labels), Samples.of(labels, baseline)
    unit = _spread(labels.value)
    sizes = _sizes(plain, labels.x, unit)
    relative = sizes[1:] / unit[1:, None]
    mean_square = jnp.mean(jnp.where(jnp.isfinite(relative), relative, 0.0) ** 2, axis=0)
    mixed = jnp.where(mean_square > 0.0, jnp.sqrt(mean_square), jnp.inf)
    others = labels.value.shape[1] - 1
    share = jnp.concatenate([jnp.ones(1), jnp.full(others, 1.0 / others)])
    values, slopes = ValueTerm(unit, share), MixedSlopeTerm(sizes[0], mixed, unit)
    terms = _balanced(labels.x.shape[1], weight, values, slopes)
    return Loss(samples, terms, _each(samples), batch, baseline)


def _balanced(
    count: int, weight: float, values: ValueTerm, slopes: SlopeTerm | MixedSlopeTerm
) -> tuple[Weighted, ...]:
    """Values and slopes, as many derivatives counting as the weight says, adding up to one."""
    check_finite("weight", weight)
    check_above("weight", weight, 0.0)
    whole = 1.0 + weight * count
    return Weighted("values", 1.0 / whole, values), Weighted("slopes", weight / whole, slopes)


def _values(unit: Outputs) -> ValueTerm:
    return ValueTerm(unit, jnp.full_like(unit, 1.0 / unit.shape[0]))


@jax.jit
def _left(samples: Samples) -> Outputs:
    """Size of what is left to learn of each output; one where there is nothing."""
    if samples.known is None:
        return _spread(samples.residual)
    size = jnp.sqrt(jnp.mean(samples.residual**2, axis=0))
    return jnp.where(size > 0.0, size, 1.0)


@jax.jit
def _sizes(samples: Samples, x: Float[Array, "samples inputs"], unit: Outputs) -> Jacobian:
    """Root mean square of each derivative; infinite where it is zero throughout, which leaves it out.

    Zero to rounding: a standard deviation of the input moves the output by nothing next to its own spread.
    """
    size = jnp.sqrt(jnp.mean(samples.slopes**2, axis=0))
    relative = size * _spread(x)[None, :] / unit[:, None]
    return jnp.where(relative > _NOTHING, size, jnp.inf)


@jax.jit
def _common_sizes(samples: Samples, x: Float[Array, "samples inputs"], unit: Outputs) -> Jacobian:
    """Root mean square length of the derivatives of an output by the spread of each input, over that spread."""
    spread = jnp.std(x, axis=0)
    moved = samples.slopes * spread[None, None, :]
    length = jnp.sqrt(jnp.mean(jnp.sum(moved**2, axis=2), axis=0))
    safe = jnp.where(length > 0.0, length, unit)[:, None]
    return jnp.where(spread[None, :] > 0.0, safe / spread[None, :], jnp.inf)


@jax.jit
def _corrections(samples: Samples) -> Scaling:
    """Scaling of the outputs of an untrained function: size of the residuals over that of the scale, however noisy."""
    if samples.known is None:
        return Scaling.from_samples(samples.residual)
    weight = jnp.sum(samples.known.scale**2, axis=0)
    size = jnp.sqrt(jnp.sum(samples.residual**2, axis=0) / jnp.where(weight > 0.0, weight, 1.0))
    return Scaling(jnp.zeros_like(size), jnp.where((size > 0.0) & (weight > 0.0), size, 1.0))


@jax.jit
def _each(samples: Samples) -> Scaling:
    """The same from corrections one by one, each in units of its own scale: for labels without noise."""
    if samples.known is None:
        return Scaling.from_samples(samples.residual)
    scale = jnp.where(samples.known.scale > 0.0, samples.known.scale, jnp.inf)
    spread = jnp.maximum(jnp.std(samples.residual / scale, axis=0), _LEAST_SPREAD)
    return Scaling(jnp.zeros_like(spread), spread)


@jax.jit
def _spread(value: Float[Array, "samples outputs"]) -> Outputs:
    """Standard deviation of each output; one where it is constant."""
    spread = jnp.std(value, axis=0)
    return jnp.where(spread > 0.0, spread, 1.0)
