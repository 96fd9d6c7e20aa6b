"""A problem and a surrogate of one's own: learned, certified, bundled, loaded and served, in seconds.

    python examples/own_problem.py

The problem is a payer swaption, five years into five, in three inputs. The surrogate corrects Bachelier's formula by a few
waves. Both are registered here, in a user's module: whoever loads the bundle imports this module first.
"""

import tempfile
from pathlib import Path

import jax
import jax.numpy as jnp
import optax

import neuralrates as nr
from neuralrates.pricers.gaussian.bachelier import bachelier

EXPIRY, PAYMENTS, MEAN_REVERSION = 5.0, (6.0, 7.0, 8.0, 9.0, 10.0), 0.03


def swap(rate):
    """Annuity and swap rate on a flat curve."""
    discount = jax.vmap(nr.market.FlatCurve(rate).discount_factor)(jnp.array([EXPIRY, *PAYMENTS]))
    annuity = jnp.sum(discount[1:])
    return annuity, (discount[0] - discount[-1]) / annuity


def build(x):
    """Model and product at one point."""
    rate, volatility, spread = x
    model = nr.models.HullWhite(nr.market.FlatCurve(rate), MEAN_REVERSION, volatility)
    strike = swap(rate)[1] + spread
    return model, nr.products.Swaption([EXPIRY], PAYMENTS, [1.0] * 5, strike=strike, side="payer")


def baseline(x):
    """What is known without learning: Bachelier, with the volatility of the short rate for that of the swap rate."""
    rate, volatility, spread = x
    annuity, swap_rate = swap(rate)
    price = annuity * bachelier(swap_rate, swap_rate + spread, volatility, EXPIRY, jnp.ones(()))
    deviation = volatility * jnp.sqrt(EXPIRY)
    features = jnp.stack([rate / 0.06, volatility / 0.015, spread / deviation])
    return nr.surrogates.Baseline(features, price[None], (annuity * deviation)[None])


def five_into_five():
    """The problem, with a closed form as its reference."""
    axes = (
        nr.problems.Axis("rate", "decimal per year", 0.01, 0.06),
        nr.problems.Axis("volatility", "per square root of year", 0.005, 0.015),
        nr.problems.Axis("strike_spread", "decimal", -0.01, 0.01),
    )
    return nr.problems.Problem(
        name="five_into_five",
        domain=nr.problems.Domain(axes),
        build=build,
        pricer=nr.pricers.Jamshidian(),
        decreasing=("strike_spread",),
        baseline=baseline,
    )


@nr.surrogates.register("waves")
class Waves(nr.surrogates.AbstractSurrogate):
    """A sum of cosines; `record` and `blank` let it be stored."""

    directions: jax.Array
    phases: jax.Array
    amplitudes: jax.Array

    @classmethod
    def random(cls, num_inputs, num_waves, key):
        """Untrained waves."""
        one, two = jax.random.split(key)
        directions = jax.random.normal(one, (num_waves, num_inputs), jnp.float64)
        phases = jax.random.uniform(two, (num_waves,), jnp.float64, 0.0, 2.0 * jnp.pi)
        return cls(directions, phases, jnp.zeros(num_waves))

    def __call__(self, x):
        return jnp.sum(self.amplitudes * jnp.cos(self.directions @ x + self.phases))[None]

    def record(self):
        """Architecture and sizes, as plain values."""
        num_waves, num_inputs = self.directions.shape
        return {"architecture": "waves", "waves": num_waves, "inputs": num_inputs}

    @classmethod
    def blank(cls, record):
        """Waves of the shape that a record states, to be filled from a file."""
        num_waves, num_inputs = int(record["waves"]), int(record["inputs"])
        return cls(jnp.zeros((num_waves, num_inputs)), jnp.zeros(num_waves), jnp.zeros(num_waves))


nr.problems.register("five_into_five", five_into_five)


def main():
    problem = nr.problems.load("five_into_five")
    labels = nr.learning.exact_labels(problem, jax.random.key(0), 1024)
    loss = nr.learning.differential_loss(labels, batch=128, baseline=problem.baseline)
    waves, _ = nr.learning.fit(
        Waves.random(3, 32, jax.random.key(1)),
        loss,
        optax.adam(optax.cosine_decay_schedule(2e-2, 2000)),
        key=jax.random.key(2),
        num_steps=2000,
        chunk=2000,
    )
    surrogate = nr.surrogates.Corrected(problem.baseline, waves)
    certificate = nr.certificates.certify(
        surrogate, problem, key=jax.random.key(3), num_samples=1000
    )
    with tempfile.TemporaryDirectory() as folder:
        nr.bundles.save(Path(folder) / "mine", surrogate, problem, certificate)
        bundle = nr.bundles.load(Path(folder) / "mine")
    print(certificate.summary())
    points = [[0.03, 0.010, 0.0], [0.05, 0.008, 0.005], [0.09, 0.010, 0.0]]
    table = nr.bundles.serve(bundle, points)
    print(table[["value", "error_band", "engine", "d rate", "status"]].to_string())


if __name__ == "__main__":
    main()
