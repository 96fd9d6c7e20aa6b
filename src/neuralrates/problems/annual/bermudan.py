"""The annual Bermudan swaption on a market's own curve: n exercises a year apart into the rest of one swap.

Under a one-factor Gaussian model fitted to the coterminal Europeans at the strike, the price depends on the market only through

- the forward rates of the periods and the strike, which say what each exercise is worth;
- the total volatilities $\\sigma_k \\sqrt{t_k}$, which say what each European is worth: the variances of the state follow;
- the shape of the loadings $H$: the mean reversion, and to a small degree the spacing of the dates.

So any dated trade with annual exercises has a point here, on any curve and any day; the time to the first exercise enters
through total volatilities alone, and the discount factor to the first start is a factor in front. Nothing is calibrated to
read off the point; `build` calibrates, for the reference.
"""

import functools
import math

import jax.numpy as jnp

from neuralrates.calibration.volatility import calibrate
from neuralrates.core.checks import check_choice
from neuralrates.core.types import Inputs, Scalar
from neuralrates.market.curves.zero_curve import ZeroCurve
from neuralrates.models.hull_white import HullWhite
from neuralrates.pricers.gaussian.backward_induction import BackwardInduction
from neuralrates.pricers.gaussian.jamshidian import coterminal_values
from neuralrates.problems.annual.baseline import annual_baseline, annual_bounds
from neuralrates.problems.annual.density import (
    FORWARD_RANGE,
    RANGES,
    SPACING_RANGE,
    VOLATILITY_RANGE,
    AnnualDensity,
)
from neuralrates.problems.annual.inputs import AnnualInputs
from neuralrates.problems.domain import Axis, Domain
from neuralrates.problems.problem import ControlPrices, Problem
from neuralrates.products.swaption import Side, Swaption

SHIPPED = 9
"""Exercises of the problem that bundles know: ten years, not callable in the first."""
REFERENCE = BackwardInduction(tolerance=1e-8, num_points=48, num_boundaries=1)
"""Fixed for the whole domain."""
FIRST_EXERCISE = 1.0
"""Years from time zero to the first exercise in `build`; no price depends on it."""


@functools.cache
def annual_bermudan(
    side: Side, num_exercises: int = SHIPPED, pricer: BackwardInduction = REFERENCE
) -> Problem:
    """The annual Bermudan per unit of notional and of the discount factor to its first start.

    Args:
        side: `receiver` or `payer` of the fixed rate
        num_exercises: n, at least two: years from the first start to the end of the swap
        pricer: the reference, its choices settled

    Returns:
        The problem, named `annual_bermudan_9_receiver` and the like; its n coterminal Europeans are control prices.

    Source: Hagan (2002), section 4, for calibration to coterminals.

    Example:
        >>> import jax.numpy as jnp
        >>> import neuralrates as nr
        >>> problem = nr.problems.annual_bermudan("receiver", 2)
        >>> x = jnp.array([0.02, 0.03, 0.03, 0.009, 0.012, 0.03, 1.0, 1.0])
        >>> print(f"{problem(x).value:.6f}")
        0.007587
    """
    check_choice("side", side, ("payer", "receiver"))
    if num_exercises < 2:
        raise ValueError(f"Argument `num_exercises` must be at least 2, but is {num_exercises}.")
    names = tuple(f"european_{k}" for k in range(1, num_exercises + 1))
    return Problem(
        name=f"annual_bermudan_{num_exercises}_{side}",
        domain=Domain(_axes(num_exercises), AnnualDensity(num_exercises)),
        build=functools.partial(build, side=side),
        pricer=pricer,
        control_prices=ControlPrices(names, coterminal_values, are_lower_bounds=True),
        baseline=functools.partial(annual_baseline, side=side),
        known_bounds=functools.partial(annual_bounds, side=side),
        bounds_are_cheap=True,
        coordinates=_coordinates,
    )


def _coordinates(x: Inputs) -> dict[str, Scalar]:
    """Moneyness, volatility per root of a year, first exercise, mean reversion, level and slope of the curve.

    Total variances grow by a year's worth from one exercise to the next; what the first has beyond that is years before it.
    """
    inputs = AnnualInputs.of(x)
    variances = inputs.total_volatilities**2
    yearly = (variances[-1] - variances[0]) / (inputs.times[-2] - inputs.times[0])
    return {
        "moneyness": inputs.strike - inputs.swap_rates[0],
        "volatility": jnp.sqrt(yearly),
        "first exercise": variances[0] / yearly,
        "mean reversion": inputs.mean_reversion,
        "curve level": jnp.mean(inputs.forwards),
        "curve slope": inputs.forwards[-1] - inputs.forwards[0],
    }


def build(
    x: Inputs, side: Side, first_exercise: float = FIRST_EXERCISE
) -> tuple[HullWhite, Swaption]:
    """Model fitted to the coterminal Europeans, and trade, at one point.

    Args:
        x: point of the domain
        side: of the fixed rate
        first_exercise: years from time zero to the first exercise, which is the first start; of no effect on the price

    Returns:
        Model and trade; the discount factor to the first start is one.
    """
    inputs = AnnualInputs.of(x)
    product = annual_swaption(inputs, side, first_exercise)
    times = product.flow_times
    curve = ZeroCurve(times, -jnp.log(inputs.discount_factors) / times)
    quotes = inputs.total_volatilities / jnp.sqrt(product.exercise_times)
    return calibrate(curve, inputs.mean_reversion, product, quotes), product


def annual_swaption(
    inputs: AnnualInputs, side: Side, first_exercise: float = FIRST_EXERCISE
) -> Swaption:
    """The trade alone: exercise k at the start of period k; flows at the starts and at the last end."""
    times = first_exercise + inputs.times
    count = inputs.spacings.shape[0]
    entered = jnp.triu(jnp.ones((count, count)))
    starts = jnp.concatenate([jnp.eye(count), jnp.zeros((count, 1))], axis=1)
    coupons = jnp.concatenate([jnp.zeros((count, 1)), entered * inputs.spacings[None, :]], axis=1)
    floats = starts.at[:, -1].add(-1.0)
    return Swaption.from_weights(times[:-1], times, coupons, floats, inputs.strike, side)


def _axes(count: int) -> tuple[Axis, ...]:
    low, high = VOLATILITY_RANGE
    shortest, longest = RANGES["first_exercise"]
    numbers = range(1, count + 1)
    return (
        Axis("mean_reversion", "per year", *RANGES["mean_reversion"]),
        *(Axis(f"forward_{k}", "decimal", *FORWARD_RANGE) for k in numbers),
        *(
            Axis(
                f"total_volatility_{k}",
                "decimal",
                low * math.sqrt(shortest + (k - 1) * SPACING_RANGE[0]),
                high * math.sqrt(longest + (k - 1) * SPACING_RANGE[1]),
            )
            for k in numbers
        ),
        Axis("strike", "decimal", -0.03, 0.11),
        *(Axis(f"spacing_{k}", "years", *SPACING_RANGE) for k in numbers),
    )
