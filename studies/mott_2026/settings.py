"""What decides a run of the study, in four sizes."""

import dataclasses

from studies.mott_2026.regimes import Regime

PAPER_SCHEDULE = (
    Regime(15_000, 1e-4, 100, 10),
    Regime(5_000, 1e-5, 100, 10),
    Regime(2_500, 1e-6, 500, 2),
)
"""Section 6.2 of the paper."""


@dataclasses.dataclass(frozen=True)
class Corrections:
    """Training of our networks, and where they are judged.

    Args:
        num_labels: simulated values, by kind of contract
        num_slopes: points with simulated differentials too, by kind of contract
        num_steps: of training
        widths: neurons of each hidden layer
        num_contracts: held out, by kind of contract
        num_points: paths of the reference, by kind of contract, eight times
        num_sloped: contracts at which Greeks are judged
        sloped_points: paths of the Greeks' reference, eight times, in two independent halves
    """

    num_labels: tuple[int, int] = (65_536, 65_536)
    num_slopes: tuple[int, int] = (0, 8_192)
    num_steps: int = 6_000
    widths: tuple[int, ...] = (32, 32)
    num_contracts: tuple[int, int] = (200, 100)
    num_points: tuple[int, int] = (2**10, 2**14)
    num_sloped: int = 24
    sloped_points: int = 2**13


@dataclasses.dataclass(frozen=True)
class Settings:
    """One size of the study.

    Args:
        name: of the preset
        nodes: of each curve grid, in the order of training
        width: neurons of each hidden layer of the paper's network
        schedule_share: of the epochs of each regime of the paper; 1 is the paper's own schedule
        num_contracts: at which a network is judged
        simulated_nodes: of each grid on which the paper's simulation runs
        num_paths: of that simulation
        num_simulated: contracts that are simulated, on each grid
        timed_nodes: of each grid on which prices and training steps are timed
        timed_batches: of a thousand prices each
        timed_steps: of training, on each grid
        corrections: our own networks
        conditions_share: of the schedule of this size, for the networks under other conditions
    """

    name: str
    nodes: tuple[int, ...]
    width: int
    schedule_share: float
    num_contracts: int
    simulated_nodes: tuple[int, ...]
    num_paths: int
    num_simulated: int
    timed_nodes: tuple[int, ...]
    timed_batches: int
    timed_steps: int
    corrections: Corrections = Corrections()
    conditions_share: float = 0.15

    depth = 3
    zero_share = 0.25
    weight_decay = 1e-5
    seed = 2026

    @property
    def schedule(self) -> tuple[Regime, ...]:
        """The regimes of this size."""
        return tuple(regime.shortened(self.schedule_share) for regime in PAPER_SCHEDULE)


PAPER_NODES = (10, 25, 35, 50, 75, 100, 125, 150)

FULL = Settings(
    name="full",
    nodes=(50, 10, 100),
    width=500,
    schedule_share=1.0,
    num_contracts=1_000,
    simulated_nodes=(10, 50, 100, 150),
    num_paths=10_000,
    num_simulated=12,
    timed_nodes=PAPER_NODES,
    timed_batches=500,
    timed_steps=50,
)
PAPER = dataclasses.replace(
    FULL,
    name="paper",
    nodes=(*FULL.nodes, *(nodes for nodes in PAPER_NODES if nodes not in FULL.nodes)),
)
QUICK = dataclasses.replace(
    FULL,
    name="quick",
    nodes=(50,),
    schedule_share=0.04,
    conditions_share=0.05,
    num_contracts=500,
    simulated_nodes=(10, 50),
    num_simulated=4,
    timed_nodes=(10, 50, 150),
    timed_batches=20,
    timed_steps=10,
    corrections=Corrections(
        num_labels=(2_048, 8_192),
        num_slopes=(0, 512),
        num_steps=2_000,
        num_contracts=(60, 30),
        num_points=(2**9, 2**12),
        num_sloped=6,
        sloped_points=2**9,
    ),
)
SMOKE = dataclasses.replace(
    QUICK,
    name="smoke",
    nodes=(10,),
    width=16,
    schedule_share=1e-6,
    num_contracts=20,
    simulated_nodes=(10,),
    num_paths=200,
    num_simulated=1,
    timed_nodes=(10,),
    timed_batches=1,
    timed_steps=2,
    corrections=Corrections(
        num_labels=(32, 32),
        num_slopes=(0, 8),
        num_steps=10,
        widths=(4,),
        num_contracts=(3, 3),
        num_points=(32, 32),
        num_sloped=2,
        sloped_points=32,
    ),
)

PRESETS = {settings.name: settings for settings in (SMOKE, QUICK, FULL, PAPER)}
