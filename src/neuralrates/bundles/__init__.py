"""A surrogate with its problem and certificate on disk, and the runtimes that serve it.

Only what is certified is loaded; digests cover everything that changes a result. Files are written whole or not at all.
"""

from typing import TYPE_CHECKING

from neuralrates._lazy import attach

if TYPE_CHECKING:
    from neuralrates.bundles.bundle import Bundle as Bundle
    from neuralrates.bundles.bundle import load as load
    from neuralrates.bundles.bundle import shipped as shipped
    from neuralrates.bundles.dossier import write_dossier as write_dossier
    from neuralrates.bundles.forward_market import points_on_market as points_on_market
    from neuralrates.bundles.graphs import write_graph as write_graph
    from neuralrates.bundles.guard import serve as serve
    from neuralrates.bundles.points import price_points as price_points
    from neuralrates.bundles.prices import Priced as Priced
    from neuralrates.bundles.runtimes.onnx_graph import OnnxRuntime as OnnxRuntime
    from neuralrates.bundles.runtimes.onnx_graph import to_onnx as to_onnx
    from neuralrates.bundles.runtimes.sparse_runtime import SparseRuntime as SparseRuntime
    from neuralrates.bundles.saving import save as save

_WHERE = {
    "Bundle": "bundles.bundle",
    "Priced": "bundles.prices",
    "OnnxRuntime": "bundles.runtimes.onnx_graph",
    "SparseRuntime": "bundles.runtimes.sparse_runtime",
    "load": "bundles.bundle",
    "points_on_market": "bundles.forward_market",
    "price_points": "bundles.points",
    "save": "bundles.saving",
    "serve": "bundles.guard",
    "shipped": "bundles.bundle",
    "to_onnx": "bundles.runtimes.onnx_graph",
    "write_dossier": "bundles.dossier",
    "write_graph": "bundles.graphs",
}

__all__ = [*_WHERE]
if not TYPE_CHECKING:  # a checker that saw this would take any name for known
    __getattr__, __dir__ = attach(__name__, _WHERE)
