"""Prices as arrays: what the graph says inside the domain, nothing or the reference outside, JAX left alone."""

import subprocess
import sys

import jax.numpy as jnp
import numpy as np
import pytest

import neuralrates as nr

IN_A_NEW_PROCESS = """
import sys
import neuralrates as nr
bundle = nr.bundles.load(sys.argv[1])
axes = bundle.certificate.problem["domain"]
prices = bundle.price(list(bundle.certificate.outputs[0].worst_point))
assert prices.in_domain.tolist() == [True], prices
assert prices.value.shape == (1,) and prices.derivatives.shape == (1, len(axes))
print(*(name for name in ("jax", "equinox", "pandas", "optax") if name in sys.modules))
"""


@pytest.fixture(scope="module")
def bundle() -> nr.bundles.Bundle:
    return nr.bundles.load("bermudan")


@pytest.fixture(scope="module")
def points(bundle: nr.bundles.Bundle) -> np.ndarray:
    """Five in the domain; one just beyond its edge, by the spread of its strike."""
    worst = [output.worst_point for output in bundle.certificate.outputs]
    middle = 0.5 * (bundle.domain.low + bundle.domain.high)
    beyond = middle.copy()
    beyond[-1] = 0.0151
    return np.stack([*worst, middle, middle + 1e-4, beyond])


@pytest.mark.parametrize("name", nr.bundles.shipped())
def test_a_shipped_bundle_is_priced_without_jax(name: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", IN_A_NEW_PROCESS, name], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == ""


def test_outside_the_domain_there_is_no_price(bundle, points) -> None:
    prices = bundle.price(points)
    np.testing.assert_array_equal(prices.in_domain, [True] * (len(points) - 1) + [False])
    for numbers in prices[:3]:
        assert np.isfinite(numbers[:-1]).all()
        assert np.isnan(numbers[-1]).all()


def test_outside_the_domain_the_reference_answers_where_asked(bundle, points) -> None:
    served = nr.bundles.serve(bundle, points)
    prices = bundle.price(points, engine="auto")
    np.testing.assert_array_equal(prices.value, served.value)
    np.testing.assert_array_equal(prices.error_band, served.error_band)
    exact = float(bundle.problem(jnp.asarray(points[-1])).value)
    np.testing.assert_allclose(prices.value[-1], exact, atol=1e-12)


def test_one_row_is_the_row_of_many(bundle, points) -> None:
    many = bundle.price(points)
    for k, point in enumerate(points):
        one = bundle.price(point)
        for single, numbers in zip(one, many, strict=True):
            size = np.abs(numbers[:-1]).max()  # single precision: sums are in another order
            np.testing.assert_allclose(single[0], numbers[k], rtol=1e-6, atol=1e-6 * size)


def test_more_rows_than_one_part_holds(bundle, points) -> None:
    many = bundle.price(np.repeat(points[:1], 601, axis=0))
    assert many.value.shape == (601,)
    assert many.in_domain.all()
    np.testing.assert_allclose(many.value, bundle.price(points[:1]).value[0], rtol=1e-6)


def test_no_rows_and_no_numbers(bundle, points) -> None:
    assert bundle.price(np.zeros((0, 10))).derivatives.shape == (0, 10)
    broken = points[:1].copy()
    broken[0, 3] = np.nan
    prices = bundle.price(broken)
    assert not prices.in_domain[0]
    assert np.isnan(prices.value[0])


def test_results_of_one_call_are_not_those_of_the_next(bundle, points) -> None:
    first = bundle.price(points[0])
    kept = [numbers.copy() for numbers in first]
    bundle.price(points[1])
    for now, before in zip(first, kept, strict=True):
        np.testing.assert_array_equal(now, before)


def test_points_of_another_width_are_refused(bundle) -> None:
    with pytest.raises(ValueError, match="one column per input"):
        bundle.price(np.zeros((2, 3)))


def test_a_graph_that_was_altered_is_refused(bundle, tmp_path) -> None:
    nr.bundles.save(
        tmp_path / "mine", bundle.surrogate, bundle.problem, bundle.certificate, bundle.local
    )
    file = tmp_path / "mine" / "surrogate.onnx"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(nr.core.InputError, match="surrogate.onnx.*digest differs"):
        nr.bundles.load(tmp_path / "mine")
