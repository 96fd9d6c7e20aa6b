"""What the paper says its trainer does and does not show: constant volatility, and a swaption by another terminal condition.

Both train the paper's network with its three terms and nothing else, the six parameters of the curve held constant, which is
the choice that reproduces the paper's errors (`screening`), by the share of its schedule after which errors no longer fell
there. Equation 12 has closed forms. Swaptions are judged by the simulation that judges our corrections, whose shipped network
prices the same contracts.
"""

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import ndtr
from jaxtyping import Array, Float

import neuralrates as nr
from neuralrates.core.types import Inputs, Scalar
from neuralrates.learning import FeynmanKacLoss
from neuralrates.market.forward_curve import FACTORS, LONGEST_TENOR
from studies.kept import Result
from studies.mott_2026 import history
from studies.mott_2026.contracts import Held
from studies.mott_2026.corrections import PROBLEMS, TRAINING_NODES
from studies.mott_2026.judge import Drawn, summary
from studies.mott_2026.our_networks import reference
from studies.mott_2026.paper_network import (
    NUM_PARAMETERS,
    NUM_TERMS,
    Contracts,
    Grid,
    PaperNetwork,
    single,
)
from studies.mott_2026.paper_training import CHUNK, NUM_JUDGED, PARTS, loss
from studies.mott_2026.regimes import fit_regimes
from studies.mott_2026.screening import VARIANTS, start
from studies.mott_2026.settings import PAPER_SCHEDULE
from studies.mott_2026.study import Study

VARIANT = "constant parameters"
CAPLET_NODES = 50
SWAPTIONS = Grid(41, 10.0, (1.0, 5.0), whole_years=True)
"""A node every quarter; swaps of one to five whole years, paid yearly, from up to five years ahead."""
_YEARS = 5
_NODES, _WEIGHTS = (jnp.asarray(0.5 * a) for a in np.polynomial.legendre.leggauss(24))
_SHARES = _NODES + 0.5
_BUNDLE = "forward_swaption"


class SwaptionContracts(Contracts):
    """Payer swaptions on the grid; the accrual of a point is the length of its swap."""

    def payoff(self, x: Inputs) -> Scalar:
        """Value of the swap at its exercise where it is positive, by the trapezoid rule."""
        length, strike = x[-2], x[-1]
        years = jnp.arange(1, _YEARS + 1).astype(self.spacing.dtype)
        rows = self.integration[jnp.round(years / self.spacing).astype(int)]
        bonds = jnp.exp(-(rows @ x[: self.num_nodes]))
        paid = years <= jnp.round(length)
        last = bonds[jnp.round(length).astype(int) - 1]
        return jnp.maximum(1.0 - last - strike * jnp.sum(jnp.where(paid, bonds, 0.0)), 0.0)


def constant_volatility(study: Study) -> Result:
    """Caplets under equation 12, whose closed form is exact: the volatility of a forward does not depend on it."""
    volatility = history.volatility(history.absolute_changes(study.days, study.published.index))
    train, held = (
        Contracts.of(
            Grid(CAPLET_NODES),
            study.days[chosen],
            volatility.by_tenor,
            study.settings.zero_share,
            constant=True,
        )
        for chosen in (~study.apart, study.apart)
    )

    def judge(network: PaperNetwork) -> Result:
        found: Result = {}
        for name, contracts in (("held_out", held), ("same_days", train)):
            drawn = Drawn.of(contracts, study.settings.num_contracts, study.settings.seed - 1)
            truth = _mapped(lambda x: gaussian_caplet(volatility.by_tenor, x), drawn.x)
            found[name] = _errors(network, drawn, truth)
        return found

    decides = (CAPLET_NODES, np.round(volatility.coefficients, 12).tolist())
    return _once(study, "constant-volatility", train, judge, *decides)


def residual_swaption(study: Study) -> Result:
    """European swaptions, the terminal condition changed and nothing else, beside our correction on the same contracts."""
    volatility = nr.models.TenorVolatility(jnp.asarray(FACTORS), LONGEST_TENOR)
    train, held = (
        SwaptionContracts.of(SWAPTIONS, study.days[chosen], volatility, study.settings.zero_share)
        for chosen in (~study.apart, study.apart)
    )
    number = study.settings.corrections.num_contracts[1]

    def judge(network: PaperNetwork) -> Result:
        drawn = Drawn.of(held, number, study.settings.seed - 1)
        x = np.asarray(drawn.x)
        curves = x[:, -NUM_TERMS - NUM_PARAMETERS : -NUM_TERMS]
        contracts = Held("swaption", curves, x[:, -NUM_TERMS:])
        truth, noise = contracts.on_the_curve(reference(study, "swaption"))
        points = jnp.asarray(contracts.points(TRAINING_NODES))
        ours = nr.bundles.load(_BUNDLE).surrogate
        found: Result = {"standard error": summary(noise)}
        found["held_out"] = _errors(network, drawn, truth)
        learned = np.asarray(jax.jit(jax.vmap(lambda x: ours(x)[0]))(points))
        inside = jax.vmap(PROBLEMS["swaption"](TRAINING_NODES).domain.contains)(points)
        found["ours"] = summary(learned - truth) | {"inside": float(np.mean(np.asarray(inside)))}
        return found

    return _once(study, "residual-swaption", train, judge, number)


