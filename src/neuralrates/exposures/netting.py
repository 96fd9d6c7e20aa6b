"""The netting file: which trades net, what collateral is posted, who can default, and how currencies trade."""

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr, ValidationError

from neuralrates.core.errors import InputError, RefusalError
from neuralrates.core.files import read_text
from neuralrates.core.requests import LARGEST_MEAN_REVERSION
from neuralrates.core.schema import Strict, first_fault
from neuralrates.core.strict_json import parse_json
from neuralrates.exposures.currency_model import LOWEST_MEAN_REVERSION
from neuralrates.market.market import Market
from neuralrates.trades.book import Book

SCHEMA = "neuralrates.netting/1"
_Tenor = Annotated[str, Field(pattern=r"^[1-9][0-9]?[MY]$")]
_Spread = Annotated[float, Field(gt=0.0, lt=1.0)]


class Collateral(Strict):
    """A credit support annex: variation margin with thresholds.

    Args:
        currency: of the amounts; that of the figures
        threshold: exposure that neither side secures, currency
        minimum_transfer: least amount that is moved
        independent_amount: held by us whatever the exposure; below zero where we post it
        margin_period_days: calendar days from the last margin received to the close-out
    """

    currency: str
    threshold: float = Field(0.0, ge=0.0)
    minimum_transfer: float = Field(0.0, ge=0.0)
    independent_amount: float = 0.0
    margin_period_days: int = Field(10, ge=0, le=365)


class Credit(Strict):
    """Quoted spreads of credit default swaps.

    Args:
        spreads: by tenor, decimals a year; above zero, and below one
        recovery: of a claim, decimal
    """

    spreads: dict[_Tenor, _Spread] = Field(min_length=1)
    recovery: float = Field(0.4, ge=0.0, lt=1.0)


class NettingSet(Strict):
    """Trades that net with each other.

    Args:
        netting_set: its name
        trades: names of its trades
        counterparty: its credit; no CVA where None
        collateral: annex; none where None
        wrong_way: rise of the logarithm of the counterparty's hazard rate where the base currency's rates are one standard
            deviation higher; below zero where it defaults more readily when rates are low
    """

    netting_set: str
    trades: list[str] = Field(min_length=1)
    counterparty: Credit | None = None
    collateral: Collateral | None = None
    wrong_way: float = Field(0.0, ge=-3.0, le=3.0)


class Exchange(Strict):
    """Price of a currency in the base currency, and its lognormal volatility."""

    spot: float = Field(gt=0.0)
    volatility: float = Field(ge=0.0)


class StatedModel(Strict):
    """Parameters of a currency's model in place of a calibration; decimals."""

    mean_reversion: float = Field(0.03, ge=LOWEST_MEAN_REVERSION, le=LARGEST_MEAN_REVERSION)
    volatility: float = Field(gt=0.0, lt=1.0)


class Netting(Strict):
    """All of a netting file.

    Args:
        base_currency: of all figures
        netting_sets: at least one
        own_credit: ours; no DVA where None
        funding_spread: over the discount curve, decimal
        exchange_rates: of the other currencies, in the base currency
        models: of currencies that are not to be calibrated
        calibration: whether one model of a currency is calibrated for all trades, or one for those of each netting set
    """

    base_currency: str
    netting_sets: list[NettingSet] = Field(min_length=1)
    own_credit: Credit | None = None
    funding_spread: float = 0.0
    exchange_rates: dict[str, Exchange] = {}
    models: dict[str, StatedModel] = {}
    calibration: Literal["book", "netting_set"] = "book"
    _file: str | Path | None = PrivateAttr(default=None)

    def alone(self, one: NettingSet) -> "Netting":
        """The same of one netting set only."""
        return self.model_copy(update={"netting_sets": [one]})

    def check_greeks(self) -> None:
        """Raise where a netting set has wrong-way risk, of which there are no Greeks.

        Raises:
            RefusalError: naming the netting set
        """
        for one in self.netting_sets:
            if one.wrong_way:
                raise RefusalError(
                    f"Greeks are of figures without wrong-way risk: expected no `wrong_way` in netting set {one.netting_set}, "
                    f"found {one.wrong_way:g}"
                )

    def check_trades(self, book: Book) -> None:
        """Raise unless every trade of a book is in one netting set, and everything named has a part in the figures.

        Raises:
            InputError: naming the trade, the netting set or the currency, and the file that they come from
        """
        fault = functools.partial(InputError, file=self._file)
        sets: dict[str, str] = {}
        names = [one.netting_set for one in self.netting_sets]
        for name in names:
            if names.count(name) > 1:
                raise fault(f"expected each netting set once, found {name} twice")
        known = {trade.trade_id for trade in book.trades}
        for one in self.netting_sets:
            for trade in one.trades:
                if trade in sets:
                    raise fault(
                        f"expected trade {trade} in one netting set, found it in {sets[trade]} and {one.netting_set}"
                    )
                if trade not in known:
                    raise fault(
                        f"expected trades of the book in netting set {one.netting_set}, found {trade}"
                    )
                sets[trade] = one.netting_set
            annex = one.collateral
            if annex is not None and annex.currency != self.base_currency:
                raise fault(
                    f"expected collateral of {one.netting_set} in the base currency {self.base_currency}, found "
                    f"{annex.currency}"
                )
            if one.wrong_way and one.counterparty is None:
                raise fault(
                    f"expected a `counterparty` in netting set {one.netting_set}, which has `wrong_way`, found none"
                )
        for trade in known:
            if trade not in sets:
                raise fault(f"expected trade {trade} in a netting set, found it in none")
        traded = {trade.currency for trade in book.trades}
        for field, known in (
            ("models", traded | {self.base_currency}),
            ("exchange_rates", traded - {self.base_currency}),
        ):
            if unknown := [name for name in getattr(self, field) if name not in known]:
                expected = f"expected currencies of the book ({', '.join(sorted(known)) or 'none'})"
                raise fault(f"{expected}, found {', '.join(unknown)}", column=field)

    def mean_reversion(
        self, market: Market, asked: float | Mapping[str, float] | None
    ) -> float | Mapping[str, float]:
        """Mean reversion per year: of stated models theirs, of others what is asked for, or what the market says.

        Args:
            market: its currencies
            asked: for all currencies or by currency; None for nothing

        Raises:
            InputError: where one is asked for of a currency whose model is stated
        """
        for name in self.models:
            if asked is not None and (not isinstance(asked, Mapping) or name in asked):
                raise InputError(
                    f"expected one mean reversion of {name}, found that of its stated model and another one",
                    file=self._file,
                    column="models",
                )
        found = market.mean_reversion("one_factor", asked)
        if not self.models:
            return found
        stated = {name: one.mean_reversion for name, one in self.models.items()}
        others = found if isinstance(found, Mapping) else dict.fromkeys(market.currencies, found)
        return {**others, **stated}


def netting_of(content: Any, file: str | Path | None = None) -> Netting:
    """A netting file's content, checked.

    Args:
        content: mapping, as read from JSON
        file: named in errors

    Raises:
        InputError: naming the field
    """
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        raise InputError(f'expected an object with "schema": "{SCHEMA}"', file=file)
    try:
        found = Netting.model_validate({k: v for k, v in content.items() if k != "schema"})
    except ValidationError as error:
        fault = first_fault(error)
        raise InputError(fault.expected, file=file, column=fault.column) from None
    found._file = file
    return found


def load_netting(path: str | Path) -> Netting:
    """Read a netting file.

    Raises:
        InputError: naming the file and the field
    """
    return netting_of(parse_json(read_text(path), path), path)
