"""Floating rate notes under one Gaussian factor, in closed form."""

import equinox as eqx
import jax
import jax.numpy as jnp

from neuralrates.core.checks import as_array, check_decimal, check_finite
from neuralrates.core.doors import door
from neuralrates.core.types import Periods, Scalar
from neuralrates.models.hull_white import HullWhite
from neuralrates.pricers.price import Price
from neuralrates.pricers.pricer import AbstractPricer
from neuralrates.products.floating_rate_note import INDEX_TENOR, MONEY_MARKET, FloatingRateNote

_ROUNDING = 1e-14


@door
class GaussianFloatingRateNote(AbstractPricer):
    """Closed form of Treasury floating rate notes under one Gaussian factor, without accrued interest.

    Args:
        margin: discount margin over the curve, continuous, decimal per year

    Source: Brigo and Mercurio (2006), section 3.3; see `floating_rate_note_price`.

    Example:
        >>> import neuralrates as nr
        >>> model = nr.models.HullWhite(nr.market.FlatCurve(0.03), 0.03, 0.01)
        >>> note = nr.products.FloatingRateNote.regular(1.75, 0.001, 0.03)
        >>> print(f"{nr.pricers.GaussianFloatingRateNote(margin=0.001)(model, note).value:.6f}")
        1.000033
    """

    margin: Scalar = eqx.field(converter=as_array, default=0.0)

    def __check_init__(self) -> None:
        check_finite("margin", self.margin)
        check_decimal("margin", self.margin)

    @eqx.filter_jit
    def __call__(self, model: HullWhite, product: FloatingRateNote) -> Price:
        return Price(floating_rate_note_price(model, product, self.margin), jnp.full((), _ROUNDING))

    def order(self) -> float | None:
        return None


def floating_rate_note_price(model: HullWhite, note: FloatingRateNote, margin: Scalar) -> Scalar:
    """Price of a note without accrued interest, per unit face value.

    The index reset at t is the simple rate of the bill that matures at $u = t + 91$ days. Paid at T its value today is that of
    the forward rate with one convexity factor: $E[1/P(t, u)] = D(t) / D(u) e^{\\zeta(t) (H(u) - H(T)) (H(u) - H(t))}$ in
    the measure of the bond that matures at T.

    Args:
        model: one Gaussian factor
        note: the note
        margin: discount margin over the curve, continuous, decimal per year

    Returns:
        The price.

    Source: Brigo and Mercurio (2006), section 3.3, for the Gaussian law; the factor is ours.

    Example:
        >>> import neuralrates as nr
        >>> from neuralrates.pricers.gaussian.floating_rate_note import floating_rate_note_price
        >>> model = nr.models.HullWhite(nr.market.FlatCurve(0.03), 0.03, 0.01)
        >>> note = nr.products.FloatingRateNote.regular(1.75, 0.001, 0.03)
        >>> print(f"{floating_rate_note_price(model, note, 0.001):.6f}")
        1.000033
    """
    discount = jax.vmap(model.curve.discount_factor)
    loading = jax.vmap(model.loading)
    paid = note.payment_times > 0.0
    payments = jnp.where(paid, note.payment_times, 1.0)
    resets, ends = note.reset_times, note.reset_times + INDEX_TENOR
    variances = jax.vmap(model.variance)(resets)
    growth = (discount(resets) / discount(ends))[:, None]
    convexity = (loading(ends)[:, None] - loading(payments)[None, :]) * (
        loading(ends) - loading(resets)
    )[:, None]
    rates = (growth * jnp.exp(variances[:, None] * convexity) - 1.0) / (INDEX_TENOR * MONEY_MARKET)
    rates = rates.at[0].set(note.index_rate)
    interest = jnp.sum(note.accruals * (rates + note.spread), axis=0)
    first = paid & (payments == jnp.min(jnp.where(paid, payments, jnp.inf)))
    interest = interest + jnp.where(first, note.accrued_interest, 0.0)
    face = (payments == jnp.max(jnp.where(paid, payments, 0.0))).astype(jnp.float64)
    worth = discount(payments) * jnp.exp(-margin * payments)
    return jnp.sum(jnp.where(paid, worth * (interest + face), 0.0)) - note.accrued_interest


def discount_margin_price(
    period_days: Periods,
    elapsed_days: Scalar,
    index_rate: Scalar,
    spread: Scalar,
    margin: Scalar,
) -> Scalar:
    """Price of a note without accrued interest by the Treasury's formula: one index throughout, discounted at a margin over it.

    Each period of d days pays $(r + s) d / 360$ and is discounted by $1 / (1 + (r + m) d / 360)$; the first one by the days
    that are left of it.

    Args:
        period_days: actual days of the periods, the one that runs first
        elapsed_days: days of the first period that are past
        index_rate: r, decimal, simple, actual over 360; at it the elapsed days have accrued too
        spread: s, decimal
        margin: m, decimal

    Returns:
        The price per unit face value; one where the margin is the spread and no day has elapsed.

    Source: 31 CFR 356, appendix B, section I.D.

    Example:
        >>> import jax.numpy as jnp
        >>> from neuralrates.pricers.gaussian.floating_rate_note import discount_margin_price
        >>> print(f"{discount_margin_price(jnp.array([92.0] * 8), 28.0, 0.001, 0.0015, 0.0020):.6f}")
        0.999020
    """
    years = period_days / 360.0
    elapsed = elapsed_days / 360.0
    left = years.at[0].add(-elapsed)
    discount = jnp.cumprod(1.0 / (1.0 + (index_rate + margin) * left))
    rate = index_rate + spread
    return jnp.sum(discount * rate * years) + discount[-1] - rate * elapsed
