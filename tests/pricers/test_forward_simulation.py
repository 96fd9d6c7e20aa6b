"""The reference on the forward curve against closed forms, another model's code and another measure."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import neuralrates as nr
from neuralrates.pricers.forward_curve.forward_period import ForwardPeriod, integrals_to
from neuralrates.pricers.forward_curve.low_discrepancy import along, bridge

VOLATILITY = nr.models.TenorVolatility(
    [[0.044, 0.013, 0.016, 0.001], [0.006, -0.049, -0.013, -0.005], [-0.007, 0.016, -0.026, 0.008]]
)
CURVE = nr.market.Svensson(0.045, -0.02, 0.01, 0.02, 1.5, 8.0)
FEW = nr.pricers.ForwardSimulation(num_points=1024, num_steps=8, num_shifts=4)
TWICE = nr.pricers.ForwardSimulation(num_points=1024, num_steps=16, num_shifts=4)
CAPLET = nr.products.Caplet(4.0, 4.5, 0.045)


def swaption(strike: float, side: str) -> nr.products.Swaption:
    return nr.products.Swaption([3.0], [4.0, 5.0, 6.0, 7.0], [1.0] * 4, strike, side)


@pytest.fixture(scope="module")
def model() -> nr.models.ForwardCurve:
    return nr.models.ForwardCurve(CURVE, VOLATILITY, horizon=8.0)


def test_bridge_is_orthogonal_and_its_first_normal_decides_the_end() -> None:
    variances = jnp.array([1.0, 0.5, 2.0, 1.5])
    unit = np.asarray(jax.jit(bridge)(variances))
    np.testing.assert_allclose(unit @ unit.T, np.eye(4), atol=1e-14)
    np.testing.assert_allclose(np.sqrt(variances) @ unit, [np.sqrt(5.0), 0.0, 0.0, 0.0], atol=1e-14)


def test_turned_normals_move_along_the_directions_by_the_first_alone() -> None:
    random = np.random.default_rng(0)
    directions, normals = random.standard_normal((4, 3)), random.standard_normal((4, 3, 5))
    turned = jax.jit(along)(jnp.asarray(directions), jnp.asarray(normals))
    moved = np.einsum("kf,kfp->p", directions, turned)
    np.testing.assert_allclose(moved, np.linalg.norm(directions) * normals[0, 0], rtol=1e-12)


@pytest.mark.parametrize("count", [8, 16])
def test_what_is_known_at_gauss_nodes_is_integrated_to_any_point(count: int) -> None:
    """Exactly, up to the degree that so many nodes determine; integrals by NumPy."""
    nodes, ends = np.polynomial.legendre.leggauss(count)[0], np.linspace(-1.0, 1.0, 7)
    weights = np.asarray(jax.jit(integrals_to, static_argnums=1)(jnp.asarray(ends), count))
    for degree in (0, 1, count // 2, count - 1):
        polynomial = np.polynomial.Legendre.basis(degree)
        expected = polynomial.integ(lbnd=-1.0)(ends)
        np.testing.assert_allclose(weights @ polynomial(nodes), expected, rtol=0.0, atol=1e-14)


@pytest.mark.parametrize("count", [1, 4, 7])
def test_variance_of_a_bond_ratio_is_exact_for_any_number_of_polynomials(count: int) -> None:
    """Against the Gauss rules of 24 points of the model."""

    @jax.jit
    def both(coefficients: jax.Array) -> tuple[jax.Array, jax.Array]:
        volatility = nr.models.TenorVolatility(coefficients, 20.0, 0.05)
        model = nr.models.ForwardCurve(nr.market.FlatCurve(0.04), volatility, horizon=20.0)
        period = ForwardPeriod.of(model, jnp.array([9.0, 19.0]))
        return period.variances(), model.ratio_variance(9.0, 19.0)

    found, expected = both(jnp.asarray(np.random.default_rng(2).standard_normal((3, count))))
    np.testing.assert_allclose(found, [expected], rtol=1e-12)


@pytest.mark.traced
def test_caplet_at_constant_volatility_is_the_gaussian_formula() -> None:
    """A cap far below every forward makes the frozen formula exact; steps of second order are extrapolated to none."""
    cap = 0.01
    scaled = nr.models.TenorVolatility(VOLATILITY.coefficients * 0.05 / cap)
    gaussian = nr.models.ForwardCurve(CURVE, scaled, horizon=8.0, cap=cap)
    exact = float(nr.pricers.FrozenCaplet()(gaussian, CAPLET).value)
    eight, sixteen = FEW(gaussian, CAPLET), TWICE(gaussian, CAPLET)
    noise = (4.0 * float(sixteen.error) + float(eight.error)) / 3.0
    assert 0.0 < noise < 1e-6
    assert abs(float(eight.value) - exact) < 1e-3 * exact
    limit = (4.0 * float(sixteen.value) - float(eight.value)) / 3.0
    assert abs(limit - exact) < 4.0 * noise


def test_swaption_under_ho_and_lee_is_jamshidians() -> None:
    """One factor of constant volatility is Hull and White's model without mean reversion."""
    flat = nr.models.TenorVolatility([[1.0]])
    model = nr.models.ForwardCurve(CURVE, flat, horizon=8.0, cap=0.006)
    other = nr.models.HullWhite(CURVE, 1e-9, 0.006)
    for side in ("payer", "receiver"):
        price = FEW(model, swaption(0.04, side))
        exact = nr.pricers.Jamshidian()(other, swaption(0.04, side)).value
        assert 0.0 < float(price.error) < 1e-4
        assert abs(float(price.value - exact)) < 4.0 * float(price.error) + 1e-6


