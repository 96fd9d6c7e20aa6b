"""A server in this process, with the small bundle."""

import pytest

import neuralrates as nr
from neuralrates.server.settings import Settings

pytest.importorskip("fastapi", reason="the server extra is not installed")
pytest.importorskip("orjson", reason="the server extra is not installed")

from fastapi.testclient import TestClient  # noqa: E402


def client_of(**settings):
    """A client of a server of its own; what goes wrong inside is an answer, as it is for users."""
    application = nr.server.create(
        Settings(**{"bundles": ("bermudan",), "timeout": 600.0} | settings)
    )
    return TestClient(application, raise_server_exceptions=False)


@pytest.fixture(scope="session")
def serving():
    return client_of


@pytest.fixture(scope="session")
def client():
    return client_of()


@pytest.fixture(scope="session")
def bundle():
    return nr.bundles.load("bermudan")


@pytest.fixture(scope="session")
def points(bundle):
    """Three points of the domain, not alike, as plain rows."""
    low, high = bundle.domain.low, bundle.domain.high
    return [(low + weight * (high - low)).tolist() for weight in (0.4, 0.5, 0.6)]
