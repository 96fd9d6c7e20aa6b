"""Packages that only some uses need: an extra installs them, and where one is missing, one line says so."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from neuralrates.core.errors import RefusalError


@contextmanager
def extra(name: str) -> Iterator[None]:
    """A block that imports what an extra of the package installs, and nothing else.

    Args:
        name: of the extra, as `pyproject.toml` has it

    Raises:
        RefusalError: where a package is missing, with the command that installs it

    Example:
        >>> from neuralrates.core.extras import extra
        >>> with extra("search"):
        ...     import a_package_that_is_not_there
        Traceback (most recent call last):
        neuralrates.core.errors.RefusalError: This needs `a_package_that_is_not_there`: pip install 'neuralrates[search]'.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        needed = (error.name or "").partition(".")[0]
        raise RefusalError(f"This needs `{needed}`: pip install 'neuralrates[{name}]'.") from None


def is_installed(*packages: str) -> bool:
    """Whether all of some packages can be imported, without importing them."""
    return all(find_spec(package) is not None for package in packages)
