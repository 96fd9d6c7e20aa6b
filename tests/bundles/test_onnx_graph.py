"""The hand-written graph gives the values and Jacobians that JAX gives."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import neuralrates as nr


def make_network(activation, widths=(16, 24, 16)):
    inputs = nr.surrogates.Scaling.from_bounds([0.0, 10.0, -1.0, 1e-3], [1.0, 20.0, 1.0, 2e-3])
    outputs = nr.surrogates.Scaling([0.05, -3.0], [0.03, 4.0])
    return nr.surrogates.Network.random(
        inputs, outputs, widths, key=jax.random.key(0), activation=activation
    )


def make_points(network, num_points=200):
    unit = jax.random.uniform(jax.random.key(1), (num_points, 4), minval=-1.2, maxval=1.2)
    return jax.vmap(network.input_scaling.inverse)(unit)


@pytest.mark.parametrize("activation", ["silu", "tanh", "relu"])
@pytest.mark.parametrize("widths", [(16, 24, 16), (8,)])
def test_values_and_jacobians_equal_jax(activation, widths):
    network = make_network(activation, widths)
    x = make_points(network)
    value, jacobian = nr.bundles.OnnxRuntime(network)(np.asarray(x))
    assert value.dtype == jacobian.dtype == np.float64
    expected = jax.vmap(network)(x)
    slopes = jax.vmap(jax.jacrev(network))(x)
    np.testing.assert_allclose(value, expected, rtol=1e-12, atol=1e-12)
    scale = np.mean(np.abs(slopes), axis=0)
    assert np.max(np.abs(jacobian - slopes) / scale) < 1e-12


def test_value_alone_is_the_same():
    network = make_network("silu")
    runtime = nr.bundles.OnnxRuntime(network)
    x = np.asarray(make_points(network))
    np.testing.assert_allclose(runtime.value(x), runtime(x)[0], rtol=1e-14)
    np.testing.assert_allclose(runtime.value(x[:1]), runtime.value(x)[:1], rtol=1e-13)


def test_the_graph_uses_only_operators_with_float64_kernels():
    graph = nr.bundles.to_onnx(make_network("silu")).graph
    used = {node.op_type for node in graph.node}
    assert used <= {"Gemm", "MatMul", "Mul", "Add", "Sub", "Sigmoid", "Tanh", "Unsqueeze"}
    assert jnp.float64 == jnp.dtype(make_network("silu").layers[0].weight.dtype)
