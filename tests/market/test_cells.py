"""A bad cell of a volatility table is named by file, field, row and column, and by its line where a file has lines."""

import copy
import json

import pytest

import neuralrates as nr
from cli.two_currencies import MARKET
from neuralrates.core import InputError

SMILE = {
    "offsets": [-0.01, 0.01],
    "expiries": ["1Y", "5Y"],
    "tenors": ["10Y"],
    "volatilities": [[[0.011], [0.010]], [[0.012], [0.011]]],
}
CAPS = {"terms": ["1Y", "5Y"], "strikes": [0.03, 0.04], "volatilities": [[0.01] * 2, [0.01] * 2]}


def message(folder, text):
    path = folder / "market.json"
    path.write_text(text if isinstance(text, str) else json.dumps(text))
    with pytest.raises(InputError) as refusal:
        nr.market.load(path)
    found = str(refusal.value)
    assert found.startswith(str(path))
    assert "\n" not in found
    return found


def market(bad, *place):
    """The market with caps and a smile, and one entry of its dollars changed."""
    content = copy.deepcopy(MARKET)
    dollars = content["currencies"]["USD"]
    dollars["swaption_volatility"]["smile"] = copy.deepcopy(SMILE)
    dollars["cap_volatility"] = copy.deepcopy(CAPS)
    entry = dollars
    for key in place[:-1]:
        entry = entry[key]
    entry[place[-1]] = bad
    return content


@pytest.mark.parametrize("bad", [-0.01, 80.0, "high", None])
def test_a_cell_of_the_matrix(tmp_path, bad) -> None:
    found = message(tmp_path, market(bad, "swaption_volatility", "volatilities", 1, 0))
    assert "currencies.USD.swaption_volatility" in found
    assert "at 5Y x 2Y: " in found
    assert str(bad) in found


@pytest.mark.parametrize("bad", [-0.01, "high"])
def test_a_cell_of_the_smile_and_of_the_caps(tmp_path, bad) -> None:
    found = message(tmp_path, market(bad, "swaption_volatility", "smile", "volatilities", 1, 0, 0))
    assert "at 0.01 x 1Y x 10Y: " in found
    found = message(tmp_path, market(bad, "cap_volatility", "volatilities", 1, 0))
    assert "`currencies.USD.cap_volatility" in found
    assert "at 5Y x 0.03: " in found


def test_no_number_is_named_by_its_line(tmp_path) -> None:
    """`NaN` and `Infinity` are no JSON; in a text they are words."""
    text = json.dumps(MARKET | {"description": 'NaN \\ " NaN'}, indent=1)
    lines = text.split("\n")
    number = next(n for n, line in enumerate(lines) if line.strip() == "0.009")
    lines[number] = lines[number].replace("0.009", "-Infinity")
    assert f", line {number + 1}: " in message(tmp_path, "\n".join(lines))


@pytest.mark.parametrize(
    ("key", "bad"),
    [
        ("SWAPTION/RATE_NVOL/USD/SOFR/1Y/5Y/ATM", "-0.01"),
        ("SWAPTION/RATE_NVOL/USD/SOFR/1Y/5Y/Smile/0.01", "80"),
        ("CAPFLOOR/RATE_NVOL/USD/5Y/1D/0/0/0.03", "-0.01"),
    ],
)
def test_a_quote_of_ore_is_named_by_its_line(tmp_path, key, bad) -> None:
    quotes = [f"2024-03-19,IR_SWAP/RATE/USD/SOFR/2D/1D/{tenor},0.04" for tenor in ("1Y", "10Y")]
    at_the_money = "2024-03-19,SWAPTION/RATE_NVOL/USD/SOFR/1Y/5Y/ATM,0.01"
    rows = [*quotes, at_the_money] if "/ATM" not in key else quotes
    found = message(tmp_path, "\n".join([*rows, f"2024-03-19,{key},{bad}"]) + "\n")
    assert f"line {len(rows) + 1}: {key}" in found
    assert bad in found
