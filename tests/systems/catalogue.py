"""Pricing systems: a model and a product built from a vector, with exact value and exact gradient."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

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

    def build(self, theta: jax.Array) -> tuple[nr.models.HullWhite, nr.products.Swaption]:
        """Model and trade at any parameters."""
        mean_reversion, volatility, strike = theta[0], theta[1:3], theta[3]
        curve = nr.market.NelsonSiegel(theta[4], theta[5], theta[6], theta[7])
        times = [independent.VOLATILITY_TIME]
        model = nr.models.HullWhite(curve, mean_reversion, volatility, times)
        schedule = self.schedule
        trade = nr.products.Swaption(
            schedule.exercise_times,
            schedule.payment_times,
            schedule.accruals,
            strike=strike,
            side=schedule.side,
            start_times=schedule.start_times,
        )
        return model, trade


USUAL = (0.03, 0.008, 0.011, 0.028, 0.03, -0.012, 0.01, 2.0)
NEGATIVE_RATES = (0.01, 0.006, 0.007, -0.002, 0.002, -0.009, -0.006, 2.5)
EXPLOSIVE = (-0.02, 0.009, 0.007, 0.031, 0.03, 0.005, -0.01, 1.5)
WILD = (0.10, 0.020, 0.016, 0.040, 0.045, -0.02, 0.02, 3.0)


def _annual(exercise_times: tuple[float, ...], end: float, side: str) -> Schedule:
    payments = tuple(np.arange(exercise_times[0] + 1.0, end + 0.5))
    return Schedule(exercise_times, exercise_times, payments, (1.0,) * len(payments), side)


def _with_notice(side: str) -> Schedule:
    """Semi-annual, exercised a week before each start, day counts uneven, short last period."""
    payments = (1.52, 2.02, 2.51, 3.02, 3.52, 4.02, 4.31)
    accruals = (0.511, 0.503, 0.494, 0.514, 0.503, 0.506, 0.292)
    return Schedule((1.0, 2.49), (1.02, 2.51), payments, accruals, side)


def _europeans(side: str) -> list[System]:
    return [
        System(f"european 2y into 4y {side}", USUAL, _annual((2.0,), 6.0, side)),
        System(f"european at negative rates {side}", NEGATIVE_RATES, _annual((1.0,), 11.0, side)),
        System(f"european 15y into 15y {side}", EXPLOSIVE, _annual((15.0,), 30.0, side)),
        System(
            f"european far from the money {side}",
            (*USUAL[:3], 0.075, *USUAL[4:]),
            _annual((2.0,), 4.0, side),
        ),
        System(f"european after a week {side}", USUAL, _annual((0.02,), 5.0, side)),
    ]


def _two_dates(side: str) -> list[System]:
    return [
        System(f"two dates {side}", USUAL, _annual((1.0, 3.0), 6.0, side)),
        System(
            f"two dates at negative rates {side}", NEGATIVE_RATES, _annual((2.0, 5.0), 10.0, side)
        ),
        System(f"two dates at high volatility {side}", WILD, _annual((3.0, 9.0), 20.0, side)),
        System(f"two dates with notice {side}", USUAL, _with_notice(side)),
        System(
            f"two dates a day apart {side}",
            USUAL,
            Schedule((2.0, 2.003), (2.01, 2.01), (3.0, 4.0, 5.0), (1.0, 1.0, 1.0), side),
        ),
    ]


def _without_volatility(side: str, strike: float) -> System:
    parameters = (0.03, 0.0, 0.0, strike, *USUAL[4:])
    schedule = _annual((1.0, 2.0, 3.0, 4.0, 5.0), 6.0, side)
    return System(
        f"no volatility, strike {strike:g} {side}",
        parameters,
        schedule,
        independent.without_volatility,
    )


SYSTEMS = [
    *(system for side in ("payer", "receiver") for system in _europeans(side) + _two_dates(side)),
    _without_volatility("payer", 0.028),
    _without_volatility("receiver", 0.028),
    _without_volatility("receiver", 0.05),
]
