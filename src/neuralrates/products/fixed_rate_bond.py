"""Fixed-rate bonds, as a portfolio of zero-coupon bonds."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.core.checks import as_array, check_above, check_decimal
from neuralrates.core.doors import door
from neuralrates.core.types import Bond, Scalar

_PER_YEAR = 2.0


@door
class FixedRateBond(eqx.Module):
    """Bond with half-yearly coupons counted back from maturity; unit face value, times in years.

    Args:
        coupon: rate, decimal per year
        maturity: years
        longest: whole years that hold every maturity to be priced, so that many bonds share their shapes

    Example:
        >>> import neuralrates as nr
        >>> bond = nr.products.FixedRateBond(0.03, 2.25, longest=3)
        >>> curve = nr.market.FlatCurve(0.03)
        >>> print(f"{bond.clean_price(curve.discount_factor):.6f} {bond.accrued_interest:.6f}")
        0.999484 0.007500
    """

    coupon: Scalar = eqx.field(converter=as_array)
    maturity: Scalar = eqx.field(converter=as_array)
    longest: int = eqx.field(static=True)

    def __check_init__(self) -> None:
        check_decimal("coupon", self.coupon)
        check_above("maturity", self.maturity, 0.0, strict=True)
        check_above("longest", self.longest - self.maturity, 0.0)

    @property
    def flow_times(self) -> Float[Array, "flows"]:
        """Coupon dates, the last first; those that are past are not positive."""
        return self.maturity - jnp.arange(_PER_YEAR * self.longest) / _PER_YEAR

    @property
    def accrued_interest(self) -> Scalar:
        """Interest since the last coupon, per unit face value."""
        to_next = jnp.min(jnp.where(self.flow_times > 0.0, self.flow_times, jnp.inf))
        return self.coupon * (1.0 / _PER_YEAR - to_next)

    def value(self, bond: Bond) -> Scalar:
        """Present value of what is still paid, per unit face value.

        Args:
            bond: maturity (years) to zero-coupon bond price

        Returns:
            The price with accrued interest.
        """
        ahead = self.flow_times > 0.0
        discount = jax.vmap(bond)(jnp.where(ahead, self.flow_times, 1.0))
        coupons = self.coupon / _PER_YEAR * jnp.sum(jnp.where(ahead, discount, 0.0))
        return coupons + discount[0]

    def clean_price(self, bond: Bond) -> Scalar:
        """Price without accrued interest, as quoted, per unit face value."""
        return self.value(bond) - self.accrued_interest
