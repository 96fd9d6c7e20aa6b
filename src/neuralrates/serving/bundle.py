"""Bundles: a surrogate with its problem and its certificate, on disk and checked on the way back."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from neuralrates.certificates.certificate import Certificate
from neuralrates.core.errors import InputError
from neuralrates.labels.archive import MANIFEST, read_archive, write_archive
from neuralrates.problems.catalogue import PROBLEMS
from neuralrates.problems.catalogue import load as load_problem
from neuralrates.problems.domain import Domain
from neuralrates.problems.problem import Problem
from neuralrates.serving.compiled_runtime import CompiledRuntime
from neuralrates.serving.onnx_graph import OnnxRuntime
from neuralrates.surrogates.anchored import Anchored
from neuralrates.surrogates.architectures import Stored, filled
from neuralrates.surrogates.network import Network
from neuralrates.surrogates.surrogate import AbstractSurrogate, digest, named_leaves

KIND = "bundle"
CERTIFICATE = "certificate.json"


@dataclass(frozen=True)
class Bundle:
    """A surrogate that may be served: nothing without a certificate gets in.

    Args:
        name: under which it is shown
        surrogate: raw inputs to raw outputs
        problem: its domain (the guard) and its reference (the fall-back)
        certificate: how far it may be trusted

    Example:
        >>> import neuralrates as nr
        >>> bundle = nr.serving.load("bermudan")
        >>> bundle.domain.names[-1], bundle.certificate.error_band < 1e-4
        ('strike_spread', True)
    """

    name: str
    surrogate: AbstractSurrogate
    problem: Problem
    certificate: Certificate

    @property
    def domain(self) -> Domain:
        """Where the certificate holds."""
        return self.problem.domain

    def runtime(self, num_threads: int = 1) -> OnnxRuntime | CompiledRuntime:
        """The surrogate ready to serve: networks in ONNX Runtime, all others compiled.

        Where the surrogate has no useful derivatives, the Jacobian is the reference's.
        """
        match self.surrogate:
            case Network():
                return OnnxRuntime(self.surrogate, num_threads)
        return CompiledRuntime(self.surrogate, self.problem)


def save(
    folder: str | Path, surrogate: AbstractSurrogate, problem: Problem, certificate: Certificate
) -> Bundle:
    """Write a bundle, whole or not at all; its name is the folder's.

    Args:
        folder: where to
        surrogate: certified
        problem: one of the catalogue
        certificate: of this surrogate on this problem

    Returns:
        The bundle.

    Raises:
        ValueError: where the certificate is another's, the catalogue lacks the problem, or the
            surrogate is of no kind that can be stored
    """
    folder = Path(folder)
    if not isinstance(surrogate, Stored):
        raise ValueError(f"Argument `surrogate` cannot be stored: {type(surrogate).__name__}.")
    if problem.name not in PROBLEMS:
        raise ValueError(
            f"Argument `problem` must be one of {tuple(PROBLEMS)}, not {problem.name}."
        )
    complaint = _mismatch(surrogate, problem, certificate)
    if complaint:
        raise ValueError(f"Argument `certificate` {complaint}.")
    record = {"kind": KIND, "surrogate": surrogate.record(), "problem": problem.record()}
    texts = {CERTIFICATE: certificate.to_json()}
    write_archive(folder, named_leaves(surrogate), record, texts)
    return Bundle(folder.name, surrogate, problem, certificate)


def load(name: str | Path) -> Bundle:
    """A bundle that the package ships, by name, or one in a folder.

    Args:
        name: one of `shipped()`, or a folder that `save` wrote

    Returns:
        The bundle, every file checked against its digest and the certificate against the surrogate.

    Raises:
        InputError: in one line, where anything is missing, altered, cut or does not belong together
    """
    folder = _shipped_folder() / str(name) if str(name) in shipped() else Path(name)
    if not folder.is_dir():
        known = ", ".join(shipped()) or "none"
        raise InputError(
            f"expected a bundle's folder or the name of a shipped one ({known})", file=name
        )
    arrays, record, texts = read_archive(folder, KIND)
    problem = load_problem(_known(folder, "problem", record["problem"]["name"], tuple(PROBLEMS)))
    surrogate = _filled(folder, record["surrogate"], arrays, problem)
    certificate = Certificate.from_json(texts.get(CERTIFICATE, ""))
    complaint = _mismatch(surrogate, problem, certificate)
    if complaint:
        raise InputError(f"the certificate {complaint}", file=folder / CERTIFICATE)
    return Bundle(folder.name, surrogate, problem, certificate)


def shipped() -> tuple[str, ...]:
    """Names of the bundles in the package."""
    folder = _shipped_folder()
    if not folder.is_dir():
        return ()
    return tuple(sorted(f.name for f in folder.iterdir() if (f / MANIFEST).is_file()))


def _shipped_folder() -> Path:
    return Path(str(resources.files("neuralrates.serving"))) / "bundles"


def _known(folder: Path, field: str, value: str, choices: tuple[str, ...]) -> str:
    if value not in choices:
        expected = f"expected one of {choices}, but it is {value!r}"
        raise InputError(expected, file=folder / MANIFEST, column=field)
    return value


def _filled(
    folder: Path, record: Mapping[str, Any], arrays: Mapping[str, np.ndarray], problem: Problem
) -> AbstractSurrogate:
    """The surrogate that a record describes, with its arrays; the anchor of an anchored one is its problem's."""
    if record["architecture"] == "anchored" and problem.anchor is not None:
        inner = {name.removeprefix(".network"): array for name, array in arrays.items()}
        return Anchored(problem.anchor, _filled(folder, record["network"], inner, problem))
    try:
        return filled(record, arrays)
    except InputError as error:
        raise InputError(error.expected, file=folder / MANIFEST, column=error.column) from None


def _mismatch(surrogate: AbstractSurrogate, problem: Problem, certificate: Certificate) -> str:
    """Why the three do not belong together; empty where they do."""
    if certificate.surrogate != digest(surrogate):
        return "is of another surrogate"
    if certificate.problem["name"] != problem.name:
        return f"is of another problem, {certificate.problem['name']}"
    if any(
        certificate.problem.get(part) != problem.record().get(part)
        for part in ("domain", "density")
    ):
        return "is of another domain"
    return ""
