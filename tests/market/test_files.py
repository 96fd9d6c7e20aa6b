"""Market files: what is written is read back, and what is wrong is said in one line."""

import copy
import datetime
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import neuralrates as nr
from neuralrates.core import InputError

CONTENT: dict[str, Any] = {
    "schema": "neuralrates.market/1",
    "valuation_date": "2024-03-19",
    "currencies": {
        "USD": {
            "discount": {
                "index": "USD-SOFR",
                "quotes": [
                    {"kind": "deposit", "tenor": "1D", "value": 0.0531},
                    {"kind": "future", "tenor": "3M", "start": "2024-03", "value": 94.665},
                    {"kind": "ois", "tenor": "2Y", "value": 0.0459},
                    {"kind": "ois", "tenor": "10Y", "value": 0.0392},
                ],
            },
            "swaption_volatility": {
                "expiries": ["1Y", "5Y"],
                "tenors": ["5Y", "10Y"],
                "volatilities": [[0.011, 0.0105], [0.010, 0.0095]],
                "smile": {
                    "offsets": [-0.01, 0.01],
                    "expiries": ["5Y"],
                    "tenors": ["5Y", "10Y"],
                    "volatilities": [[[0.0098, 0.0094]], [[0.0105, 0.0099]]],
                },
            },
            "cap_volatility": {
                "terms": ["2Y", "5Y"],
                "strikes": [0.02, 0.04],
                "volatilities": [[0.012, 0.011], [0.011, 0.010]],
            },
        },
        "EUR": {
            "interpolation": "natural_spline",
            "discount": {
                "index": "EUR-ESTR",
                "quotes": [
                    {"kind": "ois", "tenor": "1Y", "value": 0.035},
                    {"kind": "ois", "tenor": "10Y", "value": 0.025},
                ],
            },
            "projection": {
                "index": "EUR-EURIBOR-6M",
                "quotes": [
                    {"kind": "fra", "start": "6M", "tenor": "6M", "value": 0.034},
                    {"kind": "swap", "tenor": "10Y", "value": 0.027},
                ],
            },
        },
        "XTS": {
            "discount": {"index": "EUR-ESTR", "times": [1.0, 10.0], "zero_rates": [-0.01, 0.01]}
        },
    },
}
USD = ("currencies", "USD")
VOLATILITIES = (*USD, "swaption_volatility")


def write(folder: Path, content: object) -> Path:
    path = folder / "market.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def changed(place: tuple, value: object) -> dict:
    content = copy.deepcopy(CONTENT)
    target = content
    for key in place[:-1]:
        target = target[key]
    target[place[-1]] = value
    return content


def test_market_of_a_file(tmp_path: Path) -> None:
    market = nr.market.load(write(tmp_path, CONTENT))
    usd, eur = market["USD"], market["EUR"]
    assert usd.curves.single_curve
    assert not eur.curves.single_curve
    assert np.max(np.abs(usd.curves.residuals)) < 1e-12
    assert float(usd.swaption_volatility(5.0, 5.0)) == pytest.approx(0.010, rel=1e-3)
    assert float(usd.swaption_volatility(5.0, 10.0, 0.01)) == pytest.approx(0.0099, rel=1e-3)
    assert float(usd.cap_volatility(2.0, 0.04)) == 0.011
    assert market["XTS"].curves.jacobian.shape == (2, 0)
    assert len(usd.source.sha256) == 64


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    market = nr.market.load(write(tmp_path, CONTENT))
    nr.market.dump(market, tmp_path / "again.json", "a test")
    again = nr.market.load(tmp_path / "again.json")
    for code, item in market.currencies.items():
        other = again[code]
        np.testing.assert_array_equal(
            other.curves.discount.zero_rates, item.curves.discount.zero_rates
        )
        np.testing.assert_array_equal(
            other.curves.projection.zero_rates, item.curves.projection.zero_rates
        )
        assert other.curves.quotes == item.curves.quotes
    smile, other = (m["USD"].swaption_volatility.smile for m in (market, again))
    np.testing.assert_allclose(other.spreads, smile.spreads, atol=1e-17)


