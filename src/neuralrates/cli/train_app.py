"""The command `train`, its options and its help."""

from pathlib import Path
from typing import Annotated

import typer

from neuralrates.cli.options import Json
from neuralrates.cli.outcome import Outcome, reported


@reported
def train(
    labels: Annotated[
        Path, typer.Argument(help="Folder of Labels.save or of `labels`.", show_default=False)
    ],
    surrogate: Annotated[
        str, typer.Option("--surrogate", help="Method, such as ridge or network.")
    ] = "ridge",
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="A setting of the method, such as degree=4; repeat for more."),
    ] = None,
    held_out: Annotated[
        float, typer.Option("--held-out", min=0.01, max=0.9, help="Share of samples measured on.")
    ] = 0.2,
    seed: Annotated[
        int, typer.Option("--seed", min=0, max=2**63 - 1, help="Of the split and of the method.")
    ] = 0,
    problem: Annotated[
        str, typer.Option("--problem", help="Certify on this problem of the catalogue.")
    ] = "",
    points: Annotated[
        int, typer.Option("--points", min=459, help="Fresh points of the certificate.")
    ] = 1000,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder of the bundle; needs --problem.", show_default=False),
    ] = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            "--checkpoint", help="Folder that a network goes on from.", show_default=False
        ),
    ] = None,
    as_json: Json = False,
) -> Outcome:
    """Fit a regression or a network to labels, measure it on samples held out, and bundle it with a certificate.

    A network streams a store of labels from disk, and goes on from its checkpoint: killed at any moment it ends with the same
    weights.

    \b
    Surrogates:
        nearest_neighbours, linear, ridge, lasso, support_vectors, decision_tree, random_forest,
        boosted_trees, perceptron, gaussian_process, histogram_boosting, network

    \b
    Examples:
        neuralrates train labels --surrogate ridge
        neuralrates train labels --surrogate ridge --set degree=4 --set penalty=0.001
        neuralrates train labels --surrogate gaussian_process --problem ten_year_bermudan_receiver --out mine
        neuralrates train labels --surrogate network --set steps=100000 --set neurons=64 --checkpoint run
    """
    from neuralrates.cli import train

    request = train.Request(labels, surrogate, tuple(settings or ()), held_out, seed, checkpoint)
    return train.run(request, problem, points, out, as_json=as_json)
