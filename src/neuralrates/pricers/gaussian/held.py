"""Values at future dates: of a product still held just after one of its exercise times, in a given state."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuralrates.core.checks import is_concrete
from neuralrates.core.functions import largest
from neuralrates.core.types import Exercises, Scalar
from neuralrates.models.hull_white import HullWhite
from neuralrates.models.model import AbstractModel, State
from neuralrates.pricers.gaussian.averages import averaged
from neuralrates.pricers.gaussian.backward_induction import BackwardInduction, run_induction
from neuralrates.pricers.gaussian.jamshidian import european_value
from neuralrates.pricers.price import Price
from neuralrates.pricers.pricer import AbstractPricer
from neuralrates.products.callable import AbstractBondCallable
from neuralrates.products.cancellable import CancellableSwap

_SAME_TIME = 1e-9


class Held(eqx.Module):
    """A callable or cancellable product that was kept up to a date, and the state of the model then.

    Args:
        product: callable, or swap that may be cancelled
        time: one of the exercise times, in years; the value sought is that of keeping it there
        state: of the model at that time
    """

    product: AbstractBondCallable | CancellableSwap
    time: Scalar
    state: State

    def __check_init__(self) -> None:
        times = self.right.exercise_times
        if is_concrete(self.time, times) and not np.any(np.abs(times - self.time) < _SAME_TIME):
            raise ValueError(
                f"Argument `time` must be one of the exercise times {np.asarray(times)}, but is {self.time}."
            )

    @property
    def right(self) -> AbstractBondCallable:
        """What may still be exercised."""
        return right_of(self.product)

    @property
    def exercise(self) -> Float[Array, "exercises"]:
        """One at the exercise time where it is held, zero at the others."""
        gaps = jnp.abs(self.right.exercise_times - self.time)
        return (gaps < _SAME_TIME).astype(jnp.float64)


def right_of(product: AbstractBondCallable | CancellableSwap) -> AbstractBondCallable:
    """The right within a product: itself, or the right to cancel."""
    return product.right if isinstance(product, CancellableSwap) else product


class HeldPricer(AbstractPricer):
    """Exact value of a held product, from one backward induction: in currency of its date, per unit notional.

    The nodes of the next exercise time carry the value there; the value of keeping is their Gaussian average from the state
    held. What was held beside the right, the rest of a cancellable swap, is added as bonds.

    Args:
        induction: settled

    Source: Andersen and Piterbarg (2010), volume I, section 11.2, for the Gaussian average.

    Example:
        >>> import neuralrates as nr
        >>> model = nr.models.HullWhite(nr.market.FlatCurve(0.03), 0.03, 0.01)
        >>> trade = nr.products.Swaption([1, 2, 3], [2, 3, 4], [1, 1, 1], strike=0.03, side="receiver")
        >>> pricer = nr.pricers.HeldPricer(nr.pricers.BackwardInduction().settle(model, trade))
        >>> print(f"{pricer(model, nr.pricers.Held(trade, 1.0, -0.01)).value:.6f}")
        0.018872
    """

    induction: BackwardInduction

    def __call__(self, model: HullWhite, product: Held) -> Price:
        fine, coarse = self.induction, self.induction.coarser()
        waiting = _kept(fine, model, product)
        difference = jnp.abs(waiting - _kept(coarse, model, product))
        numeraire = model.numeraire(product.time, product.state)
        error = numeraire * jax.lax.stop_gradient(difference) + 1e-14
        return Price(numeraire * waiting + beside_right(model, product), error)

    def order(self) -> float | None:
        return self.induction.order()


def beside_right(model: AbstractModel, product: Held) -> Scalar:
    """Value of what is held beside the right: the opposite of what exercise here would have given."""
    if not isinstance(product.product, CancellableSwap):
        return jnp.zeros(())

    def bond(end: Scalar) -> Scalar:
        return model.bond(product.time, end, product.state)

    return -product.right.exercise_value(product.time, bond)


def _kept(pricer: BackwardInduction, model: HullWhite, product: Held) -> Scalar:
    """Value of the right kept, in units of the numeraire; nothing after the last exercise time."""
    right = product.right
    if right.exercise_times.shape[0] == 1:
        return jnp.zeros(())
    run = run_induction(pricer, model, right)
    here = product.exercise[:-1]
    step = here @ jnp.diff(run.variances)
    live = step > 0.0
    edges, values = here @ run.edges[1:], here @ run.value[1:]
    waiting = averaged(edges, values, jnp.where(live, step, 1.0), pricer.local)
    # The induction counts loadings from that of the last flow: another numeraire, under which the state has another mean.
    end, variance = model.loading(largest(right.flow_times)), model.variance(product.time)
    kept = waiting(product.state + end * variance)[0]
    kept = kept * jnp.exp(-end * product.state - 0.5 * end**2 * variance)
    return jnp.where(live, kept, 0.0)


def held_europeans(model: HullWhite, product: Held) -> Exercises:
    """Values of the European options at each later exercise time, currency of the date; zero for those expired.

    Args:
        model: one Gaussian factor
        product: held at an exercise time

    Returns:
        One value per exercise time, per unit notional.

    Source: Gomez Casanova et al. (2024), equation 2; Jamshidian (1989).
    """
    right, time, state = product.right, product.time, product.state
    deflated = jax.vmap(lambda end: model.deflated_bond(time, end, state))(right.flow_times)
    loadings = jax.vmap(model.loading)(right.flow_times)
    variances = jax.vmap(model.variance)(right.exercise_times) - model.variance(time)
    later = right.exercise_times > time + _SAME_TIME
    present_values = right.flows * deflated[None, :]
    values = jax.vmap(european_value, in_axes=(0, None, 0))(
        present_values, loadings, jnp.where(later, variances, 1e-6)
    )
    return jnp.where(later, model.numeraire(time, state) * values, 0.0)
