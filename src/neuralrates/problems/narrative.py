"""What only people can say of a surrogate: what it is for, what it rests on, how it was made. No figure of its accuracy."""

import tomllib
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from neuralrates.core.errors import InputError
from neuralrates.core.files import read_text
from neuralrates.core.schema import Strict, first_fault
from neuralrates.core.strict_json import parse_json

_LARGEST = 1 << 20

Text = Annotated[str, Field(max_length=5000)]
Texts = Annotated[list[Text], Field(max_length=100)]


class Challenger(Strict):
    """Another way to the same price, and what it was measured to do.

    Args:
        name: of the method
        error: against the reference, in words
        cost: of a price, in words
        verdict: what follows
        source: where the measurement is kept
    """

    name: Text
    error: Text = ""
    cost: Text = ""
    verdict: Text = ""
    source: Text = ""


class Narrative(Strict):
    """The words of a dossier; what is empty has not been written.

    Args:
        problems: names of the problems that it speaks of
        purpose: what the surrogate is for
        materiality: what may rest on it
        use: what it may be used for
        not_for: what it must not be used for
        theory: model, reference and surrogate, a paragraph each
        assumptions: of the model
        lineage: where inputs, ranges and labels come from
        development: how it was trained, by what: labels, loss, optimiser, steps
        challengers: other ways to the same price, measured
        limits: that are known
        triggers: of a new review, beyond those that hold for every surrogate
        sources: papers and books
    """

    problems: Texts = []
    purpose: Text = ""
    materiality: Text = ""
    use: Texts = []
    not_for: Texts = []
    theory: Texts = []
    assumptions: Texts = []
    lineage: Texts = []
    development: dict[Text, Text] = {}
    challengers: Annotated[list[Challenger], Field(max_length=100)] = []
    limits: Texts = []
    triggers: Texts = []
    sources: Texts = []

    def updated(self, other: "Narrative") -> "Narrative":
        """The narrative with every field that another one gives."""
        return self.model_copy(
            update={name: getattr(other, name) for name in other.model_fields_set}
        )


def narrative_of(problem: str) -> Narrative:
    """The words that the package has for a problem; empty ones for a problem of one's own.

    Example:
        >>> from neuralrates.problems.narrative import narrative_of
        >>> narrative_of("nine_instruments").problems, narrative_of("my_own").purpose
        (['nine_instruments'], '')
    """
    folder = resources.files("neuralrates.problems") / "narratives"
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        found = _parsed(file.read_text(encoding="utf-8"), file.name)
        if problem in found.problems:
            return found
    return Narrative()


def read_narrative(path: str | Path) -> Narrative:
    """The words in a TOML file of one's own.

    Raises:
        InputError: naming the file and the field that is not what it must be
    """
    return _parsed(read_text(path, largest=_LARGEST), path)


def parse_record(text: str, path: str | Path) -> Narrative:
    """The words in the text of a JSON file."""
    return _validated(parse_json(text, path), path)


def _parsed(text: str, path: str | Path) -> Narrative:
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"expected TOML, but {error}", file=path) from None
    return _validated(content, path)


def _validated(content: Any, path: str | Path) -> Narrative:
    try:
        return Narrative.model_validate(content)
    except ValidationError as error:
        fault = first_fault(error)
        raise InputError(fault.expected, file=path, column=fault.column) from None