def _once(
    study: Study,
    name: str,
    contracts: Contracts,
    judge: Callable[[PaperNetwork], Result],
    *decides: object,
) -> Result:
    """Errors of a network after a share of the paper's schedule, and its losses."""
    settings = study.settings
    share = settings.schedule_share * settings.conditions_share
    schedule = tuple(regime.shortened(share) for regime in PAPER_SCHEDULE)

    def run() -> Result:
        one = single(contracts)
        network, histories = fit_regimes(
            start(contracts, VARIANTS[VARIANT], settings.seed, settings.width),
            lambda batch: loss(one, batch),
            schedule,
            key=jax.random.key(settings.seed),
            weight_decay=settings.weight_decay,
            chunk=CHUNK,
            progress=lambda history, count: study.say(
                f"{name}: step {history.num_steps} of {count}, loss {history.losses[-1]:.2e}"
            ),
            checkpoint=study.work / name,
        )
        judged: FeynmanKacLoss = loss(one, NUM_JUDGED)
        parts = eqx.filter_jit(judged.parts)(network, jax.random.key(settings.seed + 1))
        return judge(network) | {
            "share": share,
            "steps": sum(history.num_steps for history in histories),
            "parts": dict(zip(PARTS, map(float, parts), strict=True)),
        }

    return study.once(name, run, VARIANT, settings.width, schedule, *decides)


def _errors(network: PaperNetwork, drawn: Drawn, truth: np.ndarray) -> Result:
    predicted = _mapped(lambda x: network(x)[0], single(drawn.x))
    intrinsic = _intrinsic(drawn)
    return {
        "network": summary(predicted - truth),
        "intrinsic": summary(intrinsic - truth),
        "mean_price": float(np.mean(truth)),
    }


def _intrinsic(drawn: Drawn) -> np.ndarray:
    """The payoff on the forwards as they are expected: nothing for time."""
    contracts = drawn.contracts
    x = np.asarray(drawn.x)
    bonds = np.exp(-x[:, : contracts.num_nodes] @ np.asarray(contracts.integration).T)
    spacing = float(contracts.spacing)
    rows, first = np.arange(len(x)), np.rint(x[:, -3] / spacing).astype(int)
    last = first + np.rint(x[:, -2] / spacing).astype(int)
    if isinstance(contracts, SwaptionContracts):
        ahead = np.rint(np.arange(1, _YEARS + 1) / spacing).astype(int)
        ends = np.minimum(first[:, None] + ahead, contracts.num_nodes - 1)
        paid = np.where(first[:, None] + ahead <= last[:, None], bonds[rows[:, None], ends], 0.0)
        annuity = paid.sum(axis=1)
    else:
        annuity = x[:, -2] * bonds[rows, last]
    return np.maximum(bonds[rows, first] - bonds[rows, last] - x[:, -1] * annuity, 0.0)


def gaussian_caplet(volatility: nr.models.TenorVolatility, x: Inputs) -> Scalar:
    """Price of the caplet of a point where volatilities are constants, on its Svensson curve.

    The ratio of two bonds is lognormal: its variance is the integral up to the expiry of the squared integral of the
    volatility over the accrual.

    Source: Heath, Jarrow and Morton (1992), on Gaussian forwards.
    """
    curve = nr.market.Svensson(*x[-NUM_TERMS - NUM_PARAMETERS : -NUM_TERMS])
    expiry, accrual, strike = x[-NUM_TERMS:]

    def squared(time: Scalar) -> Scalar:
        tenors = expiry - time + accrual * _SHARES
        return jnp.sum((accrual * (volatility(tenors) @ _WEIGHTS)) ** 2)

    variance = expiry * jnp.sum(_WEIGHTS * jax.vmap(squared)(expiry * _SHARES))
    early, late = curve.discount_factor(expiry), curve.discount_factor(expiry + accrual)
    owed = (1.0 + strike * accrual) * late
    deviation = jnp.sqrt(variance)
    upper = jnp.log(early / owed) / deviation + 0.5 * deviation
    return early * ndtr(upper) - owed * ndtr(upper - deviation)


def _mapped(price: Callable[[Inputs], Scalar], x: Float[Array, "batch inputs"]) -> np.ndarray:
    return np.asarray(jax.jit(jax.vmap(price))(x))
