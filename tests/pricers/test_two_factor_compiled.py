"""The induction and the calibration compiled against the same algorithms in NumPy, and what the kernels refuse to take."""

import dataclasses

import numpy as np
import pytest

from neuralrates.core.native import kernel
from neuralrates.desk.verification.tensor import Sizes, tensor_value
from neuralrates.pricers.gaussian.batched.portfolio import spanned
from neuralrates.pricers.gaussian.two_factor import compiled, compiled_quotes
from neuralrates.pricers.gaussian.two_factor.europeans import europeans
from neuralrates.pricers.gaussian.two_factor.options import Rules, Valued, Wanted, valued
from neuralrates.pricers.gaussian.two_factor.plane import PlaneRights
from neuralrates.pricers.gaussian.two_factor.quotes import PlaneQuotes, meet, through_quotes
from neuralrates.pricers.gaussian.two_factor.rule import Rule

ROOM = "neuralrates.pricers.gaussian.two_factor"
KERNEL, QUOTES = kernel(f"{ROOM}._kernel"), kernel(f"{ROOM}._quotes")
VALUE, SLOPE = 1e-12, 1e-9  # the same sums in another order; slopes are relative to the largest

pytestmark = pytest.mark.skipif(
    KERNEL is None or QUOTES is None, reason="the package was installed without a compiler"
)


@dataclasses.dataclass(frozen=True)
class Law:
    """Mean reversions and volatilities of the factors, their correlation, and a strike."""

    reversions: tuple[float, float] = (0.5, 0.03)
    volatilities: tuple[float, float] = (0.010, 0.008)
    correlation: float = -0.7
    strike: float = 0.03


LAWS = {
    "usual": Law(),
    "a fast factor that is the louder": Law((0.9, 0.02), (0.024, 0.008), -0.9),
    "positive correlation": Law((0.1, 0.05), (0.006, 0.009), 0.6, 0.04),
    "one factor": Law((0.5, 0.03), (1e-12, 0.008)),
}


def rights(law: Law, count: int = 6, side: float = 1.0) -> PlaneRights:
    """A Bermudan on a swap from its first year to one after its last exercise, at a flat rate of 3 percent."""
    times, rates = np.arange(1.0, count + 2.0), np.array(law.reversions)
    flows = np.zeros((count, count + 1))
    for i in range(count):
        flows[i, i], flows[i, i + 1 :] = -1.0, law.strike
        flows[i, -1] += 1.0
    decays = np.exp(-rates * times[:, None])
    loadings = (decays[-1] - decays) / rates
    pairs = rates[:, None] + rates
    matrix = np.array([[1.0, law.correlation], [law.correlation, 1.0]])
    scale = matrix * np.outer(law.volatilities, law.volatilities)
    covariances = scale * np.expm1(pairs * times[:count, None, None]) / pairs
    values = side * flows * np.exp(-0.03 * times)
    return PlaneRights(np.array([count]), covariances[None], loadings[None], values[None])


def both(
    monkeypatch: pytest.MonkeyPatch,
    known: PlaneRights,
    wanted: Wanted,
    tolerance: float = 1e-7,
    rules: Rules | None = None,
) -> tuple[tuple[Valued, Rules], tuple[Valued, Rules]]:
    """Answers of the kernel, and of NumPy."""
    ours = valued(tolerance, known, wanted, rules)
    monkeypatch.setattr(compiled, "_KERNEL", None)
    return ours, valued(tolerance, known, wanted, rules)


def drifts(known: PlaneRights) -> np.ndarray:
    """A tenth of the state's deviations."""
    deviations = np.sqrt(np.einsum("teii->tei", known.covariances))
    return deviations * np.random.default_rng(1).normal(0.0, 0.1, deviations.shape)


@pytest.mark.parametrize("side", [-1.0, 1.0], ids=["payer", "receiver"])
@pytest.mark.parametrize("name", LAWS)
def test_the_kernel_and_numpy_agree(
    monkeypatch: pytest.MonkeyPatch, name: str, side: float
) -> None:
    known = rights(LAWS[name], side=side)
    (ours, rules), (theirs, others) = both(monkeypatch, known, Wanted(True, drifts(known)))
    assert rules == others
    for field in ("values", "errors", "rights", "probabilities"):
        found, expected = getattr(ours, field), getattr(theirs, field)
        np.testing.assert_allclose(found, expected, rtol=0.0, atol=VALUE)
    paid = spanned(known.present_values)
    assert_slopes(ours.present_values * paid, theirs.present_values * paid)
    assert_slopes(ours.loadings, theirs.loadings)
    scale = np.sqrt(np.einsum("teii->tei", known.covariances))
    unit = scale[..., :, None] * scale[..., None, :]
    assert_slopes(ours.covariances * unit, theirs.covariances * unit)


