"""`neuralrates book template`: a book to be filled in."""

from pathlib import Path

from neuralrates.cli.outcome import Outcome
from neuralrates.core.errors import InputError
from neuralrates.desk.example import example_files
from neuralrates.trades.book import dump, load


def template(path: Path) -> Outcome:
    """Write the example book to a file that is not there yet."""
    if path.exists():
        raise InputError("expected a new file, found one that is there already", file=path)
    dump(load(example_files()[0]), path)
    print(path)
    return Outcome.DONE
