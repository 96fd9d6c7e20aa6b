"""The command `labels`, its options and its help."""

from pathlib import Path
from typing import Annotated

import typer

from neuralrates.cli.options import Json
from neuralrates.cli.outcome import Outcome, reported


@reported
def labels(
    problem: Annotated[str, typer.Argument(help="A problem of the catalogue.", show_default=False)],
    samples: Annotated[
        int, typer.Option("--samples", min=1, max=10**9, help="Points in all.", show_default=False)
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder of the store.", show_default=False)],
    on: Annotated[
        str,
        typer.Option(
            "--on",
            help="Who makes them: process, processes, ray (started here) or ray://HOST:PORT.",
        ),
    ] = "process",
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers", min=1, help="How many; all processors by default.", show_default=False
        ),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**63 - 1, help="Of the points.")] = 0,
    shard_samples: Annotated[
        int,
        typer.Option(
            "--shard-samples", min=256, max=10**9, help="Points per file, a multiple of 256."
        ),
    ] = 4096,
    joint: Annotated[
        bool, typer.Option("--joint", help="The control prices of the problem too.")
    ] = False,
    values_only: Annotated[
        bool, typer.Option("--values-only", help="No derivatives, which take most of the time.")
    ] = False,
    as_json: Json = False,
) -> Outcome:
    """Make exact labels of a problem: Parquet files with a manifest, larger than memory if need be.

    What was stopped goes on when it is asked for again; files that were damaged are made anew. Workers change the time
    that it takes, and no bit of the labels.

    \b
    Examples:
        neuralrates labels ten_year_bermudan_payer --samples 100000 --out labels
        neuralrates labels ten_year_bermudan_payer --samples 1000000 --out labels --on processes
        neuralrates labels ten_year_bermudan_payer --samples 100000000 --out labels --on ray://head:10001
    """
    from neuralrates.cli import labels as command

    request = command.Request(problem, samples, out, on, workers, seed, shard_samples)
    return command.run(request, joint=joint, slopes=not values_only, as_json=as_json)
