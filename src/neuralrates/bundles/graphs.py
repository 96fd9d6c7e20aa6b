"""Graphs of bundles that have none yet, or that were made by older code: `python -m neuralrates.bundles.graphs FOLDER ...`."""

import sys
from pathlib import Path

from neuralrates.bundles.bundle import CERTIFICATE, GRAPH, load
from neuralrates.bundles.local import LOCAL
from neuralrates.bundles.runtimes.export import graph_of
from neuralrates.bundles.saving import manifest_record
from neuralrates.core.archive import write_archive
from neuralrates.core.doors import door
from neuralrates.surrogates.surrogate import named_leaves


@door
def write_graph(folder: str | Path) -> int:
    """Write the graph of a bundle beside its arrays, checked against JAX; nothing else of the bundle changes.

    Args:
        folder: what `save` wrote

    Returns:
        Size of the graph in bytes.

    Raises:
        RefusalError: where the surrogate has no graph
        InputError: where the folder is no bundle
    """
    folder = Path(folder)
    bundle = load(folder)
    graph = graph_of(bundle.surrogate, bundle.domain)
    arrays = named_leaves(bundle.surrogate)
    described = bundle.surrogate.record()  # type: ignore[attr-defined]
    record = manifest_record(described, bundle.problem) | {"arrays": [*arrays]}
    kept = [name for name in (CERTIFICATE, LOCAL) if (folder / name).is_file()]
    texts = {name: (folder / name).read_text() for name in kept}
    write_archive(folder, arrays, record, texts, {GRAPH: graph})
    return len(graph)


if __name__ == "__main__":
    for path in sys.argv[1:]:
        print(f"{path}: {write_graph(path):,} bytes")
