"""How far our networks and the formulas under them are from converged prices, on curves held out."""

import jax
import jax.numpy as jnp
import numpy as np

import neuralrates as nr
from neuralrates.core.types import Scalar
from neuralrates.pricers.forward_curve.forward_swaption import RateVariance
from neuralrates.pricers.forward_curve.square_root import square_root_call
from neuralrates.problems.forward_curve import Kind
from studies.kept import Result
from studies.mott_2026.contracts import Held
from studies.mott_2026.corrections import KINDS, PROBLEMS, learned, learns
from studies.mott_2026.judge import summary
from studies.mott_2026.study import Study

JUDGED_NODES = {"caplet": (10, 25, 50, 100, 150), "swaption": (50, 150)}
NUM_STEPS = 16


def caplets(study: Study) -> Result:
    """Errors on caplets, per unit notional."""
    return _errors(study, "caplet", {"frozen volatility": _frozen, "square root": _ratio})


def swaptions(study: Study) -> Result:
    """Errors on European swaptions, per unit notional."""
    return _errors(study, "swaption", {"constant elasticity": _rate, "square root": _law})


def reference(study: Study, kind: Kind, num_steps: int = NUM_STEPS) -> nr.pricers.ForwardSimulation:
    """The converged simulation of a kind."""
    points = study.settings.corrections.num_points[KINDS.index(kind)]
    return nr.pricers.ForwardSimulation(points, num_steps)


def _errors(study: Study, kind: Kind, formulas: dict[str, object]) -> Result:
    settings = study.settings.corrections

    def run() -> Result:
        held = Held.drawn(study, kind, settings.num_contracts[KINDS.index(kind)])
        truth, noise = held.on_the_curve(reference(study, kind))
        halved, other = held.on_the_curve(reference(study, kind, NUM_STEPS // 2))
        found: Result = {
            "contracts": len(truth),
            "mean price": float(np.mean(truth)),
            "standard error": summary(noise),
            "half the steps": summary(halved - truth) | {"noise": summary(np.hypot(noise, other))},
        }
        for name, formula in formulas.items():
            (value,) = held.on_the_curve(formula)  # type: ignore[arg-type]
            found[name] = summary(value - truth)
        for nodes in JUDGED_NODES[kind]:
            surrogate, x = learned(study, kind).on(nodes), jnp.asarray(held.points(nodes))
            learnt, baseline = jax.jit(
                jax.vmap(lambda x, s=surrogate: (s(x)[0], s.baseline(x)[1][0]))
            )(x)
            inside = jax.vmap(PROBLEMS[kind](nodes).domain.contains)(x)
            found[str(nodes)] = {
                "network": summary(np.asarray(learnt) - truth),
                "formula on the nodes": summary(np.asarray(baseline) - truth),
                "inside": float(np.mean(np.asarray(inside))),
            }
        return found

    judges = settings.num_contracts, settings.num_points
    return study.once(f"{kind}s", run, *learns(settings), *judges)


def _frozen(model: nr.models.ForwardCurve, product: nr.products.Caplet) -> Scalar:
    return nr.pricers.FrozenCaplet()(model, product).value


def _ratio(model: nr.models.ForwardCurve, product: nr.products.Caplet) -> Scalar:
    return nr.pricers.SquareRootCaplet()(model, product).value


def _law(model: nr.models.ForwardCurve, product: nr.products.Swaption) -> Scalar:
    return nr.pricers.SquareRootSwaption()(model, product).value


def _rate(model: nr.models.ForwardCurve, product: nr.products.Swaption) -> Scalar:
    """The formula of constant elasticity, forwards in proportion to the swap rate."""
    swap = RateVariance.of(model, product)
    return swap.annuity * square_root_call(swap.rate, product.strike, swap.variance)
