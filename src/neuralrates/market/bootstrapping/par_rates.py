"""Model values of many quotes at once, as a differentiable function of the curves."""

from collections.abc import Iterable, Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from neuralrates.core.checks import on_device
from neuralrates.core.types import Nodes, Outputs, Times
from neuralrates.market.bootstrapping.instruments import Instrument
from neuralrates.market.curves.discount_curve import AbstractDiscountCurve
from neuralrates.market.curves.zero_curve import ZeroCurve

FlowPlace = Int[Array, "flows"]


class ParRates(eqx.Module):
    """Quoted values that a pair of curves implies, one per quote.

    The rate of a quote is $\\sum_k w_k (P(s_k)/P(e_k) - 1) D(p_k) / \\sum_j a_j D(q_j)$, with D the discount curve and P the
    curve of the floating rate; a future is quoted as $100 (1 - rate - convexity)$.

    Args:
        instruments: the quotes, resolved to flows

    Source: Henrard (2014), Interest Rate Modelling in the Multi-Curve Framework, chapters 2 and 5.
    """

    times: Times
    start: FlowPlace
    end: FlowPlace
    payment: FlowPlace
    weight: Float[Array, "flows"]
    projected: Bool[Array, "flows"]
    quote: FlowPlace
    fixed_payment: Int[Array, "periods"]
    fixed_weight: Float[Array, "periods"]
    fixed_quote: Int[Array, "periods"]
    scale: Outputs
    shift: Outputs

    def __init__(self, instruments: Sequence[Instrument]) -> None:
        floating = [(i, flow) for i, item in enumerate(instruments) for flow in item.floating]
        fixed = [(i, flow) for i, item in enumerate(instruments) for flow in item.fixed]
        dates = [time for _, f in floating for time in (f.start, f.end, f.payment)]
        times, places = np.unique(dates + [f.payment for _, f in fixed], return_inverse=True)
        triples = places[: len(dates)].reshape(-1, 3)
        self.times = on_device(times)
        self.start, self.end, self.payment = map(on_device, triples.T.copy())
        self.weight = _column(flow.weight for _, flow in floating)
        self.projected = _column((flow.projected for _, flow in floating), bool)
        self.quote = _column((i for i, _ in floating), int)
        self.fixed_payment = on_device(places[len(dates) :])
        self.fixed_weight = _column(flow.weight for _, flow in fixed)
        self.fixed_quote = _column((i for i, _ in fixed), int)
        self.scale = _column(item.scale for item in instruments)
        self.shift = _column(item.shift for item in instruments)

    def __call__(
        self, discount: AbstractDiscountCurve, projection: AbstractDiscountCurve
    ) -> Outputs:
        """Values of the quotes in their own units.

        Args:
            discount: curve to discount with, and of overnight rates
            projection: curve of the term rate

        Returns:
            One value per quote.
        """
        count = self.scale.shape[0]
        factors = jax.vmap(discount.discount_factor)(self.times)
        term = jax.vmap(projection.discount_factor)(self.times)
        growth = jnp.where(self.projected, self._growth(term), self._growth(factors))
        paid = self.weight * growth * factors[self.payment]
        annuity = self.fixed_weight * factors[self.fixed_payment]
        floating_leg = jax.ops.segment_sum(paid, self.quote, count)
        fixed_leg = jax.ops.segment_sum(annuity, self.fixed_quote, count)
        return self.shift + self.scale * floating_leg / fixed_leg

    def _growth(self, factors: Times) -> Float[Array, "flows"]:
        """$P(s)/P(e) - 1$ of every floating flow."""
        return factors[self.start] / factors[self.end] - 1.0


def _column(values: Iterable[float], kind: type = float) -> Array:
    return on_device(np.fromiter(values, dtype=kind))


@eqx.filter_jit
def quoted_values(
    par_rates: ParRates, discount: AbstractDiscountCurve, projection: AbstractDiscountCurve
) -> Outputs:
    """Values of the quotes in their own units, compiled."""
    return par_rates(discount, projection)


@eqx.filter_jit
def values_and_jacobian(
    par_rates: ParRates, curves: tuple[ZeroCurve, ...]
) -> tuple[Outputs, Float[Array, "outputs nodes"]]:
    """Values of the quotes, and their derivatives to the zero rates of all nodes.

    Args:
        par_rates: the quotes
        curves: discount and projection curve, or one that plays both parts

    Returns:
        Values, and the matrix of quotes (rows) by nodes (columns, discount nodes first).
    """

    def values(rates: tuple[Array, ...]) -> tuple[Outputs, Outputs]:
        moved = [_with_rates(curve, rate) for curve, rate in zip(curves, rates, strict=True)]
        result = par_rates(moved[0], moved[-1])
        return result, result

    rates = tuple(curve.zero_rates for curve in curves)
    blocks, result = jax.jacfwd(values, has_aux=True)(rates)
    return result, jnp.concatenate(blocks, axis=1)


def _with_rates(curve: ZeroCurve, rates: Nodes) -> ZeroCurve:
    return eqx.tree_at(lambda c: c.zero_rates, curve, rates)
