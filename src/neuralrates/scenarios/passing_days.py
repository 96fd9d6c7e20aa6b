"""A market seen some days later with nothing quoted anew: as its forward rates said, and as its curves are shaped."""

from collections.abc import Callable

import numpy as np

from neuralrates.core.checks import as_array
from neuralrates.core.errors import InputError
from neuralrates.market.curves.curve_reader import CurveReader
from neuralrates.market.curves.zero_curve import ZeroCurve
from neuralrates.market.market import CurrencyMarket, Market
from neuralrates.market.volatility.cap_volatility import CapVolatility
from neuralrates.market.volatility.swaption_volatility import SwaptionVolatility
from neuralrates.market.volatility.volatility_smile import VolatilitySmile

Moved = Callable[[ZeroCurve, ZeroCurve], ZeroCurve]
_NEAREST = 1e-3
"""Years from a later date to a node that is kept: a third of a day."""


def carried(before: Market, after: Market) -> Market:
    """The first market on the second's date, each forward rate come true; volatilities keep their time to expiry."""
    years = (after.valuation_date - before.valuation_date).days / 365.0
    return _seen(before, after, lambda curve, _: forwards_come_true(curve, years))


def rolled(before: Market, after: Market) -> Market:
    """The first market on the second's date, each zero rate that of the same time to maturity, at the second's nodes."""
    return _seen(before, after, _same_rates)


def forwards_come_true(curve: ZeroCurve, years: float) -> ZeroCurve:
    """The curve of the forward rates from a later date on.

    Args:
        curve: today's
        years: from today to that date

    Returns:
        $P(t) = P_0(t + s) / P_0(s)$ at the nodes that are left.

    Example:
        >>> from neuralrates.market import ZeroCurve
        >>> from neuralrates.scenarios.passing_days import forwards_come_true
        >>> later = forwards_come_true(ZeroCurve([1.0, 2.0], [0.02, 0.03]), 0.5)
        >>> print(f"{later.zero_rate(0.5):.4f} {later.zero_rate(1.5):.4f}")
        0.0200 0.0333
    """
    read = CurveReader(curve, np.asarray(curve.zero_rates))
    nodes = np.asarray(curve.times) - years
    left = nodes[nodes > _NEAREST]
    left = left if left.size else np.ones(1)
    grown, passed = (read(times[None, :]).value[0] for times in (left + years, np.array([years])))
    return ZeroCurve(as_array(left), as_array((grown - passed) / left), curve.interpolation)


def _same_rates(curve: ZeroCurve, other: ZeroCurve) -> ZeroCurve:
    times = np.asarray(other.times)
    exponents = CurveReader(curve, np.asarray(curve.zero_rates))(times[None, :]).value[0]
    return ZeroCurve(as_array(times), as_array(exponents / times), other.interpolation)


def _seen(before: Market, after: Market, moved: Moved) -> Market:
    shared = [code for code in before.currencies if code in after.currencies]
    currencies = {code: _currency(before[code], after[code], moved) for code in shared}
    return Market(after.valuation_date, currencies, model=before.model)


def _currency(before: CurrencyMarket, after: CurrencyMarket, moved: Moved) -> CurrencyMarket:
    old, new = before.curves, after.curves
    if old.positions != new.positions:
        raise InputError(f"expected the same curves of {before.currency} in both markets")
    return CurrencyMarket(
        before.currency,
        old.with_curves([moved(*pair) for pair in zip(old.curves, new.curves, strict=True)]),
        _swaptions(before, after),
        _caps(before, after),
        two_factor=before.two_factor,
        forward_curve=before.forward_curve,
    )


def _swaptions(before: CurrencyMarket, after: CurrencyMarket) -> SwaptionVolatility | None:
    """Volatilities of the first market where the second quotes them."""
    old, new = before.swaption_volatility, after.swaption_volatility
    _check_alike(before.currency, "swaption volatilities", old, new)
    if old is None or new is None:
        return None
    _check_alike(before.currency, "swaption smiles", old.smile, new.smile)
    smile = None
    if old.smile is not None and new.smile is not None:
        smile = VolatilitySmile(
            new.smile.offsets,
            new.smile.expiries,
            new.smile.tenors,
            as_array(
                _weighted(
                    np.asarray(old.smile.spreads),
                    (old.smile.offsets, new.smile.offsets),
                    (old.smile.expiries, new.smile.expiries),
                    (old.smile.tenors, new.smile.tenors),
                )
            ),
        )
    axes = ((old.expiries, new.expiries), (old.tenors, new.tenors))
    return SwaptionVolatility(
        new.expiries,
        new.tenors,
        _weighted(np.asarray(old.volatilities), *axes),
        smile,
        new.expiry_labels,
        new.tenor_labels,
        new.quote_type,
        np.asarray(new.shift),
    )


def _caps(before: CurrencyMarket, after: CurrencyMarket) -> CapVolatility | None:
    old, new = before.cap_volatility, after.cap_volatility
    _check_alike(before.currency, "cap volatilities", old, new)
    if old is None or new is None:
        return None
    axes = ((old.terms, new.terms), (old.strikes, new.strikes))
    return CapVolatility(
        new.terms,
        new.strikes,
        _weighted(np.asarray(old.volatilities), *axes),
        new.term_labels,
        new.quote_type,
        np.asarray(new.shift),
    )


def _check_alike(currency: str, name: str, old: object, new: object) -> None:
    kinds = [_terms(one) for one in (old, new)]
    if kinds[0] != kinds[1]:
        raise InputError(
            f"expected {name} of {currency} in the same terms in both markets, found {kinds[0]} and {kinds[1]}"
        )


def _terms(quoted: object) -> str:
    """What kind of quotes these are, a shift included."""
    if quoted is None:
        return "none"
    shift = np.unique(np.asarray(getattr(quoted, "shift", 0.0)))
    moved = f" by {shift}" if np.any(shift) else ""
    return f"{getattr(quoted, 'quote_type', 'some')}{moved}"


def _weighted(values: np.ndarray, *axes: tuple) -> np.ndarray:
    """Values read along each axis at other nodes: straight lines between, level beyond."""
    for place, (old, new) in enumerate(axes):
        nodes, points = np.asarray(old), np.asarray(new)
        weights = np.stack([np.interp(points, nodes, unit) for unit in np.eye(nodes.size)], axis=1)
        values = np.moveaxis(np.tensordot(weights, values, (1, place)), 0, place)
    return values