def test_zero_strike_is_the_floating_leg(model: nr.models.ForwardCurve) -> None:
    price = FEW(model, swaption(0.0, "payer"))
    leg = np.subtract(*jax.jit(jax.vmap(CURVE.discount_factor))(np.array([3.0, 7.0])))
    assert abs(float(price.value - leg)) < 4.0 * float(price.error) + 1e-9


def spot_measure(strike: float, seed: int, num_paths: int = 40_000) -> tuple[float, float]:
    """Swaption by Euler steps of all forwards under the money market's measure, in NumPy, with its standard error."""
    start, ends, num_steps, spacing = 3.0, np.array([4.0, 5.0, 6.0, 7.0]), 24, 0.25
    tenors = np.arange(0.0, 7.0 + 1e-9, spacing)
    today = np.asarray(jax.jit(jax.vmap(CURVE.instantaneous_forward_rate))(tenors))
    random = np.random.default_rng(seed)
    step = start / num_steps
    half = random.standard_normal((num_steps, 3, num_paths // 2))
    normals = np.concatenate([half, -half], axis=2)
    rates = np.repeat(today[None, :], num_paths, axis=0)
    account = np.zeros(num_paths)
    for k in range(num_steps):
        time = k * step
        left = tenors - time
        angle = np.where(left >= 0.0, left, 0.0) * 2.0 / 30.0 - 1.0
        sigma = np.polynomial.chebyshev.chebval(angle, np.asarray(VOLATILITY.coefficients).T)
        scale = np.minimum(np.sqrt(np.maximum(rates, 0.0)), 0.4)
        live = (left >= -1e-12).astype(float)
        drift = np.zeros_like(rates)
        for factor in sigma:
            loaded = scale * factor * live
            area = np.concatenate(
                [np.zeros((num_paths, 1)), np.cumsum((loaded[:, 1:] + loaded[:, :-1]) / 2, axis=1)],
                axis=1,
            )
            drift += loaded * area * spacing
        account += step * _at(rates, tenors, time)
        moves = normals[k].T @ sigma * scale * live * np.sqrt(step)
        rates = np.maximum(rates + drift * step + moves, 0.0)
    first = round(start / spacing)
    area = np.cumsum((rates[:, first + 1 :] + rates[:, first:-1]) / 2, axis=1) * spacing
    bonds = np.exp(-area[:, np.round((ends - start) / spacing).astype(int) - 1])
    paid = np.maximum(1.0 - bonds[:, -1] - strike * bonds.sum(axis=1), 0.0)
    known = np.exp(-account)[:, None] * np.column_stack([np.ones(num_paths), bonds])
    prices = np.asarray(jax.jit(jax.vmap(CURVE.discount_factor))(np.array([start, *ends])))
    values = np.exp(-account) * paid
    return _controlled(values, known, prices)


def _at(rates: np.ndarray, tenors: np.ndarray, time: float) -> np.ndarray:
    """Forward rates at one time, linear between nodes."""
    place = time / (tenors[1] - tenors[0])
    cell = int(place)
    share = place - cell
    return (1.0 - share) * rates[:, cell] + share * rates[:, cell + 1]


def _controlled(values: np.ndarray, known: np.ndarray, prices: np.ndarray) -> tuple[float, float]:
    """Mean with the bonds as controls, and its standard error."""
    design = np.column_stack([np.ones(len(values)), known - prices])
    found, *_ = np.linalg.lstsq(design, values, rcond=None)
    left = values - design @ found
    return float(found[0]), float(left.std() / np.sqrt(len(values)))


def test_swaption_in_the_money_markets_measure(model: nr.models.ForwardCurve) -> None:
    """All forwards, discounted along the path by other code: the same price within four standard errors."""
    price = FEW(model, swaption(0.045, "payer"))
    other, error = spot_measure(0.045, seed=1)
    assert error < 1e-4
    assert abs(float(price.value) - other) < 4.0 * error


@pytest.mark.traced
def test_slopes_are_those_of_the_closed_form(model: nr.models.ForwardCurve) -> None:
    """A caplet is within 1e-6 of its square-root formula; so are its derivatives to the curve, of their size."""

    def simulated(rate: float) -> jax.Array:
        return FEW(eqx.tree_at(lambda m: m.curve.beta0, model, rate), CAPLET).value

    def closed(rate: float) -> jax.Array:
        moved = eqx.tree_at(lambda m: m.curve.beta0, model, rate)
        return nr.pricers.SquareRootCaplet()(moved, CAPLET).value

    ours, exact = (float(jax.jit(jax.grad(f))(jnp.asarray(0.045))) for f in (simulated, closed))
    assert ours == pytest.approx(exact, rel=2e-3)


@pytest.mark.parametrize(
    ("trade", "complaint"),
    [
        (
            nr.products.Swaption([1.0, 2.0], [2.0, 3.0], [1.0] * 2, 0.04, "payer"),
            "one exercise time",
        ),
        (
            nr.products.Swaption([1.0], [3.0], [1.0], 0.04, "payer", start_times=[2.0]),
            "must start at exercise",
        ),
        (
            nr.products.Swaption([6.0], [7.0, 9.0], [1.0, 2.0], 0.04, "payer"),
            "must end within the horizon of the model, 8.0 years, but ends at 9.0",
        ),
        (nr.products.Swaption([1.0], [2.0], [1.0], -0.01, "payer"), "strike` must be at least 0.0"),
    ],
)
def test_what_it_does_not_price_is_refused(
    model: nr.models.ForwardCurve, trade: nr.products.Swaption, complaint: str
) -> None:
    for price in (FEW, nr.pricers.SquareRootSwaption()):
        with pytest.raises(ValueError, match=complaint):
            price(model, trade)


def test_settings_are_checked() -> None:
    with pytest.raises(ValueError, match="`num_points` must be a power of two, but is 100"):
        nr.pricers.ForwardSimulation(num_points=100)
    with pytest.raises(ValueError, match="`num_shifts` must be at least 2, but is 1"):
        nr.pricers.ForwardSimulation(num_shifts=1)
