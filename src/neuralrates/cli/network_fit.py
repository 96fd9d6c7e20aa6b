"""The network of the command `train`: streamed from a label store, or learned from labels in memory."""

from dataclasses import dataclass
from pathlib import Path

from neuralrates.cli.progress import progress
from neuralrates.cluster.store import LabelStore
from neuralrates.core.types import Key
from neuralrates.learning.data.stream import ShardedLabels, split_shards
from neuralrates.learning.from_arrays import learn
from neuralrates.problems.labels import Labels
from neuralrates.surrogates.surrogate import AbstractSurrogate


@dataclass(frozen=True)
class NetworkFit:
    """Settings of `learn`.

    Args:
        layers: hidden layers
        neurons: of each
        weight: of one derivative against the value; zero for labels that carry no derivatives
        steps: of the optimiser
        batch: samples per step
        rate: highest step size
    """

    layers: int = 2
    neurons: int = 32
    weight: float = 1.0
    steps: int = 3000
    batch: int = 512
    rate: float = 0.01

    def fit(
        self, labels: Labels | LabelStore, key: Key, held_out: float, checkpoint: Path | None
    ) -> tuple[AbstractSurrogate, int, Labels]:
        """The network, how many samples it saw, and those held out: of a store whole shards, eight at most.

        Raises:
            ValueError: where a setting does not fit the labels
            InputError: where a shard or the checkpoint is altered, or the checkpoint is another run's
        """
        for name in ("layers", "neurons", "steps", "batch"):
            if getattr(self, name) < 1:
                raise ValueError(
                    f"Setting `{name}` must be at least 1, but is {getattr(self, name)}."
                )
        match labels:
            case Labels():
                self._check_derivatives(labels.gradient is not None)
                used, kept = labels.split(key, held_out)
                return self._learned(used, key, checkpoint), len(used), kept
        self._check_derivatives(labels.plan.slopes)
        streamed, measured = split_shards(labels, key, held_out)
        surrogate = self._learned(streamed, key, checkpoint)
        return surrogate, sum(streamed.sizes), measured.first()

    def _check_derivatives(self, known: bool) -> None:
        if self.weight and not known:
            raise ValueError(
                f"Setting `weight` must be 0 for labels without derivatives, but is {self.weight:g}: set it, or make the "
                "labels without --values-only."
            )

    def _learned(
        self, labels: Labels | ShardedLabels, key: Key, checkpoint: Path | None
    ) -> AbstractSurrogate:
        with progress("training") as step:
            surrogate, _ = learn(
                labels,
                key=key,
                widths=[self.neurons] * self.layers,
                weight=self.weight,
                num_steps=self.steps,
                batch=self.batch,
                learning_rate=self.rate,
                progress=lambda history, total: step(history.num_steps, total),
                checkpoint=checkpoint,
            )
        return surrogate
