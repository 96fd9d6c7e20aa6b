"""`python -m studies.gomez_casanova_2024 --quick`: every experiment, its figure and its verdict."""

import json
from pathlib import Path

from studies.gomez_casanova_2024 import backward, exact, sampled
from studies.gomez_casanova_2024.claims import claims
from studies.gomez_casanova_2024.figures import draw
from studies.gomez_casanova_2024.settings import PRESETS
from studies.gomez_casanova_2024.study import Study
from studies.kept import Result
from studies.presets import Program, run

HERE = Path(__file__).resolve().parent


def five_factor(study: Study) -> Result:
    """What the command of its own (`five_factor.py`) has found for this preset; nothing where it was not run."""
    file = HERE / "results" / f"five_factor_{study.settings.name}.json"
    found: Result = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return found


PROGRAM = Program(
    HERE,
    PRESETS,
    lambda settings, options, say: Study(settings, options.work, say),
    experiments=(
        sampled.rejections,
        sampled.joint_against_plain,
        backward.backward_networks,
        exact.sampled_dates,
        exact.exact_joint,
        exact.future_dates,
        exact.states,
        sampled.paper_at_its_best,
        sampled.hedged_network,
        sampled.compensated_network,
        sampled.compensated_anchored,
        sampled.label_costs,
        exact.grid_bundling,
        sampled.convergence,
        five_factor,
    ),
    claims=claims,
    draw=draw,
    ready=Study.truth,
    apart=(
        exact.exact_joint,
        exact.future_dates,
        exact.grid_bundling,
        sampled.compensated_network,
        sampled.compensated_anchored,
        sampled.label_costs,
    ),
    after=(exact.states,),
)

if __name__ == "__main__":
    raise SystemExit(run(PROGRAM))
