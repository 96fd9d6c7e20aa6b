"""The samples of a study, split for good, and the steps that are kept as they are done."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from neuralrates.core.files import atomic_write
from neuralrates.learning.data.splits import refuse_leaks, split_groups
from studies.aiolfi_2024.basket_labels import BasketLabels
from studies.aiolfi_2024.natural_hedges import refuse_one_side
from studies.aiolfi_2024.selection import Data
from studies.aiolfi_2024.settings import METHODS, Settings, sized

SPLIT_SEED = 7


@dataclass(frozen=True)
class Study:
    """Everything that a table needs.

    Args:
        settings: preset
        samples: all of them
        num_paths: of each set of a simulation
        train: positions of the training samples
        test: positions of the test samples
        folder: where finished steps are kept
        tell: called with the name of each step as it begins
    """

    settings: Settings
    samples: BasketLabels
    num_paths: int
    train: np.ndarray
    test: np.ndarray
    folder: Path
    tell: Callable[[str], None]

    @classmethod
    def of(
        cls,
        settings: Settings,
        samples: BasketLabels,
        num_paths: int,
        folder: Path,
        tell: Callable[[str], None],
    ) -> "Study":
        """The study of these samples, split by contract and market, no leak."""
        groups = np.asarray(samples.groups)
        train, test = split_groups(groups, settings.test_contracts, SPLIT_SEED)
        x = np.asarray(samples.labels.x)
        refuse_one_side(x[train])
        refuse_leaks(x[train], x[test], groups[train], groups[test])
        return cls(settings, samples, num_paths, train, test, folder, tell)

    def data(self, chosen: np.ndarray, *, simulated: bool = False) -> Data:
        """Samples at these positions, with exact or with simulated labels."""
        labels = self.samples.simulated if simulated else self.samples.labels
        x, value = np.asarray(labels.x), np.asarray(labels.value)[:, 0]
        return Data(x, value, np.asarray(self.samples.groups)).take(chosen)

    def step(self, name: str, make: Callable[[], Any]) -> Any:
        """What a step found: read where it is done, else made and kept."""
        self.tell(name)
        file = self.folder / "steps" / f"{name.replace(' ', '_')}.json"
        if file.exists():
            return json.loads(file.read_text())["found"]
        start = time.perf_counter()
        made = make()
        found = {"seconds": time.perf_counter() - start, "found": made}
        file.parent.mkdir(parents=True, exist_ok=True)
        atomic_write(file, json.dumps(found, indent=1) + "\n")
        return json.loads(file.read_text())["found"]

    @property
    def seconds(self) -> float:
        """Wall time of all finished steps, resumed ones included."""
        files = (self.folder / "steps").glob("*.json")
        return sum(json.loads(file.read_text())["seconds"] for file in files)

    def method(self, name: str) -> Any:
        """A method with its default settings, at the size of the preset."""
        return sized(METHODS[name], self.settings.tiny)
