"""Every name of the room: a pricer that returns a price with its error, and nothing else."""

import inspect

import jax
import numpy as np
import pytest

import neuralrates as nr

CURVE = nr.market.FlatCurve(0.03)
GAUSSIAN = nr.models.HullWhite(CURVE, 0.03, 0.01)
TWO = nr.models.GaussianFactors(CURVE, [0.5, 0.03], [0.01, 0.008], [[1.0, -0.7], [-0.7, 1.0]])
FORWARD = nr.models.ForwardCurve(CURVE, nr.models.TenorVolatility([[0.05]]), horizon=3.0)
HESTON = nr.models.Heston(0.04, 1.5, 0.04, volatility=0.3, correlation=-0.7)
EUROPEAN = nr.products.Swaption([1], [2, 3], [1, 1], strike=0.03, side="payer")
BERMUDAN = nr.products.Swaption([1, 2], [2, 3], [1, 1], strike=0.03, side="payer")
SWAP = nr.products.Swap([1, 2, 3], [1, 1, 1], strike=0.03, side="receiver")
CAPLET = nr.products.Caplet(1.0, 1.5, 0.03)
CAP = nr.products.Cap([0.5, 1.0], [1.0, 1.5], 0.03)
NOTE = nr.products.FloatingRateNote.regular(1.75, 0.001, 0.03)
CALL = nr.products.ForwardCall(0.0, 1.0)
KEY = jax.random.key(0)

P = nr.pricers
INDUCTION = P.BackwardInduction(1e-6, 24, 1)
CASES = {
    "BackwardInduction": (INDUCTION, GAUSSIAN, BERMUDAN),
    "Cancellable": (
        P.Cancellable(INDUCTION),
        GAUSSIAN,
        nr.products.CancellableSwap(SWAP, BERMUDAN),
    ),
    "CapletStrip": (P.CapletStrip(P.FrozenCaplet()), FORWARD, CAP),
    "ForwardSimulation": (P.ForwardSimulation(16, 2, 2), FORWARD, CAPLET),
    "FrozenCaplet": (P.FrozenCaplet(), FORWARD, CAPLET),
    "GaussianCaplet": (P.GaussianCaplet(), TWO, CAPLET),
    "GaussianEuropean": (P.GaussianEuropean(4), TWO, EUROPEAN),
    "GaussianFloatingRateNote": (P.GaussianFloatingRateNote(0.001), GAUSSIAN, NOTE),
    "PrimalDual": (P.PrimalDual(num_paths=1024, num_fitted=1024), FORWARD, BERMUDAN),
    "HeldPricer": (P.HeldPricer(INDUCTION), GAUSSIAN, nr.products.HeldProduct(BERMUDAN, 1.0, 0.01)),
    "HestonCall": (P.HestonCall(), HESTON, CALL),
    "HestonSimulation": (P.HestonSimulation(64, 2, KEY), HESTON, CALL),
    "Jamshidian": (P.Jamshidian(), GAUSSIAN, EUROPEAN),
    "LongstaffSchwartz": (P.LongstaffSchwartz(64, KEY, 1), GAUSSIAN, BERMUDAN),
    "QuantLibFiniteDifference": (P.QuantLibFiniteDifference(size=50), GAUSSIAN, BERMUDAN),
    "QuantLibGaussian": (P.QuantLibGaussian(size=32), GAUSSIAN, BERMUDAN),
    "QuantLibJamshidian": (P.QuantLibJamshidian(), GAUSSIAN, EUROPEAN),
    "SquareRootCaplet": (P.SquareRootCaplet(), FORWARD, CAPLET),
    "SquareRootSwaption": (P.SquareRootSwaption(), FORWARD, EUROPEAN),
    "StochasticGridBundling": (P.StochasticGridBundling(KEY, 64, 2, 1, 2), GAUSSIAN, BERMUDAN),
    "TwoFactorInduction": (P.TwoFactorInduction(), TWO, BERMUDAN),
}


def test_the_room_exports_pricers_and_their_price() -> None:
    assert set(nr.pricers.__all__) == {"AbstractPricer", "Price", *CASES}
    for name in CASES:
        assert issubclass(getattr(nr.pricers, name), nr.pricers.AbstractPricer)


@pytest.mark.parametrize("name", CASES)
def test_a_pricer_returns_a_price_with_its_error(name: str) -> None:
    pricer, model, product = CASES[name]
    assert type(pricer) is getattr(nr.pricers, name)
    price = pricer(model, product)
    assert type(price) is nr.pricers.Price
    value, error = np.asarray(price.value), np.asarray(price.error)
    assert value.shape == error.shape == ()
    assert np.isfinite(value)
    assert 0.0 <= error < 0.1
    assert pricer.order() is None or pricer.order() > 0.0
    assert inspect.signature(type(pricer).__call__).return_annotation is nr.pricers.Price
