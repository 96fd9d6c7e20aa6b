"""JAX functions as graphs: rule by rule, and whole surrogates on their domains, held against JAX."""

import jax
import jax.numpy as jnp
import numpy as np
import onnx
import pytest

import neuralrates as nr
from neuralrates.bundles.runtimes.conversion.affine import of_result
from neuralrates.bundles.runtimes.conversion.program import program_of
from neuralrates.bundles.runtimes.conversion.rules import RULES
from neuralrates.bundles.runtimes.conversion.writer import Writer
from neuralrates.bundles.runtimes.export import check_graph, graph_of
from neuralrates.bundles.runtimes.graph import Graph, doubles, session
from neuralrates.core.errors import RefusalError
from neuralrates.core.functions import decay_integral, normal_distribution, polynomial

WIDTH = 6
POINTS = np.random.default_rng(0).normal(size=(50, WIDTH))


def run(function, points: np.ndarray) -> np.ndarray:
    """A function of one point, returning a vector, through its graph."""
    graph = Graph()
    writer = Writer(graph, {"x": WIDTH}, "x")
    (result,) = writer.run(program_of(function, (WIDTH,)), (of_result("x", WIDTH, (WIDTH,)),))
    graph.node("Identity", [writer.wide(result, everywhere=True)], "y")
    model = graph.model("f", {"x": doubles(WIDTH)}, {"y": doubles(result.size)})
    return session(model, 1).run(None, {"x": points})[0]


MATRIX = np.random.default_rng(1).normal(size=(WIDTH, 4))
PLACES = jnp.array([1, 3, 3])

