"""Doors: slips in one line, without a test runner; what is open stays open."""

import inspect
import subprocess
import sys
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import neuralrates as nr
from neuralrates.core.doors import door, is_door
from neuralrates.core.errors import ArgumentError
from neuralrates.core.types import ArrayLike, Key, Scalar, Times

SLIPS = """
import neuralrates as nr

curve = nr.market.FlatCurve(0.03)
model = nr.models.HullWhite(curve, 0.03, 0.01)
trade = nr.products.Swaption([1, 2], [2, 3], [1, 1], strike=0.03, side="payer")
slips = (
    lambda: nr.models.HullWhite("flat", 0.03, 0.01),
    lambda: nr.pricers.BackwardInduction()([curve, 0.03, 0.01], trade),
    lambda: nr.models.HullWhite(curve, 0.03, [0.01, 0.012], volatility_times=[1.0, 2.0]),
    lambda: nr.models.HullWhite(curve, 0.03, [[0.01, 0.012]], volatility_times=[1.0]),
    lambda: nr.pricers.GaussianCaplet()(model, trade),
    lambda: nr.price(nr.trades.Book(()), nr.trades.Book(())),
)
for slip in slips:
    try:
        slip()
    except (TypeError, ValueError) as error:
        print(error)
"""
SAID = [
    "Argument `curve` of HullWhite must be a discount curve (AbstractDiscountCurve), but is the text 'flat'.",
    "Argument `model` of BackwardInduction must be a HullWhite, but is a list.",
    "Argument `volatility_times` must have one element fewer than `volatility`, but they have 2 and 2.",
    "Argument `volatility` of HullWhite must be an array of shape (times,), but is an array of float64 with shape (1, 2).",
    "Argument `product` of GaussianCaplet must be a caplet (AbstractCaplet), but is a Swaption.",
    "Argument `market` of price must be a Market, but is a Book.",
]


def test_a_user_reads_one_line_for_each_slip() -> None:
    run = subprocess.run([sys.executable, "-c", SLIPS], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines() == SAID


@door
def opened(
    curve: nr.market.AbstractDiscountCurve | None,
    rate: Scalar,
    times: Times,
    numbers: ArrayLike,
    key: Key,
    count: int,
    maybe: ArrayLike | None,
    anything: Any,
    name: str,
) -> None: ...


GOOD = {
    "curve": nr.market.FlatCurve(0.03),
    "rate": 0.03,
    "times": jnp.ones(2),
    "numbers": [[1.0, 2], (3.0, 4.0)],
    "key": jax.random.key(0),
    "count": 3,
    "maybe": None,
    "anything": None,
    "name": "x",
}


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("curve", None),
        ("rate", np.float64(0.03)),
        ("rate", jnp.asarray(0.03)),
        ("rate", 1),
        ("times", np.ones(3)),
        ("numbers", np.ones((2, 3))),
        ("numbers", []),
        ("numbers", 1),
        ("numbers", [jnp.asarray(1.0), 2.0]),
        ("count", np.int64(2)),
    ],
)
def test_what_fits_is_let_through(argument: str, value: object) -> None:
    opened(**GOOD | {argument: value})


