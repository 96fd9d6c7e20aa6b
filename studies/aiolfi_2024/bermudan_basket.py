"""A basket of Bermudan swaptions on one currency's market, as arrays of one size.

What the study of Aiolfi et al. (2024) calls its basket: contracts of several lengths, no-call periods and strikes around the
money, each priced under one-factor Gaussian models across a grid of parameters. A vector moves the market under a contract:

- `mean_reversion` and `volatility`: the two parameters of G1++ (Hull-White with constant volatility);
- `strike_shift`: added to the contract's strike;
- `curve_shift` and `curve_tilt`: added to all zero rates, the second times years / 10.

The last three, the `MOVES`, are zero in the basket; derivatives to them are what differential labels say beyond values.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.conventions.dates import add_months
from neuralrates.conventions.swap import SwapConvention, swap_convention
from neuralrates.core.types import Exercises, Inputs, Scalar
from neuralrates.core.units import basis_point
from neuralrates.market.curves.curve_system import CurveSystem
from neuralrates.market.curves.zero_curve import ZeroCurve
from neuralrates.models.hull_white import HullWhite
from neuralrates.products.swap import Side, side_sign
from neuralrates.products.swaption import Swaption
from neuralrates.trades.callable_trade import BermudanSwaptionTrade
from neuralrates.trades.schedule import SwaptionSchedule
from neuralrates.trades.schedule_padding import pad_swaption_schedule

MARKET_INPUTS = ("mean_reversion", "volatility", "strike_shift", "curve_shift", "curve_tilt")
MOVES = MARKET_INPUTS[2:]
LONGEST, MOST_EXERCISES = 15, 14
_TILT_YEARS = 10.0
_SIZE = (MOST_EXERCISES, LONGEST, 2 * LONGEST, 2 * LONGEST + 1)


@dataclass(frozen=True)
class Contract:
    """Bermudan swaption that starts at spot, with annual exercise after a no-call period.

    Args:
        maturity: length of the swap, years
        no_call: years before the first exercise
        strike_offset: strike minus the forward rate of the swap entered first, decimal
        side: `payer` or `receiver` of the fixed rate
    """

    maturity: int
    no_call: int
    strike_offset: float
    side: Side

    def __post_init__(self) -> None:
        if not 1 <= self.no_call <= self.maturity - 2 <= LONGEST - 2:
            raise ValueError(
                f"A contract must leave two exercises and end within {LONGEST} years, but its length is "
                f"{self.maturity} and its no-call period {self.no_call}."
            )

    @property
    def name(self) -> str:
        """Such as `10NC2 receiver +50bp`."""
        offset = self.strike_offset / basis_point
        return f"{self.maturity}NC{self.no_call} {self.side} {offset:+.0f}bp"


class BasketTrade(eqx.Module):
    """A contract on a market, in arrays of one size for the whole basket; unit notional.

    Exercises added to reach that size enter nothing and are never taken.

    Args:
        exercise_times: years
        alive: one where an exercise is real
        flow_times: years
        annuity_weights: what a unit of strike pays to a receiver, per exercise
        floating_weights: bonds that replicate the floating leg, per exercise
        discount_factors: of the flow times
        strike: fixed rate, decimal
        sign: +1 to receive, -1 to pay the fixed rate
        maturity: years
        no_call: years
    """

    exercise_times: Exercises
    alive: Exercises
    flow_times: Float[Array, "flows"]
    annuity_weights: Float[Array, "exercises flows"]
    floating_weights: Float[Array, "exercises flows"]
    discount_factors: Float[Array, "flows"]
    strike: Scalar
    sign: Scalar
    maturity: Scalar
    no_call: Scalar

    @classmethod
    def of(cls, contract: Contract, today: datetime.date, curves: CurveSystem) -> "BasketTrade":
        """The contract on the curves of a valuation date, struck off its first forward swap rate."""
        schedule = _schedule(contract, today, swap_convention(curves.projection_index))
        return _placed(
            schedule,
            curves,
            jnp.asarray(contract.strike_offset),
            jnp.asarray(side_sign(contract.side)),
            jnp.asarray(float(contract.maturity)),
            jnp.asarray(float(contract.no_call)),
        )

    def build(self, x: Inputs) -> tuple[HullWhite, Swaption]:
        """Model and product at one vector of `MARKET_INPUTS`.

        The weights of the floating leg do not move with the curves: their basis is fixed, and a shift
        common to both leaves it. A payer is written as the receiver of the opposite swap.
        """
        mean_reversion, volatility, strike_shift, curve_shift, curve_tilt = x
        times, factors = self.flow_times, self.discount_factors
        rates = -jnp.log(factors) / times + curve_shift + curve_tilt * times / _TILT_YEARS
        product = Swaption.from_weights(
            self.exercise_times,
            times,
            self.sign * self.annuity_weights,
            self.sign * self.floating_weights,
            self.strike + strike_shift,
            "receiver",
        )
        return HullWhite(ZeroCurve(times, rates), mean_reversion, volatility), product


def basket(
    contracts: Sequence[Contract], today: datetime.date, curves: CurveSystem
) -> list[BasketTrade]:
    """Contracts of a basket on one market.

    Args:
        contracts: the contracts
        today: valuation date
        curves: discount and projection curve of the currency

    Returns:
        One trade a contract, all of one size.

    Source: Bermudan swaptions under G1++ as in Aiolfi et al. (2024), appendices A and G; the contracts are ours.

    Example:
        >>> import datetime
        >>> import jax.numpy as jnp
        >>> import neuralrates as nr
        >>> from studies.aiolfi_2024.bermudan_basket import Contract, basket
        >>> today = datetime.date(2024, 3, 19)
        >>> curves = nr.market.bootstrap(today, [nr.market.Quote("ois", "EUR-ESTR", "30Y", 0.03)])
        >>> (trade,) = basket([Contract(10, 2, 0.0, "payer")], today, curves)
        >>> model, product = trade.build(jnp.array([0.03, 0.008, 0.0, 0.0, 0.0]))
        >>> print(f"{nr.pricers.BackwardInduction(1e-8, 56, 1)(model, product).value:.4f}")
        0.0381
    """
    return [BasketTrade.of(contract, today, curves) for contract in contracts]


def _schedule(
    contract: Contract, today: datetime.date, convention: SwapConvention
) -> SwaptionSchedule:
    start = convention.spot_date(today)
    trade = BermudanSwaptionTrade(
        trade_id=contract.name,
        currency=convention.currency,
        index=convention.index,
        side=contract.side,
        notional=1.0,
        strike=0.0,
        start_date=start,
        maturity_date=add_months(start, 12 * contract.maturity, convention.calendar),
        first_exercise_date=add_months(start, 12 * contract.no_call, convention.calendar),
    )
    schedule = trade.right(trade.swap()).after(today).schedule(trade.swap(), today)
    return pad_swaption_schedule(schedule, *_SIZE)


@eqx.filter_jit
def _placed(
    schedule: SwaptionSchedule,
    curves: CurveSystem,
    strike_offset: Scalar,
    sign: Scalar,
    maturity: Scalar,
    no_call: Scalar,
) -> BasketTrade:
    """A schedule on curves, in arrays; compiled once for schedules of one size."""
    discount = curves.discount.discount_factor
    product = schedule.resolve(discount, curves.projection.discount_factor, 0.0, "receiver")
    factors = jax.vmap(discount)(product.flow_times)
    annuity, floating = product.annuity_weights, product.floating_weights
    forward = (floating[0] @ factors) / (annuity[0] @ factors)
    return BasketTrade(
        exercise_times=product.exercise_times,
        alive=jnp.any(annuity != 0.0, axis=1).astype(jnp.float64),
        flow_times=product.flow_times,
        annuity_weights=annuity,
        floating_weights=floating,
        discount_factors=factors,
        strike=forward + strike_offset,
        sign=sign,
        maturity=maturity,
        no_call=no_call,
    )
