"""`python -m studies.mixture_of_experts --quick`: every experiment, its figure and its verdict."""

from pathlib import Path

import jax

from studies.kept import Result
from studies.mixture_of_experts import (
    budget,
    comparison,
    gates,
    hedging,
    notes_at_auction,
    timing,
    transfer,
)
from studies.mixture_of_experts.claims import claims
from studies.mixture_of_experts.figures import draw
from studies.mixture_of_experts.regime_detector import detector
from studies.mixture_of_experts.regimes import DATA
from studies.mixture_of_experts.settings import PRESETS, Settings
from studies.mixture_of_experts.study import Study
from studies.mixture_of_experts.unlabelled_gates import unlabelled_gates
from studies.presets import Options, Program, Say, run


def notes(study: Study) -> Result:
    """Reopenings of floating rate notes."""
    return study.once("notes-at-auction", lambda: notes_at_auction.experiment(study.data))


def begin(settings: Settings, options: Options, say: Say) -> Study:
    """A run; in miniature it compiles for most of its time, and so without optimising what it compiles."""
    jax.config.update("jax_disable_most_optimizations", settings.name == "smoke")
    return Study(settings, options.work, options.data, say)


PROGRAM = Program(
    Path(__file__).resolve().parent,
    PRESETS,
    begin,
    experiments=(
        comparison.comparison,
        timing.speed,
        budget.time_budget,
        notes,
        gates.reliability,
        unlabelled_gates,
        gates.regime_changes,
        detector,
        comparison.unseen_regime,
        transfer.transfer,
        hedging.hedging,
        comparison.sizes,
    ),
    claims=claims,
    draw=draw,
    data=DATA,
    apart=(
        notes,
        gates.reliability,
        unlabelled_gates,
        gates.regime_changes,
        comparison.unseen_regime,
        transfer.transfer,
    ),
    after=(timing.speed, budget.time_budget),
    long=(comparison.sizes,),
)

if __name__ == "__main__":
    raise SystemExit(run(PROGRAM))
