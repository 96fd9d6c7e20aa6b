"""How shipped bundles were made and what they were measured against: words from committed settings and results, kept as data.

`python -m benchmarks.dossiers --records` writes the files from the settings of the training commands and from the results of
benchmarks and studies, and a test holds them against these.
"""

from importlib import resources

from neuralrates.problems.narrative import Narrative, parse_record

FOLDER = "development"


def with_development(words: Narrative, name: str) -> Narrative:
    """A narrative with what is recorded of a shipped bundle; as it is for another.

    Example:
        >>> from neuralrates.bundles.development import with_development
        >>> from neuralrates.problems.narrative import narrative_of
        >>> words = with_development(narrative_of("ten_year_bermudan_receiver"), "bermudan")
        >>> words.development["labels"].startswith("49,152 exact")
        True
    """
    file = resources.files("neuralrates.bundles") / FOLDER / f"{name}.json"
    if not file.is_file():
        return words
    return words.updated(parse_record(file.read_text(encoding="utf-8"), file.name))
