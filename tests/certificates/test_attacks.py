"""A search climbs to errors that a thousand random points do not show."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import neuralrates as nr
from certificates.european import PROBLEM, Dented
from neuralrates.certificates.attacks import candidates

unit = nr.core.basis_point


def bands(x):
    return np.full(len(x), 0.1 * unit)


@pytest.fixture(scope="module")
def found():
    return nr.certificates.attack(
        Dented(jnp.asarray(unit), 0.02),
        PROBLEM,
        bands,
        key=jax.random.key(3),
        starts=8,
        steps=12,
        screened=300,
    )


def test_a_basis_point_in_one_corner_is_found(found):
    """A dent of two percent of each axis lies within a point of a million draws; the search stands in it."""
    worst = found.findings[0]
    assert worst.error == pytest.approx(unit, rel=1e-3)
    low, high = PROBLEM.domain.low, PROBLEM.domain.high
    assert np.all((np.array(worst.point) - low) / (high - low) < 1e-3)
    assert worst.place == "face"
    assert worst.band == 0.1 * unit


def test_findings_are_in_the_domain_and_in_order(found):
    points = jnp.asarray([one.point for one in found.findings])
    assert bool(jnp.all(jax.vmap(PROBLEM.domain.contains)(points)))
    errors = [one.error for one in found.findings]
    assert errors == sorted(errors, reverse=True)


def test_climbing_ends_where_the_error_is_largest():
    """A slope of the error in the strike alone: every climb ends at its highest strike."""

    class Tilted(nr.surrogates.AbstractSurrogate):
        def __call__(self, x):
            return jnp.reshape(PROBLEM(x).value + 0.01 * x[2], (1,))

    found = nr.certificates.attack(
        Tilted(), PROBLEM, bands, key=jax.random.key(4), starts=4, steps=40, screened=8
    )
    assert found.findings[0].error == pytest.approx(0.01 * 0.05, rel=1e-6)


def test_candidates_lie_inside_just_inside_faces_and_in_corners():
    points = np.asarray(candidates(PROBLEM.domain, jax.random.key(0), 300))
    low, high = PROBLEM.domain.low, PROBLEM.domain.high
    share = (points - low) / (high - low)
    at_face = (share < 1e-6) | (share > 1.0 - 1e-6)
    assert np.all(share > 0.0)
    assert np.all(share < 1.0)
    assert at_face.all(axis=1).sum() >= 100
    assert (at_face.sum(axis=1) == 0).sum() >= 200
