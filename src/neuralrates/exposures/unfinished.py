"""What a run has finished, kept in a folder until it ends: the same run begun again goes on from there."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

import neuralrates
from neuralrates.core.digest import digest
from neuralrates.core.errors import InputError
from neuralrates.core.files import atomic_write, read_text
from neuralrates.core.strict_json import parse_json
from neuralrates.exposures.netting import Netting
from neuralrates.exposures.prepared import Prepared
from neuralrates.exposures.results import Exposure
from neuralrates.market.market import Market

_RUN = "run.json"
_TABLES = ("figures", "profiles", "trades", "greeks")


def run_digest(
    runs: Sequence[Prepared], market: Market, netting: Netting, options: dict[str, Any]
) -> str:
    """A name for all that a run's figures follow from.

    Args:
        runs: trades, models and dates
        market: curves and volatilities
        netting: whole file
        options: paths, seed and what else was asked for
    """
    futures = [one for run in runs for one in run.trades]
    trades = [one.trade for one in futures]
    days = str([run.days for run in runs])
    said = [
        (
            (one.trade_id, one.kind, one.currency, one.index, one.side, one.position),
            (one.strike, one.notional, str(one.premium), str(one.exercise_dates)),
        )
        for one in trades
    ]
    words = [neuralrates.__version__, netting.model_dump_json(), days, str(options)]
    delivered = [None if one.right is None else one.right.delivered for one in futures]
    quoted = [
        (one.curves.curves, one.swaption_volatility, [quote.name for quote in one.curves.quotes])
        for one in market.currencies.values()
    ]
    models = [(name, one.model, one.horizon) for run in runs for name, one in run.models.items()]
    return digest(words, str(said), str(delivered), [t.schedule for t in trades], quoted, models)


class Unfinished:
    """A folder with the tables of the groups of netting sets that are done.

    Args:
        folder: made where it is not there
        name: of the run, see `run_digest`

    Raises:
        InputError: where the folder holds another run
    """

    def __init__(self, folder: str | Path, name: str) -> None:
        self.folder = Path(folder)
        file = self.folder / _RUN
        if file.exists():
            found = parse_json(read_text(file), file)
            if not isinstance(found, dict) or found.get("digest") != name:
                raise InputError(
                    "expected an unfinished run of the same book, market, netting file and options, found another: name "
                    "another folder, or remove this one",
                    file=file,
                )
            return
        if self.folder.exists() and (not self.folder.is_dir() or any(self.folder.iterdir())):
            raise InputError("expected an empty folder, or one of an unfinished run", file=folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        atomic_write(file, json.dumps({"digest": name}))

    def part(self, number: int) -> Exposure | None:
        """Tables of a group that is done; None where it is not."""
        file = self._file(number)
        if not file.exists():
            return None
        found = json.loads(read_text(file))
        figures, profiles, trades, greeks = (pd.DataFrame(found[name]) for name in _TABLES)
        return Exposure(figures, profiles, trades, greeks, pd.DataFrame())

    def keep(self, number: int, part: Exposure) -> None:
        """Write the tables of a group, whole or not at all."""
        tables = {name: getattr(part, name).to_dict("list") for name in _TABLES}
        atomic_write(self._file(number), json.dumps(tables))

    def remove(self) -> None:
        """Remove the folder: the run has ended."""
        shutil.rmtree(self.folder)

    def _file(self, number: int) -> Path:
        return self.folder / f"group-{number:05d}.json"
