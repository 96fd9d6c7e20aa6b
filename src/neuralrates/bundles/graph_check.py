"""Whether the graph that prices is that of the surrogate which the certificate is about."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from neuralrates.core.errors import InputError
from neuralrates.core.units import ROUNDING, basis_point

if TYPE_CHECKING:
    from neuralrates.bundles.bundle import Bundle

_SHARE = 0.1
"""Of the band: how far graph and surrogate may be apart, as one may compute in single precision."""
_POINTS = 1000


def check_graph(bundle: "Bundle", file: Path) -> None:
    """Raise where the graph has other prices than the surrogate at the points that the certificate keeps.

    These are its probes, whose prices by the surrogate it states, and without those its worst points.

    Args:
        bundle: with a graph
        file: of the graph, which the message names

    Raises:
        InputError: where the graph does not run, or is another's
    """
    evidence = bundle.certificate.evidence
    if evidence is not None and evidence.probes:
        x = np.array([probe.point for probe in evidence.probes])
        right = np.array([probe.surrogate for probe in evidence.probes])
    else:
        x = np.array([output.worst_point for output in bundle.certificate.outputs])
        right = _by_surrogate(bundle, x)
    try:
        assert bundle.served is not None
        found = bundle.served.judged(np.ascontiguousarray(x))
    except Exception as error:  # whatever is wrong with a graph that somebody wrote
        raise InputError(f"expected a graph that prices points: {error}", file=file) from None
    apart = np.abs(found.value - right)
    if not np.all(apart <= max(_SHARE * bundle.error_band, ROUNDING)):
        raise InputError(
            "the graph is of another surrogate than the certificate: at points that it keeps their prices differ by up to "
            f"{float(np.max(apart)) / basis_point:.4g} bp",
            file=file,
        )


def graph_complaint(bundle: "Bundle", key: int) -> str:
    """What a certificate repeated must say of the graph: how far its prices are from the surrogate's; empty where they agree.

    Args:
        bundle: with or without a graph
        key: number that draws the points
    """
    if bundle.served is None:
        return ""
    import jax

    x = np.asarray(bundle.domain.sample(jax.random.key(key), _POINTS))
    found = bundle.served.judged(x)
    apart = np.abs(found.value - _by_surrogate(bundle, x))[found.inside]
    if found.inside.any() and np.all(apart <= max(_SHARE * bundle.error_band, ROUNDING)):
        return ""
    return (
        "prices come from a graph that is not the certified surrogate's: they differ by up to "
        f"{float(np.max(apart, initial=0.0)) / basis_point:.4g} bp, and {np.mean(found.inside):.0%} of the points lie in its "
        "domain"
    )


def _by_surrogate(bundle: "Bundle", x: np.ndarray) -> np.ndarray:
    """Prices by the certified arrays."""
    import jax.numpy as jnp

    from neuralrates.certificates.certification import predict

    return np.asarray(predict(bundle.surrogate, jnp.asarray(x), slopes=False).value)[:, 0]
