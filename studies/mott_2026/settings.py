"""What decides a run of the study, in four sizes."""

import dataclasses

from neuralrates.training import Regime

PAPER_SCHEDULE = (
    Regime(15_000, 1e-4, 100, 10),
    Regime(5_000, 1e-5, 100, 10),
    Regime(2_500, 1e-6, 500, 2),
)
"""Section 6.2 of the paper."""


@dataclasses.dataclass(frozen=True)
class Settings:
    """One size of the study.

    Args:
        name: of the preset
        nodes: of each curve grid, in the order of training
        width: neurons of each hidden layer of the paper's network
        schedule_share: of the epochs of each regime of the paper; 1 is the paper's own schedule
        num_contracts: at which a network is judged
        num_paths: of the paper's simulation
        num_simulated: contracts that are simulated, on each grid
        timed_batches: of a thousand prices each
        timed_steps: of training, on each grid
    """

    name: str
    nodes: tuple[int, ...]
    width: int
    schedule_share: float
    num_contracts: int
    num_paths: int
    num_simulated: int
    timed_batches: int
    timed_steps: int

    depth = 3
    zero_share = 0.25
    weight_decay = 1e-5
    seed = 2026

    @property
    def schedule(self) -> tuple[Regime, ...]:
        """The regimes of this size."""
        return tuple(regime.shortened(self.schedule_share) for regime in PAPER_SCHEDULE)


FULL = Settings(
    name="full",
    nodes=(50, 10, 100),
    width=500,
    schedule_share=0.15,
    num_contracts=1_000,
    num_paths=10_000,
    num_simulated=24,
    timed_batches=50,
    timed_steps=100,
)
PAPER = dataclasses.replace(
    FULL,
    name="paper",
    nodes=(10, 25, 35, 50, 75, 100, 125, 150),
    schedule_share=1.0,
)
QUICK = dataclasses.replace(
    FULL,
    name="quick",
    nodes=(10, 50),
    schedule_share=0.01,
    num_contracts=500,
    num_simulated=4,
    timed_batches=20,
    timed_steps=20,
)
SMOKE = dataclasses.replace(
    QUICK,
    name="smoke",
    nodes=(10, 25),
    width=16,
    schedule_share=1e-6,
    num_contracts=20,
    num_paths=200,
    num_simulated=1,
    timed_batches=1,
    timed_steps=2,
)

PRESETS = {settings.name: settings for settings in (SMOKE, QUICK, FULL, PAPER)}
