"""Readers never answer malformed input with anything but an `InputError`."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import neuralrates as nr
from neuralrates.core import InputError

CONTENT: dict[str, Any] = {
    "schema": "neuralrates.market/1",
    "valuation_date": "2024-03-19",
    "currencies": {
        "USD": {
            "discount": {"index": "USD-SOFR", "times": [1.0, 10.0], "zero_rates": [0.05, 0.04]},
            "swaption_volatility": {
                "expiries": ["1Y"],
                "tenors": ["5Y", "10Y"],
                "volatilities": [[0.011, 0.0105]],
            },
        }
    },
}
QUOTES = {
    "index": "USD-SOFR",
    "quotes": [
        {"kind": "ois", "tenor": "1Y", "value": 0.05},
        {"kind": "future", "tenor": "3M", "start": "2024-06", "value": 95.0},
    ],
}
LINES = (
    "2024-03-19,MM/RATE/USD/SOFR/0D/1D,0.0531\n"
    "2024-03-19,IR_SWAP/RATE/USD/SOFR/0D/1D/2Y,0.0459\n"
    "2024-03-19,SWAPTION/RATE_NVOL/USD/SOFR/1Y/5Y/ATM,0.011\n"
)
HISTORY = "Date,SVENY01,SVENY02\n2024-03-19,4.9,4.6\n2024-03-20,4.8,NA\n"

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**6), 10**18),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["10Y", "1D", "99Y", "swap", "fra", "basis", "EUR-EURIBOR-6M", "2099-12-31"]),
)
values = st.recursive(
    scalars, lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text(max_size=5), v, max_size=3)
)
few = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def places(node: object, path: tuple = ()) -> list[tuple]:
    """Paths to every part of a nested structure."""
    items = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    return [path, *(place for key, part in items for place in places(part, (*path, key)))]


def replaced(content: Any, place: tuple, value: object) -> Any:
    if not place:
        return value
    content = copy.deepcopy(content)
    target = content
    for key in place[:-1]:
        target = target[key]
    target[place[-1]] = value
    return content


def with_quotes() -> dict:
    return replaced(CONTENT, ("currencies", "USD", "discount"), QUOTES)


def with_several_curves() -> dict:
    """Three curves, one of them by basis swaps."""
    deposit = {"kind": "deposit", "tenor": "3M", "value": 0.05}
    basis = {"kind": "basis", "tenor": "10Y", "value": 0.001, "against": "USD-LIBOR-6M"}
    projection = [
        {"index": "USD-LIBOR-6M", "quotes": [{"kind": "swap", "tenor": "10Y", "value": 0.041}]},
        {"index": "USD-LIBOR-3M", "quotes": [deposit, basis | {"spread_on": "USD-LIBOR-3M"}]},
    ]
    return replaced(with_quotes(), ("currencies", "USD", "projection"), projection)


def read(reader: Callable[[Path], object], path: Path, content: str | bytes) -> None:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    message = f"{path}: readable"
    try:
        reader(path)
    except InputError as problem:
        message = str(problem)
    assert str(path) in message
    assert len(message.splitlines()) == 1


@pytest.mark.parametrize(
    "content",
    [CONTENT, with_quotes(), with_several_curves()],
    ids=["nodes", "quotes", "several curves"],
)
@few
@given(data=st.data())
def test_json_with_any_part_replaced(tmp_path: Path, content: dict, data: st.DataObject) -> None:
    place = data.draw(st.sampled_from(places(content)))
    changed = json.dumps(replaced(content, place, data.draw(values)))
    read(nr.market.load, tmp_path / "market.json", changed)


def cut_and_paste(text: str) -> st.SearchStrategy[str]:
    """The text with one stretch of it replaced by something else."""
    place = st.integers(0, len(text))
    junk = st.one_of(
        st.text(max_size=6), st.sampled_from([",", "\n", "-", "NaN", "1e400", "/", "0"])
    )
    return st.builds(
        lambda a, b, new: text[: min(a, b)] + new + text[max(a, b) :], place, place, junk
    )


@few
@given(text=cut_and_paste(json.dumps(CONTENT)))
def test_malformed_json(tmp_path: Path, text: str) -> None:
    read(nr.market.load, tmp_path / "market.json", text.encode("utf-8", "surrogatepass"))


@few
@given(text=cut_and_paste(LINES))
def test_malformed_ore_quotes(tmp_path: Path, text: str) -> None:
    read(nr.market.load, tmp_path / "market.txt", text.encode("utf-8", "surrogatepass"))


@few
@given(text=cut_and_paste(HISTORY))
def test_malformed_histories(tmp_path: Path, text: str) -> None:
    content = text.encode("utf-8", "surrogatepass")
    read(nr.histories.load_gsw, tmp_path / "gsw.csv", content)
    read(nr.histories.load_series, tmp_path / "series.csv", content)


@few
@given(content=st.binary(max_size=60))
def test_any_bytes(tmp_path: Path, content: bytes) -> None:
    for reader in (nr.market.load, nr.histories.load_gsw, nr.histories.load_series):
        for name in ("file.csv", "file.csv.gz", "file.csv.xz", "file.parquet"):
            read(reader, tmp_path / name, content)
