"""The commands `certify` and `attack`, their options and their help."""

from pathlib import Path
from typing import Annotated

import typer

from neuralrates.cli.exposure_app import exposure
from neuralrates.cli.labels_app import labels
from neuralrates.cli.outcome import Outcome, reported
from neuralrates.cli.report_app import report
from neuralrates.cli.serve_app import serve

BundleName = Annotated[str, typer.Argument(help="A bundle: its name or its folder.")]
Seed = Annotated[int, typer.Option("--seed", min=0, max=2**63 - 1, help="Of the points.")]
OutFile = Annotated[
    Path | None,
    typer.Option("--out", help="Write the certificate to this JSON file.", show_default=False),
]


@reported
def certify(
    bundle: BundleName,
    samples: Annotated[int, typer.Option("--samples", min=500, help="Fresh points.")] = 2000,
    seed: Seed = 1,
    out: OutFile = None,
) -> Outcome:
    """Measure a bundle again at fresh points, and say whether what its certificate states holds.

    \b
    Exit code 1 where it does not: a band or a statement that the points contradict with a confidence of 99.9 percent, a
    reference or a surrogate with another price than it had, another digest.

    \b
    Examples:
        neuralrates certify bermudan
        neuralrates certify my-bundle --samples 20000 --out certificate.json
    """
    from neuralrates.cli import certify as command

    return command.run(bundle, samples, seed, out)


@reported
def attack(
    bundle: BundleName,
    starts: Annotated[int, typer.Option("--starts", min=1, help="Points to climb from.")] = 32,
    steps: Annotated[int, typer.Option("--steps", min=1, help="Steps of each climb.")] = 25,
    seed: Seed = 1,
    out: OutFile = None,
) -> Outcome:
    """Search a bundle's domain for the largest errors, in its midst and just inside its faces.

    The certificate that is written holds what was found.

    \b
    Examples:
        neuralrates attack bermudan
        neuralrates attack my-bundle --starts 64 --steps 60 --out certificate.json
    """
    from neuralrates.cli import attack as command

    return command.run(bundle, starts, steps, seed, out)


BUNDLE_COMMANDS = (exposure, serve, certify, attack, report, labels)
"""Commands of modules of their own, in the order of the help."""
