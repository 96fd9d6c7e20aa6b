"""A bundle's problem and surrogate built from its files, and held against the code as it is now."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np

from neuralrates.bundles.origins import check_registered
from neuralrates.certificates.certificate import Certificate
from neuralrates.core.archive import MANIFEST
from neuralrates.core.errors import InputError
from neuralrates.problems.catalogue import PROBLEMS
from neuralrates.problems.catalogue import load as load_problem
from neuralrates.problems.fingerprint import changed_part
from neuralrates.problems.problem import Problem
from neuralrates.surrogates.architectures import filled
from neuralrates.surrogates.registry import checked
from neuralrates.surrogates.surrogate import AbstractSurrogate, Stored, digest

CERTIFICATE = "certificate.json"


@runtime_checkable
class Manifest(Protocol):
    """What a bundle's manifest says."""

    surrogate: dict[str, Any]
    problem: dict[str, Any]
    modules: list[str]


def assembled(
    folder: Path,
    manifest: Manifest,
    arrays: Mapping[str, np.ndarray],
    certificate: Certificate,
) -> tuple[AbstractSurrogate, Problem]:
    """Surrogate and problem of a bundle.

    Args:
        folder: of the bundle
        manifest: what the bundle's says
        arrays: of the surrogate
        certificate: of the bundle

    Raises:
        InputError: where they are not what the certificate is of
    """
    try:
        check_registered(manifest.modules, manifest.surrogate, manifest.problem.get("name"))
    except InputError as error:
        raise InputError(error.expected, file=folder / MANIFEST) from None
    registered = _problem(folder, manifest.problem)
    made = _filled(folder, manifest.surrogate, arrays, registered)
    complaint = mismatch(made, registered, certificate)
    if complaint:
        raise InputError(f"the certificate {complaint}", file=folder / CERTIFICATE)
    return made, registered


def check_saved(surrogate: AbstractSurrogate, problem: Problem, certificate: Certificate) -> None:
    """Raise where the three cannot be kept together, as `save` says."""
    match surrogate:
        case Stored():
            checked(surrogate.record())
        case _:
            raise ValueError(f"Argument `surrogate` cannot be stored: {type(surrogate).__name__}.")
    if problem.name not in PROBLEMS:
        raise ValueError(
            f"Argument `problem` must be registered (nr.problems.register), but {problem.name} is not."
        )
    part = changed_part(load_problem(problem.name), problem.record())
    if part:
        raise ValueError(
            f"Argument `problem` must be the one registered as {problem.name}, but its {part} differs."
        )
    complaint = mismatch(surrogate, problem, certificate)
    if complaint:
        raise ValueError(f"Argument `certificate` {complaint}.")


def _problem(folder: Path, record: Mapping[str, Any]) -> Problem:
    """The registered problem that the manifest names, and describes as it is now."""
    name = record.get("name")
    if not isinstance(name, str) or name not in PROBLEMS:
        expected = (
            f"expected one of {tuple(PROBLEMS)}, or a problem that a module registers by nr.problems.register "
            f"(import it first), but it is {str(name)[:40]!r}"
        )
        raise InputError(expected, file=folder / MANIFEST, column="record.problem.name")
    problem = load_problem(name)
    part = changed_part(problem, record)
    if part:
        expected = f"expected what {name} is now"
        raise InputError(expected, file=folder / MANIFEST, column=f"record.problem.{part}")
    return problem


def _filled(
    folder: Path, record: Mapping[str, Any], arrays: Mapping[str, np.ndarray], problem: Problem
) -> AbstractSurrogate:
    """The surrogate that a record describes, with its arrays, on the baseline and between the bounds of its problem."""
    try:
        return filled(record, arrays, problem.baseline, problem.bounds)
    except InputError as error:
        raise InputError(error.expected, file=folder / MANIFEST, column=error.column) from None


def mismatch(surrogate: AbstractSurrogate, problem: Problem, certificate: Certificate) -> str:
    """Why the three do not belong together; empty where they do."""
    if certificate.surrogate != digest(surrogate):
        return "is of another surrogate"
    if certificate.problem["name"] != problem.name:
        return f"is of another problem, {certificate.problem['name']}"
    part = changed_part(problem, certificate.problem)
    if part in ("domain", "density"):
        return "is of another domain"
    if part:
        return f"is older than the problem {problem.name} as it is now: its {part} has changed"
    names = tuple(output.output for output in certificate.outputs)
    if names != problem.output_names[: len(names)]:
        return f"is of other outputs, {', '.join(names)}"
    if any(len(output.worst_point) != len(problem.domain.names) for output in certificate.outputs):
        return "is of points of another width"
    return ""
