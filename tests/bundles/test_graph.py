"""Constants of a graph: kept small in the file, the same when a session has begun."""

import numpy as np
import pytest

from neuralrates.bundles.runtimes.graph import Graph, doubles, session

RANDOM = np.random.default_rng(5)


def times(matrix: np.ndarray) -> bytes:
    """The file of a product with a matrix."""
    graph = Graph()
    graph.node("MatMul", ["x", graph.constant(matrix)], "y")
    model = graph.model("product", {"x": doubles(matrix.shape[0])}, {"y": doubles(matrix.shape[1])})
    (found,) = session(model, 1).run(None, {"x": np.eye(matrix.shape[0])})
    np.testing.assert_array_equal(found, matrix)
    return model.SerializeToString()


@pytest.mark.parametrize("rounded", [False, True], ids=["double", "single"])
def test_a_sparse_matrix_takes_the_room_of_what_it_holds(rounded: bool) -> None:
    """Twelve bytes, or eight, for each of 200 numbers in 20,000; names and nodes take less than a kilobyte."""
    matrix, places = np.zeros((100, 200)), RANDOM.choice(20_000, 200, replace=False)
    numbers = RANDOM.normal(size=200)
    matrix.ravel()[places] = numbers.astype(np.float32) if rounded else numbers
    assert len(times(matrix)) < 200 * (8 if rounded else 12) + 1000


def test_a_full_matrix_stays_as_it_is_and_a_matrix_of_nothing_is_nothing() -> None:
    assert 8 * 20_000 <= len(times(RANDOM.normal(size=(100, 200)))) < 8 * 20_000 + 500
    assert len(times(np.zeros((100, 200)))) < 1000
