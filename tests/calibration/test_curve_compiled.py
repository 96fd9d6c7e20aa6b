"""How the curve moves rates: the kernel in C against the same in NumPy."""

import numpy as np
import pytest
from benchmarks.support.forward_curve_cases import random_case, stacked

from neuralrates.calibration import compiled_curve
from neuralrates.calibration.curve_coterminals import CurveCoterminals
from neuralrates.calibration.curve_swaps import CoterminalRates
from neuralrates.core.native import kernel
from neuralrates.market.forward_curve import ForwardCurveParameters

KERNEL = kernel("neuralrates.calibration._curve")
pytestmark = pytest.mark.skipif(
    KERNEL is None, reason="the package was installed without a compiler"
)

EXACT = 1e-9  # of the largest: small triangular systems, solved in another order
LAWS = {
    "the defaults": ForwardCurveParameters(),
    "a shift and a cap that binds": ForwardCurveParameters(shift=0.005, cap=0.205),
    "one column": ForwardCurveParameters(factors=((0.05,),)),
    "six columns": ForwardCurveParameters(factors=((0.05, 0.01) + (0.001,) * 4,) * 2),
}


def rates(count: int = 40) -> CoterminalRates:
    random = np.random.default_rng(11)
    return stacked([random_case(random) for _ in range(count)])


def both(
    monkeypatch: pytest.MonkeyPatch, law: ForwardCurveParameters, given: CoterminalRates
) -> tuple[CurveCoterminals, CurveCoterminals]:
    with np.errstate(all="ignore"):
        ours = CurveCoterminals(law, given)
        monkeypatch.setattr(compiled_curve, "_KERNEL", None)
        return ours, CurveCoterminals(law, given)


@pytest.mark.parametrize("name", LAWS)
def test_the_kernel_and_numpy_agree(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    given = rates()
    ours, theirs = both(monkeypatch, LAWS[name], given)
    np.testing.assert_allclose(ours.least_level, theirs.least_level, rtol=1e-12)
    for field in ours.moves._fields:
        found, expected = getattr(ours.moves, field), getattr(theirs.moves, field)
        largest = np.max(np.abs(expected), axis=1, keepdims=True)
        np.testing.assert_allclose(found / largest, expected / largest, rtol=0.0, atol=EXACT)


def test_what_is_no_number_stays_none(monkeypatch: pytest.MonkeyPatch) -> None:
    given = rates(4)
    given.quotes[0, 0] = np.nan
    given.discount_factors[1, 2] = np.nan
    given.present_values[2, 0, 1] = np.nan
    ours, theirs = both(monkeypatch, LAWS["the defaults"], given)
    for trade in range(3):
        assert (
            np.isnan(ours.moves.squares[trade]).any() == np.isnan(theirs.moves.squares[trade]).any()
        )
        assert np.isnan(ours.moves.squares[trade]).any()
    assert np.isfinite(ours.moves.loadings[3]).all()


def test_arrays_of_other_sizes_are_refused() -> None:
    given = rates(2)
    with pytest.raises(ValueError, match="Argument `quotes` must hold"):
        compiled_curve.moves(LAWS["one column"], given._replace(quotes=given.quotes[:, 1:]))
    nobody = np.zeros_like(given.alive)
    with pytest.raises(ValueError, match="Argument `counts` must be of exercises that there are"):
        compiled_curve.moves(LAWS["one column"], given._replace(alive=nobody))
