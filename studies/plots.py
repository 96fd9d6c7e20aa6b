"""Figures of the studies: SVG that is the same file for the same numbers."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402

plt.rcParams.update(
    {"svg.hashsalt": "neuralrates", "svg.fonttype": "none", "figure.figsize": (6.0, 3.6)}
)


def save(figures: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write figures, each under its name, and close them; the files of the folder, sorted."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, figure in figures.items():
        figure.tight_layout()
        figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
        plt.close(figure)
    return sorted(folder.glob("*.svg"))
