"""What every test of a study stands on."""

import pytest


@pytest.fixture(scope="module", autouse=True)
def studies(root):
    """The checkout on the path."""
    patch = pytest.MonkeyPatch()
    patch.syspath_prepend(str(root))
    yield
    patch.undo()
