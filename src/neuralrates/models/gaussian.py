"""Several Gaussian factors: G2++ and its likes, equal to the multi-factor LGM."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuralrates.core.checks import (
    as_array,
    check_above,
    check_decimal,
    check_finite,
    check_increasing,
    is_concrete,
)
from neuralrates.core.doors import door
from neuralrates.core.functions import decay_integral
from neuralrates.core.types import ArrayLike, Scalar, Times
from neuralrates.market.curves.discount_curve import AbstractDiscountCurve
from neuralrates.models.model import AbstractModel

Factors = Float[Array, "factors"]
Matrix = Float[Array, "factors factors"]
_SMALLEST_EIGENVALUE = -1e-12
_SMALLEST_PIVOT = 1e-13
_ROUNDING = 1e-15


@door
class GaussianFactors(AbstractModel):
    """Short rate $r = \\phi(t) + \\sum_i r_i$ with correlated $dr_i = -\\kappa_i r_i dt + \\sigma_i dW_i$.

    Each factor moves the short rate by $e^{-\\kappa_i t} x_i$. Under the LGM measure the state x is a driftless Gaussian,
    $dx_i = \\sigma_i e^{\\kappa_i t} dW_i$, with covariance

    $Z_{ij}(t) = \\rho_{ij} \\sigma_i \\sigma_j \\int_0^t e^{(\\kappa_i + \\kappa_j) s} ds$

    and loading $H_i(t) = (1 - e^{-\\kappa_i t}) / \\kappa_i$. In units of the numeraire
    $N(t) = e^{H(t) x + H(t)' Z(t) H(t) / 2} / D(t)$ a bond is $D(T) e^{-H(T) x - H(T)' Z(t) H(T) / 2}$, the exponential
    martingale of $-H(T) x$ times the discount factor: it is a martingale, its mean is D(T), and at its maturity it is 1 / N,
    which says that the bond pays one. The forward rate that follows from it is
    $f(t, T) = f(0, T) + \\sum_i H_i'(T) x_i + H'(T)' Z(t) H(T)$ with $H_i'(T) = e^{-\\kappa_i T}$, whose volatility at T is
    $\\sigma_i e^{-\\kappa_i (T - t)}$, factor by factor that of the short-rate model above.

    Args:
        curve: discount curve, repriced exactly
        mean_reversions: $\\kappa_i$ per year, of any sign, zero and equal ones included
        volatilities: $\\sigma_i$, decimal per square root of year, one per factor; or per factor and interval
        correlation: $\\rho$, symmetric with ones on its diagonal, without negative eigenvalues
        volatility_times: the interior ends of the intervals in years, one fewer than the volatilities of a factor

    Source: Brigo and Mercurio (2006), section 4.2; Andersen and Piterbarg (2010), volume II, section 12.1; the driftless
        form is that of Hagan (2002) with a vector for the state.

    Example:
        >>> import jax.numpy as jnp
        >>> import neuralrates as nr
        >>> curve = nr.market.FlatCurve(0.03)
        >>> model = nr.models.GaussianFactors(curve, [0.5, 0.03], [0.01, 0.008], [[1.0, -0.7], [-0.7, 1.0]])
        >>> print(f"{model.bond(5.0, 10.0, jnp.zeros(2)):.4f}")
        0.8589
    """

    curve: AbstractDiscountCurve
    mean_reversions: Factors
    volatilities: Factors | Float[Array, "factors intervals"]
    correlation: Matrix
    volatility_times: Times

    def __init__(
        self,
        curve: AbstractDiscountCurve,
        mean_reversions: ArrayLike,
        volatilities: ArrayLike,
        correlation: ArrayLike,
        volatility_times: ArrayLike = (),
    ) -> None:
        reversions, sigmas = (jnp.atleast_1d(as_array(a)) for a in (mean_reversions, volatilities))
        matrix = jnp.atleast_2d(as_array(correlation))
        _check_sizes(reversions, sigmas, matrix)
        self.curve = curve
        self.mean_reversions = reversions
        self.volatilities = sigmas
        self.correlation = matrix
        self.volatility_times = jnp.atleast_1d(as_array(volatility_times))

    def __check_init__(self) -> None:
        check_finite("mean_reversions", self.mean_reversions)
        check_finite("volatilities", self.volatilities)
        check_above("volatilities", self.volatilities, 0.0)
        check_decimal("volatilities", self.volatilities)
        check_finite("correlation", self.correlation)
        check_increasing("volatility_times", self.volatility_times)
        check_above("volatility_times", self.volatility_times, 0.0, strict=True)
        _check_intervals(self.volatilities, self.volatility_times)
        _check_correlation(self.correlation)

    def loadings(self, time: Scalar) -> Factors:
        """$H(t)$ in years, one per factor: minus the sensitivities of log P(t, .) to the state."""
        return jax.vmap(decay_integral, in_axes=(0, None))(self.mean_reversions, time)

    def covariance(self, time: Scalar) -> Matrix:
        """$Z(t)$: covariance of the state at `time`."""
        rates = self.mean_reversions[:, None] + self.mean_reversions[None, :]
        starts = jnp.concatenate([jnp.zeros(1), self.volatility_times])
        ends = jnp.concatenate([self.volatility_times, jnp.full(1, jnp.inf)])

        def growth(rate: Scalar) -> Float[Array, "intervals"]:
            grown = jax.vmap(lambda t: decay_integral(-rate, t))
            return grown(jnp.clip(time, starts, ends)) - grown(starts)

        sigmas = self.volatilities.reshape(rates.shape[0], -1)
        scale = sigmas[:, None, :] * sigmas[None, :, :]
        pieces = scale * jax.vmap(jax.vmap(growth))(rates)
        return self.correlation * jnp.sum(pieces, axis=2)

    def ratio_variance(self, start: Scalar, end: Scalar) -> Scalar:
        """Variance at the start of a period of the log of its bond, $d' Z(s) d$ with d = H(e) - H(s); times in years."""
        spread = self.loadings(end) - self.loadings(start)
        return spread @ self.covariance(start) @ spread

    @property
    def initial_state(self) -> Factors:
        return jnp.zeros_like(self.mean_reversions)

    def transition(self, start: Scalar, end: Scalar, state: Factors, normal: Factors) -> Factors:
        whole = self.covariance(end)
        rounding = _ROUNDING * jnp.diagonal(whole)
        return state + square_root(whole - self.covariance(start), rounding) @ normal

    def numeraire(self, time: Scalar, state: Factors) -> Scalar:
        """Numeraire of the LGM measure, $e^{H x + H' Z H / 2} / D(t)$; one at time zero."""
        loadings = self.loadings(time)
        exponent = loadings @ state + 0.5 * loadings @ self.covariance(time) @ loadings
        return jnp.exp(exponent) / self.curve.discount_factor(time)

    def deflated_bond(self, start: Scalar, end: Scalar, state: Factors) -> Scalar:
        """Bond in units of the numeraire, $D(T) e^{-H(T) x - H(T)' Z(t) H(T) / 2}$: a martingale."""
        loadings = self.loadings(end)
        exponent = -loadings @ state - 0.5 * loadings @ self.covariance(start) @ loadings
        return self.curve.discount_factor(end) * jnp.exp(exponent)

    def bond(self, start: Scalar, end: Scalar, state: Factors) -> Scalar:
        return self.deflated_bond(start, end, state) * self.numeraire(start, state)


