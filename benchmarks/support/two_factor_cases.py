"""Random Bermudans under random two-factor models, as the numbers that an induction knows, on curves from 2001 to 2025."""

from typing import NamedTuple

import numpy as np

from neuralrates.pricers.gaussian.two_factor.plane import PlaneRights

CURVES = (
    (0.052, -0.004, -0.010, 2.0),
    (0.058, -0.043, 0.005, 2.5),
    (0.046, 0.006, -0.004, 1.5),
    (0.050, -0.048, -0.020, 2.2),
    (0.035, -0.034, -0.025, 3.0),
    (0.020, -0.019, -0.018, 2.8),
    (0.040, 0.013, -0.012, 1.8),
    (0.045, -0.002, -0.015, 2.0),
    (0.006, -0.011, -0.010, 4.0),
)
"""Level, slope, hump and scale by Nelson and Siegel: shapes of the dollar curve from 2001 to 2025, and negative euro rates."""


class Case(NamedTuple):
    """One Bermudan swaption and its model.

    Args:
        exercises: times, years
        flow_times: years
        discount_factors: at the flow times
        flows: amounts received on exercise
        reversions: of the factors, per year
        volatilities: of the factors, by interval between exercises
        correlation: of the factors
    """

    exercises: np.ndarray
    flow_times: np.ndarray
    discount_factors: np.ndarray
    flows: np.ndarray
    reversions: np.ndarray
    volatilities: np.ndarray
    correlation: float

    @property
    def present_values(self) -> np.ndarray:
        """Value today of each flow."""
        return self.flows * self.discount_factors

    @property
    def loadings(self) -> np.ndarray:
        """$H(T_k) - H(T_n)$ by factor."""
        decays = np.exp(-self.reversions * self.flow_times[:, None])
        return (decays[-1] - decays) / self.reversions

    @property
    def covariances(self) -> np.ndarray:
        """Of the state at the exercises."""
        rates = self.reversions[:, None] + self.reversions
        starts = np.append(0.0, self.exercises[:-1])[:, None, None]
        lengths = self.exercises[:, None, None] - starts
        growth = np.exp(rates * starts) * np.expm1(rates * lengths) / rates
        scale = self.volatilities[:, :, None] * self.volatilities[:, None, :]
        matrix = np.array([[1.0, self.correlation], [self.correlation, 1.0]])
        return np.cumsum(matrix * scale * growth, axis=0)


def discount_factor(curve: tuple[float, ...], times: np.ndarray) -> np.ndarray:
    """Discount factors by Nelson and Siegel."""
    level, slope, hump, scale = curve
    x = np.maximum(times, 1e-9) / scale
    loading = -np.expm1(-x) / x
    return np.exp(-times * (level + slope * loading + hump * (loading - np.exp(-x))))


def swaption(
    curve: tuple[float, ...],
    first: float,
    count: int,
    frequency: float,
    periods: int,
    payer: bool,
    strike: float | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Exercises, flow times, discount factors and flows of a right on a swap of so many periods; at the money unless given."""
    times = first + frequency * np.arange(periods + 1)
    factors = discount_factor(curve, times)
    annuity = frequency * np.sum(factors[1:])
    rate = (factors[0] - factors[-1]) / annuity if strike is None else strike
    flows = np.zeros((count, periods + 1))
    for i in range(count):
        flows[i, i], flows[i, i + 1 :] = -1.0, frequency * rate
        flows[i, -1] += 1.0
    return times[:count], times, factors, -flows if payer else flows


def random_case(random: np.random.Generator) -> Case:
    """1 to 30 exercises, first after a month to ten years, annual and semi-annual, strikes within three deviations."""
    while True:
        frequency, count = float(random.choice([0.5, 1.0])), int(random.integers(1, 31))
        first = float(random.uniform(1.0 / 12.0, 10.0))
        periods = count + (int(random.integers(0, 10)) if random.random() < 0.3 else 0)
        if first + frequency * periods <= 40.0:
            break
    curve = CURVES[int(random.integers(len(CURVES)))]
    payer = bool(random.random() < 0.5)
    reversions = np.exp(random.uniform(np.log(0.01), 0.0, 2))
    ratio = np.exp(random.uniform(-np.log(3.0), np.log(3.0)))
    shape = np.exp(random.uniform(-0.3, 0.3, count))
    unit = np.stack([ratio * shape, shape], axis=1)
    correlation = float(random.uniform(-0.95, 0.7))
    normal = np.exp(random.uniform(np.log(0.002), np.log(0.02)))
    money = swaption(curve, first, count, frequency, periods, payer)
    case = Case(*money, reversions, unit, correlation)
    annuity = frequency * np.sum(money[2][1:])
    moves = case.present_values[0] @ case.loadings / annuity
    scale = normal * np.sqrt(first / (moves @ case.covariances[0] @ moves))
    rate = (money[2][0] - money[2][-1]) / annuity
    strike = rate + float(random.uniform(-3.0, 3.0)) * normal * np.sqrt(first)
    return Case(
        *swaption(curve, first, count, frequency, periods, payer, strike),
        reversions,
        scale * unit,
        correlation,
    )


def usual_case(first: float, count: int, frequency: float) -> Case:
    """A payer at the money whose last exercise enters the last period, under a model of a usual size."""
    exercises = swaption(CURVES[6], first, count, frequency, count, True)
    volatilities = np.tile([0.010, 0.008], (count, 1))
    return Case(*exercises, np.array([0.5, 0.03]), volatilities, -0.7)


def rights_of(cases: list[Case]) -> PlaneRights:
    """All cases in one set of arrays."""
    most, flows = max(c.flows.shape[0] for c in cases), max(c.flows.shape[1] for c in cases)
    counts = np.array([case.flows.shape[0] for case in cases])
    covariances = np.zeros((len(cases), most, 2, 2))
    loadings, values = np.zeros((len(cases), flows, 2)), np.zeros((len(cases), most, flows))
    for place, case in enumerate(cases):
        rows, columns = case.flows.shape
        covariances[place, :rows], loadings[place, :columns] = case.covariances, case.loadings
        values[place, :rows, :columns] = case.present_values
    return PlaneRights(counts, covariances, loadings, values)