@pytest.mark.parametrize(
    ("argument", "value", "said"),
    [
        ("curve", 0.03, r"a discount curve \(AbstractDiscountCurve\) or None, but is 0.03"),
        ("curve", nr.market.FlatCurve, r"but is the class FlatCurve"),
        ("rate", "0.03", "a number, but is the text '0.03'"),
        ("rate", None, "a number, but is None"),
        ("rate", True, "a number, but is True"),
        ("rate", jnp.ones(2), r"a number, but is an array of float64 with shape \(2,\)"),
        ("times", [1.0, 2.0], r"an array of shape \(times,\), but is a list"),
        ("times", jnp.ones((1, 2)), r"with shape \(1, 2\)"),
        ("maybe", "12", "a number, an array or a list of numbers or None, but is the text '12'"),
        ("numbers", "12", "a number, an array or a list of numbers, but is the text '12'"),
        ("numbers", [1.0, "2"], "but is a list"),
        ("numbers", [[1.0], [1.0, [2.0]]], "but is a list"),
        ("numbers", np.array(["a"]), r"but is an array of <U1 with shape \(1,\)"),
        ("key", 0, r"a random key, such as jax.random.key\(0\), but is 0"),
        ("count", 3.0, "a whole number, but is 3.0"),
        ("name", b"x", "a text, but is a bytes"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(argument: str, value: object, said: str) -> None:
    with pytest.raises(ArgumentError, match=f"^Argument `{argument}` of opened must be .*{said}"):
        opened(**GOOD | {argument: value})
    with pytest.raises(ArgumentError, match=f"`{argument}`"):
        opened(*(GOOD | {argument: value}).values())


def test_arguments_that_are_missing_or_unknown_are_pythons_to_refuse() -> None:
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'name'"):
        opened(*list(GOOD.values())[:-1])
    with pytest.raises(TypeError, match="unexpected keyword argument 'names'"):
        opened(**GOOD, names="x")


def test_a_traced_value_passes_and_a_compiled_call_is_not_looked_at_again() -> None:
    looked = []

    class Counted(nr.pricers.AbstractPricer):
        def __call__(
            self, model: nr.models.HullWhite, product: nr.products.Caplet
        ) -> nr.pricers.Price:
            looked.append(model)
            return nr.pricers.GaussianCaplet()(model, product)

        def order(self) -> None: ...

    @jax.jit
    def value(rate):
        model = nr.models.HullWhite(nr.market.FlatCurve(rate), 0.03, 0.01)
        return Counted()(model, nr.products.Caplet(1.0, 1.5, rate)).value

    assert np.isfinite(value(0.03))
    assert np.isfinite(value(0.04))
    assert len(looked) == 1
    with pytest.raises(
        ArgumentError, match="`product` of .*Counted must be a Caplet, but is a Floorlet"
    ):
        Counted()(
            nr.models.HullWhite(nr.market.FlatCurve(0.03), 0.03, 0.01),
            nr.products.Floorlet(1.0, 1.5, 0.03),
        )


ABSTRACT = {"AbstractDiscountCurve", "AbstractModel", "AbstractPricer", "AbstractDensity"}
ABSTRACT |= {"AbstractBondCallable", "AbstractCallable", "AbstractRateOption"}
RESULTS = {"Source", "Price", "Coterminals", "MeanReversionFit", "Certificate", "ArbitrageCheck"}
RESULTS |= {"GreekErrors", "OutputErrors", "Bundle", "OnnxRuntime", "SparseRuntime"}
RESULTS |= {"IndexFixings", "TwoFactorFit"}
RESULTS |= {"Priced", "Evidence", "LocalBand", "Nearness", "Repeated", "Served"}
PLAIN = {
    "all_metrics",
    "log_evidence",
    "proportion_bound",
    "proportion_interval",
    "tolerance_bound",
    "shipped",
    "example_files",
}  # numbers in, numbers out
NO_SETTINGS = {"FrozenCaplet", "GaussianCaplet", "HestonCall", "Jamshidian", "QuantLibJamshidian"}
NO_SETTINGS |= {"SquareRootCaplet", "SquareRootSwaption"}
ROOMS = (
    "market",
    "models",
    "products",
    "pricers",
    "calibration",
    "certificates",
    "bundles",
    "desk",
)


@pytest.mark.parametrize("room", ROOMS)
def test_what_a_user_calls_is_a_door(room: str) -> None:
    """All that a room exports of its own, but results and what takes no arguments."""
    page = getattr(nr, room)
    own = {
        name: found
        for name in page.__all__
        if callable(found := getattr(page, name)) and found.__module__.split(".")[1] == room
    }
    closed = {name for name, found in own.items() if not is_door(found)}
    assert closed <= ABSTRACT | RESULTS | PLAIN | NO_SETTINGS
    for name in own.keys() - closed:
        opened = own[name].__init__ if inspect.isclass(own[name]) else own[name]
        assert opened.expectations(), name
    for name, found in own.items():
        if inspect.isclass(found) and issubclass(found, nr.pricers.AbstractPricer):
            assert inspect.isabstract(found) or found.__call__.expectations().keys() == {
                "model",
                "product",
            }, name
