"""The command `report`, its options and its help."""

from pathlib import Path
from typing import Annotated

import typer

from neuralrates.cli.outcome import Outcome, reported


@reported
def report(
    bundle: Annotated[
        str,
        typer.Argument(help="Name of a shipped bundle, or a folder.", show_default=False),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="HTML file; NAME-dossier.html if not given.", show_default=False
        ),
    ] = None,
    pdf: Annotated[
        bool, typer.Option("--pdf", help="Print it to a PDF beside it, by Chromium or Chrome.")
    ] = False,
    points: Annotated[
        int, typer.Option("--points", min=100, help="Fresh points that the reference prices.")
    ] = 2000,
    key: Annotated[
        int, typer.Option("--key", min=0, max=2**32 - 1, help="Number that draws the points.")
    ] = 20_261_201,
    words: Annotated[
        Path | None,
        typer.Option(
            "--words",
            help="TOML file with your purpose, use, theory, limits and so on.",
            show_default=False,
        ),
    ] = None,
) -> Outcome:
    """Write a bundle's dossier for model risk: one HTML page, with fresh reference prices; exit code 1 where those contradict.

    \b
    Examples:
        neuralrates report bermudan
        neuralrates report bermudan --out bermudan.html --pdf
        neuralrates report mybundle --words mybundle.toml --points 10000
    """
    from neuralrates.cli import report as command

    return command.run(command.Request(bundle, out, pdf, points, key, words))
