"""`python -m studies.mixture_of_experts --quick`: every experiment, its figure and its verdict."""

from pathlib import Path

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
from studies.mixture_of_experts.regimes import DATA
from studies.mixture_of_experts.settings import PRESETS
from studies.mixture_of_experts.study import Study
from studies.presets import Program, run


def notes(study: Study) -> Result:
    """Reopenings of floating rate notes."""
    return study.once("notes-at-auction", lambda: notes_at_auction.experiment(study.data))


PROGRAM = Program(
    Path(__file__).resolve().parent,
    PRESETS,
    lambda settings, options, say: Study(settings, options.work, options.data, say),
    experiments=(
        comparison.comparison,
        timing.speed,
        budget.time_budget,
        notes,
        gates.reliability,
        gates.regime_changes,
        comparison.unseen_regime,
        transfer.transfer,
        hedging.hedging,
        comparison.sizes,
    ),
    claims=claims,
    draw=draw,
    data=DATA,
    long=(comparison.sizes,),
)

if __name__ == "__main__":
    raise SystemExit(run(PROGRAM))
