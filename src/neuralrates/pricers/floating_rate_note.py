"""Floating rate notes under one Gaussian factor, in closed form."""

import jax
import jax.numpy as jnp

from neuralrates.core.types import Scalar
from neuralrates.models.hull_white import HullWhite
from neuralrates.products.floating_rate_note import INDEX_TENOR, MONEY_MARKET, FloatingRateNote


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
        >>> from neuralrates.pricers.floating_rate_note import floating_rate_note_price
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
