"""What decides a run of the study, in four sizes."""

import dataclasses
from typing import Literal, get_args

from neuralrates.problems.generator import Case

Kind = Literal["plain", "joint", "target first"]
"""What is learned and how it is weighed: `plain`, the swap alone; `joint`, the source's loss, every value and the whole
Jacobian of all outputs with equal weights; `target first`, ours, the swap as much as its nine companions together, and one
random mix of their differentials."""
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclasses.dataclass(frozen=True)
class Learning:
    """How one network is trained."""

    widths: tuple[int, ...]
    batch: int
    num_steps: int
    learning_rate: float


@dataclasses.dataclass(frozen=True)
class Settings:
    """One size of the study.

    Args:
        name: of the preset
        cases: of the comparison of joint with plain learning
        seeds: of case IV; the other cases take the first
        kinds: of learning that case IV compares
        backward_samples: labels of each backward network
        forward_samples: labels of the forward network where nothing else is said
        factors: forward samples of the convergence study, in units of `forward_samples`
        paths: paths per sample of the convergence study
        best_samples: forward samples of the paper's method at its best
        best_paths: paths per sample of the same
        hedged_samples: hedged labels, one path each, that cost what the best ones cost
        compensated_samples: compensated labels, one path each, that cost no more
        exact_samples: exact labels of the joint network
        held_samples: exact labels of the network of future dates
        num_fresh: points at which every network is judged
        num_bundling: points at which the grid bundling method is judged
        own_samples: labels of each backward network where they are compensated
        compensated_weight: of one differential against the value where labels are compensated: their values have a
            hundredth of their spread as noise, their differentials a tenth, and the weight is the square of that ratio
        dated_samples: sampled labels of the network of future dates
        num_dated: points at which each backward network is judged
        first: how the backward network of the last date is trained, which begins at random
        backward, own, forward, best, dated, wide, corrections, exact, held: how those networks are trained; `best` on the most
            labels and the hedged ones, `wide` and `corrections` on compensated ones, on raw inputs and on closed forms
    """

    name: str
    cases: tuple[Case, ...]
    seeds: tuple[int, ...]
    kinds: tuple[Kind, ...]
    backward_samples: int
    forward_samples: int
    factors: tuple[float, ...]
    paths: tuple[int, ...]
    best_samples: int
    best_paths: int
    hedged_samples: int
    compensated_samples: int
    compensated_weight: float
    exact_samples: int
    held_samples: int
    num_fresh: int
    num_bundling: int
    own_samples: int
    dated_samples: int
    num_dated: int
    first: Learning
    backward: Learning
    own: Learning
    forward: Learning
    best: Learning
    dated: Learning
    wide: Learning
    corrections: Learning
    exact: Learning
    held: Learning


FULL = Settings(
    name="full",
    cases=("I", "II", "III", "IV"),
    seeds=(1, 2, 3, 4, 5),
    kinds=KINDS,
    backward_samples=32_768,
    forward_samples=65_536,
    factors=(0.5, 1.0, 2.0),
    paths=(1, 4, 16),
    best_samples=1_048_576,
    best_paths=16,
    hedged_samples=1_310_720,
    compensated_samples=262_144,
    compensated_weight=0.01,
    exact_samples=98_304,
    held_samples=131_072,
    num_fresh=8_192,
    num_bundling=200,
    own_samples=16_384,
    dated_samples=131_072,
    num_dated=512,
    first=Learning((32, 32, 32), 1024, 4_000, 1e-2),
    backward=Learning((32, 32, 32), 1024, 400, 1e-2),
    own=Learning((32, 32, 32), 1024, 1_200, 1e-2),
    forward=Learning((64, 64, 64), 1024, 3_000, 1e-2),
    best=Learning((64, 64, 64), 2048, 6_000, 1e-2),
    dated=Learning((128, 128, 128), 1024, 3_000, 1e-2),
    wide=Learning((96, 96, 96), 1024, 12_000, 1e-2),
    corrections=Learning((64, 64), 1024, 5_000, 1e-2),
    exact=Learning((96, 96, 96), 512, 40_000, 1e-2),
    held=Learning((96, 96, 96), 512, 60_000, 1e-2),
)

ONE_SEED = dataclasses.replace(
    FULL, name="one-seed", cases=("IV",), seeds=(1,), kinds=("plain", "joint")
)
"""At full size, what one seed says of the swap in all its inputs."""

QUICK = dataclasses.replace(
    FULL,
    name="quick",
    seeds=(1,),
    backward_samples=8_192,
    forward_samples=16_384,
    factors=(0.5, 2.0),
    paths=(1, 4),
    best_samples=16_384,
    hedged_samples=16_384,
    compensated_samples=16_384,
    exact_samples=16_384,
    held_samples=16_384,
    num_fresh=1_024,
    num_bundling=8,
    own_samples=2_048,
    dated_samples=16_384,
    num_dated=64,
    first=Learning((24, 24, 24), 1024, 1_000, 1e-2),
    backward=Learning((24, 24, 24), 1024, 100, 1e-2),
    own=Learning((24, 24, 24), 512, 200, 1e-2),
    forward=Learning((48, 48, 48), 1024, 400, 1e-2),
    best=Learning((48, 48, 48), 1024, 800, 1e-2),
    dated=Learning((64, 64, 64), 1024, 400, 1e-2),
    wide=Learning((48, 48, 48), 1024, 800, 1e-2),
    corrections=Learning((48, 48), 1024, 600, 1e-2),
    exact=Learning((64, 64, 64), 512, 3_000, 1e-2),
    held=Learning((64, 64, 64), 512, 3_000, 1e-2),
)

SMOKE = dataclasses.replace(
    QUICK,
    name="smoke",
    cases=("IV",),
    backward_samples=512,
    forward_samples=1_024,
    factors=(1.0,),
    paths=(1,),
    best_samples=1_024,
    best_paths=2,
    hedged_samples=1_024,
    compensated_samples=1_024,
    exact_samples=256,
    held_samples=256,
    num_fresh=128,
    num_bundling=1,
    own_samples=512,
    dated_samples=512,
    num_dated=8,
    first=Learning((8, 8), 256, 40, 1e-2),
    backward=Learning((8, 8), 256, 20, 1e-2),
    own=Learning((8, 8), 256, 20, 1e-2),
    forward=Learning((8, 8), 256, 40, 1e-2),
    best=Learning((8, 8), 256, 40, 1e-2),
    dated=Learning((8, 8), 256, 40, 1e-2),
    wide=Learning((8, 8), 256, 40, 1e-2),
    corrections=Learning((8, 8), 256, 40, 1e-2),
    exact=Learning((8, 8), 256, 40, 1e-2),
    held=Learning((8, 8), 256, 40, 1e-2),
)

PRESETS = {settings.name: settings for settings in (SMOKE, QUICK, ONE_SEED, FULL)}
