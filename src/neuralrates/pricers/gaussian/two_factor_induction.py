"""The exact Bermudan price under two Gaussian factors, for one trade: what tables and tests call."""

import functools

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuralrates.core.checks import as_array, is_concrete
from neuralrates.core.doors import door
from neuralrates.core.errors import RefusalError
from neuralrates.core.functions import decay_between, largest
from neuralrates.core.types import Exercises, Scalar
from neuralrates.models.gaussian import GaussianFactors
from neuralrates.pricers.gaussian.european import GaussianEuropean
from neuralrates.pricers.gaussian.two_factor.options import Valued, Wanted, valued
from neuralrates.pricers.gaussian.two_factor.plane import PlaneRights
from neuralrates.pricers.price import Price
from neuralrates.pricers.pricer import AbstractPricer
from neuralrates.products.callable import AbstractBondCallable

_FACTORS = 2

Covariances = Float[Array, "exercises factors factors"]
Loadings = Float[Array, "flows factors"]
PresentValues = Float[Array, "exercises flows"]


@door
class TwoFactorInduction(AbstractPricer):
    """Exact Bermudan prices under two Gaussian factors, any exercise schedule and piecewise volatilities, differentiable once.

    Each exercise has coordinates of its own, across its boundary and along it. Across, a quadrature begins at the boundary;
    along, functions are smooth and five Gauss-Hermite lines do, up to 44 where the boundary bends. Nothing is
    compiled but what model and product say of their flows: the induction runs on the host, many trades at once under `vmap`,
    and has an adjoint of its own, so that a gradient costs about three prices. One exercise is priced by `GaussianEuropean`.

    Args:
        tolerance: error aimed at, per unit notional; sets where the states end and how densely they are sampled

    `error` is the change from a coarser rule of fewer lines. Where it exceeds five times the tolerance, finer rules follow.

    Source: Hagan (2002), the model; Andricopoulos et al. (2003), quadrature with the boundary located; Hale and Trefethen
        (2008), section 3, the nodes.

    Example:
        >>> import neuralrates as nr
        >>> curve = nr.market.FlatCurve(0.03)
        >>> model = nr.models.GaussianFactors(curve, [0.5, 0.03], [0.01, 0.008], [[1.0, -0.7], [-0.7, 1.0]])
        >>> trade = nr.products.Swaption([1, 2, 3, 4, 5], [2, 3, 4, 5, 6], [1] * 5, strike=0.03, side="receiver")
        >>> print(f"{nr.pricers.TwoFactorInduction()(model, trade).value:.7f}")
        0.0140271
    """

    tolerance: float = eqx.field(static=True, default=1e-7)

    def __check_init__(self) -> None:
        if not 1e-11 <= self.tolerance <= 1e-3:
            raise ValueError(
                f"Argument `tolerance` must lie in [1e-11, 1e-3], but is {self.tolerance}."
            )

    def __call__(self, model: GaussianFactors, product: AbstractBondCallable) -> Price:
        _check_factors(model)
        if product.exercise_times.shape[0] == 1:
            return GaussianEuropean(_EUROPEAN_POINTS)(model, product)
        numbers = numbers_of(model, product)
        if is_concrete(*numbers):
            found = _on_host(self.tolerance, *map(np.asarray, numbers), derivatives=False)
            return Price(*jax.device_put((found.values[0], found.errors[0])))
        value, error = _price(self.tolerance, *numbers)
        return Price(value, jax.lax.stop_gradient(error))

    def order(self) -> float | None:
        return None

    def sub_bermudans(self, model: GaussianFactors, product: AbstractBondCallable) -> Exercises:
        """Values today of the rights that begin at each exercise time, all from one run; numbers only, without derivatives."""
        _check_factors(model)
        numbers = numbers_of(model, product)
        if not is_concrete(*numbers):
            raise ValueError("Argument `model` must hold numbers, but is traced.")
        found = _on_host(self.tolerance, *map(np.asarray, numbers), derivatives=False)
        return as_array(found.rights[0])


