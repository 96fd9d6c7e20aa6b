"""A run of the study: its panel and split, the networks it has trained, and what it has measured."""

import functools
from collections.abc import Callable
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

from neuralrates.core.archive import read_archive, write_archive
from neuralrates.learning.data.splits import by_date_blocks
from neuralrates.problems.instrument_inputs import INPUTS, named, rate_model
from neuralrates.problems.instrument_prices import PRICES, Priced
from neuralrates.surrogates import MixtureOfExperts
from neuralrates.surrogates.architectures import filled
from neuralrates.surrogates.surrogate import named_leaves
from studies.kept import Result, kept, made_once
from studies.mixture_of_experts.panel import make_panel
from studies.mixture_of_experts.panel_data import Panel
from studies.mixture_of_experts.settings import Settings

PANEL_KEY, SPLIT_KEY = 2020, 2022
HELD_OUT, BLOCK_DAYS = 0.2, 14
_BATCH, _BATCH_SIZE = 256, 64
_NETWORK = "mixture-of-experts"


class Study:
    """One run of the study.

    Args:
        settings: the preset
        work: folder of everything that can be made again
        data: folder of the published series
        say: called with a line of progress
    """

    def __init__(
        self, settings: Settings, work: Path, data: Path, say: Callable[[str], None]
    ) -> None:
        self.settings, self.work, self.data, self.say = settings, work / settings.name, data, say
        self.work.mkdir(parents=True, exist_ok=True)

    @functools.cached_property
    def panel(self) -> Panel:
        """All rows, in NumPy."""
        with made_once(self.work / "panel"):
            return make_panel(self.settings.rows, jax.random.key(PANEL_KEY), self.work, self.data)

    @functools.cached_property
    def split(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows to train and to test on, a fifth of each regime's blocks of days held out."""
        key = jax.random.key(SPLIT_KEY)
        return by_date_blocks(self.panel.day, self.panel.regime, HELD_OUT, BLOCK_DAYS, key)

    @property
    def train(self) -> Panel:
        """Rows to train on."""
        return self.panel.take(self.split[0])

    @property
    def test(self) -> Panel:
        """Rows held out."""
        return self.panel.take(self.split[1])

    @functools.cached_property
    def kinds(self) -> tuple[int, ...]:
        """Columns that tell the instrument."""
        return tuple(self.panel.features.index(f"is_{name}") for name in self.panel.groups)

    @functools.cached_property
    def baseline_slopes(self) -> np.ndarray:
        """Derivatives of the cheap price to every feature, row by row."""
        place = self.work / "baseline-slopes"
        with made_once(place):
            if not place.exists():
                write_archive(place, {"slopes": baseline_slopes(self.panel)}, {"kind": "slopes"})
        return read_archive(place, "slopes")[0]["slopes"]

    def once(self, name: str, run: Callable[[], Result], *decides: object) -> Result:
        """The result of an experiment: read where it exists for these settings, else measured."""
        result, fresh = kept(self.work / "results" / name, run, self.settings, *decides)
        if fresh:
            self.say(f"{name}: {result['processor_seconds']:.0f} processor seconds")
        return result

    def network(self, name: str, train: Callable[[], MixtureOfExperts]) -> MixtureOfExperts:
        """A network: read where it was trained before, else trained."""
        place = self.work / "networks" / name
        with made_once(place):
            if not place.exists():
                made = train()
                said = {"kind": _NETWORK, "network": made.record()}
                write_archive(place, named_leaves(made), said)
        arrays, record, _ = read_archive(place, _NETWORK)
        read = filled(record["network"], arrays)
        assert isinstance(read, MixtureOfExperts)
        return read


def baseline_slopes(panel: Panel) -> np.ndarray:
    """Derivatives of the cheap price to every feature, row by row."""
    found = np.zeros(panel.x.shape)
    for number, name in enumerate(panel.groups):
        rows = np.flatnonzero(panel.group == number)
        found[rows] = slopes_of_baseline(np.asarray(panel.x)[rows], name)
    return found


def slopes_of_baseline(x: np.ndarray, name: str) -> np.ndarray:
    """Derivatives of the cheap price of one instrument to every column, row by row."""
    acting = np.asarray(x)[:, : len(INPUTS)]
    filler = np.repeat(acting[-1:], -len(x) % _BATCH, axis=0)
    batches = np.concatenate([acting, filler]).reshape(-1, _BATCH, len(INPUTS))
    found = [np.asarray(_slopes(jnp.asarray(batch), PRICES[name])) for batch in batches]
    silent = np.zeros((len(x), x.shape[1] - len(INPUTS)))
    return np.concatenate([np.concatenate(found)[: len(x)], silent], axis=1)


@functools.partial(jax.jit, static_argnames="pricer")
def _slopes(x: jax.Array, pricer: Callable[..., Priced]) -> jax.Array:
    def cheap(point: jax.Array) -> jax.Array:
        return pricer(rate_model(point), named(point))[1]

    return jax.lax.map(jax.grad(cheap), x, batch_size=_BATCH_SIZE)
