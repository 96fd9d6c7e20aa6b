"""Values at future dates: of a product still held just after one of its exercise times, in a given state."""

import equinox as eqx
import jax
import jax.numpy as jnp

from neuralrates.core.doors import door
from neuralrates.core.functions import largest
from neuralrates.core.types import Exercises, Scalar
from neuralrates.models.hull_white import HullWhite
from neuralrates.models.model import AbstractModel
from neuralrates.pricers.gaussian.averages import averaged
from neuralrates.pricers.gaussian.backward_induction import BackwardInduction, run_induction
from neuralrates.pricers.gaussian.jamshidian import european_value
from neuralrates.pricers.price import Price
from neuralrates.pricers.pricer import AbstractPricer
from neuralrates.products.cancellable import CancellableSwap
from neuralrates.products.held import HeldProduct

_SAME_TIME = 1e-9


@door
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
        >>> print(f"{pricer(model, nr.products.HeldProduct(trade, 1.0, -0.01)).value:.6f}")
        0.018872
    """

    induction: BackwardInduction

    def __call__(self, model: HullWhite, product: HeldProduct) -> Price:
        return _price(self.induction, self.induction.coarser(), model, product)

    def order(self) -> float | None:
        return self.induction.order()


@eqx.filter_jit
def _price(
    fine: BackwardInduction, coarse: BackwardInduction, model: HullWhite, product: HeldProduct
) -> Price:
    waiting = _kept(fine, model, product)
    difference = jnp.abs(waiting - _kept(coarse, model, product))
    numeraire = model.numeraire(product.time, product.state)
    error = numeraire * jax.lax.stop_gradient(difference) + 1e-14
    return Price(numeraire * waiting + beside_right(model, product), error)


def beside_right(model: AbstractModel, product: HeldProduct) -> Scalar:
    """Value of what is held beside the right: the opposite of what exercise here would have given."""
    if not isinstance(product.product, CancellableSwap):
        return jnp.zeros(())

    def bond(end: Scalar) -> Scalar:
        return model.bond(product.time, end, product.state)

    return -product.right.exercise_value(product.time, bond)


def _kept(pricer: BackwardInduction, model: HullWhite, product: HeldProduct) -> Scalar:
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


def held_europeans(model: HullWhite, product: HeldProduct) -> Exercises:
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