_EUROPEAN_POINTS = 16


def _check_factors(model: GaussianFactors) -> None:
    count = model.mean_reversions.shape[0]
    if count != _FACTORS:
        raise RefusalError(
            f"this induction is for two factors, and the model has {count}; use `BackwardInduction` for one, "
            "`StochasticGridBundling` for more"
        )


@eqx.filter_jit
def numbers_of(
    model: GaussianFactors, product: AbstractBondCallable
) -> tuple[Covariances, Loadings, PresentValues]:
    """Covariances, loadings and present values: all that the induction knows of a model and a product.

    Loadings count from that of the last flow: prices do not change, and a strong mean reversion does not overflow.
    """
    end = largest(product.flow_times)
    between = jax.vmap(jax.vmap(decay_between, in_axes=(0, None, None)), in_axes=(None, 0, None))
    loadings = -between(model.mean_reversions, product.flow_times, end)
    covariances = jax.vmap(model.covariance)(product.exercise_times)
    discount_factors = jax.vmap(model.curve.discount_factor)(product.flow_times)
    return covariances, loadings, product.flows * discount_factors[None, :]


@functools.partial(jax.custom_vjp, nondiff_argnums=(0,))
def _price(
    tolerance: float, covariances: Covariances, loadings: Loadings, present_values: PresentValues
) -> tuple[Scalar, Scalar]:
    """Value and error."""
    value, error = _called(tolerance, covariances, loadings, present_values, derivatives=False)
    return value, error


def _forward(
    tolerance: float, covariances: Covariances, loadings: Loadings, present_values: PresentValues
) -> tuple[tuple[Scalar, Scalar], tuple[Array, Array, Array]]:
    value, error, *gradient = _called(
        tolerance, covariances, loadings, present_values, derivatives=True
    )
    return (value, error), tuple(gradient)  # type: ignore[return-value]


def _backward(
    tolerance: float, gradient: tuple[Array, Array, Array], weights: tuple[Scalar, Scalar]
) -> tuple[Array, Array, Array]:
    first, second, third = (weights[0] * part for part in gradient)
    return first, second, third


_price.defvjp(_forward, _backward)


def _called(tolerance: float, *numbers: Array, derivatives: bool) -> tuple[Array, ...]:
    """Value, error, and derivatives where wanted, from the host."""

    def run(*arrays: Array) -> tuple[np.ndarray, ...]:
        lead = arrays[0].shape[:-3]
        flat = [np.asarray(a).reshape(-1, *a.shape[len(lead) :]) for a in arrays]
        found = _on_host(tolerance, *flat, derivatives=derivatives)
        parts = [found.values, found.errors]
        if derivatives:
            parts += [found.covariances, found.loadings, found.present_values]
        return tuple(part.reshape(lead + part.shape[1:]) for part in parts)

    if is_concrete(*numbers):
        return tuple(as_array(part) for part in run(*numbers))
    scalar = jax.ShapeDtypeStruct((), jnp.float64)
    shapes = [scalar, scalar]
    if derivatives:
        shapes += [jax.ShapeDtypeStruct(part.shape, jnp.float64) for part in numbers]
    called: tuple[Array, ...] = jax.pure_callback(
        run, tuple(shapes), *numbers, vmap_method="broadcast_all"
    )
    return called


def _on_host(
    tolerance: float,
    covariances: np.ndarray,
    loadings: np.ndarray,
    present_values: np.ndarray,
    *,
    derivatives: bool,
) -> Valued:
    """Options valued; a leading axis for the trades is added where there is none."""
    if covariances.ndim == 3:
        covariances, loadings, present_values = (
            part[None] for part in (covariances, loadings, present_values)
        )
    counts = np.full(covariances.shape[0], covariances.shape[1])
    rights = PlaneRights(counts, covariances, loadings, present_values)
    with np.errstate(all="ignore"):
        return valued(tolerance, rights, Wanted(derivatives))[0]
