"""A short training on a store, run as a program so that it can be killed: folder of the store, folder of its checkpoints."""

import sys
import time

import jax
import optax

import neuralrates as nr

STEPS, CHUNK = 120, 4


def train(store, checkpoint=None, progress=None):
    """Network after some steps, whose windows and chunks end at different ones."""
    labels = nr.cluster.LabelStore.load(store)
    first = labels.shard(0)
    scalings = nr.surrogates.Scaling.from_samples(first.x), nr.surrogates.Scaling([0.01], [0.01])
    return nr.learning.fit(
        nr.surrogates.Network.random(*scalings, [6], key=jax.random.key(0)),
        nr.learning.differential_loss(first),
        optax.adam(3e-2),
        key=jax.random.key(1),
        num_steps=STEPS,
        chunk=CHUNK,
        batches=nr.learning.LabelStream(labels, 100, 2),
        checkpoint=checkpoint,
        progress=progress,
    )


def tell(history, num_steps):
    """Say that a checkpoint is written, and take time, so that there is a moment to be killed at."""
    print(history.num_steps, flush=True)
    time.sleep(0.02)


if __name__ == "__main__":
    train(sys.argv[1], sys.argv[2], tell)