def square_root(covariance: Matrix, rounding: Factors | float = 0.0) -> Matrix:
    """Lower triangle L with L L' equal to the covariance, by Cholesky's recursion.

    A direction that does not move, or moves with the ones before it, has a column of zeros, and derivatives of zero; so no
    time step and perfect correlation have roots too.

    Args:
        covariance: symmetric, without negative eigenvalues
        rounding: variances up to which a direction counts as one that does not move

    Returns:
        The lower triangle.
    """
    root = jnp.zeros_like(covariance)
    floors = jnp.broadcast_to(rounding, covariance.shape[:1])
    for j in range(covariance.shape[0]):
        rest = covariance[:, j] - root @ root[j]
        moves = rest[j] > jnp.maximum(_SMALLEST_PIVOT * covariance[j, j], floors[j])
        pivot = jnp.sqrt(jnp.where(moves, rest[j], 1.0))
        below = jnp.arange(covariance.shape[0]) >= j
        root = root.at[:, j].set(jnp.where(moves & below, rest / pivot, 0.0))
    return root


def _check_sizes(reversions: Array, volatilities: Array, correlation: Array) -> None:
    shapes = reversions.shape, volatilities.shape[:1], correlation.shape
    if shapes != (reversions.shape[:1], reversions.shape[:1], 2 * reversions.shape[:1]):
        raise ValueError(
            "Arguments `mean_reversions`, `volatilities` and `correlation` must have one element, one element and one row "
            f"and column per factor, but their shapes are {shapes}."
        )


def _check_intervals(volatilities: Array, times: Array) -> None:
    count = volatilities.shape[1] if volatilities.ndim == 2 else 1
    if times.shape[0] != count - 1:
        raise ValueError(
            f"Argument `volatility_times` must have one element fewer than each factor has volatilities, but they have "
            f"{times.shape[0]} and {count}."
        )


def _check_correlation(correlation: Matrix) -> None:
    if not is_concrete(correlation):
        return
    matrix = np.asarray(correlation)
    proper = np.allclose(matrix, matrix.T, rtol=0.0, atol=1e-12)
    proper = proper and np.allclose(np.diag(matrix), 1.0, rtol=0.0, atol=1e-12)
    smallest = np.min(np.linalg.eigvalsh(matrix))
    if not proper or smallest < _SMALLEST_EIGENVALUE:
        raise ValueError(
            "Argument `correlation` must be symmetric with ones on its diagonal and no negative eigenvalue, but is "
            f"{matrix.tolist()} with smallest eigenvalue {smallest:.3g}."
        )
