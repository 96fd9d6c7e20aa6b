"""What a run has finished, kept in a folder until it ends: the same run begun again goes on from there."""

import dataclasses
import functools
import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd

from neuralrates.core.digest import digest
from neuralrates.core.errors import InputError
from neuralrates.core.files import atomic_write, exclusive, read_text
from neuralrates.core.strict_json import parse_json
from neuralrates.exposures.netting import Netting, NettingSet
from neuralrates.exposures.prepared import Prepared
from neuralrates.exposures.results import Exposure
from neuralrates.market.market import Market

_RUN, _LOCK = "run.json", ".lock"
_TABLES = ("figures", "profiles", "trades", "greeks")
_CODE = (".py", ".c", ".h", ".so", ".pyd")


def run_digest(
    runs: Sequence[Prepared],
    market: Market,
    netting: Netting,
    options: dict[str, Any],
    prices: Mapping[str, float],
) -> str:
    """A name for all that a run's figures follow from, the code too.

    Args:
        runs: trades, models and dates
        market: curves and volatilities
        netting: whole file
        options: paths, seed and what else was asked for
        prices: of the desk, by trade
    """
    futures = [one for run in runs for one in run.trades]
    trades = [one.trade for one in futures]
    names = [one.name for one in dataclasses.fields(trades[0]) if one.name != "schedule"]
    said = [[getattr(one, name) for name in names] for one in trades]
    delivered = [None if one.right is None else one.right.delivered for one in futures]
    known = list(market.currencies.values())
    quoted = [(one.curves.curves, one.swaption_volatility, one.cap_volatility) for one in known]
    indices = [tuple(one.curves.positions) for one in known]
    words = [
        *(_sources(), netting.model_dump_json(), str(options), str([run.days for run in runs])),
        *(str(said), str(delivered), str(indices), str([one.curves.quotes for one in known])),
        *(str(list(market.currencies)), str(list(prices))),
    ]
    models = [(name, one.model, one.horizon) for run in runs for name, one in run.models.items()]
    return digest(words, [t.schedule for t in trades], quoted, models, list(prices.values()))


@functools.cache
def _sources() -> str:
    """SHA-256 of the whole package."""
    root, total = Path(str(resources.files("neuralrates"))), hashlib.sha256()
    for file in sorted(root.rglob("*")):
        if file.suffix in _CODE:
            total.update(f"{file.relative_to(root).as_posix()}\n".encode())
            total.update(file.read_bytes())
    return total.hexdigest()


@contextmanager
def unfinished_run(
    folder: str | Path | None, name: str, groups: Sequence[Sequence[NettingSet]]
) -> "Iterator[Unfinished | None]":
    """Alone in the folder of a run; None where no folder is named.

    Args:
        folder: made where it is not there
        name: of the run, see `run_digest`
        groups: of its netting sets

    Raises:
        InputError: where the folder holds another run, or another process works in it
    """
    if folder is None:
        yield None
        return
    folder = Path(folder)
    own = (_RUN, _LOCK)
    if folder.exists() and (
        not folder.is_dir()
        or not ((folder / _RUN).exists() or all(one.name in own for one in folder.iterdir()))
    ):
        raise InputError("expected an empty folder, or one of an unfinished run", file=folder)
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        try:
            stack.enter_context(exclusive(folder / _LOCK, wait=False))
        except BlockingIOError:
            raise InputError("expected no other run at work in it", file=folder) from None
        yield Unfinished(folder, name, [[one.netting_set for one in sets] for sets in groups])


class Unfinished:
    """A folder with the tables of the groups of netting sets that are done.

    Args:
        folder: with nothing in it, or an unfinished run
        name: of the run, see `run_digest`
        groups: names of the netting sets of each

    Raises:
        InputError: where the folder holds another run
    """

    def __init__(self, folder: Path, name: str, groups: Sequence[list[str]]) -> None:
        self.folder, self._name, self._groups = folder, name, groups
        file = self.folder / _RUN
        if not file.exists():
            atomic_write(file, json.dumps({"digest": name}))
            return
        found = parse_json(read_text(file), file)
        if not isinstance(found, dict) or found.get("digest") != name:
            raise InputError(
                "expected an unfinished run of the same book, market, netting file, options and code, found another: name "
                "another folder, or remove this one",
                file=file,
            )

    def part(self, number: int) -> Exposure | None:
        """Tables of a group that is done; None where it is not, or its file is damaged or that of another group."""
        file = self._file(number)
        if not file.exists():
            return None
        try:
            found = json.loads(read_text(file))
            figures, profiles, trades, greeks = (pd.DataFrame(found[name]) for name in _TABLES)
            if found["run"] != self._head(number):
                return None
        except (InputError, ValueError, KeyError, TypeError):
            return None
        return Exposure(figures, profiles, trades, greeks, pd.DataFrame())

    def keep(self, number: int, part: Exposure) -> None:
        """Write the tables of a group, whole or not at all."""
        tables: dict[str, Any] = {name: getattr(part, name).to_dict("list") for name in _TABLES}
        tables["run"] = self._head(number)
        atomic_write(self._file(number), json.dumps(tables))

    def remove(self) -> None:
        """Remove the folder: the run has ended."""
        shutil.rmtree(self.folder)

    def _head(self, number: int) -> dict[str, Any]:
        return {"digest": self._name, "netting_sets": self._groups[number]}

    def _file(self, number: int) -> Path:
        return self.folder / f"group-{number:05d}.json"
