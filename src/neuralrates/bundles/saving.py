"""Bundles written: what may be served, with its graph."""

import warnings
from pathlib import Path
from typing import Any

from neuralrates.bundles.assembly import check_saved
from neuralrates.bundles.bundle import CERTIFICATE, GRAPH, KIND, Bundle
from neuralrates.bundles.local import LOCAL, mismatch_of_served, to_text
from neuralrates.bundles.origins import modules_of
from neuralrates.certificates.certificate import Certificate
from neuralrates.certificates.served import Served
from neuralrates.core.archive import write_archive
from neuralrates.core.doors import door
from neuralrates.core.errors import RefusalError
from neuralrates.core.extras import is_installed
from neuralrates.problems.problem import Problem
from neuralrates.surrogates.surrogate import AbstractSurrogate, named_leaves

_BARE = Served()


@door
def save(
    folder: str | Path,
    surrogate: AbstractSurrogate,
    problem: Problem,
    certificate: Certificate,
    served: Served = _BARE,
) -> Bundle:
    """Write a bundle, whole or not at all; its name is the folder's.

    With it goes its graph, without which it is served by JAX and no other program reads it. A surrogate without derivatives has
    none; where another cannot have one, or the extra `onnx` is not installed, a warning says why.

    Args:
        folder: where to
        surrogate: certified
        problem: registered
        certificate: of this surrogate on this problem
        served: band and nearness that the certificate was made with

    Returns:
        The bundle.

    Raises:
        InputError: where the certificate holds no band, or one that is no positive number, or the architecture of the
            surrogate is not registered
        ValueError: where the certificate is another's, the problem is not registered, or the surrogate cannot be stored
    """
    folder = Path(folder)
    check_saved(surrogate, problem, certificate)
    arrays, described = named_leaves(surrogate), surrogate.record()  # type: ignore[attr-defined]
    record = manifest_record(described, problem)
    complaint = mismatch_of_served(served, certificate.headline)
    if complaint:
        raise ValueError(f"Argument `certificate` {complaint}.")
    texts = {CERTIFICATE: certificate.to_json()}
    texts |= {} if served == _BARE else {LOCAL: to_text(served)}
    Certificate.from_json(texts[CERTIFICATE])
    graph = _graph(surrogate, problem, folder.name)
    graphs = {} if graph is None else {GRAPH: graph}
    write_archive(folder, arrays, record | {"arrays": [*arrays]}, texts, graphs)
    return Bundle(
        folder.name,
        certificate.headline,
        lambda: certificate,
        lambda: (surrogate, problem),
        graph,
        served,
    )


def manifest_record(surrogate: dict[str, Any], problem: Problem) -> dict[str, Any]:
    """What the manifest of a bundle says, but for its arrays."""
    record: dict[str, Any] = {"kind": KIND, "surrogate": surrogate, "problem": problem.record()}
    modules = modules_of(surrogate, problem.name)
    return record | ({"modules": modules} if modules else {})


def _graph(surrogate: AbstractSurrogate, problem: Problem, name: str) -> bytes | None:
    """The surrogate as a graph, if it can have one."""
    if not surrogate.differentiable:
        return None
    reason = "the extra `onnx` is not installed"
    if is_installed("onnx", "onnxruntime"):
        from neuralrates.bundles.runtimes.export import graph_of

        try:
            return graph_of(surrogate, problem.domain)
        except RefusalError as error:
            reason = str(error)
    warnings.warn(f"Bundle {name!r} has no graph and is served by JAX: {reason}", stacklevel=3)
    return None
