"""`python -m studies.mott_2026 --quick`: every experiment, its figure and its verdict."""

from pathlib import Path

from studies.mott_2026 import costs, history
from studies.mott_2026.claims import claims
from studies.mott_2026.figures import draw
from studies.mott_2026.other_conditions import constant_volatility, residual_swaption
from studies.mott_2026.our_costs import equal_accuracy, our_costs
from studies.mott_2026.our_greeks import our_greeks
from studies.mott_2026.our_networks import caplets, swaptions
from studies.mott_2026.paper_errors import paper_network
from studies.mott_2026.paper_monte_carlo import paper_monte_carlo
from studies.mott_2026.paper_training import paper_training
from studies.mott_2026.settings import PRESETS
from studies.mott_2026.study import Study
from studies.mott_2026.without_network import filters, without_network
from studies.presets import Program, run

EXPERIMENTS = (
    paper_training,
    paper_network,
    paper_monte_carlo,
    costs.inference,
    costs.growth,
    caplets,
    swaptions,
    our_greeks,
    our_costs,
    equal_accuracy,
    without_network,
    filters,
    constant_volatility,
    residual_swaption,
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
    apart=(paper_monte_carlo, caplets, swaptions, our_greeks),
    after=(costs.inference, costs.growth, our_costs, equal_accuracy),
)

if __name__ == "__main__":
    raise SystemExit(run(PROGRAM))
