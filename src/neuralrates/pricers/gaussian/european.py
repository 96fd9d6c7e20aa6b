"""European options on bond portfolios under several Gaussian factors."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.core.doors import door
from neuralrates.models.gaussian import GaussianFactors, square_root
from neuralrates.pricers.gaussian.boundary import Portfolio, break_even
from neuralrates.pricers.gaussian.jamshidian import SMALLEST_VARIANCE, european_value
from neuralrates.pricers.gaussian.quadrature import gauss_hermite
from neuralrates.pricers.price import Price
from neuralrates.pricers.pricer import AbstractPricer
from neuralrates.products.callable import AbstractBondCallable

_TURNS = 2
_WIDTH = 12.0

Flows = Float[Array, "flows"]
Matrix = Float[Array, "factors factors"]


@door
class GaussianEuropean(AbstractPricer):
    """Jamshidian's formula along the direction in which the swap moves, quadrature across it.

    At exercise the state is $x = b y + r$. The number y = g'x, with g the gradient of the exercise value where it vanishes,
    has variance $v = g'Zg$; $b = Zg / v$, and the rest r is independent of y. Given r, exercise is a portfolio of exponentials
    of y alone, whose option has a closed form; its average over r is taken by a Gauss-Hermite product rule. Under one
    factor there is no r and the price is that of `Jamshidian`. `error` is the change from three quarters of the points.

    Args:
        num_points: points of the rule in each of the directions across, one fewer than there are factors

    Source: Jamshidian (1989); Brigo and Mercurio (2006), theorem 4.2.3 (equation 4.31), integrates along the first factor.

    Example:
        >>> import neuralrates as nr
        >>> curve = nr.market.FlatCurve(0.03)
        >>> model = nr.models.GaussianFactors(curve, [0.5, 0.03], [0.01, 0.008], [[1.0, -0.7], [-0.7, 1.0]])
        >>> trade = nr.products.Swaption([1], [2, 3, 4, 5, 6], [1] * 5, strike=0.03, side="receiver")
        >>> print(f"{nr.pricers.GaussianEuropean()(model, trade).value:.8f}")
        0.00938191
    """

    num_points: int = eqx.field(static=True, default=8)

    def __check_init__(self) -> None:
        if self.num_points < 2:
            raise ValueError(f"Argument `num_points` must be at least 2, but is {self.num_points}.")

    @eqx.filter_jit
    def __call__(self, model: GaussianFactors, product: AbstractBondCallable) -> Price:
        if product.exercise_times.shape[0] != 1:
            raise ValueError(
                f"Argument `product` must have one exercise time, but has {product.exercise_times.shape[0]}; use "
                "StochasticGridBundling."
            )
        loadings = jax.vmap(model.loadings)(product.flow_times)
        loadings = (
            loadings - loadings[-1:]
        )  # in the last bond: no weight grows as mean reversions do
        discount_factors = jax.vmap(model.curve.discount_factor)(product.flow_times)
        present_values = product.flows[0] * discount_factors
        covariance = model.covariance(product.exercise_times[0])
        value, coarse = (
            conditional_european(present_values, loadings, covariance, points)
            for points in (self.num_points, -(-3 * self.num_points // 4))
        )
        difference = jax.lax.stop_gradient(jnp.abs(value - coarse))
        return Price(value, difference + 1e-15 * jnp.sum(jnp.abs(present_values)))

    def order(self) -> float | None:
        return None


def conditional_european(
    present_values: Flows, loadings: Float[Array, "flows factors"], covariance: Matrix, points: int
) -> Float[Array, ""]:
    """Value of the right to receive a bond portfolio when the state has this covariance at exercise.

    Args:
        present_values: value now of each flow, negative if paid
        loadings: $H(T_k)$ of each flow, years, up to a constant
        covariance: of the state at exercise, given now
        points: of the rule in each direction across

    Returns:
        Value in the unit of the present values; differentiable.
    """
    gradient = _gradient(present_values, loadings, covariance)
    along, variance, across = split(gradient, covariance)
    rest, weights = (jnp.asarray(a) for a in gauss_hermite(points, covariance.shape[0] - 1))
    along_loadings, across_loadings = loadings @ along, loadings @ across

    def given(normals: Float[Array, "_"]) -> Float[Array, ""]:
        exponents = -across_loadings @ normals - 0.5 * jnp.sum(across_loadings**2, axis=1)
        return european_value(present_values * jnp.exp(exponents), along_loadings, variance)

    return weights @ jax.vmap(given)(rest)


def _gradient(
    present_values: Flows, loadings: Float[Array, "flows factors"], covariance: Matrix
) -> Float[Array, "factors"]:
    """Gradient of the exercise value where it vanishes, found in two turns along the direction it gives.

    Any gradient leads to the same price in the end, this one with the fewest points: so it carries no derivative.
    """
    convexity = 0.5 * jnp.sum(loadings @ covariance * loadings, axis=1)
    gradient = present_values @ loadings
    for _ in range(_TURNS):
        along, variance, _ = split(gradient, covariance)
        slopes, width = loadings @ along, _WIDTH * jnp.sqrt(variance)
        portfolio = Portfolio.of(present_values * jnp.exp(-convexity), slopes)
        exponents = -slopes * break_even(portfolio, -width, width) - convexity
        gradient = (present_values * jnp.exp(exponents)) @ loadings
    return jax.lax.stop_gradient(gradient)


def split(
    gradient: Float[Array, "factors"], covariance: Matrix
) -> tuple[Float[Array, "factors"], Float[Array, ""], Float[Array, "factors _"]]:
    """The direction b and variance of y = g'x, and a root of the covariance of x - b y.

    The root has one column fewer than there are factors: x = A z, with z reflected so that its first component is y.

    Args:
        gradient: g
        covariance: of x

    Returns:
        Direction, variance, root.
    """
    root = square_root(covariance + SMALLEST_VARIANCE * jnp.eye(covariance.shape[0]))
    pulled = root.T @ gradient
    length = jnp.sqrt(jnp.sum(pulled**2))
    unit = pulled / length
    sign = jax.lax.stop_gradient(jnp.where(unit[0] > 0.0, -1.0, 1.0))
    first = (jnp.arange(unit.shape[0]) == 0).astype(jnp.float64)
    normal = unit - sign * first
    reflection = jnp.eye(unit.shape[0]) - 2.0 * jnp.outer(normal, normal) / jnp.sum(normal**2)
    return root @ unit / length, length**2, root @ reflection[:, 1:]
