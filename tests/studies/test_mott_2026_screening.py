"""The screened variants differ in what they say, and the table of the README is that of the committed results."""

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
from studies.mott_2026 import screening
from studies.mott_2026.paper_network import NUM_PARAMETERS, NUM_TERMS, Contracts, Grid

import neuralrates as nr

NODES = 10
NAMES = ["beta0", "beta1", "beta2", "beta3", "tau1", "tau2"]
VOLATILITY = nr.models.TenorVolatility([[0.06, -0.02], [0.01, 0.03]])


def contracts():
    drawn = np.random.default_rng(0).normal(size=(20, 6))
    centre = np.array([0.05, -0.01, 0.005, 0.005, 1.5, 11.0])
    days = pd.DataFrame(centre * (1.0 + 0.05 * drawn), columns=NAMES)
    return Contracts.of(Grid(NODES), days, VOLATILITY, 0.25)


def start(name):
    return screening.start(contracts(), screening.VARIANTS[name], 1)


def slope(network, x):
    return np.asarray(jax.grad(lambda x: network(x)[0])(x))


def test_constant_parameters_are_not_looked_at():
    drawn = jnp.zeros(1, int), jnp.full(1, 3), jnp.full(1, 0.03)
    x = contracts().points(*drawn)[0].astype(jnp.float32)
    where = slice(NODES, NODES + NUM_PARAMETERS)
    slopes = {name: slope(start(name), x) for name in ("as reported", "constant parameters")}
    assert np.all(np.abs(slopes["constant parameters"][where]) < 1e-25)
    assert np.all(slopes["as reported"][where] != 0.0)
    assert np.all(slopes["constant parameters"][:NODES] != 0.0)


def test_a_uniform_start_is_bounded_by_the_root_of_the_inputs():
    for layer in start("uniform start").network.layers:
        bound = layer.weight.shape[1] ** -0.5
        assert 0.9 * bound < np.max(np.abs(layer.weight)) <= bound
        assert np.max(np.abs(layer.bias)) <= bound
    assert np.all(np.asarray(start("as reported").network.layers[0].bias) == 0.0)


def test_maturities_are_divided_by_thirty():
    scale = np.asarray(start("maturities over 30").network.input_scaling.scale)
    assert scale[-NUM_TERMS:].tolist() == [30.0, 30.0, 1.0]


def test_the_committed_table_is_that_of_the_results():
    from studies.mott_2026 import screening

    made = screening.RESULTS / "full" / "screening.md"
    assert screening.table() == made.read_text(encoding="utf-8")
