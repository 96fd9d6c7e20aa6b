"""Fresh points made up from formulas, so that what the dossier says of them is known."""

import numpy as np

from neuralrates.certificates.dossier.measurement import Measurement


def measured(x, value, error, slopes=None):
    """A measurement at given points: reference prices, errors, and slopes that the surrogate has exactly."""
    x = np.asarray(x, dtype=np.float64)
    slopes = np.zeros_like(x) if slopes is None else slopes
    names = tuple(f"x{k}" for k in range(x.shape[1]))
    return Measurement(
        names=names,
        units=("none",) * len(names),
        key=(0, 1),
        x=x,
        value=np.asarray(value),
        reference_error=np.zeros(len(x)),
        slopes=slopes,
        predicted=np.asarray(value) + np.asarray(error),
        predicted_slopes=slopes,
        coordinates=dict(zip(names, x.T, strict=True)),
    )
