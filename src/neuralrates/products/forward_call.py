"""Calls on an asset, in units of its forward: the one product that no bond enters."""

import equinox as eqx

from neuralrates.core.checks import as_array, check_above, check_finite
from neuralrates.core.doors import door
from neuralrates.core.types import Scalar


@door
class ForwardCall(eqx.Module):
    """European call on an asset, paid in units of the asset's forward and not discounted.

    Discounting and carry are the caller's: the price in currency is the forward times the discount factor of the expiry
    times this one. Put-call parity gives the put: this price, less one, plus strike over forward.

    Args:
        log_moneyness: log of strike over forward
        expiry: years, positive

    Example:
        >>> import neuralrates as nr
        >>> print(f"{nr.products.ForwardCall(log_moneyness=0.05, expiry=1.0).expiry:.1f}")
        1.0
    """

    log_moneyness: Scalar = eqx.field(converter=as_array)
    expiry: Scalar = eqx.field(converter=as_array)

    def __check_init__(self) -> None:
        check_finite("log_moneyness", self.log_moneyness)
        check_finite("expiry", self.expiry)
        check_above("expiry", self.expiry, 0.0, strict=True)
