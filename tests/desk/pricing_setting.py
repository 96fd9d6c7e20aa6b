"""Two small markets, three trades on each, and everything a bump needs: quotes, matrix, mean reversion to valuation."""

import dataclasses
import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

import neuralrates as nr
from neuralrates.engines.batches import Batch
from neuralrates.engines.engine import Assessment
from neuralrates.engines.market_inputs import MarketInputs, MarketShape
from neuralrates.engines.one_factor import OneFactorEngine
from neuralrates.pricers.gaussian.backward_induction import BackwardInduction
from neuralrates.trades.padded_trade import PaddedTrade, Size, pad, stack

TODAY = datetime.date(2024, 3, 19)
SIZE = Size(exercises=4, fixed=5, floating=10, flows=16)
PRICER = BackwardInduction(1e-7, 32, 1)
ENGINE = OneFactorEngine(PRICER)
MEAN_REVERSION = 0.03


@dataclass(frozen=True)
class Setting:
    """A market in the form it is quoted in.

    Args:
        discount: quotes of the discount curve
        projection: quotes of the projection curve; none where one curve plays both parts
        volatility: matrix of swaption volatilities
        mean_reversion: per year
    """

    discount: tuple[nr.market.Quote, ...]
    projection: tuple[nr.market.Quote, ...]
    volatility: nr.market.SwaptionVolatility
    mean_reversion: float = MEAN_REVERSION

    @property
    def quotes(self) -> tuple[nr.market.Quote, ...]:
        """Quotes of both curves."""
        return (*self.discount, *self.projection)

    def curves(self) -> nr.market.CurveSystem:
        """Curves bootstrapped from the quotes."""
        return nr.market.bootstrap(TODAY, self.discount, self.projection)

    def with_quotes(self, values: np.ndarray) -> "Setting":
        """The same market at other values of its quotes."""
        moved = [
            dataclasses.replace(quote, value=float(value))
            for quote, value in zip(self.quotes, values, strict=True)
        ]
        count = len(self.discount)
        return dataclasses.replace(
            self, discount=tuple(moved[:count]), projection=tuple(moved[count:])
        )


def _quotes(kind: str, index: str, rates: dict[str, float]) -> tuple[nr.market.Quote, ...]:
    return tuple(nr.market.Quote(kind, index, tenor, rate) for tenor, rate in rates.items())


def _volatility(smile: nr.market.VolatilitySmile | None) -> nr.market.SwaptionVolatility:
    table = [[0.0105, 0.0100, 0.0095], [0.0098, 0.0095, 0.0090], [0.0090, 0.0088, 0.0085]]
    return nr.market.SwaptionVolatility([0.8, 2.3, 4.5], [1.2, 2.6, 4.4], table, smile)


SMILE = nr.market.VolatilitySmile(
    [-0.01, 0.0, 0.01],
    [1.0, 4.0],
    [1.0, 4.0],
    [
        [[0.0008, 0.0006], [0.0005, 0.0004]],
        [[0.0, 0.0], [0.0, 0.0]],
        [[0.0010, 0.0007], [0.0006, 0.0005]],
    ],
)
SETTINGS = {
    "single curve, USD": Setting(
        _quotes(
            "ois",
            "USD-SOFR",
            {"1Y": 0.0505, "2Y": 0.0457, "3Y": 0.0430, "5Y": 0.0405, "7Y": 0.0395},
        ),
        (),
        _volatility(None),
    ),
    "two curves and a smile, EUR": Setting(
        _quotes("ois", "EUR-ESTR", {"1Y": -0.0055, "3Y": -0.0050, "7Y": -0.0020}),
        _quotes("swap", "EUR-EURIBOR-6M", {"2Y": -0.0030, "4Y": -0.0015, "7Y": 0.0015}),
        _volatility(SMILE),
    ),
}
# A quarter of a percent from every node of the smile, where its slope jumps and gamma does not exist.
STRIKES = {"single curve, USD": 0.0362, "two curves and a smile, EUR": 0.0080}


def trades(name: str, today: datetime.date = TODAY) -> list[nr.trades.ResolvedTrade]:
    """Bermudan receiver, European payer and cancellable payer of five years or less, resolved."""
    usd = SETTINGS[name].projection == ()
    fields = {
        "currency": "USD" if usd else "EUR",
        "index": "USD-SOFR" if usd else "EUR-EURIBOR-6M",
        "notional": 1.0,
        "strike": STRIKES[name],
    }
    dates = {
        "start_date": datetime.date(2024, 3, 28),
        "maturity_date": datetime.date(2029, 3, 28),
    }
    later = dates | {"start_date": datetime.date(2026, 3, 30)}
    called = {"first_exercise_date": datetime.date(2025, 3, 28)}
    receiver, payer = {"side": "receiver"}, {"side": "payer"}
    products = nr.products
    made = (
        products.BermudanSwaptionTrade(trade_id="B", **fields, **dates, **called, **receiver),
        products.EuropeanSwaptionTrade(trade_id="E", **fields, **later, **payer),
        products.CancellableSwapTrade(trade_id="C", **fields, **dates, **called, **payer),
    )
    return [trade.resolve(today) for trade in made]


def padded(some: Sequence[nr.trades.ResolvedTrade]) -> PaddedTrade:
    """Trades of one size, stacked."""
    return stack([pad(trade, SIZE) for trade in some])


def shape_and_inputs(
    setting: Setting, curves: nr.market.CurveSystem | None = None
) -> tuple[MarketShape, MarketInputs]:
    """Market of a setting, bootstrapped where no curves are given."""
    shape = MarketShape.of(curves or setting.curves(), setting.volatility)
    return shape, shape.inputs(setting.mean_reversion)


def valued(
    setting: Setting, stacked: PaddedTrade, curves: nr.market.CurveSystem | None = None
) -> Assessment:
    """The trades priced from the setting's quotes, per unit notional."""
    return assessed(stacked, *shape_and_inputs(setting, curves))


def values(
    setting: Setting, stacked: PaddedTrade, curves: nr.market.CurveSystem | None = None
) -> np.ndarray:
    """The values alone: what most bumps need, without an adjoint."""
    return assessed(stacked, *shape_and_inputs(setting, curves), slopes=False).value


def assessed(
    stacked: PaddedTrade, shape: MarketShape, inputs: MarketInputs, *, slopes: bool = True
) -> Assessment:
    """Stacked trades priced, with their derivatives unless told otherwise, per unit notional."""
    members = tuple(range(stacked.strike.shape[0]))
    return ENGINE.assess(Batch(members, stacked), inputs, shape, slopes)


def difference(function: Callable[[float], np.ndarray], step: float) -> np.ndarray:
    """Derivative at zero by central differences of fourth order."""
    near, far = (
        (np.asarray(function(reach * step)) - np.asarray(function(-reach * step))) / step
        for reach in (1.0, 2.0)
    )
    return 2.0 / 3.0 * near - far / 12.0
