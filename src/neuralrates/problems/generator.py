"""The training-set generator of joint learning: volatilities by Rebonato's formula, curves by Nelson and Siegel's.

Why these ranges (the source's are lost in our copy; these are ours):

- curve: the box of `ten_year_bermudan`, which holds 97.4 percent of the US days of 2001 to 2025; a draw is rejected where
  one of its ten annual forward rates leaves [-1, 9] percent. In the zero yields of Gurkaynak, Sack and Wright (2007) over
  those years they ran from 0.06 to 7.5 percent;
- volatility: level d of 50 to 110 bp, near which the quoted at-the-money normal volatilities into the rest of ten years lay
  (63 bp USD 2019-12-30, 70 to 76 bp EUR 2016-02-05, 95 to 107 bp USD 2024-03-19), with a hump of up to some 35 bp at the
  short end in either direction, as in those matrices; a draw is rejected where a volatility leaves [40, 160] bp or where
  two neighbours differ by more than 50 bp;
- mean reversion and strike: as in `ten_year_bermudan`.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from neuralrates.core.checks import check_choice
from neuralrates.core.functions import decay_integral
from neuralrates.core.types import Inputs, Scalar, Times
from neuralrates.market.curves.nelson_siegel import NelsonSiegel
from neuralrates.problems.density import AbstractDensity

Case = Literal["I", "II", "III", "IV"]
Range = tuple[float, float]
RANGES: Mapping[str, Range] = MappingProxyType(
    {
        "mean_reversion": (-0.01, 0.10),
        "a": (-0.004, 0.004),
        "b": (0.0, 0.004),
        "c": (0.2, 1.0),
        "d": (0.005, 0.011),
        "beta0": (0.01, 0.075),
        "beta1": (-0.065, 0.02),
        "beta2": (-0.08, 0.02),
        "tau": (1.0, 4.0),
        "strike_spread": (-0.015, 0.015),
    }
)
GROUPS: Mapping[Case, tuple[str, ...]] = MappingProxyType(
    {
        "I": ("mean_reversion",),
        "II": ("mean_reversion", "a", "b", "c", "d"),
        "III": ("mean_reversion", "a", "b", "c", "d", "beta0", "beta1", "beta2", "tau"),
        "IV": tuple(RANGES),
    }
)
VOLATILITY_RANGE: Range = (0.004, 0.016)
LARGEST_STEP = 0.005
FORWARD_RANGE: Range = (-0.01, 0.09)
_INTERVAL = 2.5
_YEARS = tuple(float(year) for year in range(11))


class MarketGenerator(AbstractDensity):
    """Uniform parameters of mean reversion, volatility, curve and strike; what they make is rejected where unrealistic.

    The forward implied volatility of interval i, centred at $T_i$, is $(a + b T_i) e^{-c T_i} + d$. The piecewise-constant
    volatility $\\sigma_i$ of the model gives the short rate the same variance over the interval, whose length is $\\Delta$:
    $\\sigma_i^2 (1 - e^{-2 \\kappa \\Delta}) / (2 \\kappa)$ = implied variance times $\\Delta$.

    Args:
        case: which groups vary: I mean reversion; II and volatility; III and curve; IV and strike. What does not vary sits
            at the middle of its range

    Source: Gomez Casanova et al. (2024), section 3.2; Rebonato (2009) for the volatility formula; Hull and
    White (1990) for the variance.

    Example:
        >>> import jax.numpy as jnp
        >>> import neuralrates as nr
        >>> generator = nr.problems.MarketGenerator("IV")
        >>> x = generator.point(jnp.full(10, 0.5))
        >>> x.shape, bool(generator.accepts(x)), f"{x[1]:.5f}"
        ((10,), True, '0.00970')
    """

    case: Case = eqx.field(static=True)

    def __check_init__(self) -> None:
        check_choice("case", self.case, tuple(GROUPS))

    @property
    def num_uniforms(self) -> int:
        return len(RANGES)

    def point(self, uniforms: Float[Array, "steps"]) -> Inputs:
        moving = GROUPS[self.case]
        drawn = {
            name: low + (high - low) * (uniforms[i] if name in moving else 0.5)
            for i, (name, (low, high)) in enumerate(RANGES.items())
        }
        volatility = _volatility(drawn)
        rest = [drawn[name] for name in ("beta0", "beta1", "beta2", "tau", "strike_spread")]
        return jnp.concatenate(
            [jnp.reshape(jnp.asarray(drawn["mean_reversion"]), (1,)), volatility, jnp.stack(rest)]
        )

    def accepts(self, x: Inputs) -> Bool[Array, ""]:
        volatility, (beta0, beta1, beta2, tau) = x[1:5], x[5:9]
        low, high = VOLATILITY_RANGE
        smooth = jnp.all(jnp.abs(jnp.diff(volatility)) <= LARGEST_STEP)
        positive = jnp.all((volatility >= low) & (volatility <= high))
        forwards = _annual_forwards(NelsonSiegel(beta0, beta1, beta2, tau))
        least, most = FORWARD_RANGE
        return positive & smooth & jnp.all((forwards >= least) & (forwards <= most))

    def describe(self) -> str:
        return (
            f"has volatilities in {VOLATILITY_RANGE} with steps up to {LARGEST_STEP} and annual forward rates in "
            f"{FORWARD_RANGE}"
        )

    def record(self) -> dict[str, Any]:
        return {
            "law": "rebonato_nelson_siegel",
            "case": self.case,
            "ranges": {name: list(bounds) for name, bounds in RANGES.items()},
            "volatility_range": list(VOLATILITY_RANGE),
            "largest_step": LARGEST_STEP,
            "forward_range": list(FORWARD_RANGE),
        }


def _volatility(drawn: Mapping[str, Scalar]) -> Times:
    """Piecewise-constant volatilities from Rebonato's formula at the centres of the intervals."""
    centres = _INTERVAL * (jnp.arange(4.0) + 0.5)
    implied = (drawn["a"] + drawn["b"] * centres) * jnp.exp(-drawn["c"] * centres) + drawn["d"]
    decayed = decay_integral(2.0 * jnp.asarray(drawn["mean_reversion"]), jnp.asarray(_INTERVAL))
    return implied * jnp.sqrt(_INTERVAL / decayed)


def _annual_forwards(curve: NelsonSiegel) -> Float[Array, "periods"]:
    """Simple forward rates of the ten years."""
    discount = jax.vmap(curve.discount_factor)(jnp.array(_YEARS))
    return discount[:-1] / discount[1:] - 1.0
