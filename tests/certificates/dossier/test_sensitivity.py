"""Shares of variance against functions whose indices are known in closed form."""

import numpy as np
import pytest

from certificates.dossier.measured import measured
from neuralrates.certificates.dossier.sensitivity import first_order_indices, sensitivities

N = 20_000
NOISE = 5.0 / np.sqrt(N)  # five deviations of an estimated share


def uniform(seed, columns):
    return np.random.default_rng(seed).uniform(size=(N, columns))


def test_ishigami():
    """Indices 0.3139, 0.4424 and 0 for a = 7, b = 0.1 (Ishigami and Homma, 1990)."""
    x = np.pi * (2.0 * uniform(0, 3) - 1.0)
    y = np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    assert first_order_indices(x, y) == pytest.approx([0.3139, 0.4424, 0.0], abs=NOISE)


def test_weights_of_a_sum():
    x = uniform(1, 4)
    weights = np.array([1.0, 2.0, 3.0, 0.0])
    known = weights**2 / np.sum(weights**2)
    assert first_order_indices(x, x @ weights) == pytest.approx(known, abs=NOISE)


def test_an_input_of_few_values():
    """A fair coin of size one on top of a uniform number: shares 1/4 and 1/12 of their sum."""
    x = uniform(2, 2)
    x[:, 0] = np.round(x[:, 0])
    known = np.array([0.25, 1.0 / 12.0]) / (0.25 + 1.0 / 12.0)
    assert first_order_indices(x, x.sum(axis=1)) == pytest.approx(known, abs=NOISE)


def test_noise_explains_nothing_and_constants_are_no_trouble():
    x = uniform(3, 2)
    noise = np.random.default_rng(4).normal(size=N)
    assert first_order_indices(x, noise) == pytest.approx([0.0, 0.0], abs=NOISE)
    assert first_order_indices(x, np.ones(N)).tolist() == [0.0, 0.0]


def test_moves_are_slopes_times_spreads():
    x = np.stack([np.linspace(-1.0, 1.0, 101), np.zeros(101)], axis=1)
    slopes = np.tile([3.0, 5.0], (101, 1))
    first, second = sensitivities(measured(x, x @ [3.0, 5.0], np.zeros(101), slopes))
    assert first.price_move == pytest.approx(3.0 * np.std(x[:, 0]))
    assert (second.price_move, first.error_move) == (0.0, 0.0)