def assert_slopes(found: np.ndarray, expected: np.ndarray) -> None:
    np.testing.assert_allclose(found, expected, rtol=0.0, atol=SLOPE * np.max(np.abs(expected)))


@pytest.mark.parametrize("tolerance", [1e-5, 1e-10])
def test_they_agree_at_other_tolerances(monkeypatch: pytest.MonkeyPatch, tolerance: float) -> None:
    known = rights(LAWS["a fast factor that is the louder"])
    (ours, rules), (theirs, others) = both(monkeypatch, known, Wanted(False), tolerance)
    assert rules == others
    np.testing.assert_allclose(ours.rights, theirs.rights, rtol=0.0, atol=VALUE)


def test_they_agree_on_more_lines_than_polynomials(monkeypatch: pytest.MonkeyPatch) -> None:
    known = rights(LAWS["a fast factor that is the louder"])
    rules = {0: Rule(1e-7, 64, 20)}
    (ours, _), (theirs, _) = both(monkeypatch, known, Wanted(True, drifts(known)), rules=rules)
    for field in ("values", "errors", "rights", "probabilities"):
        found, expected = getattr(ours, field), getattr(theirs, field)
        np.testing.assert_allclose(found, expected, rtol=0.0, atol=VALUE)
    assert_slopes(ours.loadings, theirs.loadings)
    assert_slopes(ours.covariances, theirs.covariances)


def test_many_lines_and_exercises_stay_within_the_target() -> None:
    """Polynomials of as many degrees as lines grew here beyond all numbers."""
    known = rights(Law((0.79, 0.0126), (0.005, 0.01), -0.87), 26)
    wanted = Wanted(False, errors=False)
    usual, _ = valued(1e-9, known, wanted, {0: Rule(1e-9, 128, 12, 5)})
    many, _ = valued(1e-9, known, wanted, {0: Rule(1e-9, 128, 40, 5)})
    np.testing.assert_allclose(many.values, usual.values, rtol=0.0, atol=1e-7)


@pytest.mark.parametrize("compiler", [True, False], ids=["kernel", "numpy"])
def test_exercises_that_enter_what_the_next_one_enters_change_nothing(
    monkeypatch: pytest.MonkeyPatch, compiler: bool
) -> None:
    """Four of six enter one swap: the right is the same without the first three of them, and so is tensor integration's."""
    if not compiler:
        monkeypatch.setattr(compiled, "_KERNEL", None)
    known, rest = rights(LAWS["usual"]), [0, 4, 5]
    flows = known.present_values.copy()
    flows[:, 1:4] = flows[:, 4:5]
    known = known._replace(present_values=flows)
    moved = drifts(known)
    few = PlaneRights(
        np.array([3]), known.covariances[:, rest], known.loadings, flows[:, rest].copy()
    )
    fewer = np.diff(np.cumsum(moved, axis=1)[:, rest], axis=1, prepend=0.0)
    ours, _ = valued(1e-9, known, Wanted(True, moved))
    theirs, _ = valued(1e-9, few, Wanted(True, fewer))
    for field in ("values", "errors", "loadings"):
        np.testing.assert_array_equal(getattr(ours, field), getattr(theirs, field))
    for field in ("rights", "probabilities", "present_values", "covariances"):
        found = getattr(ours, field)
        np.testing.assert_array_equal(found[:, rest], getattr(theirs, field))
        expected = found[:, 4:5] if field == "rights" else 0.0
        np.testing.assert_array_equal(found[:, 1:4] - expected, 0.0)
    exact = tensor_value(known.covariances[0], known.loadings[0], flows[0], Sizes(108, 42, 27))
    np.testing.assert_allclose(ours.values, exact, rtol=0.0, atol=1e-9)


def test_trades_of_several_lengths_are_what_they_are_alone() -> None:
    """As many that threads share them; each has padding of its own."""
    alone = [rights(LAWS["usual"], count) for count in (2, 7, 4, 1, 3, 6, 5, 2, 4)]
    counts = np.concatenate([one.counts for one in alone])
    covariances, loadings = np.zeros((9, 7, 2, 2)), np.zeros((9, 8, 2))
    values = np.zeros((9, 7, 8))
    for place, one in enumerate(alone):
        count = int(counts[place])
        covariances[place, :count] = one.covariances[0]
        loadings[place, : count + 1] = one.loadings[0]
        values[place, :count, : count + 1] = one.present_values[0]
    together, _ = valued(1e-7, PlaneRights(counts, covariances, loadings, values), Wanted(True))
    for place, one in enumerate(alone):
        single, _ = valued(1e-7, one, Wanted(True))
        count = int(counts[place])
        assert together.values[place] == single.values[0]
        np.testing.assert_array_equal(together.covariances[place, :count], single.covariances[0])


