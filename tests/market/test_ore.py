"""ORE's quote format: small made-up files, and the real ones where they are at hand."""

import datetime
from pathlib import Path

import numpy as np
import pytest

import neuralrates as nr
from market.real import real_market
from neuralrates.core import InputError

USD = """# a comment
2024-03-19,MM/RATE/USD/SOFR/0D/1D,0.0531
2024-03-19,OI_FUTURE/PRICE/USD/2024-06/XCME:SRA/3M,94.665
2024-03-19,IR_SWAP/RATE/USD/SOFR/0D/1D/2Y,0.0459

2024-03-19,IR_SWAP/RATE/USD/SOFR/0D/1D/10Y,0.0392
2024-03-19,FX/RATE/EUR/USD,1.09
2024-03-19,SWAPTION/RATE_NVOL/USD/SOFR/1Y/5Y/ATM,0.011
2024-03-19,SWAPTION/RATE_NVOL/USD/SOFR/1Y/5Y/Smile/0.01,0.012
2024-03-19,CAPFLOOR/RATE_NVOL/USD/5Y/1D/0/0/0.02,0.010
"""
EUR = """20160205 MM/RATE/EUR/0D/1D -0.0011
20160205 IR_SWAP/RATE/EUR/2D/1D/1Y -0.0031
20160205 IR_SWAP/RATE/EUR/2D/1D/10Y 0.0039
20160205 FRA/RATE/EUR/6M/6M 0.0155
20160205 FRA/RATE/EUR/6M/6M -0.0007
20160205 MM/RATE/EUR/2D/6M 0.0002
20160205 IR_SWAP/RATE/EUR/2D/6M/2Y -0.0005
20160205 IR_SWAP/RATE/EUR/2D/6M/10Y 0.0069
"""


def load(folder: Path, text: str, currency: str | None = None) -> "nr.market.Market":
    path = folder / "market.txt"
    path.write_text(text)
    return nr.market.load_ore(path, currency) if currency else nr.market.load(path)


def test_single_curve_with_volatilities(tmp_path: Path) -> None:
    usd = load(tmp_path, USD)["USD"]
    assert usd.curves.single_curve
    assert [quote.name for quote in usd.curves.quotes][1] == "USD-SOFR future 2024-03+3M"
    assert np.max(np.abs(usd.curves.residuals)) < 1e-12
    assert float(usd.swaption_volatility(1.0, 5.0, 0.005)) == pytest.approx(0.0115)
    assert usd.cap_volatility.labels == ("5Y at 0.02",)


def test_the_contradicted_quote_nearest_to_the_others_is_used(tmp_path: Path) -> None:
    for text in (
        EUR,
        EUR.replace("0.0155", "x").replace("-0.0007", "0.0155").replace("x", "-0.0007"),
    ):
        eur = load(tmp_path, text)["EUR"]
        fra = next(quote for quote in eur.curves.quotes if quote.kind == "fra")
        assert fra.value == -0.0007
        assert any("-0.0007 is used, not 0.0155" in note for note in eur.source.notes)


def test_all_complete_currencies_or_the_one_asked_for(tmp_path: Path) -> None:
    both = EUR + USD.replace("2024-03-19,", "2016-02-05,").replace("2024-06", "2016-06")
    assert set(load(tmp_path, both).currencies) == {"EUR", "USD"}
    assert set(load(tmp_path, both, "EUR").currencies) == {"EUR"}
    with pytest.raises(InputError, match="EUR lacks ois quotes"):
        load(tmp_path, USD, "EUR")
    with pytest.raises(InputError, match="'JPY'"):
        load(tmp_path, USD, "JPY")


BAD = [
    (USD + "2024-03-19,FX/RATE/EUR/CHF\n", "line 11: expected date, key and value, found 2"),
    (USD + "19.3.2024,FX/RATE/EUR/CHF,1\n", "line 11: expected a date"),
    (USD + "2024-02-30,FX/RATE/EUR/CHF,1\n", "line 11: expected a date"),
    (
        USD + "2024-03-20,FX/RATE/EUR/CHF,1\n",
        r"expected one date.*--date.*found 2: 2024-03-19, 2024-03-20",
    ),
    (USD + "2024-03-19,FX/RATE/EUR/CHF,one\n", "line 11: expected a finite number, found 'one'"),
    (USD.replace("0.0459", "nan"), "line 4: expected a finite number"),
    (USD.replace("0.0459", "4.59"), "line 4: .*0.03, not 3.0"),
    (USD.replace("94.665", "0.05"), "line 3: .*price per 100"),
    (USD + "2024-03-19,SWAPTION/RATE_NVOL/USD/SOFR/5Y/10Y/ATM,0.01\n", "1Y x 10Y, found a hole"),
    (USD + "2024-03-19,SWAPTION/RATE_NVOL/USD/SOFR/1Y/5Y/ATM,0.02\n", "line 11: .*in line 8"),
    (USD.replace("ATM,0.011", "ATM,-0.011"), "line 8: SWAPTION"),
    (USD.replace("ATM,0.011", "ATM,110"), "line 8: SWAPTION"),
    (USD.replace("1Y/5Y/ATM", "01Y/5Y/ATM"), "line 8: .*must be a tenor"),
    (USD.replace("Smile/0.01", "Smile/0.0.1"), "line 9: .*could not convert"),
    ("# nothing\n", "found none"),
]


