"""The market of a command: read, its warnings printed."""

from pathlib import Path

from neuralrates.cli.outcome import warn
from neuralrates.market.files import load
from neuralrates.market.market import Market


def read_market(path: Path) -> Market:
    """The market of a file; what looks like a slip in it is a line each on standard error."""
    market = load(path)
    warn(*market.warnings)
    return market
