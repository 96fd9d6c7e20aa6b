"""What a market price depends on, split into numbers that Greeks are taken of and the shape that holds them."""

from typing import NamedTuple

import equinox as eqx
import numpy as np
from jaxtyping import Float

from neuralrates.core.errors import RefusalError
from neuralrates.core.types import HostArray, HostScalar, Scalar
from neuralrates.market.curves.curve_reader import CurveReader
from neuralrates.market.curves.curve_system import CurveSystem
from neuralrates.market.curves.zero_curve import ZeroCurve
from neuralrates.market.forward_curve import ForwardCurveParameters
from neuralrates.market.two_factor import TwoFactorParameters
from neuralrates.market.volatility.cap_volatility import CapVolatility
from neuralrates.market.volatility.swaption_volatility import SwaptionVolatility
from neuralrates.market.volatility.volatility_smile import VolatilitySmile


class MarketInputs(NamedTuple):
    """The numbers; a Greek is a derivative to one of them.

    Args:
        discount_rates: zero rates of the discount curve's nodes, continuous
        projection_rates: the same of the projection curve, and then of that of the second rate of basis swaps; empty where
            one curve plays all parts
        volatility: quoted volatilities at the money, by expiry and tenor
        smile: spreads over them, by offset, expiry and tenor; empty where no smile is quoted
        mean_reversion: of the model, per year
        elapsed: years by which the valuation date has moved on, the curves keeping their shape in time to maturity
        cap_volatility: quoted volatilities of caps, by term and strike; empty where none are quoted
    """

    discount_rates: Float[HostArray, "nodes"]
    projection_rates: Float[HostArray, "projection_nodes"]
    volatility: Float[HostArray, "expiries tenors"]
    smile: Float[HostArray, "offsets smile_expiries smile_tenors"]
    mean_reversion: HostScalar
    elapsed: HostScalar
    cap_volatility: Float[HostArray, "terms strikes"]


class MarketShape(eqx.Module):
    """The curves and the matrix that the numbers go into; with `inputs` they make a market.

    Rates without a projection curve of their own are projected by the discount curve; only basis swaps have a second one.
    """

    discount: ZeroCurve
    projection: ZeroCurve | None
    swaption_volatility: SwaptionVolatility | None
    two_factor: TwoFactorParameters = TwoFactorParameters()
    cap_volatility: CapVolatility | None = None
    forward_curve: ForwardCurveParameters = ForwardCurveParameters()
    second: ZeroCurve | None = None

    @classmethod
    def of(
        cls,
        curves: CurveSystem,
        volatility: SwaptionVolatility | None,
        two_factor: TwoFactorParameters | None = None,
        caps: CapVolatility | None = None,
        forward_curve: ForwardCurveParameters | None = None,
    ) -> "MarketShape":
        """Shape of the curves and volatilities of one currency; curves as of `CurveSystem.for_index`."""
        projection = None if curves.projection is curves.discount else curves.projection
        return cls(
            curves.discount,
            projection,
            volatility,
            two_factor or TwoFactorParameters(),
            caps,
            forward_curve or ForwardCurveParameters(),
            next(iter(curves.further.values()), None),
        )

    @property
    def projections(self) -> tuple[ZeroCurve, ...]:
        """The curves whose rates `projection_rates` are."""
        return tuple(curve for curve in (self.projection, self.second) if curve is not None)

    def projection_readers(
        self, inputs: MarketInputs
    ) -> tuple[CurveReader | None, CurveReader | None]:
        """The projection curve and that of the second rate, holding these numbers; None for those that there are not."""
        rates, readers = np.asarray(inputs.projection_rates), list[CurveReader | None]()
        for curve in (self.projection, self.second):
            count = 0 if curve is None else np.asarray(curve.times).size
            readers.append(None if curve is None else CurveReader(curve, rates[:count]))
            rates = rates[count:]
        return readers[0], readers[1]

    def inputs(self, mean_reversion: float) -> MarketInputs:
        """Today's numbers."""
        volatility = self.swaption_volatility
        smile = None if volatility is None else volatility.smile
        caps = self.cap_volatility
        return MarketInputs(
            np.asarray(self.discount.zero_rates),
            np.concatenate([np.zeros(0), *(curve.zero_rates for curve in self.projections)]),
            np.zeros((0, 1)) if volatility is None else np.asarray(volatility.volatilities),
            np.zeros((0, 1, 1)) if smile is None else np.asarray(smile.spreads),
            np.asarray(mean_reversion, dtype=np.float64),
            np.zeros(()),
            np.zeros((0, 1)) if caps is None else np.asarray(caps.volatilities),
        )

    def with_inputs(self, inputs: MarketInputs) -> tuple[ZeroCurve, ZeroCurve]:
        """Discount and projection curve holding these numbers."""
        discount = _at(self.discount, inputs.discount_rates)
        if self.projection is None:
            return discount, discount
        own = inputs.projection_rates[: self.projection.times.shape[0]]
        return discount, _at(self.projection, own)

    def volatility(
        self,
        inputs: MarketInputs,
        expiry: Scalar,
        tenor: Scalar,
        forward: Scalar,
        strike: Scalar,
    ) -> Scalar:
        """Normal volatility of a European swaption with this forward and strike, read from these numbers."""
        known = self.swaption_volatility
        if known is None:
            raise RefusalError("the market has no swaption volatilities, which options need")
        smile = known.smile
        if smile is not None:
            smile = VolatilitySmile(smile.offsets, smile.expiries, smile.tenors, inputs.smile)
        matrix = SwaptionVolatility(
            known.expiries,
            known.tenors,
            inputs.volatility,
            smile,
            known.expiry_labels,
            known.tenor_labels,
            known.quote_type,
            known.shift,
        )
        return matrix.at_strike(expiry, tenor, forward, strike)


def _at(curve: ZeroCurve, zero_rates: HostArray) -> ZeroCurve:
    return ZeroCurve(curve.times, zero_rates, curve.interpolation)