BAD: list[tuple[Callable[[], object], str]] = [
    (lambda: changed(("surprise",), 1), "unknown key 'surprise', expected schema"),
    (lambda: changed(("schema",), "neuralrates.market/9"), "field `schema`"),
    (lambda: changed(("valuation_date",), "19.3.2024"), "field `valuation_date`: expected a date"),
    (lambda: changed(("valuation_date",), 20240319), "field `valuation_date`"),
    (lambda: changed(("currencies",), {}), "field `currencies`"),
    (
        lambda: changed((*USD, "discount", "quotes", 3, "value"), 3.92),
        r"quotes\[3\]`.*0.03, not 3.0",
    ),
    (lambda: changed((*USD, "discount", "quotes", 3, "value"), "0.04"), r"quotes\[3\].value`"),
    (lambda: changed((*USD, "discount", "quotes", 3, "value"), None), r"quotes\[3\].value`"),
    (lambda: changed((*USD, "discount", "quotes", 3, "tenor"), "2Y"), "USD-SOFR OIS 2Y again"),
    (lambda: changed((*USD, "discount", "quotes", 3, "tenor"), "10 years"), r"quotes\[3\]`.*tenor"),
    (lambda: changed((*USD, "discount", "quotes", 3, "kind"), "swap"), "USD-SOFR swap 10Y"),
    (lambda: changed((*USD, "discount", "quotes", 3, "rate"), 0.1), "unknown key 'rate'"),
    (lambda: changed((*USD, "discount", "index"), "USD-PRIME"), "USD-FEDFUNDS.*'USD-PRIME'"),
    (lambda: changed((*USD, "discount", "quotes"), []), "either quotes, or times"),
    (lambda: changed((*VOLATILITIES, "volatilities", 1), [0.01]), "holes"),
    (lambda: changed((*VOLATILITIES, "volatilities", 1, 0), None), r"volatilities\[1\]\[0\]"),
    (lambda: changed((*VOLATILITIES, "volatilities", 1, 0), -0.01), "at least 0"),
    (lambda: changed((*VOLATILITIES, "volatilities", 1, 0), 95.0), "0.008, not 0.8 or 80"),
    (lambda: changed((*VOLATILITIES, "expiries"), ["5Y", "1Y"]), "`expiries` must be strictly"),
    (lambda: changed((*VOLATILITIES, "smile", "expiries"), ["6Y"]), "smile is quoted where"),
    (lambda: changed(("currencies", "XTS", "discount", "times"), [10.0, 1.0]), "`times` must be"),
    (lambda: changed(("currencies", "XTS", "discount", "zero_rates"), [1.0, 2.0]), "0.03, not 3.0"),
    (
        lambda: changed((*USD, "discount", "quotes", 2, "convexity"), 0.001),
        r"quotes\[2\]`: expected no convexity for a quote of kind 'ois'",
    ),
    (
        lambda: changed((*USD, "projection"), CONTENT["currencies"]["USD"]["discount"]),
        "currencies.USD`: expected one curve of USD-SOFR, found two",
    ),
    (lambda: changed((*USD, "futures_until"), "two years"), "futures_until"),
    (lambda: changed((*USD, "discount", "compounding"), "annual"), "only beside times"),
    (
        lambda: changed(("currencies", "XTS", "discount", "times"), [1.0, 1.0 + 1e-12]),
        "discount`.*`times` must be at least",
    ),
    (lambda: json.dumps(CONTENT).replace("0.0459", "NaN"), "a finite number, found NaN"),
    (
        lambda: json.dumps(CONTENT).replace('"EUR": {', '"USD": {'),
        "field `USD`: expected each field once",
    ),
    (lambda: json.dumps(CONTENT, indent=1)[:-30], "expected JSON: "),
    (lambda: "[1]", r"expected fields in braces, {\.\.\.}, found \[1\]"),
    (
        lambda: changed((*USD, "discount", "quotes", 3, "value"), 400.0),
        r"`value` must be a decimal \(0.03, not 3.0\), but is 400.0",
    ),
    (lambda: "", "expected lines of date, key and value"),
]


