"""A scenario: by how much zero rates and volatilities move."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from neuralrates.core.checks import as_array
from neuralrates.core.doors import door
from neuralrates.core.errors import InputError
from neuralrates.engines.market_inputs import MarketInputs, MarketShape

LARGEST_SHIFT = 0.2
BUCKETS = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0)
TWIST = (2.0, 30.0)


@door
@dataclass(frozen=True)
class Scenario:
    """Moves of all continuous zero rates by maturity, of every curve alike, and of all volatilities that are quoted.

    Args:
        name: of its own
        times: maturities in years, increasing; none where no rate moves
        shifts: what is added to the zero rates there, decimals; straight lines between, and level beyond the ends
        volatility: what is added to every volatility quoted, in its own unit: 0.0001 for one basis point of a normal one
        volatility_factor: what every volatility quoted, its smile included, is multiplied by before
        currency: the one currency whose market moves; all where None

    Example:
        >>> import neuralrates as nr
        >>> steeper = nr.scenarios.twist(-0.005, 0.005)
        >>> [float(shift) for shift in steeper.shift([1.0, 16.0, 40.0])]
        [-0.005, 0.0, 0.005]
    """

    name: str
    times: tuple[float, ...] = ()
    shifts: tuple[float, ...] = ()
    volatility: float = 0.0
    volatility_factor: float = 1.0
    currency: str | None = None

    def __post_init__(self) -> None:
        if not self.name or not self.name.isprintable():
            raise InputError("expected a name in printable characters", column="name")
        if len(self.times) != len(self.shifts):
            found = f"found {len(self.times)} and {len(self.shifts)}"
            raise InputError(f"expected as many shifts as times, {found}", column="shifts")
        times = np.asarray(self.times, dtype=float)
        if not (np.all(np.diff(times) > 0.0) and np.all(times >= 0.0) and np.all(times <= 200.0)):
            raise InputError(
                f"expected increasing times from 0 to 200 years, found {self.times}", column="times"
            )
        moved = np.array([*self.shifts, self.volatility])
        if not np.all(np.abs(moved) <= LARGEST_SHIFT):
            worst = moved[np.argmax(np.nan_to_num(np.abs(moved), nan=np.inf))]
            raise InputError(
                f"expected decimals from -0.2 to 0.2, like 0.01 for 100 basis points, found {worst:g}",
                column="shifts",
            )
        if not 0.0 <= self.volatility_factor <= 10.0:
            raise InputError(
                f"expected a factor from 0 to 10, found {self.volatility_factor:g}",
                column="volatility_factor",
            )

    def shift(self, times: Sequence[float] | np.ndarray) -> np.ndarray:
        """What is added to zero rates of these maturities."""
        if not self.times:
            return np.zeros(len(times))
        return np.interp(np.asarray(times), self.times, self.shifts)

    def applied(self, inputs: MarketInputs, shape: MarketShape) -> MarketInputs:
        """The numbers of a market of one currency, moved.

        Args:
            inputs: today's
            shape: that they go into

        Raises:
            InputError: where a volatility would fall below zero
        """
        factor = self.volatility_factor
        rates = [
            np.asarray(inputs.discount_rates) + self.shift(np.asarray(shape.discount.times)),
            np.asarray(inputs.projection_rates),
        ]
        if shape.projections:
            times = np.concatenate([np.asarray(curve.times) for curve in shape.projections])
            rates[1] = rates[1] + self.shift(times)
        quoted, caps = (
            factor * np.asarray(known) + self.volatility
            for known in (inputs.volatility, inputs.cap_volatility)
        )
        least = min(quoted.min(initial=0.0), caps.min(initial=0.0))
        if least < 0.0:
            raise InputError(
                f"expected volatilities that stay positive, found {least:g} in scenario {self.name}",
                column="volatility",
            )
        return inputs._replace(
            discount_rates=as_array(rates[0]),
            projection_rates=as_array(rates[1]),
            volatility=as_array(quoted),
            smile=as_array(factor * np.asarray(inputs.smile)),
            cap_volatility=as_array(caps),
        )


def parallel(shift: float, name: str = "") -> Scenario:
    """All zero rates moved by the same."""
    return Scenario(name or f"rates {_points(shift)}", (0.0,), (shift,))


def bucketed(shift: float, times: Sequence[float] = BUCKETS) -> tuple[Scenario, ...]:
    """Zero rates around one maturity at a time; all together are a parallel move."""
    edges = tuple(map(float, times))
    return tuple(
        Scenario(
            f"{edge:g}Y {_points(shift)}",
            edges,
            tuple(shift if other == edge else 0.0 for other in edges),
        )
        for edge in edges
    )


def twist(
    short: float, long: float, times: tuple[float, float] = TWIST, name: str = ""
) -> Scenario:
    """Zero rates moved by one amount up to a short maturity and by another from a long one on, a straight line between."""
    return Scenario(name or f"twist {_points(short)} {_points(long)}", times, (short, long))


def volatility(shift: float = 0.0, factor: float = 1.0, name: str = "") -> Scenario:
    """All volatilities multiplied by a factor, and then moved by the same, in the unit that they are quoted in."""
    return Scenario(name or f"volatility x{factor:g} {_points(shift)}", (), (), shift, factor)


def grid(rates: Iterable[float], volatilities: Iterable[float]) -> tuple[Scenario, ...]:
    """Every parallel move of the rates with every move of the volatilities."""
    moves = tuple(volatilities)
    return tuple(
        Scenario(f"rates {_points(rate)}, volatility {_points(move)}", (0.0,), (rate,), move)
        for rate in rates
        for move in moves
    )


def _points(shift: float) -> str:
    return f"{1e4 * shift:+g} bp"