@pytest.mark.parametrize(("text", "match"), BAD)
def test_bad_lines_are_explained(tmp_path: Path, text: str, match: str) -> None:
    with pytest.raises(InputError, match=match) as caught:
        load(tmp_path, text)
    assert "\n" not in str(caught.value)


REAL = {
    "market_20240319_usd.csv": {"USD": (23, (19, 14), (13, 20))},
    "market_20160205.txt": {"USD": (69, (14, 14), (12, 40)), "EUR": (128, (14, 11), (12, 57))},
    "market_20191230.txt": {"USD": (49, (14, 14), None), "EUR": (86, None, (8, 10))},
}


@pytest.mark.parametrize("name", REAL)
def test_real_markets_load_and_reprice(shared_data: Path, name: str) -> None:
    market = real_market(shared_data / "ore" / name)
    assert set(market.currencies) == set(REAL[name])
    for code, (nodes, swaptions, caps) in REAL[name].items():
        item = market[code]
        assert item.curves.jacobian.shape == (nodes, nodes)
        assert np.max(np.abs(item.curves.residuals)) < 1e-11
        matrix, of_caps = item.swaption_volatility, item.cap_volatility
        assert (matrix and matrix.volatilities.shape) == swaptions
        assert (of_caps and of_caps.normal_volatility.shape) == caps


def test_further_term_rates_have_their_curves(shared_data: Path) -> None:
    """From outright swaps where there are some, else from basis swaps; 12M, whose basis files differ about, is left out."""
    names = [f"EUR-EURIBOR-{months}M" for months in (6, 3, 1)]
    for name, count in (("market_20160205.txt", 3), ("market_20191230.txt", 2)):
        curves = real_market(shared_data / "ore" / name)["EUR"].curves
        assert list(curves.by_index) == ["EUR-EONIA", *names[:count]]
        assert curves.projection_index == names[0]
        rates = [float(curves.curve(index).forward_rate(4.75, 5.0)) for index in curves.by_index]
        assert max(rates) - min(rates) < 0.006
        assert rates[1] > rates[2]
    kinds = {quote.kind for quote in curves.quotes if quote.index == names[1]}
    assert kinds == {"deposit", "fra", "basis"}
    dollars = real_market(shared_data / "ore" / "market_20160205.txt")["USD"].curves
    assert list(dollars.by_index) == ["USD-FEDFUNDS", "USD-LIBOR-3M", "USD-LIBOR-1M"]


BASIS = {
    "6M/3M": ("20160205 BASIS_SWAP/BASIS_SPREAD/6M/3M/EUR/10Y 0.00125\n", ""),
    "3M/6M": ("20160205 BASIS_SWAP/BASIS_SPREAD/3M/6M/EUR/10Y 0.00125\n", "fixed"),
}


@pytest.mark.parametrize("key", BASIS)
def test_a_basis_is_over_the_shorter_rate_or_the_difference_of_two_swaps(
    tmp_path: Path, key: str
) -> None:
    line, spread_on = BASIS[key]
    curves = load(tmp_path, EUR + line)["EUR"].curves
    quote = next(quote for quote in curves.quotes if quote.kind == "basis")
    assert (quote.against, quote.spread_on) == ("EUR-EURIBOR-6M", spread_on)
    three, six = (float(curves.curve(f"EUR-EURIBOR-{n}M").zero_rate(10.0)) for n in (3, 6))
    assert six - three == pytest.approx(0.00125, rel=0.1)  # its sign and size
    assert load(tmp_path, EUR + line.replace("3M", "12M")).source.unread == 1


def test_negative_rates_and_contradictions_of_2016(shared_data: Path) -> None:
    market = nr.market.load_ore(shared_data / "ore" / "market_20160205.txt", "EUR")["EUR"]
    assert float(market.curves.discount.zero_rate(2.0)) < 0.0
    six = [quote for quote in market.curves.quotes if quote.index == "EUR-EURIBOR-6M"]
    fras = {quote.start: quote.value for quote in six if quote.kind == "fra"}
    assert fras["6M"] == -0.000694
    assert sum("quoted more than once" in note for note in market.source.notes) == 7


def test_quotes_and_smile_of_2024_are_as_published(shared_data: Path) -> None:
    market = real_market(shared_data / "ore" / "market_20240319_usd.csv")["USD"]
    matrix = market.swaption_volatility
    expiry = matrix.expiries[matrix.expiry_labels.index("10Y")]
    assert float(matrix(expiry, 10.0)) == pytest.approx(0.0080300003, abs=1e-15)
    assert float(matrix(expiry, 10.0, -0.04)) == pytest.approx(0.0065540000, abs=1e-15)
    assert len(matrix.labels) == 266