@pytest.mark.parametrize(("make", "match"), BAD)
def test_bad_files_are_explained_in_one_line(tmp_path: Path, make: Callable, match: str) -> None:
    path = write(tmp_path, make())
    with pytest.raises(InputError, match=match) as caught:
        nr.market.load(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_many_keys_and_one_twice_are_counted_once(tmp_path: Path) -> None:
    """A count per key for every key would take minutes."""
    keys = ", ".join(f'"{number}": 0' for number in range(60_000))
    with pytest.raises(InputError, match="field `7`: expected each field once"):
        nr.market.load(write(tmp_path, "{" + keys + ', "7": 1}'))


def test_a_file_larger_than_any_market_is_refused_unread(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="at most 33,554,432 bytes"):
        nr.market.load(write(tmp_path, "\n" * 50_000_000))


@pytest.mark.parametrize(
    ("compounding", "factor"),
    [
        ("continuous", np.exp(-0.05 * 2.5)),
        ("simple", 1.0 / (1.0 + 0.05 * 2.5)),
        ("annual", 1.05**-2.5),
        ("semiannual", 1.025**-5.0),
    ],
)
def test_zero_rates_are_read_as_they_are_compounded(
    tmp_path: Path, compounding: str, factor: float
) -> None:
    content = changed(("currencies", "XTS", "discount", "compounding"), compounding)
    content["currencies"]["XTS"]["discount"] |= {"times": [2.5], "zero_rates": [0.05]}
    curve = nr.market.load(write(tmp_path, content))["XTS"].curves.discount
    assert float(curve.discount_factor(2.5)) == pytest.approx(factor, rel=1e-14)


def test_another_date_than_asked_for_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, CONTENT)
    date = datetime.date(2024, 3, 19)
    assert nr.market.load(path, date=date).valuation_date == date
    with pytest.raises(InputError, match="`valuation_date`: expected 2024-03-20"):
        nr.market.load(path, date=datetime.date(2024, 3, 20))


def test_rates_that_look_like_slips_are_warned_of(tmp_path: Path) -> None:
    content = changed((*USD, "discount", "quotes", 3, "value"), 0.25)
    content["description"] = "Zero rates of the day"
    found = nr.market.load(write(tmp_path, content)).warnings
    first, second = (line for line in found if line.startswith("USD"))
    assert first.startswith("USD: USD-SOFR OIS 10Y is 25 percent a year")
    assert "'Zero rate'" in second
    assert "USD-SOFR OIS 10Y at 25.0000%" in second
    assert nr.market.load(write(tmp_path, CONTENT)).warnings == ()


def test_missing_and_binary_files_are_explained(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        nr.market.load(tmp_path / "nothing.json")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="UTF-8"):
        nr.market.load(tmp_path / "binary")


def test_a_failed_dump_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    market = nr.market.load(write(tmp_path, CONTENT))
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        nr.market.dump(market, tmp_path / "market.json")
    assert json.loads((tmp_path / "market.json").read_text()) == CONTENT
    assert len(list(tmp_path.iterdir())) == 1


def test_the_example_market_says_that_it_is_illustrative(root: Path) -> None:
    path = root / "src" / "neuralrates" / "desk" / "example_files" / "market.json"
    assert "Illustrative" in json.loads(path.read_text())["description"]
    market = nr.market.load(path)["USD"]
    assert np.max(np.abs(market.curves.residuals)) < 1e-12
    assert market.curves.unused == ()
    forwards = [float(market.curves.discount.instantaneous_forward_rate(t)) for t in range(1, 30)]
    assert min(forwards) > 0.02
    assert max(forwards) < 0.06
