"""Quotes of five EUR curves, and market files of a few of them."""

import datetime

import neuralrates as nr
from neuralrates.market import Quote

TODAY = datetime.date(2024, 3, 19)
ESTR = "EUR-ESTR"
EURIBOR = {months: f"EUR-EURIBOR-{months}M" for months in (1, 3, 6, 12)}
YEARS = (1, 2, 3, 5, 7, 10, 15, 20, 30)
OIS = (0.0365, 0.0315, 0.0288, 0.0264, 0.0258, 0.0259, 0.0261, 0.0255, 0.0240)
SWAPS = (0.0375, 0.0328, 0.0302, 0.0279, 0.0273, 0.0273, 0.0274, 0.0267, 0.0250)
BASIS = {3: 0.0008, 1: 0.0011, 12: 0.0005}
AGAINST = {3: 6, 1: 3, 12: 6}
SHORT = {1: 0.0385, 3: 0.0392, 6: 0.0389, 12: 0.0371}


def spread(months, place):
    return BASIS[months] - 0.00004 * place


def rows():
    """Quotes by floating rate: 6M outright, 3M and 12M against it, 1M against 3M."""
    found = {ESTR: [Quote("deposit", ESTR, "1D", 0.0391)]}
    found[ESTR] += [
        Quote("ois", ESTR, f"{year}Y", rate) for year, rate in zip(YEARS, OIS, strict=True)
    ]
    for months, index in EURIBOR.items():
        found[index] = [Quote("deposit", index, f"{months}M", SHORT[months])]
    found[EURIBOR[6]].append(Quote("fra", EURIBOR[6], "6M", 0.0362, "1M"))
    found[EURIBOR[6]] += [
        Quote("swap", EURIBOR[6], f"{year}Y", rate) for year, rate in zip(YEARS, SWAPS, strict=True)
    ]
    for months, other in AGAINST.items():
        found[EURIBOR[months]] += [
            Quote(
                "basis", EURIBOR[months], f"{year}Y", spread(months, place), against=EURIBOR[other]
            )
            for place, year in enumerate(YEARS)
            if (months, year) != (12, 1)
        ]
    return found


def system(interpolation="log_linear"):
    found = rows()
    discount = found.pop(ESTR)
    first = [*found.pop(EURIBOR[6]), *(quote for several in found.values() for quote in several)]
    return nr.market.bootstrap(TODAY, discount, first, interpolation)


def nodes():
    curves = [nr.market.ZeroCurve([1.0, 30.0], [0.02 + 0.001 * n, 0.03]) for n in range(4)]
    further = {EURIBOR[3]: curves[2], EURIBOR[1]: curves[3]}
    return nr.market.CurveSystem(*curves[:2], ESTR, EURIBOR[6], further=further)


def written(*projection):
    curve = {"index": ESTR, "quotes": [{"kind": "ois", "tenor": "10Y", "value": 0.026}]}
    entry = {"discount": curve, "projection": list(projection)}
    return {
        "schema": "neuralrates.market/1",
        "valuation_date": "2024-03-19",
        "currencies": {"EUR": entry},
    }


def outright(months):
    return {
        "index": EURIBOR[months],
        "quotes": [{"kind": "swap", "tenor": "10Y", "value": 0.027}],
    }


def basis(months, against, **more):
    quote = {"kind": "basis", "tenor": "10Y", "value": 0.001} | more
    return {"index": EURIBOR[months], "quotes": [quote | ({"against": against} if against else {})]}