def test_steps_without_variance_are_no_price() -> None:
    """Nodes would not see the next exercise's density: no number, rather than a wrong one."""
    known = rights(LAWS["usual"])
    still = known.covariances.copy()
    still[:, 3] = still[:, 2]
    found, rules = valued(1e-7, known._replace(covariances=still), Wanted(True))
    assert np.isnan(found.values[0])
    assert rules == {}


def quotes(law: Law, squares: np.ndarray) -> PlaneQuotes:
    """Europeans of the rights, worth what these squares of volatilities make them worth."""
    count = squares.size
    known = rights(law, count)
    unit = np.diff(known.covariances, axis=1, prepend=0.0) / law.volatilities[1] ** 2
    covariances = np.cumsum(squares[:, None, None] * unit, axis=1)
    loadings = np.repeat(known.loadings, count, axis=0)
    worth = europeans(known.present_values[0], loadings, covariances[0])
    annuities = [np.sum(np.exp(-0.03 * np.arange(i + 2, count + 2))) for i in range(count)]
    ones = np.ones((1, count))
    still = np.zeros((1, count), dtype=bool)
    return PlaneQuotes(
        ~still,
        known.present_values,
        known.loadings,
        unit,
        worth.value[None],
        ones,
        np.array([annuities]),
        0.008 * np.sqrt(np.arange(1.0, count + 1.0))[None],
        ones,
        still,
    )


@pytest.mark.parametrize("name", ["usual", "positive correlation"])
def test_calibration_finds_the_volatilities_that_made_the_quotes(name: str) -> None:
    squares = np.linspace(0.8e-4, 0.5e-4, 5)
    found = meet(quotes(LAWS[name], squares))
    np.testing.assert_allclose(found.squares[0], squares, rtol=1e-9)
    assert np.max(np.abs(found.residuals)) < VALUE


def test_calibrations_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    known = quotes(LAWS["usual"], np.linspace(0.8e-4, 0.5e-4, 5))
    weights = np.random.default_rng(2).normal(size=known.growths.shape)
    weights = weights + np.swapaxes(weights, 2, 3)
    ours = meet(known)
    back = through_quotes(known, ours, weights)
    monkeypatch.setattr(compiled_quotes, "_KERNEL", None)
    theirs = meet(known)
    others = through_quotes(known, theirs, weights)
    np.testing.assert_allclose(ours.covariances, theirs.covariances, rtol=1e-9)
    np.testing.assert_allclose(ours.values.value, theirs.values.value, rtol=0.0, atol=VALUE)
    paid = known.present_values != 0.0
    assert_slopes(back.present_values * paid, others.present_values * paid)
    for field in ("loadings", "growths", "targets"):
        assert_slopes(getattr(back, field), getattr(others, field))


def test_a_quote_that_is_no_number_spoils_its_own_trade_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    good = quotes(LAWS["usual"], np.full(4, 0.6e-4))
    bad = good._replace(targets=np.full((1, 4), np.nan), deviations=np.full((1, 4), np.nan))
    pair = PlaneQuotes(*(np.concatenate([one, two]) for one, two in zip(bad, good, strict=True)))
    for _ in range(2):
        found = meet(pair)
        assert np.all(np.isnan(found.residuals[0]))
        np.testing.assert_allclose(found.squares[1], 0.6e-4, rtol=1e-9)
        monkeypatch.setattr(compiled_quotes, "_KERNEL", None)


def test_arrays_of_other_sizes_are_refused() -> None:
    assert KERNEL is not None
    known = rights(LAWS["usual"])
    sizes, chosen, two = known.present_values.shape, np.zeros(1, dtype=np.int64), np.zeros(1)
    with pytest.raises(ValueError, match="`covariances` must hold 24 items"):
        KERNEL.survey(sizes, known.counts, known.loadings, *known[2:], chosen, 6.0, two, chosen)
    with pytest.raises(ValueError, match="`chosen` must hold trades"):
        KERNEL.survey(sizes, *known, chosen + 1, 6.0, two, chosen)
    with pytest.raises(ValueError, match="`chosen` must hold trades"):
        KERNEL.survey(sizes, known.counts + 1, *known[1:], chosen, 6.0, two, chosen)
    nothing = (two, None, np.zeros(6), None, None, None, None, None)
    with pytest.raises(ValueError, match="`tables` must hold"):
        KERNEL.value(sizes, *known, chosen, (5, 16, 3, two), None, 0.0, nothing)
    with pytest.raises(ValueError, match="out of range"):
        KERNEL.value(sizes, *known, chosen, (1000, 16, 3, two), None, 0.0, nothing)


def test_counts_beyond_the_arrays_are_refused() -> None:
    assert QUOTES is not None
    alive, *rest = quotes(LAWS["usual"], np.full(4, 0.6e-4))
    given = tuple(np.asarray(part, dtype=np.float64) for part in rest)
    with pytest.raises(ValueError, match="counts within the arrays"):
        QUOTES.meet((1, 4, 5), 0, 1, np.array([5]), given, np.zeros(16), (None,) * 7)
