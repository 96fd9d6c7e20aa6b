"""Pages whose figures come from committed results.

    python docs/render.py

`measurements.md`, `one_factor_hides.md` and `forward_curve.md` are written from `templates` and the JSON of
`benchmarks/results`, of certificates and of `studies/*/results`; in the README of a study, a table between
`<!-- claims: 0 1 2 -->` and `<!-- end -->` from the claims of its results, by number, and one between
`<!-- file: errors.md -->` and `<!-- end -->` is that file of its results. A test holds the committed pages against what is
rendered: no figure is typed where a result has it.
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import jinja2

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
TEMPLATES = {
    "measurements.md": "measurements.md.j2",
    "one_factor_hides.md": "one_factor_hides.md.j2",
    "forward_curve.md": "forward_curve.md.j2",
}
STUDIES = ("aiolfi_2024", "gomez_casanova_2024", "mixture_of_experts", "mott_2026")
_TABLE = re.compile(r"(<!-- claims: (?P<numbers>[\d ]+) -->\n).*?(<!-- end -->)", re.DOTALL)
_FILE = re.compile(r"(<!-- file: (?P<name>\w+\.md) -->\n).*?(<!-- end -->)", re.DOTALL)


def benchmark(name: str) -> dict[str, Any]:
    """Results of a benchmark, as it saved them."""
    return _read(ROOT / "benchmarks" / "results" / f"{name}.json")["results"]


def study(name: str, file: str = "full/results.json") -> dict[str, Any]:
    """Results of a study."""
    return _read(ROOT / "studies" / name / "results" / file)


def claims(name: str, numbers: Iterable[int]) -> str:
    """A table of some claims of a study, by number, under the headings that its results have."""
    rows = [_row(claim) for claim in study(name)["claims"]]
    chosen = [rows[number] for number in numbers]
    lines = [list(chosen[0]), ["---"] * len(chosen[0]), *(list(row.values()) for row in chosen)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def bundle(name: str) -> str:
    """A row of what the certificate of a shipped bundle says."""
    folder = ROOT / "src" / "neuralrates" / "bundles" / "shipped" / name
    certificate = _read(folder / "certificate.json")
    target = certificate["outputs"][0]
    errors = (target[key] for key in ("mean", "quantile_99", "largest", "bound_99"))
    cells = (f"`{name}`", f"{certificate['num_samples']:,}", *(f"{1e4 * e:.2g}" for e in errors))
    return f"| {' | '.join(cells)} |"


def page(template: str) -> str:
    """A page from its template."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(DOCS / "templates"),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )
    return environment.get_template(template).render(
        benchmark=benchmark,
        bundle=bundle,
        claims=claims,
        covered=covered(),
        lowest=lowest,
        mean=mean,
        study=study,
    )


def covered() -> list[str]:
    """Bundles whose coverage has been measured."""
    files = sorted((ROOT / "benchmarks" / "results").glob("coverage_*.json"))
    return [file.stem.removeprefix("coverage_") for file in files]


def mean(years: list[dict[str, Any]], key: str) -> str:
    """Mean of a share over the points of all years, in percent."""
    total = sum(year["points"] for year in years)
    return f"{100 * sum(year[key] * year['points'] for year in years) / total:.2f}"


def lowest(years: list[dict[str, Any]], key: str) -> str:
    """The year where a share is lowest, in percent."""
    year = min(years, key=lambda one: one[key])
    return f"{100 * year[key]:.2f} in {year['checked']}"


def readme(name: str) -> str:
    """The README of a study with its tables made anew."""

    def table(match: re.Match[str]) -> str:
        return match[1] + claims(name, map(int, match["numbers"].split())) + "\n" + match[3]

    def file(match: re.Match[str]) -> str:
        made = ROOT / "studies" / name / "results" / "full" / match["name"]
        return match[1] + made.read_text(encoding="utf-8") + match[3]

    text = _TABLE.sub(table, _readme(name).read_text(encoding="utf-8"))
    return _FILE.sub(file, text)


def pages() -> dict[Path, str]:
    """Every page that is rendered, with its text."""
    return {DOCS / name: page(template) for name, template in TEMPLATES.items()} | {
        _readme(name): readme(name) for name in STUDIES
    }


def _readme(name: str) -> Path:
    return ROOT / "studies" / name / "README.md"


def _row(claim: Any) -> dict[str, str]:
    """A claim by heading; one study keeps its rows without them."""
    return dict(zip(_AIOLFI, claim, strict=True)) if isinstance(claim, list) else claim


_AIOLFI = ("claim", "paper", "ours", "tolerance", "verdict")


def _read(file: Path) -> dict[str, Any]:
    return json.loads(file.read_text(encoding="utf-8"))


if __name__ == "__main__":
    for page, text in pages().items():
        page.write_text(text, encoding="utf-8")