SHIFTED = USD.replace("RATE_NVOL/USD/SOFR/1Y", "RATE_SLNVOL/USD/SOFR/1Y").replace(
    "0.011\n", "0.21\n"
)
SHIFTED = SHIFTED.replace("Smile/0.01,0.012", "Smile/0.01,0.20")
SHIFT = "2024-03-19,SWAPTION/SHIFT/USD/SOFR/5Y,0.03\n"
LOGNORMAL = SHIFT.replace("SHIFT/USD/SOFR/5Y,0.03", "RATE_LNVOL/USD/SOFR/1Y/5Y/ATM,0.3")


def test_shifted_lognormal_volatilities_with_smile_and_shift(tmp_path: Path) -> None:
    """They come before lognormal ones and after normal ones."""
    matrix = load(tmp_path, SHIFTED + SHIFT + LOGNORMAL)["USD"].swaption_volatility
    assert (matrix.quote_type, matrix.shift.tolist()) == ("shifted_lognormal", [0.03])
    assert float(matrix(1.0, 5.0, 0.005)) == pytest.approx(0.205)
    assert load(tmp_path, USD + SHIFT + LOGNORMAL)["USD"].swaption_volatility.quote_type == "normal"
    unshifted = load(
        tmp_path, USD.replace("NVOL/USD/SOFR/1Y/5Y/ATM,0.011", "LNVOL/USD/SOFR/1Y/5Y/ATM,0.3")
    )
    assert unshifted["USD"].swaption_volatility.quote_type == "lognormal"


def test_a_missing_shift_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a shift at 5Y, found a hole"):
        load(tmp_path, SHIFTED)


def test_what_is_not_read_is_counted_by_currency_and_family(tmp_path: Path) -> None:
    others = (
        "2024-03-19,SWAPTION/RATE_SHIFTY/USD/SOFR/1Y/5Y/ATM,0.3\n"
        "2024-03-19,SWAPTION/RATE_LNVOL/USD/SOFR/1Y/5Y/ATM,0.3\n"
        "2024-03-19,ZERO/RATE/USD/USD1D/A365/10Y,0.04\n"
        "2024-03-19,ZERO/RATE/USD/USD1D/A365/20Y,0.04\n"
        "2024-03-19,IR_SWP/RATE/USD/SOFR/0D/1D/5Y,0.04\n"
        "2024-03-19,IR_SWAP/RATE/GBP/0D/1D/5Y,0.04\n"
        "2024-03-19,SEASONALITY/RATE/MULT/UKRPI/JAN,0.04\n"
    )
    market = load(tmp_path, USD + others)
    assert market.source.unread == 8
    assert market.notes[:3] == (
        "EUR, not read: 1 quotes (FX/RATE 1)",
        "GBP, not read: 1 quotes (IR_SWAP/RATE 1)",
        "without a currency, not read: 1 quotes (SEASONALITY/RATE 1)",
    )
    assert (
        "USD: not read: 5 quotes (IR_SWP/RATE 1, SWAPTION/RATE_LNVOL 1, SWAPTION/RATE_SHIFTY 1, ZERO/RATE 2)"
        in market.notes
    )
    assert (
        load(
            tmp_path,
            USD.replace("FX/RATE/EUR/USD", "MM/RATE/USD/SOFR/0D/1D").replace("1.09", "0.0531"),
        ).source.unread
        == 0
    )


def test_one_of_several_dates_is_chosen(tmp_path: Path) -> None:
    path = tmp_path / "market.txt"
    path.write_text(USD + USD.replace("2024-03-19", "2024-03-20").replace("0.0392", "0.0400"))
    for day, rate in ((19, 0.0392), (20, 0.04)):
        market = nr.market.load(path, date=datetime.date(2024, 3, day))
        assert market.valuation_date.day == day
        assert market["USD"].curves.quotes[-1].value == rate
    with pytest.raises(InputError, match="quotes of 2024-03-21, found those of 2024-03-19, 2024"):
        nr.market.load(path, date=datetime.date(2024, 3, 21))


def test_ester_is_read_as_estr(tmp_path: Path) -> None:
    ester = EUR.replace("EUR/0D/1D", "EUR/ESTER/0D/1D").replace("EUR/2D/1D", "EUR/ESTER/2D/1D")
    curves = load(tmp_path, ester)["EUR"].curves
    assert (curves.discount_index, curves.projection_index) == ("EUR-ESTR", "EUR-EURIBOR-6M")
    alone = "".join(line + "\n" for line in ester.splitlines() if "ESTER" in line)
    curves = load(tmp_path, alone)["EUR"].curves
    assert curves.single_curve
    assert curves.discount_index == "EUR-ESTR"
