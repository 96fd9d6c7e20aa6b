"""Which keys of ORE's quote format make up the curves and volatilities of a currency."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from neuralrates.market.bootstrapping.quotes import FIXED, QuoteKind

_TENOR = r"(?P<tenor>(\d+Y)?(\d+[WM])?)"
_START = r"(?P<start>\d+[MY])"
_EXPIRY = r"(?P<expiry>\d+[MY])"
_SWAP = r"(?P<tenor>\d+Y)"
_STRIKE = r"(?P<strike>-?[\d.]+)"
_POINT = rf"{_EXPIRY}/{_SWAP}/(ATM|Smile/(?P<offset>-?[\d.]+))"


@dataclass(frozen=True)
class Pattern:
    """Keys of one kind of quote; its groups give tenor, start and end month. A basis swap may be against a stated rate."""

    kind: QuoteKind
    expression: re.Pattern[str]
    against: str = ""
    spread_on: str = ""


@dataclass(frozen=True)
class Layout:
    """Keys of one currency on one standard.

    Args:
        currency: ISO code
        discount_index: overnight rate
        discount: keys of the discount curve
        projection_index: term rate; empty where the discount curve plays both parts
        projection: keys of the projection curve
        normal_swaptions: keys of normal swaption volatilities
        shifted_swaptions: keys of shifted lognormal ones, used where there are no normal ones
        shifts: keys of their shifts, by tenor
        lognormal_swaptions: keys of lognormal ones, used where there are no others
        caps: keys of normal cap volatilities
        further: other term rates with the keys of their curves; each is built where it has swaps or basis swaps
    """

    currency: str
    discount_index: str
    discount: tuple[Pattern, ...]
    projection_index: str
    projection: tuple[Pattern, ...]
    normal_swaptions: re.Pattern[str]
    shifted_swaptions: re.Pattern[str]
    shifts: re.Pattern[str]
    lognormal_swaptions: re.Pattern[str]
    caps: re.Pattern[str]
    further: tuple[tuple[str, tuple[Pattern, ...]], ...] = ()

    @property
    def curves(self) -> tuple[tuple[str, tuple[Pattern, ...]], ...]:
        """Index and keys of the curves, the discount curve first."""
        discount = (self.discount_index, self.discount)
        projection = (self.projection_index, self.projection)
        return (discount, projection, *self.further) if self.projection else (discount,)


def _patterns(**expressions: str) -> tuple[Pattern, ...]:
    kinds: Sequence[QuoteKind] = ("deposit", "ois", "future", "fra", "swap", "basis")
    found = [kind for kind in kinds if kind in expressions]
    return tuple(Pattern(kind, re.compile(expressions[kind])) for kind in found)


def _layout(
    currency: str,
    discount: tuple[str, tuple[Pattern, ...]],
    projection: tuple[str, tuple[Pattern, ...]],
    swaptions: str,
    index_tenor: str,
    further: tuple[tuple[str, tuple[Pattern, ...]], ...] = (),
) -> Layout:
    caps = rf"CAPFLOOR/RATE_NVOL/{currency}/(?P<term>\d+Y)/{index_tenor}/0/0/{_STRIKE}"
    return Layout(
        currency,
        *discount,
        *projection,
        re.compile(f"SWAPTION/RATE_NVOL/{swaptions}/{_POINT}"),
        re.compile(f"SWAPTION/RATE_SLNVOL/{swaptions}/{_POINT}"),
        re.compile(f"SWAPTION/SHIFT/{swaptions}/{_SWAP}"),
        re.compile(f"SWAPTION/RATE_LNVOL/{swaptions}/{_POINT}"),
        re.compile(caps),
        further,
    )


def _term(currency: str, months: str) -> tuple[Pattern, ...]:
    """Deposit, FRAs and swaps on one term rate."""
    return _patterns(
        deposit=rf"MM/RATE/{currency}/2D/(?P<tenor>{months})",
        fra=rf"FRA/RATE/{currency}/{_START}/(?P<tenor>{months})",
        swap=rf"IR_SWAP/RATE/{currency}/2D/{months}/{_TENOR}",
    )


def _beside(
    currency: str, family: str, months: str, longer: str
) -> tuple[str, tuple[Pattern, ...]]:
    """A further term rate: its outright quotes, and its basis swaps, which pay their spread over it and a longer rate flat.

    A key names the flat rate first. Where that is the shorter one, files differ in what the number is: a spread over the
    longer rate, or the difference of two swap rates, as of EURIBOR 3M and 6M in the ORE project's published conventions. But
    for that one they are not read.
    """

    def basis(first: str, second: str, spread_on: str = "") -> Pattern:
        key = rf"BASIS_SWAP/BASIS_SPREAD/{first}/{second}/{currency}/{_TENOR}"
        return Pattern("basis", re.compile(key), f"{family}-{longer}", spread_on)

    patterns = [*_term(currency, months), basis(longer, months)]
    if (currency, months, longer) == ("EUR", "3M", "6M"):
        patterns.append(basis(months, longer, FIXED))
    return f"{family}-{months}", tuple(patterns)


_SOFR = _patterns(
    deposit=r"MM/RATE/USD/SOFR/0D/(?P<tenor>1D)",
    ois=rf"IR_SWAP/RATE/USD/SOFR/[02]D/1D/{_TENOR}",
    future=r"OI_FUTURE/PRICE/USD/(?P<end>\d{4}-\d\d)/XCME:SRA/(?P<tenor>3M)",
)
_FED_FUNDS = _patterns(
    deposit=r"MM/RATE/USD/0D/(?P<tenor>1D)",
    ois=rf"IR_SWAP/RATE/USD/2D/1D/{_TENOR}",
    basis=rf"BASIS_SWAP/BASIS_SPREAD/3M/1D/USD/{_TENOR}",
)
_EONIA = _patterns(deposit=r"MM/RATE/EUR/0D/(?P<tenor>1D)", ois=rf"IR_SWAP/RATE/EUR/2D/1D/{_TENOR}")

_ESTR = _patterns(
    deposit=r"MM/RATE/EUR/ESTE?R/0D/(?P<tenor>1D)",
    ois=rf"IR_SWAP/RATE/EUR/ESTE?R/[02]D/1D/{_TENOR}",
    basis=rf"BASIS_SWAP/BASIS_SPREAD/6M/1D/EUR/ESTE?R/{_TENOR}",
)

_EURIBORS = tuple(_beside("EUR", "EUR-EURIBOR", months, "6M") for months in ("3M", "1M"))

LAYOUTS = (
    _layout("USD", ("USD-SOFR", _SOFR), ("", ()), "USD/SOFR", "1D"),
    _layout(
        "USD",
        ("USD-FEDFUNDS", _FED_FUNDS),
        ("USD-LIBOR-3M", _term("USD", "3M")),
        "USD",
        "3M",
        (_beside("USD", "USD-LIBOR", "1M", "3M"),),
    ),
    *(
        _layout("EUR", discount, ("EUR-EURIBOR-6M", _term("EUR", "6M")), "EUR", "6M", _EURIBORS)
        for discount in (("EUR-ESTR", _ESTR), ("EUR-EONIA", _EONIA))
    ),
    _layout("EUR", ("EUR-ESTR", _ESTR), ("", ()), "EUR/ESTE?R", "1D"),
)
"""In order of preference: the first whose quotes are complete is used. Tenors in days beside the overnight deposit are left
out: they are noise of days in the forward rates."""
