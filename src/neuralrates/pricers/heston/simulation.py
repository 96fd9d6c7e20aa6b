"""European options under stochastic variance, by simulation: the quadratic-exponential scheme."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.core.doors import door
from neuralrates.core.functions import normal_distribution
from neuralrates.core.types import Key, Scalar
from neuralrates.models.heston import Heston
from neuralrates.pricers.price import Price
from neuralrates.pricers.pricer import AbstractPricer
from neuralrates.products.forward_call import ForwardCall

_SWITCH = 1.5
_SMALLEST = 1e-12

Paths = Float[Array, "paths"]
Normals = Float[Array, "steps factors paths"]


@door
class HestonSimulation(AbstractPricer):
    """European calls on an asset with stochastic variance, by the quadratic-exponential scheme.

    Measure and numeraire: those of the bond of the expiry, under which the asset over its forward is a martingale. `error` is
    one standard error; the bias of the steps, of about first order, is not in it.

    Args:
        num_paths: number of paths
        num_steps: time steps to the expiry
        key: random key; the same key gives the same price

    Source: Andersen (2008).

    Example:
        >>> import jax, neuralrates as nr
        >>> model = nr.models.Heston(0.04, 1.5, 0.04, volatility=0.3, correlation=-0.7)
        >>> pricer = nr.pricers.HestonSimulation(20_000, 8, jax.random.key(0))
        >>> price = pricer(model, nr.products.ForwardCall(log_moneyness=0.0, expiry=1.0))
        >>> print(f"{price.value:.3f}, standard error {price.error:.3f}")
        0.076, standard error 0.001
    """

    num_paths: int = eqx.field(static=True)
    num_steps: int = eqx.field(static=True)
    key: Key

    def __check_init__(self) -> None:
        for name, least in (("num_paths", 2), ("num_steps", 1)):
            if getattr(self, name) < least:
                raise ValueError(
                    f"Argument `{name}` must be at least {least}, but is {getattr(self, name)}."
                )

    @eqx.filter_jit
    def __call__(self, model: Heston, product: ForwardCall) -> Price:
        normals = jax.random.normal(self.key, (self.num_steps, 2, self.num_paths), jnp.float64)
        return simulated_heston_call(model, product.log_moneyness, product.expiry, normals)

    def order(self) -> float | None:
        return 0.5


def simulated_heston_call(
    model: Heston, log_moneyness: Scalar, expiry: Scalar, normals: Normals
) -> Price:
    """Call on an asset with stochastic variance, undiscounted and per unit of the forward.

    Error of order 1/2 in the paths; the bias of the steps, of about first order, is not in the error that is returned.

    Args:
        model: of the asset
        log_moneyness: log of strike over forward
        expiry: years, positive
        normals: independent standard normals: per step, for the variance (0) and the asset (1), per path

    Returns:
        Price, with one standard error.

    Source: Andersen (2008).

    Example:
        >>> import jax, neuralrates as nr
        >>> model = nr.models.Heston(0.04, 1.5, 0.04, volatility=0.3, correlation=-0.7)
        >>> normals = jax.random.normal(jax.random.key(0), (8, 2, 20_000), dtype="float64")
        >>> from neuralrates.pricers.heston.simulation import simulated_heston_call
        >>> price = simulated_heston_call(model, 0.0, 1.0, normals)
        >>> print(f"{price.value:.3f}, standard error {price.error:.3f}")
        0.076, standard error 0.001
    """
    asset = simulated_heston_asset(model, expiry, normals)
    gains = jnp.maximum(asset - jnp.exp(log_moneyness), 0.0)
    return Price(jnp.mean(gains), jnp.std(gains) / jnp.sqrt(float(gains.shape[0])))


def simulated_heston_asset(model: Heston, expiry: Scalar, normals: Normals) -> Paths:
    """Asset over its forward at expiry, path by path.

    Measure: that in which it is a martingale, kept one exactly by the scheme at every step.

    Args:
        model: of the asset
        expiry: years, positive
        normals: independent standard normals: per step, for the variance (0) and the asset (1), per path

    Source: Andersen (2008), section 3.2.4 for the variance and 4.3 for the asset with its martingale correction.

    Example:
        >>> import jax, neuralrates as nr
        >>> from neuralrates.pricers.heston.simulation import simulated_heston_asset
        >>> model = nr.models.Heston(0.04, 1.5, 0.04, volatility=0.3, correlation=-0.7)
        >>> normals = jax.random.normal(jax.random.key(0), (8, 2, 1_000), dtype="float64")
        >>> simulated_heston_asset(model, 1.0, normals).shape
        (1000,)
    """
    growth, variances = _steps(model, expiry, normals[:, 0])
    return jnp.exp(jnp.sum(growth + jnp.sqrt(variances) * normals[:, 1], axis=0))


def law_given_variance(
    model: Heston, expiry: Scalar, normals: Float[Array, "steps paths"]
) -> tuple[Paths, Paths]:
    """Mean of the asset over its forward, and variance of its log, given each path of the variance: it is lognormal then.

    Prices that are means over these laws, not over simulated assets, vary less from path to path.

    Args:
        model: of the asset
        expiry: years, positive
        normals: independent standard normals of the variance, per step and path

    Source: Romano and Touzi (1997), in the discretisation of Andersen (2008), section 4.3.

    Example:
        >>> import jax, neuralrates as nr
        >>> from neuralrates.pricers.heston.simulation import law_given_variance
        >>> model = nr.models.Heston(0.04, 1.5, 0.04, volatility=0.3, correlation=-0.7)
        >>> normals = jax.random.normal(jax.random.key(0), (8, 20_000), dtype="float64")
        >>> mean, variance = law_given_variance(model, 1.0, normals)
        >>> print(f"{mean.mean():.2f} {variance.mean():.3f}")  # one; (1 - 0.7^2) 0.04
        1.00 0.020
    """
    growth, variances = _steps(model, expiry, normals)
    total = jnp.sum(variances, axis=0)
    return jnp.exp(jnp.sum(growth, axis=0) + 0.5 * total), total


def _steps(
    model: Heston, expiry: Scalar, normals: Float[Array, "steps paths"]
) -> tuple[Float[Array, "steps paths"], Float[Array, "steps paths"]]:
    """Mean and variance of the asset's log in each step, given the variance's path."""
    long, volatility, correlation = model.long_variance, model.volatility, model.correlation
    step = jnp.asarray(expiry / normals.shape[0])
    decay = jnp.exp(-model.reversion * step)
    common = 0.5 * step * (model.reversion * correlation / volatility - 0.5)
    k1, k2 = common - correlation / volatility, common + correlation / volatility
    k3 = 0.5 * step * (1.0 - correlation**2)
    tilt = k2 + 0.5 * k3

    def advance(v: Paths, normal: Paths) -> tuple[Paths, tuple[Paths, Paths]]:
        mean = long + (v - long) * decay
        spread = volatility**2 * (1.0 - decay) / model.reversion
        square = spread * (v * decay + 0.5 * long * (1.0 - decay))
        ratio = square / jnp.maximum(mean, _SMALLEST) ** 2
        after, log_growth = _next_variance(mean, ratio, normal, tilt)
        drift = -log_growth - (k1 + 0.5 * k3) * v
        return after, (drift + k1 * v + k2 * after, k3 * (v + after))

    start = jnp.full(normals.shape[1], model.variance)
    return jax.lax.scan(advance, start, normals)[1]


def _next_variance(mean: Paths, ratio: Paths, normal: Paths, tilt: Scalar) -> tuple[Paths, Paths]:
    """Next variance with its mean and with its ratio of squared deviation to squared mean; and $\\log E[e^{A v'}]$."""
    calm = ratio <= _SWITCH
    inverse = 2.0 / jnp.where(calm, jnp.maximum(ratio, _SMALLEST), 1.0)
    b_squared = inverse - 1.0 + jnp.sqrt(inverse) * jnp.sqrt(jnp.maximum(inverse - 1.0, 0.0))
    a = mean / (1.0 + b_squared)
    quadratic = a * (jnp.sqrt(b_squared) + normal) ** 2
    room = jnp.where(calm, jnp.maximum(1.0 - 2.0 * tilt * a, _SMALLEST), 1.0)
    log_quadratic = tilt * b_squared * a / room - 0.5 * jnp.log(room)
    wild = jnp.where(calm, 2.0, ratio)
    none = (wild - 1.0) / (wild + 1.0)
    rate = (1.0 - none) / jnp.maximum(mean, _SMALLEST)
    uniform = normal_distribution(normal)
    left = jnp.maximum(1.0 - uniform, _SMALLEST)
    exponential = jnp.where(uniform <= none, 0.0, jnp.log((1.0 - none) / left) / rate)
    gap = jnp.maximum(rate - tilt, _SMALLEST)
    log_exponential = jnp.log(none + rate * (1.0 - none) / gap)
    return (
        jnp.where(calm, quadratic, exponential),
        jnp.where(calm, log_quadratic, log_exponential),
    )
