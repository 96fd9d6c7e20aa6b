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


def places(x, count: int, low: int, high: int):
    """Whole numbers from one below `low` to one above `high`, by the point."""
    whole, number = jnp.floor(jnp.abs(x[:count] * 1e3)), high - low + 3.0
    return low - 1 + (whole - number * jnp.floor((whole + 0.5) / number)).astype(int)


def table(x):
    """Three rows of four."""
    return jnp.outer(jnp.array([1.0, -2.0, 0.5]), x[:4]) + x[5]


GATHERS = {
    "rows and columns": lambda x: table(x)[places(x, 3, 1, 1), places(x, 3, 1, 2)],
    "of a vector, a table of places": lambda x: x[places(x, 6, 1, 4).reshape(2, 3)].ravel(),
    "whole rows": lambda x: table(x)[places(x, 2, 1, 1)].ravel(),
    "whole columns": lambda x: table(x)[:, places(x, 2, 1, 2)].ravel(),
    "counted from the end": lambda x: table(x)[places(x, 3, -2, -2), -places(x, 3, 2, 3)],
    "filled": lambda x: jnp.nan_to_num(
        table(x).at[places(x, 4, 0, 3), places(x, 4, -1, 4)].get(mode="fill"), nan=7.0
    ),
    "filled with a number": lambda x: x.at[places(x, 5, 3, 8)].get(mode="fill", fill_value=-3.0),
    "clipped": lambda x: table(x).at[places(x, 5, 0, 5), places(x, 5, -2, 6)].get(mode="clip"),
    "fixed and outside": lambda x: jnp.nan_to_num(
        table(x).at[jnp.array([0, 2, 9, -1]), jnp.array([3, -4, 1, 2])].get(mode="fill"), nan=5.0
    ),
    "fixed and clipped": lambda x: (
        table(x).at[jnp.array([0, 9]), jnp.array([7, 1])].get(mode="clip")
    ),
    "a table of powers": lambda x: jnp.prod(
        jnp.stack([jnp.ones(4), x[:4], x[:4] ** 2])[
            jnp.array([[0, 1, 2, 0], [2, 0, 0, 1], [1, 1, 0, 0]]), jnp.arange(4)[None, :]
        ]
        + 0.0,
        axis=1,
    ),
    "a slice along two axes": lambda x: jax.lax.dynamic_slice(
        table(x), tuple(places(x, 2, 0, 4)), (2, 3)
    ).ravel(),
    "each of its row": lambda x: jax.vmap(lambda row, k: row[k])(table(x), places(x, 3, 1, 2)),
    "along an axis": lambda x: jnp.take_along_axis(
        table(x), places(x, 6, 1, 2).reshape(3, 2), axis=1
    ).ravel(),
    "a slice put": lambda x: jax.lax.dynamic_update_slice(
        table(x), x[:4].reshape(2, 2), tuple(places(x[2:], 2, 0, 4))
    ).ravel(),
    "put, outside left out": lambda x: (
        jnp.ones((3, 4)).at[places(x, 1, -1, 3), places(x[1:], 1, 0, 5)].set(x[:1]).ravel()
    ),
    "added, outside left out": lambda x: (
        table(x).at[places(x, 6, -1, 3), places(x[::-1], 6, -2, 5)].add(x).ravel()
    ),
    "added, clipped": lambda x: jnp.zeros(4).at[places(x, 6, -2, 7)].add(x, mode="clip"),
    "one number put and one taken": lambda x: (
        x.at[places(x, 1, 1, 4)[0]].set(2.0 * x[1]) + x[places(x[1:], 1, 0, 5)[0]]
    ),
    "rows added": lambda x: table(x).at[places(x, 2, 0, 2)].add(x[:4][None, :]).ravel(),
    "each added to its row": lambda x: jax.vmap(lambda row, k, more: row.at[k].add(more))(
        table(x), places(x, 3, -1, 4), x[:3]
    ).ravel(),
}

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


FUNCTIONS |= {
    "other order": lambda x: jax.lax.reshape(x.reshape(2, 3), (6,), (1, 0)) * 2.0,
    "product's slopes": lambda x: jax.grad(lambda y: jnp.sum(jnp.prod(y.reshape(2, 3), axis=1)))(x),
}


@pytest.mark.parametrize("name", [name for name in GATHERS if name != "a table of powers"])
def test_a_graph_takes_and_puts_where_jax_does(name: str) -> None:
    """Values, and the reverse sweep, which puts where the function takes."""
    with jax.numpy_dtype_promotion("standard"), jax.numpy_rank_promotion("allow"):
        function = GATHERS[name]
        slopes = jax.grad(lambda x: jnp.sum(function(x) * jnp.cos(jnp.sum(x))))
        for one in (function, slopes):
            right = np.asarray(jax.vmap(one)(jnp.asarray(POINTS)))
            np.testing.assert_allclose(run(one, POINTS), right, rtol=1e-12, atol=1e-12)


def test_slopes_of_a_table_of_powers() -> None:
    function = GATHERS["a table of powers"]
    with jax.numpy_dtype_promotion("standard"), jax.numpy_rank_promotion("allow"):
        both = jax.grad(lambda x: jnp.sum(function(x)))
        right = np.asarray(jax.vmap(both)(jnp.asarray(POINTS)))
        np.testing.assert_allclose(run(both, POINTS), right, rtol=1e-12, atol=1e-13)


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
