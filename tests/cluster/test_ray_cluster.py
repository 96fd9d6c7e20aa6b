"""What Ray raises is told as it is, but for a connection that is lost."""

import pytest

from neuralrates.cluster.ray_cluster import _answered
from neuralrates.core.errors import RefusalError

grpc = pytest.importorskip("grpc", reason="the cluster extra is not installed")
exceptions = pytest.importorskip("ray.exceptions", reason="the cluster extra is not installed")


class TaskError(exceptions.RayError, ConnectionError):
    """Of a task that raised an error of a connection: Ray makes such of both types."""


def raising(error):
    def call():
        raise error

    return call


@pytest.mark.parametrize(
    "error",
    [
        ConnectionError("GRPC connection failed"),
        ConnectionAbortedError("Initialization failure from server"),
        grpc.RpcError(),
        Exception("Ray Client is not connected. Please connect by calling `ray.init`."),
    ],
)
def test_a_lost_connection_is_a_refusal(error):
    with pytest.raises(RefusalError, match="does not answer any more; finished shards are kept"):
        _answered(raising(error))


@pytest.mark.parametrize(
    "error",
    [TypeError("cannot pickle a lock"), MemoryError("no memory"), TaskError("no market data")],
)
def test_what_is_no_lost_connection_is_told_as_it_is(error):
    with pytest.raises(type(error), match=str(error)):
        _answered(raising(error))


def test_answers_are_passed_on():
    assert _answered(divmod, 7, 2) == (3, 1)
