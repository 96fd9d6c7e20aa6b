"""Doubts about quoted volatilities: one line each, with the evidence; none about what is usual."""

import numpy as np
import pytest

import neuralrates as nr
from neuralrates.market.files.volatility_notes import notes_on_quotes, smile_range

FORWARDS = np.array([[0.03, 0.031], [0.032, 0.033]])
OFFSETS = [-0.01, 0.0, 0.01, 0.015, 0.02]


def matrix(
    level: float, spreads: list[float] | None = None, **kind
) -> nr.market.SwaptionVolatility:
    """Two expiries and two tenors; the smile, the same at both tenors, is quoted at the second expiry."""
    smile = None
    if spreads is not None:
        table = np.tile(np.array(spreads)[:, None, None], (1, 1, 2))
        smile = nr.market.VolatilitySmile(OFFSETS, [5.0], [5.0, 10.0], table)
    return nr.market.SwaptionVolatility(
        [1.0, 5.0], [5.0, 10.0], np.full((2, 2), level), smile, ("1Y", "5Y"), ("5Y", "10Y"), **kind
    )


@pytest.mark.parametrize(
    ("level", "kind", "evidence"),
    [
        (0.15, "normal", "1Y x 5Y is 0.15, 1,500 basis points of normal"),
        (0.0074, "lognormal", "1Y x 5Y is 0.0074, 0.74% of lognormal"),
    ],
)
def test_a_volatility_of_another_type_is_named_with_its_size(
    level: float, kind: str, evidence: str
) -> None:
    (note,) = notes_on_quotes(matrix(level, quote_type=kind), FORWARDS)
    assert evidence in note


def test_nothing_is_said_of_usual_quotes_of_any_type() -> None:
    assert notes_on_quotes(matrix(0.009), FORWARDS) == ()
    assert notes_on_quotes(matrix(0.0), FORWARDS) == ()
    assert notes_on_quotes(matrix(0.3, quote_type="lognormal"), FORWARDS) == ()
    shifted = matrix(0.15, quote_type="shifted_lognormal", shift=0.03)
    assert notes_on_quotes(shifted, FORWARDS - 0.04) == ()


def test_lognormal_quotes_without_a_positive_forward_are_counted() -> None:
    (note,) = notes_on_quotes(matrix(0.3, quote_type="lognormal"), FORWARDS - 0.0315)
    assert "2 of 4" in note
    assert "1Y x 5Y with -0.0015" in note


@pytest.mark.parametrize(
    ("spreads", "fault"),
    [
        # Bachelier deviations 0.009 and 0.013 times sqrt(5): the payer at 5.3% (0.00391) is dearer than at 4.8% (0.00368).
        ([0.0, 0.0, 0.0, 0.0, 0.005], "5Y x 5Y, a payer at 5.2000% is dearer than at 4.7000%"),
        ([0.005, 0.0, 0.0, 0.0, 0.0], "5Y x 5Y, a receiver at 3.2000% is cheaper than at 2.2000%"),
        ([0.0, 0.0, 0.0, 0.001, 0.0], "5Y x 5Y, a butterfly of 4.2000%, 4.7000%, 5.2000%"),
    ],
)
def test_arbitrage_is_named_with_point_and_strikes(spreads: list[float], fault: str) -> None:
    (note,) = notes_on_quotes(matrix(0.009, spreads), FORWARDS)
    assert fault in note
    assert note.endswith("(the first of 2 such points of 2)")


def test_where_a_smile_is_quoted_is_said() -> None:
    (note,) = smile_range(matrix(0.009, [0.0] * 5))
    assert "1 expiries (5Y to 5Y) and 2 tenors (5Y to 10Y)" in note
    assert smile_range(matrix(0.009)) == ()


def test_usual_smiles_have_none() -> None:
    smile = [0.0008, 0.0, 0.0005, 0.0009, 0.0014]
    assert not any("arbitrage" in note for note in notes_on_quotes(matrix(0.009, smile), FORWARDS))
    black = matrix(0.3, [0.1, 0.0, -0.03, -0.04, -0.05], quote_type="lognormal")
    assert not any("arbitrage" in note for note in notes_on_quotes(black, FORWARDS))
