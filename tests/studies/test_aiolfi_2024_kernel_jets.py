"""Slopes of the labels beside their values in a sum of kernels."""

import jax
import jax.numpy as jnp
import numpy as np
from studies.aiolfi_2024.kernel_jets import Jets, fit_jets, interpolate_jets

from neuralrates.surrogates.scaling import Scaling


def test_slopes_help_where_values_are_few():
    x, fresh = np.linspace(-3.0, 3.0, 9)[:, None], np.linspace(-2.9, 2.9, 50)
    unit, value = Scaling([0.0], [1.0]), np.sin(2.0 * x[:, 0])
    whole = Jets(x, value, x, np.ones((9, 1)), 2.0 * np.cos(2.0 * x[:, 0]))
    errors = [
        np.abs(jax.vmap(one)(jnp.asarray(fresh)[:, None])[:, 0] - np.sin(2.0 * fresh)).max()
        for one in (
            interpolate_jets(unit, unit, whole, (1e-8, 1e-8)),
            interpolate_jets(unit, unit, whole.part(9, 0, 0), (1e-8, 1e-8)),
            fit_jets(whole),
        )
    ]
    assert 5.0 * errors[0] < errors[1]
    assert errors[2] < errors[0]
