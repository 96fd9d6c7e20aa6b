"""Modules of a user's own that a bundle needs: named in its manifest, never imported because it names them."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from neuralrates.core.errors import InputError
from neuralrates.problems.catalogue import PROBLEMS
from neuralrates.surrogates.registry import ARCHITECTURES

_SHOWN = 40


def modules_of(surrogate: Mapping[str, Any], problem: str) -> list[str]:
    """Modules outside the package that registered a problem and the architectures of a surrogate.

    Args:
        surrogate: its record
        problem: its name

    Returns:
        Their names, as `import` knows them; that of a script is its file's.
    """
    makers = [PROBLEMS[problem], *(ARCHITECTURES[name] for name in _architectures(surrogate))]
    names = (_module(getattr(maker, "func", maker)) for maker in makers)
    return sorted({name for name in names if name and name.split(".")[0] != "neuralrates"})


def check_registered(modules: list[str], surrogate: Mapping[str, Any], problem: object) -> None:
    """Raise where a bundle needs what its own modules register and none has registered yet.

    Args:
        modules: that the manifest names
        surrogate: record of the surrogate
        problem: name of the problem, as the manifest has it

    Raises:
        InputError: saying which modules to import
    """
    unknown = [name[:_SHOWN] for name in _architectures(surrogate) if name not in ARCHITECTURES]
    unknown += [str(problem)[:_SHOWN]] if str(problem) not in PROBLEMS else []
    if not modules or not unknown:
        return
    several = ", ".join(modules)
    raise InputError(
        f"expected {' and '.join(unknown)} to be registered: where you trust it, import {several} first (for the command line: "
        f"NEURALRATES_MODULES={several.replace(' ', '')}, and its folder in PYTHONPATH)"
    )


def _architectures(record: Mapping[str, Any]) -> Iterator[str]:
    """Names of the architectures in a record."""
    name = record.get("architecture")
    if isinstance(name, str):
        yield name
    for inner in record.values():
        if isinstance(inner, Mapping):
            yield from _architectures(inner)


def _module(maker: Any) -> str:
    name = str(getattr(maker, "__module__", ""))
    if name != "__main__":
        return name
    return Path(getattr(sys.modules[name], "__file__", None) or "").stem
