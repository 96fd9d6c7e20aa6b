"""The group of commands `data`; what they do is in `data`."""

from pathlib import Path
from typing import Annotated

import typer

from neuralrates.cli.options import Json
from neuralrates.cli.outcome import Outcome, reported

data = typer.Typer(help="Histories from their publishers.", no_args_is_help=True)


@data.callback()
def _group() -> None:
    """Histories from their publishers."""


@data.command()
@reported
def fetch(
    source: Annotated[str, typer.Argument(help="Who publishes it.", show_default=False)],
    cache: Annotated[
        Path | None, typer.Option("--cache", help="Folder to keep it in.", show_default=False)
    ] = None,
    as_json: Json = False,
) -> Outcome:
    """Download a history from its publisher, unless the copy at hand is current; digests are checked.

    \b
    Sources:
        gsw       US Treasury zero curves since 1961, Federal Reserve Board
        sofr      secured overnight financing rate, Federal Reserve Bank of New York
        treasury  daily par yields, US Treasury
        fred      rates and breakevens, Federal Reserve Bank of St. Louis

    \b
    Examples:
        neuralrates data fetch gsw
        neuralrates data fetch sofr --cache ./histories
    """
    from neuralrates.cli import data as command

    return command.run(source, cache, as_json=as_json)
