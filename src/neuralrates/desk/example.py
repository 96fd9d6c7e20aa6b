"""The example: a small book and an illustrative market, shipped with the package."""

import shutil
from importlib import resources
from pathlib import Path

from neuralrates.core.files import atomic_path

BOOK, MARKET = "book.csv", "market.json"


def example_files() -> tuple[Path, Path]:
    """The example book and the market it is priced on.

    Example:
        >>> import neuralrates as nr
        >>> from neuralrates.desk.example import example_files
        >>> book, market = example_files()
        >>> len(nr.trades.load(book)), str(nr.market.load(market).valuation_date)
        (12, '2024-03-19')
    """
    folder = Path(str(resources.files("neuralrates.desk"))) / "example_files"
    return folder / BOOK, folder / MARKET


def copy_example(folder: str | Path) -> tuple[Path, Path]:
    """Copies of the example files in a folder, to be changed and priced again; files already there are kept.

    Args:
        folder: made where it is not there

    Returns:
        The book and the market in the folder.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    return tuple(_copy(file, folder / file.name) for file in example_files())  # type: ignore[return-value]


def _copy(source: Path, target: Path) -> Path:
    if not target.exists():
        with atomic_path(target) as temporary:
            shutil.copyfile(source, temporary)
    return target
