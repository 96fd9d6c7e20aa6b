"""Scenarios from a JSON file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from neuralrates.core.doors import door
from neuralrates.core.errors import InputError
from neuralrates.core.files import read_text
from neuralrates.core.strict_json import parse_json
from neuralrates.scenarios.history import historical, tenor_years
from neuralrates.scenarios.scenario import (
    BUCKETS,
    TWIST,
    Scenario,
    bucketed,
    grid,
    parallel,
    twist,
    volatility,
)

SCHEMA = "neuralrates.scenarios/1"
Entry = dict[str, Any]


@door
def load(path: str | Path) -> tuple[Scenario, ...]:
    """Scenarios of a file.

    Args:
        path: JSON: `{"schema": "neuralrates.scenarios/1", "scenarios": [...]}`; each entry has a `kind`: `parallel` (`shift`),
            `bucketed` (`shift`, `times`), `twist` (`short`, `long`, `times`), `volatility` (`shift`, `factor`), `points`
            (`shifts` by tenor, `volatility`), `grid` (`rates`, `volatilities`) or `historical` (`file`, beside this one)

    Returns:
        The scenarios, each with a name of its own.

    Raises:
        InputError: naming the entry and its field

    Example:
        >>> import pathlib, tempfile
        >>> import neuralrates as nr
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = pathlib.Path(folder) / "scenarios.json"
        ...     _ = file.write_text('{"scenarios": [{"kind": "grid", "rates": [-0.01, 0.01], "volatilities": [0.0]}]}')
        ...     [scenario.name for scenario in nr.scenarios.load(file)]
        ['rates -100 bp, volatility +0 bp', 'rates +100 bp, volatility +0 bp']
    """
    path = Path(path)
    document = parse_json(read_text(path), path)
    known = isinstance(document, dict) and set(document) <= {"schema", "scenarios"}
    if not known or not isinstance(document.get("scenarios"), list) or not document["scenarios"]:
        raise InputError("expected a table of schema and scenarios, a list", file=path)
    if document.get("schema", SCHEMA) != SCHEMA:
        raise InputError(f"expected {SCHEMA}, found {document['schema']}", file=path)
    found: dict[str, Scenario] = {}
    for number, entry in enumerate(document["scenarios"]):
        place = f"scenarios[{number}]"
        for scenario in _entry(entry, path, place):
            if scenario.name in found:
                expected = f"expected a name of its own, found {scenario.name!r} again"
                raise InputError(expected, file=path, column=place)
            found[scenario.name] = scenario
    return tuple(found.values())


def _entry(entry: Any, path: Path, place: str) -> tuple[Scenario, ...]:
    if not isinstance(entry, dict) or entry.get("kind") not in _KINDS:
        known = ", ".join(_KINDS)
        raise InputError(f"expected a kind among {known}", file=path, column=f"{place}.kind")
    make, fields = _KINDS[entry["kind"]]
    if unknown := [name for name in entry if name not in (*fields, "kind")]:
        raise InputError(
            f"expected {', '.join(fields)} for a {entry['kind']}, found {unknown[0]}",
            file=path,
            column=f"{place}.{unknown[0]}",
        )
    try:
        return make(entry, path)
    except InputError as error:
        column = f"{place}.{error.column}" if error.column else place
        raise InputError(
            error.expected, file=error.file or path, line=error.line, column=column
        ) from None


def _number(entry: Entry, name: str, default: float | None = None) -> float:
    value = entry.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"expected a decimal like 0.01, found {value!r}", column=name)
    return float(value)


def _numbers(
    entry: Entry, name: str, default: tuple[float, ...] | None = None
) -> tuple[float, ...]:
    values = entry.get(name, default)
    if not isinstance(values, list | tuple) or not values:
        raise InputError(f"expected a list of decimals, found {values!r}", column=name)
    return tuple(_number({name: value}, name) for value in values)


def _name(entry: Entry) -> str:
    name = entry.get("name", "")
    if not isinstance(name, str):
        raise InputError(f"expected a name, found {name!r}", column="name")
    return name


def _points(entry: Entry, path: Path) -> Scenario:
    shifts = entry.get("shifts")
    if not isinstance(shifts, dict) or not shifts:
        raise InputError('expected shifts by tenor like {"2Y": 0.001}', column="shifts")
    at = sorted((tenor_years(tenor, path), _number(shifts, tenor)) for tenor in shifts)
    times, moves = zip(*at, strict=True)
    if not _name(entry):
        raise InputError("expected a name, found nothing", column="name")
    return Scenario(entry["name"], times, moves, _number(entry, "volatility", 0.0))


def _pair(entry: Entry) -> tuple[float, float]:
    times = _numbers(entry, "times", TWIST)
    if len(times) != 2:
        raise InputError(f"expected two times, found {len(times)}", column="times")
    return times[0], times[1]


def _historical(entry: Entry, path: Path) -> tuple[Scenario, ...]:
    if not isinstance(entry.get("file"), str):
        raise InputError("expected the name of a CSV file", column="file")
    return historical(path.parent / entry["file"])


_KINDS: dict[str, tuple[Callable[[Entry, Path], tuple[Scenario, ...]], tuple[str, ...]]] = {
    "parallel": (lambda e, _: (parallel(_number(e, "shift"), _name(e)),), ("name", "shift")),
    "bucketed": (
        lambda e, _: bucketed(_number(e, "shift"), _numbers(e, "times", BUCKETS)),
        ("shift", "times"),
    ),
    "twist": (
        lambda e, _: (twist(_number(e, "short"), _number(e, "long"), _pair(e), _name(e)),),
        ("name", "short", "long", "times"),
    ),
    "volatility": (
        lambda e, _: (volatility(_number(e, "shift", 0.0), _number(e, "factor", 1.0), _name(e)),),
        ("name", "shift", "factor"),
    ),
    "points": (lambda e, path: (_points(e, path),), ("name", "shifts", "volatility")),
    "grid": (
        lambda e, _: grid(_numbers(e, "rates"), _numbers(e, "volatilities")),
        ("rates", "volatilities"),
    ),
    "historical": (_historical, ("file",)),
}
