"""Points: each bad cell is refused by file, line and field before anything is priced."""

import json

import numpy as np
import pytest

import neuralrates as nr
from neuralrates.bundles.points import price_points
from neuralrates.core.errors import InputError

BAD = {
    "no volatility": ("volatility_2", "0"),
    "vast volatility": ("volatility_2", "0.9"),
    "percent": ("volatility_2", "90"),
    "percent rate": ("beta0", "4.25"),
    "negative volatility": ("volatility_1", "-0.01"),
    "underscore": ("beta0", "1_0"),
    "full width": ("beta0", "\uff10.\uff10\uff13"),
    "no number": ("tau", "nan"),
    "infinite": ("tau", "1e999"),
    "hexadecimal": ("tau", "0x1p0"),
    "escape": ("trade_id", "a\x1b[31mb"),
    "formula": ("trade_id", "=HYPERLINK(1)"),
    "at": ("trade_id", "@SUM(1)"),
    "long": ("trade_id", "a" * 65),
}


@pytest.fixture(scope="module")
def bundle():
    return nr.bundles.load("bermudan")


def write(folder, bundle, *rows, suffix=".csv"):
    middle = 0.5 * (bundle.domain.low + bundle.domain.high)
    fields = dict(zip(bundle.domain.names, map(repr, middle.tolist()), strict=True))
    rows = [{"trade_id": f"T{number}", **fields, **row} for number, row in enumerate(rows)]
    file = folder / f"points{suffix}"
    if suffix == ".json":
        file.write_text(json.dumps(rows))
    else:
        lines = [list(rows[0]), *(row.values() for row in rows)]
        file.write_text("\n".join(map(",".join, lines)) + "\n")
    return file


@pytest.mark.parametrize("name", BAD)
def test_bad_cells(tmp_path, bundle, name):
    field, cell = BAD[name]
    file = write(tmp_path, bundle, {}, {field: cell})
    with pytest.raises(
        InputError, match=rf"points.csv, line 3, field `{field}`: expected"
    ) as caught:
        price_points(bundle, file)
    assert str(caught.value).isprintable()


def test_names_are_unlike(tmp_path, bundle):
    file = write(tmp_path, bundle, {"trade_id": "A"}, {"trade_id": "A"}, suffix=".json")
    with pytest.raises(InputError, match=r"trades\[1\].trade_id`: expected a name of its own"):
        price_points(bundle, file)


def test_a_point_without_a_model_has_a_status(bundle):
    middle = 0.5 * (bundle.domain.low + bundle.domain.high)
    broken = middle.copy()
    broken[1] = np.nan
    table = nr.bundles.serve(bundle, np.stack([middle, broken]))
    assert table["status"][0] == "ok"
    assert "found none in value" in table["status"][1]
