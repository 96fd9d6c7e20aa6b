"""Records as others read them: plain values for the chart, and counts in the text format of Prometheus."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from neuralrates.server.monitoring.record import ALARM, FALSE_ALARM, Record

_SERIES: tuple[tuple[str, str, str, Callable[[Record], float]], ...] = (
    ("checks_total", "Learned prices held against the reference.", "counter", lambda r: r.checked),
    ("beyond_total", "Of these, errors beyond the band.", "counter", lambda r: r.beyond),
    (
        "demoted",
        "1 where the reference answers for a bundle.",
        "gauge",
        lambda r: float(r.demoted is not None),
    ),
    ("outside_total", "Points asked for outside the domain.", "counter", lambda r: r.outside),
    (
        "drifted",
        "1 where points are outside the domain too often.",
        "gauge",
        lambda r: float(r.drifted is not None),
    ),
)


def as_values(records: Mapping[str, Record], share: float) -> dict[str, Any]:
    """All records, with what the test was told."""
    return {
        "share": share,
        "false_alarm": FALSE_ALARM,
        "alarm_evidence": ALARM,
        "bundles": {name: _values(record) for name, record in sorted(records.items())},
    }


def _values(record: Record) -> dict[str, Any]:
    return {
        "allowed_beyond": record.allowed,
        "checked": record.checked,
        "beyond": record.beyond,
        "evidence": record.evidence,
        "demoted": record.demoted,
        "reason": record.reason or None,
        "rows": record.rows,
        "outside": record.outside,
        "drifted": record.drifted,
        "recent": [list(check) for check in record.recent],
    }


def as_lines(records: Mapping[str, Record]) -> Iterator[str]:
    """Counts by bundle."""
    for name, said, kind, number in _SERIES:
        yield f"# HELP neuralrates_monitor_{name} {said}"
        yield f"# TYPE neuralrates_monitor_{name} {kind}"
        for bundle, record in sorted(records.items()):
            yield f'neuralrates_monitor_{name}{{bundle="{bundle}"}} {number(record):.15g}'
