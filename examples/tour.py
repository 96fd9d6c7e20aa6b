"""From a curve to a served surrogate: a Bermudan swaption, learned, certified, bundled, loaded and priced, in seconds.

python examples/tour.py
"""

import tempfile
from pathlib import Path

import jax
import optax

import neuralrates as nr

curve = nr.market.FlatCurve(0.03)


def build(x):
    """Model and product at one point: a volatility and a strike."""
    model = nr.models.HullWhite(curve, mean_reversion=0.03, volatility=x[0])
    return model, nr.products.Swaption([1, 2, 3], [2, 3, 4], [1] * 3, strike=x[1], side="receiver")


axes = (
    nr.problems.Axis("volatility", "per square root of year", 0.005, 0.015),
    nr.problems.Axis("strike", "decimal per year", 0.02, 0.04),
)
domain, pricer = nr.problems.Domain(axes), nr.pricers.BackwardInduction(num_points=32)
problem = nr.problems.Problem("three_exercises", domain, build, pricer)
nr.problems.register("three_exercises", lambda: problem)

labels = nr.learning.exact_labels(problem, jax.random.key(0), 512)
scaling = nr.surrogates.Scaling.from_samples
start = nr.surrogates.Network.random(
    scaling(labels.x), scaling(labels.value), [16, 16], key=jax.random.key(1)
)
loss = nr.learning.differential_loss(labels, batch=128)
adam = optax.adam(optax.cosine_decay_schedule(1e-2, 2000))
surrogate, _ = nr.learning.fit(start, loss, adam, key=jax.random.key(2), num_steps=2000)
certificate = nr.certificates.certify(surrogate, problem, key=jax.random.key(3), num_samples=1000)
print(certificate.summary())

with tempfile.TemporaryDirectory() as folder:
    nr.bundles.save(Path(folder) / "mine", surrogate, problem, certificate)
    bundle = nr.bundles.load(Path(folder) / "mine")
print(nr.bundles.serve(bundle, [[0.010, 0.030], [0.020, 0.030]]).T.to_string())
