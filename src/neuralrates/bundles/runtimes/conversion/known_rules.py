"""Known functions, written with few nodes."""

import numpy as np

from neuralrates.bundles.runtimes.conversion.affine import Value, linear, scaled, total
from neuralrates.bundles.runtimes.conversion.product_rules import product, quotient
from neuralrates.bundles.runtimes.conversion.program import Operation
from neuralrates.bundles.runtimes.conversion.writer import Writer, rule

Inputs = tuple[Value, ...]
_STEP = 0.5
_PLACES = _STEP * (np.arange(13) + 0.5)
_WEIGHTS = _STEP / np.pi * np.exp(-(_PLACES**2))


@rule("normal_distribution")
def _normal_distribution(writer: Writer, operation: Operation, inputs: Inputs) -> list[Value]:
    """$\\Phi(x) = 1 / (1 + e^{-2 \\pi y / h}) - y e^{-y^2} \\sum_k w_k / (t_k^2 + y^2)$ with $y = x / \\sqrt 2$.

    Source: Matta and Reichel (1971), Hunter and Regan (1972): the midpoint rule and its correction, within 1e-16.
    """
    return [_below(writer, inputs[0], np.sqrt(0.5))]


@rule("erf")
def _erf(writer: Writer, operation: Operation, inputs: Inputs) -> list[Value]:
    below = _below(writer, inputs[0], 1.0)
    return [total(scaled(below, np.asarray(2.0)), np.ones(inputs[0].shape), -1.0)]


@rule("erfc")
def _erfc(writer: Writer, operation: Operation, inputs: Inputs) -> list[Value]:
    return [scaled(_below(writer, inputs[0], -1.0), np.asarray(2.0))]


def _below(writer: Writer, value: Value, scale: float) -> Value:
    """Probability of a normal variable of variance one half to be below a value times a scale."""
    shape, size = value.shape, int(np.prod(value.shape, dtype=int))
    squares = scaled(product(writer, value, value, shape), np.asarray(scale * scale))
    (spread,) = linear(lambda s: s.reshape(-1, size, 1) + np.zeros(_PLACES.size), [squares])
    poles = writer.dense(total(spread, np.broadcast_to(_PLACES**2, spread.shape)))
    inverse = writer.node("Reciprocal", poles, shape=(size, _PLACES.size))
    (sums,) = linear(lambda r: (r @ _WEIGHTS).reshape(-1, *shape), [inverse])
    decay = writer.node("Exp", writer.dense(scaled(squares, np.asarray(-1.0))), shape=shape)
    decaying = product(writer, product(writer, value, decay, shape), sums, shape)
    steep = writer.dense(total(np.zeros(shape), value, 2.0 * np.pi * scale / _STEP))
    step = writer.node("Sigmoid", steep, shape=shape)
    return total(step, decaying, -scale)


_NODES, _SHARES = np.polynomial.legendre.leggauss(12)
_NODES, _SHARES = 0.5 * (_NODES + 1.0), 0.5 * _SHARES


@rule("decay_moment_0", "decay_moment_1")
def _decay_moment(writer: Writer, operation: Operation, inputs: Inputs) -> list[Value]:
    """$\\int_0^1 (-u)^n e^{-z u} du$ by Gauss's rule, exact to rounding for |z| up to ten."""
    order = int(operation.name[-1])
    shape, size = inputs[0].shape, int(np.prod(inputs[0].shape, dtype=int))
    (spread,) = linear(lambda z: -z.reshape(-1, size, 1) * _NODES, [inputs[0]])
    decays = writer.node("Exp", writer.dense(spread), shape=spread.shape)
    weights = _SHARES * (-_NODES) ** order
    return linear(lambda e: (e @ weights).reshape(-1, *shape), [decays])


@rule("polynomial")
def _polynomial(writer: Writer, operation: Operation, inputs: Inputs) -> list[Value]:
    """On [-1, 1] by the barycentric formula at Chebyshev's points, an even number of them.

    Source: Berrut and Trefethen (2004), equations 4.2 and 5.3.
    """
    coefficients, value = inputs
    assert isinstance(coefficients, np.ndarray)
    shape, size = value.shape, int(np.prod(value.shape, dtype=int))
    count = coefficients.size + coefficients.size % 2
    angles = np.pi * (np.arange(count) + 0.5) / count
    places, weights = np.cos(angles), (-1.0) ** np.arange(count) * np.sin(angles)
    values = np.polynomial.polynomial.polyval(places, coefficients)
    (each,) = linear(lambda x: x.reshape(-1, size, 1) + np.zeros(count), [value])
    steps = writer.dense(total(each, np.broadcast_to(places, each.shape), -1.0))
    inverse = writer.node("Reciprocal", steps, shape=each.shape)
    above, below = (
        linear(lambda r, w=w: (r @ w).reshape(-1, *shape), [inverse])[0]
        for w in (weights * values, weights)
    )
    return [quotient(writer, above, below, shape)]