FUNCTIONS = {
    "affine": lambda x: (x * 2.0 - 1.0) @ jnp.asarray(MATRIX) + 3.0,
    "products": lambda x: x[:3] * x[3:] / (2.0 + x[:3] ** 2) - x[::-1][:3] ** -2,
    "outer": lambda x: jnp.ravel(x[:, None] * x[None, :] + jnp.sum(x)),
    "contraction": lambda x: jnp.outer(x, x) @ jnp.tanh(x),
    "batches": lambda x: jnp.ravel(
        jnp.einsum("bij,bj->bi", x.reshape(2, 1, 3) * jnp.eye(3), x.reshape(2, 3))
    ),
    "bent": lambda x: jnp.concatenate([jnp.exp(x), jnp.log1p(x * x), jnp.sqrt(1.0 + x * x)]),
    "small": lambda x: jnp.concatenate([jnp.expm1(1e-9 * x), jnp.sin(x), jnp.cos(x)]),
    "normal": lambda x: normal_distribution(4.0 * x),
    "error function": lambda x: jnp.stack(
        [jax.scipy.special.erf(x), jax.scipy.special.erfc(x)]
    ).ravel(),
    "decay": lambda x: jax.vmap(lambda a: jax.grad(decay_integral)(a, 2.0))(x),
    "polynomial": lambda x: polynomial((1.0, -2.0, 0.5, 3.0), jnp.tanh(x)),
    "choice": lambda x: jnp.where((x > 0.0) & (x < 1.0) | (x < -1.0), x * x, 1.0 - x),
    "extremes": lambda x: jnp.stack([jnp.max(x), jnp.min(x), x[jnp.argmax(x)], x[0] * x[1]]),
    "bounds": lambda x: jnp.clip(x, -0.5, 0.5) + jnp.maximum(x, x[::-1]) + jnp.abs(x),
    "sums": lambda x: jnp.cumsum(x) + jnp.cumsum(x[::-1])[::-1],
    "fixed places": lambda x: jnp.zeros(5).at[PLACES].add(x[:3]) + x[PLACES[0]],
    "moving place": lambda x: jax.lax.dynamic_slice(
        x, (jnp.floor(jnp.abs(x[0])).astype(int),), (2,)
    ),
    "moving places": lambda x: x[jnp.floor(jnp.abs(x[:3])).astype(int)],
    "added": lambda x: jnp.zeros(WIDTH).at[jnp.floor(jnp.abs(x[:3])).astype(int)].add(x[3:]),
    "loop": lambda x: jax.lax.scan(lambda c, r: (jnp.tanh(c + r), c * r), x[0], x)[1],
    "counted": lambda x: jax.lax.fori_loop(0, 4, lambda k, v: jnp.sin(v) + k, x),
    "branches": lambda x: jax.lax.switch(
        jnp.argmax(x[:3]), [jnp.sin, lambda v: v * v[0], lambda v: 2.0 - v], x
    ),
    "all": lambda x: jnp.stack([jnp.all(x > -1.0), jnp.any(x > 2.0), ~jnp.all(x < 1.0)]).astype(
        float
    ),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_graph_says_what_jax_says(name: str) -> None:
    function = FUNCTIONS[name]
    with jax.numpy_dtype_promotion("standard"), jax.numpy_rank_promotion("allow"):
        right = np.asarray(jax.vmap(function)(jnp.asarray(POINTS)))
        found = run(function, POINTS)
    np.testing.assert_allclose(found, right, rtol=1e-12, atol=1e-14 * np.max(np.abs(right)))


def test_one_row_of_branches_is_the_row_of_many() -> None:
    found = np.concatenate([run(FUNCTIONS["branches"], row[None]) for row in POINTS[:5]])
    np.testing.assert_allclose(found, run(FUNCTIONS["branches"], POINTS)[:5], rtol=1e-15)


def test_normal_distribution_is_exact_to_rounding() -> None:
    """Against SciPy's: two terms of size one are added, each rounded."""
    from scipy.stats import norm

    x = np.linspace(-12.0, 12.0, 50 * WIDTH).reshape(50, WIDTH)
    found = run(normal_distribution, x)
    assert np.max(np.abs(found - norm.cdf(x))) < 1e-15


def test_what_has_no_rule_is_refused_by_name() -> None:
    with pytest.raises(RefusalError, match="`sort` has no rule"):
        run(jnp.sort, POINTS)
    with pytest.raises(RefusalError, match="length depends on the point"):
        run(lambda x: jax.lax.while_loop(lambda v: v[0] < 9.0, lambda v: v + 1.0, x), POINTS)
    assert "exp" in RULES


AXES = (nr.problems.Axis("rate", "decimal", -1.0, 1.0), nr.problems.Axis("time", "years", 0.5, 2.0))
DOMAIN = nr.problems.Domain(AXES)


def network() -> nr.surrogates.Network:
    unit = nr.surrogates.Scaling([0.0], [1.0])
    scaling = nr.surrogates.Scaling.from_bounds(DOMAIN.low, DOMAIN.high)
    return nr.surrogates.Network.random(scaling, unit, [8, 8], key=jax.random.key(0))


def test_a_graph_that_is_not_the_surrogate_is_refused() -> None:
    """Weights moved by one part in a thousand, and a domain that is larger than the problem's."""
    content = graph_of(network(), DOMAIN)
    check_graph(content, network(), DOMAIN)
    model = onnx.load_from_string(content)
    weights = max(model.graph.initializer, key=lambda one: len(one.raw_data))
    moved = onnx.numpy_helper.to_array(weights) * np.float32(1.001)
    weights.CopyFrom(onnx.numpy_helper.from_array(moved, weights.name))
    with pytest.raises(RefusalError, match="is off by"):
        check_graph(model.SerializeToString(), network(), DOMAIN)
    wider = nr.problems.Domain((nr.problems.Axis("rate", "decimal", -1.01, 1.0), AXES[1]))
    with pytest.raises(RefusalError, match="domain"):
        check_graph(content, network(), wider)


def test_a_surrogate_without_derivatives_has_no_graph() -> None:
    from neuralrates.surrogates.regressors.classical import DecisionTree

    x = np.linspace(-1.0, 1.0, 40)[:, None] * np.ones((1, 2))
    with pytest.raises(RefusalError, match="without derivatives"):
        graph_of(DecisionTree().fit(x, x[:, 0]), DOMAIN)


@pytest.mark.parametrize("name", nr.bundles.shipped())
def test_shipped_graphs_are_their_surrogates(name: str) -> None:
    """On random points of the domain, on its faces and just outside: the problem's verdict and JAX's numbers."""
    bundle = nr.bundles.load(name)
    assert bundle.graph is not None
    assert len(bundle.graph) < 5_000_000
    check_graph(bundle.graph, bundle.surrogate, bundle.domain)
