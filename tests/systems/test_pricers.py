"""Every pricer against every system that it takes: values, and gradients in curve, model and strike."""

import equinox as eqx
import jax
import numpy as np
import pytest

import neuralrates as nr
from systems.catalogue import SYSTEMS, System, build
from systems.pricers import ENTRANTS, Entrant

PAIRS = [
    pytest.param(entrant, system, id=f"{entrant.name}, {system.name}")
    for entrant in ENTRANTS
    for system in SYSTEMS
    if entrant.accepts(system)
]
BERMUDANS = [system for system in SYSTEMS if not system.is_european]


@eqx.filter_jit
def _price(
    pricer: nr.pricers.AbstractPricer, theta: jax.Array, trade: nr.products.Swaption
) -> nr.pricers.Price:
    return pricer(*build(theta, trade))


@eqx.filter_jit
def _price_and_gradient(
    pricer: nr.pricers.AbstractPricer, theta: jax.Array, trade: nr.products.Swaption
) -> tuple[nr.pricers.Price, jax.Array]:
    def value(theta: jax.Array) -> tuple[jax.Array, nr.pricers.Price]:
        price = pricer(*build(theta, trade))
        return price.value, price

    gradient, price = jax.grad(value, has_aux=True)(theta)
    return price, gradient


@pytest.mark.parametrize(("entrant", "system"), PAIRS)
def test_price_and_gradient_are_exact(entrant: Entrant, system: System) -> None:
    pricer, exact = entrant.pricer(system), system.exact
    if entrant.gradient_tolerance is None:
        price = _price(pricer, system.theta, system.trade)
    else:
        price, gradient = _price_and_gradient(pricer, system.theta, system.trade)
        known = np.isfinite(exact.gradient)
        misfit = np.abs(gradient - exact.gradient)[known]
        scale = max(1.0, np.max(np.abs(exact.gradient[known])))
        assert np.max(misfit) <= entrant.gradient_tolerance * scale, misfit / scale
    error = abs(price.value - exact.value)
    assert error <= entrant.tolerance(float(price.error)) + exact.error


@pytest.mark.parametrize("system", BERMUDANS, ids=lambda system: system.name)
def test_default_settings_keep_their_promise(system: System) -> None:
    """Chosen from the numbers at hand: within the tolerance, and within the error stated."""
    pricer = nr.pricers.BackwardInduction()
    price = pricer(*build(system.theta, system.trade))
    error = abs(price.value - system.exact.value)
    assert error <= pricer.tolerance
    assert error <= price.error
