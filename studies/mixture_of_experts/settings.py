"""What decides a run of the study, in three sizes."""

import dataclasses
from typing import Literal

from neuralrates.learning import CorrectionRecipe

Partition = Literal["dense", "instrument", "regime", "both"]


@dataclasses.dataclass(frozen=True)
class Settings:
    """One size of the study.

    Args:
        name: of the preset
        rows: of one instrument in one regime
        seeds: of every comparison
        gate_seeds: of the question whether a gate collapses
        dense_width: neurons of each layer of the dense network; the others follow at equal parameter count
        partitions: how experts are split
        depths_before: layers before the experts; the first is the article's, and where the others are tried
        batch: samples per step
        num_steps: steps of every network of the article's kind
        gate_steps: steps of a gate
        search_steps: steps of a trial
        num_trials: settings tried per method
        ours: size and training of the corrections
        num_paths: paths of each hedging simulation
        num_timed: repetitions of each clocked call
    """

    name: str
    rows: int
    seeds: tuple[int, ...]
    gate_seeds: tuple[int, ...]
    dense_width: int
    partitions: tuple[Partition, ...]
    depths_before: tuple[int, ...]
    batch: int
    num_steps: int
    gate_steps: int
    search_steps: int
    num_trials: int
    ours: CorrectionRecipe
    num_paths: int
    num_timed: int


FULL = Settings(
    name="full",
    rows=400,
    seeds=(1, 2, 3, 4, 5),
    gate_seeds=tuple(range(1, 11)),
    dense_width=256,
    partitions=("dense", "instrument", "regime", "both"),
    depths_before=(15, 19),
    batch=288,
    num_steps=300,
    gate_steps=300,
    search_steps=100,
    num_trials=3,
    ours=CorrectionRecipe(width=48, depth=4, batch=32, num_steps=2_000),
    num_paths=400,
    num_timed=30,
)

QUICK = dataclasses.replace(
    FULL,
    name="quick",
    rows=250,
    seeds=(1, 2),
    gate_seeds=(1, 2),
    partitions=("dense", "instrument", "both"),
    depths_before=(15,),
    num_steps=250,
    gate_steps=300,
    search_steps=60,
    num_trials=2,
    ours=CorrectionRecipe(width=48, depth=4, batch=32, num_steps=1_200),
    num_paths=100,
    num_timed=10,
)

SMOKE = dataclasses.replace(
    QUICK,
    name="smoke",
    rows=24,
    seeds=(1, 2),
    gate_seeds=(1,),
    dense_width=16,
    partitions=("dense", "instrument"),
    batch=72,
    num_steps=20,
    gate_steps=20,
    search_steps=4,
    num_trials=1,
    ours=CorrectionRecipe(width=8, depth=2, batch=8, num_steps=40),
    num_paths=8,
    num_timed=3,
)

PRESETS = {settings.name: settings for settings in (SMOKE, QUICK, FULL)}
