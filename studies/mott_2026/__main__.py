"""`python -m studies.mott_2026 --quick`: every experiment, its figure and its verdict."""

from pathlib import Path

from studies.mott_2026 import costs, history
from studies.mott_2026.claims import claims
from studies.mott_2026.figures import draw
from studies.mott_2026.paper_errors import paper_network
from studies.mott_2026.paper_monte_carlo import paper_monte_carlo
from studies.mott_2026.paper_training import paper_training
from studies.mott_2026.settings import PRESETS
from studies.mott_2026.study import Study
from studies.presets import Program, run

EXPERIMENTS = (
    paper_training,
    paper_network,
    paper_monte_carlo,
    costs.inference,
    costs.growth,
)

PROGRAM = Program(
    Path(__file__).resolve().parent,
    PRESETS,
    lambda settings, options, say: Study(
        settings, options.work, say, history.published(options.data)
    ),
    experiments=EXPERIMENTS,
    claims=claims,
    draw=draw,
    data=history.DATA / "gsw",
    apart=(paper_monte_carlo,),
    after=(costs.inference, costs.growth),
)

if __name__ == "__main__":
    raise SystemExit(run(PROGRAM))
