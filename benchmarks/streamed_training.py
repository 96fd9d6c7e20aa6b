"""Training throughput from a label store against labels in memory, in one process.

    python -m benchmarks.streamed_training make FOLDER      the store, 65,536 labels of fourteen inputs with derivatives
    python -m benchmarks.streamed_training 64 FOLDER        steps per second of a network of two layers of 64, both in turn

Prints, and saves each width by itself. Compilation and the first chunk of each training are not timed.
"""

import statistics
import sys
import time
from pathlib import Path

import jax
import optax
from benchmarks.support import curve_swaption
from benchmarks.support.results import save, save_part

import neuralrates as nr

NAME = "streamed_training"
SAMPLES, SHARD = 65_536, 4096
BATCH, CHUNK, CHUNKS, ROUNDS = 512, 200, 2, 7


def make(folder: Path) -> nr.cluster.LabelStore:
    """The store."""
    problem = nr.problems.load(curve_swaption.NAME)
    return nr.cluster.make_labels(problem, jax.random.key(1), SAMPLES, folder, shard_samples=SHARD)


class Training:
    """A training whose program is compiled once, from memory or from the store."""

    def __init__(self, store: nr.cluster.LabelStore, width: int, *, streamed: bool) -> None:
        labels = store.shard(0) if streamed else store.labels()
        scalings = [nr.surrogates.Scaling.from_samples(part) for part in (labels.x, labels.value)]
        self.start = nr.surrogates.Network.random(
            scalings[0], scalings[1], [width, width], key=jax.random.key(0)
        )
        self.loss = nr.learning.differential_loss(labels, BATCH)
        self.batches = nr.learning.LabelStream(store, BATCH) if streamed else None
        self.optimiser = optax.with_extra_args_support(optax.adam(1e-3))

    def steps_per_second(self) -> float:
        """After the first chunk, which waits for the first window, to the end of the last."""
        ends: list[float] = []
        nr.learning.fit(
            self.start,
            self.loss,
            self.optimiser,
            key=jax.random.key(2),
            num_steps=CHUNK * CHUNKS,
            chunk=CHUNK,
            batches=self.batches,
            progress=lambda history, total: ends.append(time.perf_counter()),
        )
        return CHUNK * (CHUNKS - 1) / (ends[-1] - ends[0])


def compared(store: nr.cluster.LabelStore, width: int) -> dict[str, object]:
    """Rates of both, and the ratio of each round."""
    trainings = {
        name: Training(store, width, streamed=name == "store") for name in ("memory", "store")
    }
    for training in trainings.values():
        training.steps_per_second()
    rounds = [
        {name: training.steps_per_second() for name, training in trainings.items()}
        for _ in range(ROUNDS)
    ]
    ratios = [one["store"] / one["memory"] for one in rounds]
    return {
        "memory_steps_per_second": statistics.median(one["memory"] for one in rounds),
        "store_steps_per_second": statistics.median(one["store"] for one in rounds),
        "ratio_median": statistics.median(ratios),
        "ratio_lowest": min(ratios),
        "ratio_highest": max(ratios),
    }


def main() -> None:
    """Make the store, or time both trainings of a width and save."""
    part, folder = sys.argv[1], Path(sys.argv[2])
    if part == "make":
        make(folder)
        return
    store = nr.cluster.LabelStore.load(folder)
    size = sum(file.stat().st_size for file in folder.rglob("*")) / 2**20
    results: dict[str, object] = {
        "samples": SAMPLES,
        "inputs": len(curve_swaption.make().domain.axes),
        "store_mebibytes": size,
        "batch": BATCH,
        "steps_timed_per_round": CHUNK * (CHUNKS - 1),
        "rounds": ROUNDS,
        **compared(store, int(part)),
    }
    print(results)
    if not (Path(__file__).parent / "results" / f"{NAME}.json").exists():
        save(NAME, {})
    print(f"saved to {save_part(NAME, part, results)}")


if __name__ == "__main__":
    main()
