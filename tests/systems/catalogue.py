"""Pricing systems: a model and a product built from a vector, with exact value and exact gradient."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

import neuralrates as nr
from systems import independent
from systems.independent import Exact, Schedule


@dataclass(frozen=True)
class System:
    """A name, parameters in the order of `independent.PARAMETERS`, and who says what the price is."""

    name: str
    parameters: tuple[float, ...]
    schedule: Schedule
    solve: Callable[[np.ndarray, Schedule], Exact] = independent.exact

    @cached_property
    def exact(self) -> Exact:
        """Value and gradient by independent code."""
        return self.solve(np.asarray(self.parameters), self.schedule)

    @property
    def theta(self) -> jax.Array:
        """The parameters as an array."""
        return jnp.asarray(self.parameters)

    @property
    def is_european(self) -> bool:
        """Whether there is one exercise time only."""
        return len(self.schedule.exercise_times) == 1

    @property
    def is_deterministic(self) -> bool:
        """Whether nothing moves."""
        return self.solve is independent.without_volatility

    @cached_property
    def trade(self) -> nr.products.Swaption:
        """The trade, at its own strike."""
        schedule = self.schedule
        return nr.products.Swaption(
            schedule.exercise_times,
            schedule.payment_times,
            schedule.accruals,
            strike=self.parameters[3],
            side=schedule.side,
            start_times=schedule.start_times,
        )


def build(
    theta: jax.Array, trade: nr.products.Swaption
) -> tuple[nr.models.HullWhite, nr.products.Swaption]:
    """Model and trade at any parameters."""
    curve = nr.market.NelsonSiegel(theta[4], theta[5], theta[6], theta[7])
    model = nr.models.HullWhite(curve, theta[0], theta[1:3], [independent.VOLATILITY_TIME])
    return model, eqx.tree_at(lambda t: t.strike, trade, theta[3])


USUAL = (0.03, 0.008, 0.011, 0.028, 0.03, -0.012, 0.01, 2.0)
NEGATIVE_RATES = (0.01, 0.006, 0.007, -0.002, 0.002, -0.009, -0.006, 2.5)
EXPLOSIVE = (-0.02, 0.009, 0.007, 0.031, 0.03, 0.005, -0.01, 1.5)
WILD = (0.10, 0.020, 0.016, 0.040, 0.045, -0.02, 0.02, 3.0)


def _annual(exercise_times: tuple[float, ...], periods: int, side: str) -> Schedule:
    payments = tuple(exercise_times[0] + 1.0 + np.arange(periods))
    return Schedule(exercise_times, exercise_times, payments, (1.0,) * periods, side)


def _with_notice(side: str) -> Schedule:
    """Semi-annual, exercised a week before each start, day counts uneven, short last period."""
    payments = (1.52, 2.02, 2.51, 3.02, 3.52, 4.02, 4.52, 4.81)
    accruals = (0.511, 0.503, 0.494, 0.514, 0.503, 0.506, 0.511, 0.292)
    return Schedule((1.0, 2.49), (1.02, 2.51), payments, accruals, side)


def _a_day_apart(side: str) -> Schedule:
    """Two days on which the same swap can be entered."""
    payments = tuple(3.01 + np.arange(8))
    return Schedule((2.0, 2.003), (2.01, 2.01), payments, (1.0,) * 8, side)


# Systems of one kind have the same number of flows, so that each pricer compiles once for them.
def _europeans(side: str) -> list[System]:
    strike_far_away = (*USUAL[:3], 0.075, *USUAL[4:])
    return [
        System(f"european 2y into 10y {side}", USUAL, _annual((2.0,), 10, side)),
        System(f"european at negative rates {side}", NEGATIVE_RATES, _annual((1.0,), 10, side)),
        System(f"european after 15y {side}", EXPLOSIVE, _annual((15.0,), 10, side)),
        System(f"european far from the money {side}", strike_far_away, _annual((2.0,), 10, side)),
        System(f"european after a week {side}", USUAL, _annual((0.02,), 10, side)),
    ]


def _two_dates(side: str) -> list[System]:
    return [
        System(f"two dates {side}", USUAL, _annual((1.0, 3.0), 8, side)),
        System(f"two dates at negative rates {side}", NEGATIVE_RATES, _annual((2.0, 5.0), 8, side)),
        System(f"two dates at high volatility {side}", WILD, _annual((3.0, 9.0), 8, side)),
        System(f"two dates with notice {side}", USUAL, _with_notice(side)),
        System(f"two dates a day apart {side}", USUAL, _a_day_apart(side)),
    ]


def _without_volatility(side: str, strike: float) -> System:
    parameters = (0.03, 0.0, 0.0, strike, *USUAL[4:])
    schedule = _annual((1.0, 2.0, 3.0, 4.0, 5.0), 5, side)
    name = f"no volatility, strike {strike:g} {side}"
    return System(name, parameters, schedule, independent.without_volatility)


SYSTEMS = [
    *(system for side in ("payer", "receiver") for system in _europeans(side) + _two_dates(side)),
    _without_volatility("payer", 0.028),
    _without_volatility("receiver", 0.028),
    _without_volatility("receiver", 0.05),
]
