"""Curve histories: decimals out of percent, and every bad cell named."""

import gzip
from pathlib import Path

import numpy as np
import pytest

import neuralrates as nr
from neuralrates.core import InputError

OFFICIAL = """Note: this is a preamble
with "quotes", and commas

Date,BETA0,BETA1,BETA2,BETA3,SVENF01,SVENY01,SVENY02,TAU1,TAU2
2024-03-19,4.0,1.0,-2.0,3.0,4.7,4.9,4.6,1.5,8.0
2024-03-18,NA,NA,NA,NA,NA,4.8,-999.99,NA,NA
"""


def write(folder: Path, text: str, name: str = "gsw.csv") -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith("gz") else text.encode())
    return path


@pytest.mark.parametrize("name", ["gsw.csv", "gsw.csv.gz"])
def test_the_publishers_file_becomes_decimals(tmp_path: Path, name: str) -> None:
    history = nr.histories.load_gsw(write(tmp_path, OFFICIAL, name))
    assert history.zero_yields.index.is_monotonic_increasing
    assert history.zero_yields.loc["2024-03-19", 2] == pytest.approx(0.046)
    assert np.isnan(history.zero_yields.loc["2024-03-18", 2])
    assert list(history.forwards.columns) == [1]
    assert history.parameters.loc["2024-03-19", "tau2"] == 8.0
    curve = history.curve("2024-03-19")
    assert float(curve.beta2) == pytest.approx(-0.02)
    with pytest.raises(InputError, match="2024-03-18"):
        history.curve("2024-03-18")


BAD = [
    (OFFICIAL.replace("4.7", "four"), "line 5, field `SVENF01`: expected a number, found 'four'"),
    (OFFICIAL.replace("2024-03-18", "18/03/2024"), "line 6, field `Date`: expected a date"),
    (OFFICIAL.replace("2024-03-18", "2024-03-19"), "2024-03-19 again"),
    (OFFICIAL.replace("4.9,4.6", "4.9"), "line 5: expected 10 columns, found 9"),
    (OFFICIAL.replace("4.9", "inf"), "line 5, field `SVENY01`: expected a finite number"),
    (OFFICIAL.replace("4.9", "490"), "field `SVENY01`: expected rates in percent below 50"),
    (OFFICIAL.replace("SVENY02", "SVENY01"), "each column once"),
    ("Date,CLOSE\n2024-03-19,5.0\n", "expected columns SVENY01"),
    ("no table\n", "expected a header"),
    ("", "expected a header"),
]


@pytest.mark.parametrize(("text", "match"), BAD)
def test_bad_cells_are_named(tmp_path: Path, text: str, match: str) -> None:
    with pytest.raises(InputError, match=match):
        nr.histories.load_gsw(write(tmp_path, text))


def test_damaged_archives_are_refused(tmp_path: Path) -> None:
    for name in ("gsw.csv.gz", "gsw.csv.xz", "gsw.parquet"):
        (tmp_path / name).write_bytes(b"not an archive")
        with pytest.raises(InputError, match=name):
            nr.histories.load_gsw(tmp_path / name)


def test_series_in_percent_and_in_levels(tmp_path: Path) -> None:
    path = write(tmp_path, "DATE,SOFR\n2024-03-19,5.31\n2024-03-29,.\n")
    assert nr.histories.load_series(path).tolist()[0] == pytest.approx(0.0531)
    assert nr.histories.load_series(path, percent=False).iloc[0] == 5.31
    assert nr.histories.load_series(path).isna().sum() == 1


def test_real_histories(shared_data: Path) -> None:
    folder = shared_data / "gsw"
    yields = nr.histories.load_gsw(folder / "sveny_1961_2025.csv.gz").zero_yields
    official = nr.histories.load_gsw(folder / "gsw_official_2022_2025.parquet")
    assert yields.shape == (16039, 30)
    both = yields.index.intersection(official.zero_yields.index)
    gaps = (yields.loc[both] - official.zero_yields.loc[both]).abs().max().max()
    assert gaps < 1e-5
    day = "2023-10-03"
    curve = official.curve(day)
    for maturity in (1, 5, 10, 30):
        assert float(curve.zero_rate(float(maturity))) == pytest.approx(
            official.zero_yields.loc[day, maturity], abs=1e-6
        )
        assert float(curve.instantaneous_forward_rate(maturity)) == pytest.approx(
            official.forwards.loc[day, maturity], abs=1e-6
        )
