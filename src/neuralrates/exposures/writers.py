"""Tables and report of an exposure run as files, each whole or not at all."""

from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup

from neuralrates.core.errors import InputError
from neuralrates.core.extras import extra
from neuralrates.core.files import atomic_path, atomic_write
from neuralrates.core.pages import page_environment
from neuralrates.exposures.adjoint.seeds import FIGURES
from neuralrates.exposures.results import Exposure

FORMATS = ("csv", "parquet")
TABLES = ("figures", "profiles", "trades", "models", "greeks", "scenarios")
_SMALLEST_SHOWN = 0.005
_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 560.0, 190.0, 70.0, 22.0
_LINES = (("potential_future_exposure", "future"), ("expected_exposure", "expected"))


def check_format(asked: str) -> str:
    """A format that is known, its package installed; asked before the work.

    Raises:
        InputError: for another one
        RefusalError: for `parquet`, where its extra is not installed
    """
    if asked not in FORMATS:
        raise InputError(f"expected a format among {', '.join(FORMATS)}, found {asked!r}")
    if asked == "parquet":
        with extra("parquet"):
            import pyarrow  # noqa: F401
    return asked


def write_exposure(
    found: Exposure,
    folder: str | Path,
    file_format: str = "csv",
    scenarios: pd.DataFrame | None = None,
) -> list[Path]:
    """Write `figures`, `profiles`, `trades`, `models` and any `greeks` as tables, and `report.html`, into a folder.

    Args:
        found: of `neuralrates.exposure`
        folder: made where it is not there; tables of a former run are removed, other files stay
        file_format: `csv` or `parquet`
        scenarios: of `stressed`, written beside them

    Returns:
        The files.
    """
    check_format(file_format)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    tables = {"figures": found.figures, "profiles": found.profiles, "trades": found.trades}
    tables["models"] = found.models
    if len(found.greeks):
        tables["greeks"] = found.greeks
    if scenarios is not None:
        tables["scenarios"] = scenarios
    files = [folder / f"{name}.{file_format}" for name in tables]
    for stale in {folder / f"{name}.{one}" for name in TABLES for one in FORMATS}.difference(files):
        stale.unlink(missing_ok=True)
    for file, table in zip(files, tables.values(), strict=True):
        if file_format == "csv":
            atomic_write(file, table.to_csv(index=False, lineterminator="\n"))
            continue
        plain = table.copy()
        plain.attrs = {}
        with atomic_path(file) as temporary:
            plain.to_parquet(temporary, index=False)
    atomic_write(folder / "report.html", render_exposure(found))
    return [*files, folder / "report.html"]


def render_exposure(found: Exposure) -> str:
    """The report: figures, and a drawing of the profile of each netting set, in one HTML file that needs nothing else."""
    template = page_environment("neuralrates.exposures").get_template("exposure.html.jinja")
    pictures = {
        str(name): profile_picture(part)
        for name, part in found.profiles.groupby("netting_set", sort=False)
    }
    return template.render(
        figures=found.figures.to_dict("records"),
        trades=found.trades.to_dict("records"),
        greeks=[row for row in found.greeks.to_dict("records") if _seen(row)],
        pictures=pictures,
        models=_models(found.models),
        currency=found.figures.attrs["exposure"]["currency"],
        quantile=found.figures.attrs["exposure"]["quantile"],
        allocated="cva" in found.trades.columns,
    )


def _models(table: pd.DataFrame) -> list[dict[Any, Any]]:
    """Each model in a line: its netting sets, its currency, and the last payment that its swaptions end with."""
    lines = table.assign(end=table["expiry"] + table["tenor"])
    return (
        lines.groupby(["netting_sets", "currency"], sort=False)
        .first()
        .reset_index()
        .to_dict("records")
    )


def _seen(row: dict[Any, Any]) -> bool:
    """Whether a row of Greeks has anything to show."""
    return any(abs(row[name]) >= _SMALLEST_SHOWN for name in FIGURES)


def profile_picture(profile: pd.DataFrame) -> Markup:
    """Expected and potential future exposure of one netting set over time, as inline SVG."""
    times, top = profile["time"].to_numpy(), 1e-12
    top = max(top, *(float(profile[column].max()) for column, _ in _LINES))
    across = (_WIDTH - _LEFT - 10.0) / max(float(times[-1]), 1e-9)
    parts = []
    for share in (0.0, 0.5, 1.0):
        height = _at(share)
        parts.append(
            Markup('<line x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
                f"{_LEFT:.0f}", f"{_WIDTH - 10.0:.0f}", f"{height:.1f}", f"{height:.1f}"
            )
        )
        label = Markup('<text x="{}" y="{}" text-anchor="end">{}</text>')
        parts.append(
            label.format(f"{_LEFT - 6.0:.0f}", f"{height + 4.0:.1f}", f"{share * top:,.4g}")
        )
    for share in (0.0, 0.5, 1.0):
        year = share * float(times[-1])
        label = Markup('<text x="{}" y="{}" text-anchor="middle">{}</text>')
        parts.append(
            label.format(f"{_LEFT + across * year:.1f}", f"{_HEIGHT - 4.0:.0f}", f"{year:.3g}y")
        )
    for column, name in _LINES:
        heights = _at(profile[column].clip(lower=0.0).to_numpy() / top)
        points = " ".join(
            f"{_LEFT + across * time:.1f},{height:.1f}"
            for time, height in zip(times, heights, strict=True)
        )
        parts.append(Markup('<polyline class="{}" points="{}"/>').format(name, points))
    frame = (
        '<svg class="profile" viewBox="0 0 {} {}" role="img" aria-label="exposure profile">{}</svg>'
    )
    return Markup(frame).format(f"{_WIDTH:.0f}", f"{_HEIGHT:.0f}", Markup("").join(parts))


def _at(share: Any) -> Any:
    """Height on the drawing of a share of the largest value."""
    return 10.0 + (1.0 - share) * (_HEIGHT - _BOTTOM - 16.0)
