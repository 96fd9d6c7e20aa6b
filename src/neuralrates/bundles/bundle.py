"""Bundles: a surrogate with its problem and its certificate, on disk and checked on the way back."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field, ValidationError

from neuralrates.bundles.origins import ModuleName, check_registered, modules_of
from neuralrates.bundles.runtimes.compiled_runtime import CompiledRuntime
from neuralrates.bundles.runtimes.runtime import Runtime
from neuralrates.certificates.certificate import Certificate
from neuralrates.core.archive import MANIFEST, read_archive, write_archive
from neuralrates.core.doors import door
from neuralrates.core.errors import InputError
from neuralrates.core.extras import is_installed
from neuralrates.core.schema import Strict, first_fault
from neuralrates.core.strict_json import parse_json
from neuralrates.problems.catalogue import PROBLEMS
from neuralrates.problems.catalogue import load as load_problem
from neuralrates.problems.domain import Domain
from neuralrates.problems.fingerprint import changed_part
from neuralrates.problems.problem import Problem
from neuralrates.surrogates.architectures import filled
from neuralrates.surrogates.networks.network import Network
from neuralrates.surrogates.registry import checked
from neuralrates.surrogates.surrogate import AbstractSurrogate, Stored, digest, named_leaves

KIND = "bundle"
CERTIFICATE = "certificate.json"


class _Record(Strict):
    """What the manifest of a bundle says."""

    kind: Literal["bundle"]
    surrogate: dict[str, Any]
    problem: dict[str, Any]
    modules: list[ModuleName] = Field([], max_length=20)


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
        >>> bundle = nr.bundles.load("bermudan")
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

    def runtime(self, num_threads: int = 1) -> Runtime:
        """The surrogate ready to serve: networks in ONNX Runtime, all others compiled; all compiled without the extra `onnx`.

        Where the surrogate has no useful derivatives, the Jacobian is the reference's.
        """
        match self.surrogate:
            case Network() if is_installed("onnx", "onnxruntime"):
                from neuralrates.bundles.runtimes.onnx_graph import OnnxRuntime

                return OnnxRuntime(self.surrogate, num_threads)
        return CompiledRuntime(self.surrogate, self.problem)


@door
def save(
    folder: str | Path, surrogate: AbstractSurrogate, problem: Problem, certificate: Certificate
) -> Bundle:
    """Write a bundle, whole or not at all; its name is the folder's.

    Args:
        folder: where to
        surrogate: certified
        problem: registered
        certificate: of this surrogate on this problem

    Returns:
        The bundle.

    Raises:
        InputError: where the certificate holds no band, or one that is no positive number, or the architecture of the
            surrogate is not registered
        ValueError: where the certificate is another's, the problem is not registered, or the surrogate cannot be stored
    """
    folder = Path(folder)
    if not isinstance(surrogate, Stored):
        raise ValueError(f"Argument `surrogate` cannot be stored: {type(surrogate).__name__}.")
    checked(surrogate.record())
    if problem.name not in PROBLEMS:
        raise ValueError(
            f"Argument `problem` must be registered (nr.problems.register), but {problem.name} is not."
        )
    part = changed_part(load_problem(problem.name), problem.record())
    if part:
        raise ValueError(
            f"Argument `problem` must be the one registered as {problem.name}, but its {part} differs."
        )
    complaint = _mismatch(surrogate, problem, certificate)
    if complaint:
        raise ValueError(f"Argument `certificate` {complaint}.")
    record: dict[str, Any] = {
        "kind": KIND,
        "surrogate": surrogate.record(),
        "problem": problem.record(),
    }
    if modules := modules_of(surrogate.record(), problem.name):
        record["modules"] = modules
    texts = {CERTIFICATE: certificate.to_json()}
    Certificate.from_json(texts[CERTIFICATE])
    write_archive(folder, named_leaves(surrogate), record, texts)
    return Bundle(folder.name, surrogate, problem, certificate)


@door
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
    if not _is_folder(folder):
        known = ", ".join(shipped()) or "none"
        raise InputError(
            f"expected a bundle's folder or the name of a shipped one ({known})", file=name
        )
    arrays, record, texts = read_archive(folder, KIND)
    manifest = _manifest(folder, record)
    _check_registered(folder, manifest)
    problem = _problem(folder, manifest.problem)
    surrogate = _filled(folder, manifest.surrogate, arrays, problem)
    certificate = _certificate(folder, texts)
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
    return Path(str(resources.files("neuralrates.bundles"))) / "shipped"


def _is_folder(folder: Path) -> bool:
    try:
        return folder.is_dir()
    except (OSError, ValueError):
        return False


def _manifest(folder: Path, record: Mapping[str, Any]) -> _Record:
    """What the manifest says, each field of the type it must have."""
    try:
        return _Record.model_validate(record)
    except ValidationError as error:
        fault = first_fault(error, "record")
        raise InputError(fault.expected, file=folder / MANIFEST, column=fault.column) from None


def _check_registered(folder: Path, manifest: _Record) -> None:
    try:
        check_registered(manifest.modules, manifest.surrogate, manifest.problem.get("name"))
    except InputError as error:
        raise InputError(error.expected, file=folder / MANIFEST) from None


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


def _certificate(folder: Path, texts: Mapping[str, str]) -> Certificate:
    file = folder / CERTIFICATE
    if CERTIFICATE not in texts:
        raise InputError("expected a certificate, found none", file=file)
    parse_json(texts[CERTIFICATE], file)
    try:
        return Certificate.from_json(texts[CERTIFICATE])
    except InputError as error:
        raise InputError(error.expected, file=file, column=error.column) from None


def _filled(
    folder: Path, record: Mapping[str, Any], arrays: Mapping[str, np.ndarray], problem: Problem
) -> AbstractSurrogate:
    """The surrogate that a record describes, with its arrays, on the baseline of its problem."""
    try:
        return filled(record, arrays, problem.baseline)
    except InputError as error:
        raise InputError(error.expected, file=folder / MANIFEST, column=error.column) from None


def _mismatch(surrogate: AbstractSurrogate, problem: Problem, certificate: Certificate) -> str:
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
