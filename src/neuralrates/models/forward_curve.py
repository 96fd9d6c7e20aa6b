"""Heath-Jarrow-Morton dynamics of the whole forward curve, by tenor, with square-root volatility."""

import functools
import itertools
import math

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuralrates.core.checks import as_array, check_above, check_finite, is_concrete
from neuralrates.core.doors import door
from neuralrates.core.types import ArrayLike, Scalar, Times
from neuralrates.market.curves.discount_curve import AbstractDiscountCurve

SMALLEST_FORWARD = 0.005
"""Forwards below it are near zero, where square-root volatility is no longer a sensible model."""

_NODES, _WEIGHTS = (0.5 * a for a in np.polynomial.legendre.leggauss(24))
_CHECKED = 121


def capped_root(rates: Float[Array, "..."], cap: float) -> Float[Array, "..."]:
    """$\\min(\\sqrt f, M)$, and zero for rates that are not positive, where its derivative is zero too."""
    positive = rates > 0.0
    root = jnp.where(positive, jnp.sqrt(jnp.where(positive, rates, 1.0)), 0.0)
    return jnp.minimum(root, cap)


@door
class TenorVolatility(eqx.Module):
    """Volatility of each factor by tenor, $\\sigma_j(\\tau) = a \\sum_k c_{jk} T_k(2 \\tau / \\tau_{max} - 1)$.

    Args:
        coefficients: $c_{jk}$, a row for each factor, a column for each Chebyshev polynomial
        longest: $\\tau_{max}$ in years, positive
        scale: a, of all factors alike

    Source: Mott (2026), equation 14.

    Example:
        >>> import jax.numpy as jnp, neuralrates as nr
        >>> volatility = nr.models.TenorVolatility([[0.06, -0.02], [0.01, 0.03]], 30.0)
        >>> print(volatility(jnp.array([0.0, 30.0])))
        [[ 0.08  0.04]
         [-0.02  0.04]]
    """

    coefficients: Float[Array, "factors _"] = eqx.field(converter=as_array)
    longest: float = eqx.field(static=True, default=30.0)
    scale: Scalar = eqx.field(converter=as_array, default=1.0)

    def __check_init__(self) -> None:
        check_finite("coefficients", self.coefficients)
        check_finite("scale", self.scale)
        check_above("longest", self.longest, 0.0, strict=True)

    def __call__(self, tenors: Times) -> Float[Array, "factors times"]:
        """Volatilities at tenors in years; per square root of year, in the unit of the scale they multiply."""
        angle = 2.0 * tenors / self.longest - 1.0
        basis = [jnp.ones_like(angle), angle]
        for _ in range(self.coefficients.shape[1] - 2):
            basis.append(2.0 * angle * basis[-1] - basis[-2])
        return self.scale * (self.coefficients @ jnp.stack(basis[: self.coefficients.shape[1]]))

    def by_maturity(self, shares: Times) -> Float[Array, "times factors _ _"]:
        """Coefficients of $\\sigma_j(T - u s) / a$, a polynomial in T and s, at shares u.

        They belong to `powers` of the maturity T and, in the last place, to powers of s in years; they depend on neither.
        """
        count = self.coefficients.shape[1]
        ahead = -2.0 * shares / self.longest
        steps = jnp.stack([ahead**k for k in range(count)], axis=1)
        return jnp.einsum("fc,cmk,tk->tfmk", self.coefficients, jnp.asarray(_shifts(count)), steps)

    def powers(self, maturities: Times) -> Float[Array, "_ times"]:
        """$(2 T / \\tau_{max} - 1)^m$ for as many m as there are polynomials."""
        angle = 2.0 * maturities / self.longest - 1.0
        return jnp.stack([angle**m for m in range(self.coefficients.shape[1])])


@functools.cache
def _shifts(count: int) -> np.ndarray:
    """$T_c(y + s)$ in powers of y and s: by polynomial, power of y, power of s."""
    chebyshev = [np.polynomial.chebyshev.cheb2poly(np.eye(count)[c]) for c in range(count)]
    shifts = np.zeros((count, count, count))
    for c, k in itertools.product(range(count), range(count)):
        for m in range(k + 1):
            power = chebyshev[c][k] if k < len(chebyshev[c]) else 0.0
            shifts[c, m, k - m] += power * math.comb(k, m)
    return shifts


