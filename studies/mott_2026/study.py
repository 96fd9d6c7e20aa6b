"""A run of the study: data, settings, and what was measured once."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from studies.kept import Result, kept
from studies.mott_2026 import history
from studies.mott_2026.judge import Drawn
from studies.mott_2026.paper_network import Contracts, Grid
from studies.mott_2026.settings import Settings

BLOCK, EVERY = 20, 5


class Study:
    """One run of the study: its settings, its data, where it keeps what it has, and what it says meanwhile.

    Args:
        settings: the preset
        work: folder of everything that can be made again
        say: called with a line of progress
        published: Svensson parameters of every published day
    """

    def __init__(
        self,
        settings: Settings,
        work: Path,
        say: Callable[[str], None],
        published: pd.DataFrame,
    ) -> None:
        self.settings, self.work, self.say = settings, work / settings.name, say
        self.published = published
        self.work.mkdir(parents=True, exist_ok=True)

    def once(self, name: str, run: Callable[[], Result], *decides: object) -> Result:
        """The result of an experiment: read where it exists for these settings, else measured."""
        data = (len(self.days), np.round(self.volatility.coefficients, 12).tolist())
        result, fresh = kept(self.work / name, run, *decides, data)
        if fresh:
            self.say(f"{name}: done")
        return result

    @cached_property
    def days(self) -> pd.DataFrame:
        """Days that passed the filters."""
        return history.filtered(self.published).parameters

    @cached_property
    def volatility(self) -> history.Volatility:
        """Of the paper: proportional changes between neighbouring days."""
        return history.volatility(history.proportional_changes(self.days, self.published.index))

    @property
    def apart(self) -> np.ndarray:
        """Which days no network is trained on: every fifth block of twenty days in a row."""
        return np.asarray(np.arange(len(self.days)) // BLOCK % EVERY == EVERY - 1)

    def training(self, num_nodes: int) -> Contracts:
        """Contracts on the days of training."""
        return self._contracts(num_nodes, self.days[~self.apart])

    def held_out(self, num_nodes: int) -> Contracts:
        """Contracts on the other days."""
        return self._contracts(num_nodes, self.days[self.apart])

    def drawn(self, num_nodes: int, same_days: bool = False) -> Drawn:
        """Contracts at which a network is judged, on days it was not trained on or, as in the paper, on those it was."""
        contracts = self.training(num_nodes) if same_days else self.held_out(num_nodes)
        return Drawn.of(contracts, self.settings.num_contracts, self.settings.seed - 1)

    def _contracts(self, num_nodes: int, days: pd.DataFrame) -> Contracts:
        share = self.settings.zero_share
        return Contracts.of(Grid(num_nodes), days, self.volatility.by_tenor, share)
