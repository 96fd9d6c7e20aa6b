"""Real swaption smiles by SABR and linear in strike: quotes missed, and butterflies worth less than nothing on a fine grid.

    python -m benchmarks.sabr_smiles

The cubes are in ../shared/data: euros of 2016-02-05, dollars of 2019-12-30 and 2024-03-19. Between the outermost quotes every
strike is looked at that is a whole basis point from the money; a butterfly of three neighbours counts where it is worth less
than a thousandth of a basis point below nothing. What the quotes themselves allow is counted on their own strikes.
"""

from pathlib import Path

import numpy as np
from benchmarks.support.results import save
from scipy.special import ndtr

import neuralrates as nr
from neuralrates.market.files.sabr_smile import by_sabr
from neuralrates.market.files.schema import SabrEntry

_FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "ore"
CUBES = {
    "EUR 2016-02-05": "market_20160205.txt",
    "USD 2019-12-30": "market_20191230.txt",
    "USD 2024-03-19": "market_20240319_usd.csv",
}
_SLACK = 1e-7
_STEP = 1e-4


def main() -> None:
    """Measure, print and save."""
    if not _FOLDER.is_dir():
        raise SystemExit("the markets are not at ../shared/data/ore beside the checkout")
    results: dict[str, object] = {name: cube(name, file) for name, file in CUBES.items()}
    for name, found in results.items():
        print(name, found)
    print(f"saved to {save('sabr_smiles', results)}")


def cube(name: str, file: str) -> dict[str, object]:
    """What SABR misses of a cube, and the arbitrage in strike of both smiles."""
    market = nr.market.load_ore(_FOLDER / file, name[:3])
    known = market[name[:3]]
    matrix = known.swaption_volatility
    assert matrix is not None
    linear = matrix.smile
    assert linear is not None
    rows = np.searchsorted(np.asarray(matrix.expiries), np.asarray(linear.expiries))
    columns = np.searchsorted(np.asarray(matrix.tenors), np.asarray(linear.tenors))
    labels = (
        [matrix.expiry_labels[row] for row in rows],
        [matrix.tenor_labels[column] for column in columns],
    )
    forwards = nr.market.forward_swap_rates(market.valuation_date, known.curves, *labels)
    money = np.asarray(matrix.volatilities)[np.ix_(rows, columns)]
    smooth, misses = by_sabr(linear, money, forwards, SabrEntry())
    offsets = np.asarray(linear.offsets)
    fine = np.arange(round(offsets[0] / _STEP), round(offsets[-1] / _STEP) + 1) * _STEP
    at_quotes = np.max(
        np.abs(
            [
                np.interp(offsets, np.asarray(smooth.offsets), np.asarray(smooth.spreads)[:, e, t])
                - np.asarray(linear.spreads)[:, e, t]
                for e, t in np.ndindex(*money.shape)
            ]
        )
    )
    return {
        "points": int(money.size),
        "quotes_missed_at_most": float(at_quotes),
        "model_alone_misses_basis_points": {
            "mean": 1e4 * float(misses.mean()),
            "worst": 1e4 * float(misses.max()),
        },
        "butterflies_below_nothing": {
            "by_sabr": _butterflies(smooth, fine, forwards, money),
            "linear": _butterflies(linear, fine, forwards, money),
            "of_quotes": _butterflies(linear, offsets, forwards, money),
        },
        "butterflies": {
            "fine": int(money.size * (fine.size - 2)),
            "of_quotes": int(money.size * (offsets.size - 2)),
        },
    }


def _butterflies(
    smile: nr.market.VolatilitySmile, offsets: np.ndarray, forwards: np.ndarray, money: np.ndarray
) -> int:
    """Butterflies of three neighbouring offsets whose value by Bachelier's formula is below zero."""
    count = 0
    left, right = np.diff(offsets)[:-1], np.diff(offsets)[1:]
    for e, t in np.ndindex(*forwards.shape):
        spreads = np.interp(offsets, np.asarray(smile.offsets), np.asarray(smile.spreads)[:, e, t])
        deviations = (money[e, t] + spreads) * np.sqrt(float(smile.expiries[e]))
        distance = -offsets / deviations
        density = np.exp(-0.5 * distance**2) / np.sqrt(2.0 * np.pi)
        payers = deviations * (distance * ndtr(distance) + density)
        wings = (right * payers[:-2] + left * payers[2:]) / (left + right)
        count += int(np.sum(payers[1:-1] - wings > _SLACK))
    return count


if __name__ == "__main__":
    main()