@door
class ForwardCurve(eqx.Module):
    """Forward rates of the whole curve, $df(t, T) = \\ldots dt + \\sum_j \\sigma_j(T - t) g(f(t, T)) dW_j$.

    The volatility is scaled by $g(f) = \\min(\\sqrt f, M)$; the drift is the one that leaves no arbitrage. By tenor
    $\\tau = T - t$ it is that of Musiela, `drift`.

    Not an `AbstractModel`: its state is the whole curve, which moves by no exact law, so that no bond follows from a few
    numbers; its own pricers take it.

    Args:
        curve: discount curve of today; its forwards are at least 0.5 percent up to the horizon
        volatility: of each factor by tenor
        horizon: longest tenor that is priced, years; at most the longest of the volatility
        cap: M, square root of a rate

    Source: Heath, Jarrow and Morton (1992); Musiela and Rutkowski (2005); Mott (2026), equations 18 to 20.

    Example:
        >>> import equinox as eqx, jax.numpy as jnp, neuralrates as nr
        >>> volatility = nr.models.TenorVolatility([[0.06, -0.02], [0.01, 0.03]])
        >>> model = nr.models.ForwardCurve(nr.market.FlatCurve(0.04), volatility, horizon=6.0)
        >>> drift, variance = eqx.filter_jit(model.drift), eqx.filter_jit(model.ratio_variance)
        >>> print(f"{drift(jnp.array([5.0]))[0]:.8f} {variance(jnp.array(5.0), jnp.array(5.5)):.8f}")
        0.00115444 0.00030245
    """

    curve: AbstractDiscountCurve
    volatility: TenorVolatility
    horizon: float = eqx.field(static=True, default=5.75)
    cap: float = eqx.field(static=True, default=0.4)

    def __check_init__(self) -> None:
        check_above("horizon", self.horizon, 0.0, strict=True)
        check_above("cap", self.cap, 0.0, strict=True)
        if self.horizon > self.volatility.longest:
            raise ValueError(
                f"Argument `horizon` must be at most the longest tenor of the volatility, {self.volatility.longest} "
                f"years, but is {self.horizon}."
            )
        tenors = jnp.linspace(0.0, self.horizon, _CHECKED)
        forwards = self.forward_rates(tenors)
        if is_concrete(forwards) and not np.all(np.asarray(forwards) >= SMALLEST_FORWARD):
            worst = int(np.argmin(np.asarray(forwards)))
            raise ValueError(
                f"Argument `curve` must have forward rates of at least {SMALLEST_FORWARD} up to {self.horizon} years, "
                f"but has {forwards[worst]:.6f} at {tenors[worst]:.2f}."
            )

    def scaled(self, scale: ArrayLike) -> "ForwardCurve":
        """The same model with its volatility multiplied."""
        old = self.volatility
        volatility = TenorVolatility(old.coefficients, old.longest, old.scale * as_array(scale))
        return ForwardCurve(self.curve, volatility, self.horizon, self.cap)

    @eqx.filter_jit
    def forward_rates(self, tenors: Times) -> Times:
        """Instantaneous forward rates of today's curve at tenors in years."""
        return jax.vmap(self.curve.instantaneous_forward_rate)(tenors)

    def scale(self, rates: Times) -> Times:
        """What multiplies the volatility, $\\min(\\sqrt f, M)$, and zero for rates that are not positive."""
        return capped_root(rates, self.cap)

    def drift(self, tenors: Times) -> Times:
        """Drift of today's forwards by tenor, $f'(\\tau) + \\sum_j s_j(\\tau) \\int_0^\\tau s_j$ with $s_j = \\sigma_j g(f)$.

        Args:
            tenors: years

        Returns:
            Per year and year; the slope is the curve's own, the integral by a Gauss rule of 24 points.

        Source: Mott (2026), equations 15 and 19.
        """
        self._check_tenors("tenors", tenors)
        slopes = jax.vmap(self.curve.instantaneous_forward_slope)(tenors)

        def integral(tenor: Scalar) -> Float[Array, "factors"]:
            return self._integral(jnp.zeros(()), jnp.zeros(()), tenor)

        return slopes + jnp.sum(self._loadings(0.0, tenors) * jax.vmap(integral)(tenors).T, axis=0)

    def ratio_variance(self, start: Scalar, end: Scalar) -> Scalar:
        """Variance at the start of a period of the log of the bond ratio $P(t, s) / P(t, e)$, at frozen volatility.

        With $g$ held at today's forwards the log is Gaussian, with variance $\\int_0^s \\sum_j (\\int_s^e \\sigma_j(u - t)
        g(f(0, u)) du)^2 dt$.

        Args:
            start: s, years
            end: e, years

        Returns:
            Variance; both integrals by a Gauss rule of 24 points.

        Source: Brigo and Mercurio (2006), chapter 5, for the volatility of bonds.
        """
        self._check_tenors("end", end)

        def squared(time: Scalar) -> Scalar:
            return jnp.sum(self._integral(time, start, end) ** 2)

        return start * jnp.sum(_WEIGHTS * jax.vmap(squared)(jnp.asarray(start * (_NODES + 0.5))))

    def _integral(self, time: Scalar, start: Scalar, end: Scalar) -> Float[Array, "factors"]:
        """$\\int_s^e \\sigma_j(u - t) g(f(0, u)) du$."""
        maturities = jnp.asarray(start + (end - start) * (_NODES + 0.5))
        return (end - start) * (self._loadings(time, maturities) @ _WEIGHTS)

    def _loadings(self, time: Scalar, maturities: Times) -> Float[Array, "factors times"]:
        """Volatility at a time of the forwards for some maturities, at today's forwards."""
        scale = self.scale(self.forward_rates(maturities))
        return self.volatility(maturities - time) * scale[None, :]

    def _check_tenors(self, name: str, tenors: Scalar | Times) -> None:
        """Raise for tenors past the horizon."""
        if is_concrete(tenors) and np.any(np.asarray(tenors) > self.horizon):
            raise ValueError(
                f"Argument `{name}` must be at most the horizon of {self.horizon} years, but is {np.asarray(tenors)}."
            )
