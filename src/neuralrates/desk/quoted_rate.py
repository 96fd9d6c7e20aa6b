"""Options on other floating rates than the one that a market's volatilities are quoted on."""

from collections.abc import Sequence

from neuralrates.market.market import Market
from neuralrates.trades.resolved import ResolvedTrade

_FEW = 3


def on_other_rates(trades: Sequence[ResolvedTrade], market: Market) -> tuple[str, ...]:
    """One line for each floating rate whose options take volatilities that are quoted on another.

    A normal volatility of a swap rate on 6M is that of the same swap on 3M where the basis between them does not move, which
    is what the models here take it for.

    Args:
        trades: resolved trades
        market: curves and volatilities by currency

    Returns:
        The lines, which name trades, the rate and the one that is quoted.
    """
    found: dict[tuple[str, str, str], list[str]] = {}
    for trade in trades:
        known = market[trade.currency]
        quoted = known.curves.projection_index
        if trade.index != quoted and _reads_swaptions(trade) and known.swaption_volatility:
            found.setdefault((trade.currency, quoted, trade.index), []).append(trade.trade_id)
    return tuple(
        f"{_named(names)}: {currency} swaption volatilities are quoted on {quoted}, and taken as those of {index}"
        for (currency, quoted, index), names in found.items()
    )


def _reads_swaptions(trade: ResolvedTrade) -> bool:
    """Whether it is an option; one on single rates other than the quoted one finds no cap volatilities either."""
    return trade.option is not None or (trade.rates is not None and trade.rates.has_options)


def _named(names: list[str]) -> str:
    more = f" and {len(names) - _FEW} more" if len(names) > _FEW else ""
    return f"trade{'s' if names[1:] else ''} {', '.join(names[:_FEW])}{more}"
