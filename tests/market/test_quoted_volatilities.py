"""Volatilities of every type of quote in market files: read, written and read again as they were quoted."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import neuralrates as nr
from neuralrates.core import InputError

SMILE = {
    "offsets": [-0.01, 0.01],
    "expiries": ["5Y"],
    "tenors": ["5Y"],
    "volatilities": [[[0.33]], [[0.28]]],
}
MATRIX: dict[str, Any] = {
    "type": "lognormal",
    "expiries": ["1Y", "5Y"],
    "tenors": ["5Y", "10Y"],
    "volatilities": [[0.30, 0.29], [0.28, 0.27]],
    "smile": SMILE,
}


def loaded(folder: Path, **changes: Any) -> nr.market.CurrencyMarket:
    content = {
        "schema": "neuralrates.market/1",
        "valuation_date": "2024-03-19",
        "currencies": {
            "USD": {
                "discount": {"index": "USD-SOFR", "times": [1.0, 30.0], "zero_rates": [0.03, 0.03]},
                "swaption_volatility": MATRIX | changes,
            }
        },
    }
    path = folder / "market.json"
    path.write_text(json.dumps(content))
    return nr.market.load(path)["USD"]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"type": "shifted_lognormal", "shift": 0.02},
        {"type": "shifted_lognormal", "shift": [0.02, 0.03]},
    ],
)
def test_written_and_read_again_they_are_what_they_were(tmp_path: Path, changes: dict) -> None:
    first = loaded(tmp_path, **changes)
    path = tmp_path / "again.json"
    nr.market.dump(nr.market.load(tmp_path / "market.json"), path)
    second = nr.market.load(path)["USD"].swaption_volatility
    assert second.quote_type == changes.get("type", "lognormal")
    np.testing.assert_array_equal(second.shift, first.swaption_volatility.shift)
    np.testing.assert_allclose(second.volatilities, MATRIX["volatilities"], rtol=0.0)
    assert float(second(second.expiries[1], 5.0, 0.01)) == pytest.approx(0.28, rel=1e-14)


@pytest.mark.parametrize(
    "changes",
    [
        {"shift": 0.02},
        {"type": "shifted_lognormal"},
        {"type": "shifted_lognormal", "shift": [0.02]},
        {"type": "shifted_lognormal", "shift": 2.0},
        {"type": "normal"},
        {"type": "black"},
        {"volatilities": [[30.0, 29.0], [28.0, 27.0]]},
        {"smile": SMILE | {"volatilities": [[[33.0]], [[28.0]]]}},
    ],
)
def test_what_does_not_fit_its_type_names_the_field(tmp_path: Path, changes: dict) -> None:
    with pytest.raises(InputError, match=r"currencies\.USD\.swaption_volatility") as refusal:
        loaded(tmp_path, **changes)
    assert "\n" not in str(refusal.value)


def test_a_smile_that_contradicts_the_matrix_at_the_money_is_named_and_not_used_there(
    tmp_path: Path,
) -> None:
    smile = SMILE | {"offsets": [-0.01, 0.0, 0.01], "volatilities": [[[0.33]], [[0.30]], [[0.28]]]}
    market = loaded(tmp_path, smile=smile)
    matrix = market.swaption_volatility
    assert any("by 0.02: the matrix is used there" in note for note in market.source.warnings)
    assert float(matrix(matrix.expiries[1], 5.0)) == pytest.approx(0.28, rel=1e-14)
    assert float(matrix(matrix.expiries[1], 5.0, 0.01)) == pytest.approx(0.26, rel=1e-14)
