"""Swaps of one leg alone as the fields of a dated trade."""

from typing import Any

from neuralrates.conventions.swap import known_indices, swap_convention
from neuralrates.trades.stated_legs import (
    Leg,
    changes,
    fixed_fields,
    floating_fields,
    payment_lag,
    plain,
)


def single_leg_fields(leg: Leg) -> dict[str, Any]:
    """Fields of a swap of which one leg alone is exchanged.

    Raises:
        InputError: where no floating rate of the leg's currency is known
    """
    index = leg.index or overnight_index(leg)
    convention = swap_convention(index)
    is_fixed = leg.index is None
    days = plain(leg.dates)
    own = fixed_fields(leg) if is_fixed else floating_fields(leg, convention)
    several = "notionals" if is_fixed else "floating_notionals"
    return {
        "currency": leg.currency,
        "index": index,
        "side": "payer" if leg.pays == is_fixed else "receiver",
        "leg": "fixed" if is_fixed else "floating",
        "strike": 0.0,
        "start_date": days[0],
        "maturity_date": days[-1],
        "payment_lag": payment_lag([leg], convention),
        "notional": max(leg.notionals),
        **own,
        **({several: leg.notionals} if changes(leg.notionals) else {}),
    }


def overnight_index(leg: Leg) -> str:
    """The overnight rate of a leg's currency, that its payments are discounted by."""
    for name in known_indices():
        convention = swap_convention(name)
        if convention.overnight and convention.currency == leg.currency:
            return name
    raise leg.place.fault(leg.names.currency, f"no overnight rate is known here for {leg.currency}")
