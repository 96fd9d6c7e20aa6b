"""The dossiers of the shipped bundles, as `neuralrates report` writes them, into `docs/dossiers`.

    python -m benchmarks.dossiers                          # all; hours where a reference simulates, kept and gone on from
    python -m benchmarks.dossiers bermudan                 # some
    python -m benchmarks.dossiers --records                # how they were made and what they were measured against

Reference prices are kept under `build/dossiers`, so that a page is soon made again while points and problem are the same.
"""

import argparse
from pathlib import Path

from benchmarks.support.development import write
from rich.console import Console

import neuralrates as nr

ROOT = Path(__file__).resolve().parents[1]
PAGES, WORK = ROOT / "docs" / "dossiers", ROOT / "build" / "dossiers"
SIMULATED = {"forward_caplet": 200, "forward_swaption": 64}
"""Fresh points where the reference takes seconds a price."""
POINTS = 2_000
CONSOLE = Console()


def make(name: str) -> None:
    """The dossier of one bundle."""
    points = SIMULATED.get(name, POINTS)
    problem = nr.bundles.load(name).certificate.problem["name"]

    def say(done: int, total: int) -> None:
        CONSOLE.print(f"{name}: {done} of {total} reference prices")

    made = nr.bundles.write_dossier(
        name,
        PAGES / f"{name}.html",
        num_points=points,
        folder=WORK / f"{problem}-{points}",
        progress=say,
    )
    cover = made.coverage
    CONSOLE.print(f"{name}: {cover.within} of {cover.points} within their band")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="of shipped bundles; all if none is given")
    parser.add_argument("--records", action="store_true", help="write the records alone")
    asked = parser.parse_args()
    write()
    if not asked.records:
        PAGES.mkdir(exist_ok=True)
        for name in asked.names or nr.bundles.shipped():
            make(name)


if __name__ == "__main__":
    main()
