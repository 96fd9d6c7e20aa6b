"""The samples of a study, split for good, and the steps that are kept as they are done."""

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from neuralrates.learning.data.splits import refuse_leaks, split_groups
from neuralrates.surrogates.surrogate import digest
from studies.aiolfi_2024.basket_labels import BasketLabels
from studies.aiolfi_2024.natural_hedges import FEATURES, refuse_one_side
from studies.aiolfi_2024.selection import Data
from studies.aiolfi_2024.settings import METHODS, Settings, sized
from studies.kept import kept

SPLIT_SEED = 7


@dataclass(frozen=True)
class Study:
    """Everything that a table needs.

    Args:
        settings: preset
        samples: of the basket to learn and test on
        record: what the basket's manifest says of it
        train: positions of the training samples
        test: positions of the test samples
        baskets: folder of both baskets
        folder: where finished steps are kept
        tell: called with the name of each step as it begins
    """

    settings: Settings
    samples: BasketLabels
    record: dict[str, Any]
    train: np.ndarray
    test: np.ndarray
    baskets: Path
    folder: Path
    tell: Callable[[str], None]

    @classmethod
    def of(
        cls, settings: Settings, baskets: Path, folder: Path, tell: Callable[[str], None]
    ) -> "Study":
        """The study of these baskets, split by contract and market, no leak."""
        samples, record = _loaded(baskets / "basket", settings)
        groups = np.asarray(samples.groups)
        train, test = split_groups(groups, settings.test_contracts, SPLIT_SEED)
        x = np.asarray(samples.labels.x)
        refuse_one_side(x[train])
        refuse_leaks(x[train], x[test], groups[train], groups[test])
        return cls(settings, samples, record, train, test, baskets, folder, tell)

    @functools.cached_property
    def fresh(self) -> BasketLabels:
        """Samples of the fresh basket, on which nothing is chosen."""
        fresh, _ = _loaded(self.baskets / "fresh", self.settings)
        x, groups = np.asarray(fresh.labels.x), np.asarray(fresh.groups)
        known = np.asarray(self.samples.labels.x)
        refuse_leaks(known, x, np.asarray(self.samples.groups), groups + len(known))
        return fresh

    @functools.cached_property
    def digest(self) -> str:
        """Of the samples."""
        return digest(self.samples)

    def data(
        self,
        chosen: np.ndarray,
        *,
        simulated: bool = False,
        inputs: tuple[str, ...] = FEATURES,
    ) -> Data:
        """Samples at these positions, with exact or with simulated labels."""
        return as_data(self.samples, simulated=simulated, inputs=inputs).take(chosen)

    def step(self, name: str, make: Callable[[], dict[str, Any]], *decides: object) -> Any:
        """What a step found: read where it was done with the same settings, else made and kept."""
        self.tell(name)
        place = self.folder / "steps" / name.replace(" ", "_")
        found, _ = kept(place, make, self.settings, self.digest, *decides)
        return {key: value for key, value in _plain(found).items() if key != "processor_seconds"}

    @property
    def processor_seconds(self) -> float:
        """Of all finished steps, resumed ones included."""
        files = (self.folder / "steps").glob("*.json")
        return sum(json.loads(one.read_text())["result"]["processor_seconds"] for one in files)

    def method(self, name: str, methods: Any = METHODS) -> Any:
        """A method with its default settings, at the size of the preset."""
        return sized(methods[name], self.settings.tiny)


def as_data(
    samples: BasketLabels, *, simulated: bool = False, inputs: tuple[str, ...] = FEATURES
) -> Data:
    """Samples as points and values; the inputs are the first columns of the features."""
    labels = samples.simulated if simulated else samples.labels
    x, value = np.asarray(labels.x)[:, : len(inputs)], np.asarray(labels.value)[:, 0]
    return Data(x, value, np.asarray(samples.groups))


def _loaded(folder: Path, settings: Settings) -> tuple[BasketLabels, dict[str, Any]]:
    samples, record = BasketLabels.load(folder)
    few = samples.take(np.asarray(samples.groups) % 10 == 0) if settings.tiny else samples
    return few, record


def _plain(found: dict[str, Any]) -> dict[str, Any]:
    """As JSON gives it back, so that a step made now and one that was kept are alike."""
    return json.loads(json.dumps(found))
