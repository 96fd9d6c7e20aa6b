"""A bundle made anew around what it has learned: `python -m neuralrates.bundles.renewal FOLDER ...`.

What the network learned stays; everything that is said of it is measured again.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import jax
import numpy as np

from neuralrates.bundles.bundle import Bundle, load
from neuralrates.bundles.saving import save
from neuralrates.certificates.attacks import attack
from neuralrates.certificates.calibration import calibrate_band, calibrate_nearness
from neuralrates.certificates.certification import certify
from neuralrates.certificates.served import Served
from neuralrates.core.doors import door
from neuralrates.learning.room import held_between_bounds
from neuralrates.problems.exact_labels import exact_labels
from neuralrates.problems.problem import Problem
from neuralrates.surrogates.bounded import Bounded
from neuralrates.surrogates.surrogate import AbstractSurrogate

_KEY = 20_270_100
_BY_SECOND_CODE = 16


@door
def renew(
    folder: str | Path,
    *,
    num_fit: int = 120_000,
    num_calibration: int = 20_000,
    num_samples: int = 20_000,
    seed: int = _KEY,
    work: str | Path | None = None,
) -> Bundle:
    """Hold a bundle's surrogate between its problem's bounds, calibrate its band and distance, certify, attack, and write it.

    Args:
        folder: of the bundle
        num_fit: points that the band is learned from
        num_calibration: points that it is calibrated on
        num_samples: points of the certificate
        seed: of all draws
        work: where reference prices are kept, to go on from after an interruption

    Returns:
        The bundle, written.
    """
    bundle = load(folder)
    problem = bundle.problem
    room_key, band_key, near_key, climbs = jax.random.split(jax.random.key(seed), 4)
    fresh = jax.random.key(seed)
    surrogate = _held(bundle.surrogate, problem, room_key)
    place = None if work is None else Path(work)
    draws = {"learned": num_fit, "calibration": num_calibration}
    learned, calibration = (
        exact_labels(
            problem,
            jax.random.key(seed + number),
            count,
            slopes=False,
            folder=None if place is None else place / name,
        )
        for number, (name, count) in enumerate(draws.items(), 1)
    )
    band = calibrate_band(surrogate, learned, calibration, key=band_key)
    served = Served(band, calibrate_nearness(problem, key=near_key))
    certificate = certify(
        surrogate,
        problem,
        key=fresh,
        num_samples=num_samples,
        served=served,
        by_second_code=_BY_SECOND_CODE,
        folder=None if place is None else place / "fresh",
    )

    def bands(x: np.ndarray) -> np.ndarray:
        return served.bands(x, certificate.error_band)

    evidence = certificate.evidence
    assert evidence is not None
    found = attack(surrogate, problem, bands, key=climbs)
    certificate = replace(certificate, evidence=replace(evidence, attack=found))
    return save(folder, surrogate, problem, certificate, served)


def _held(surrogate: AbstractSurrogate, problem: Problem, key: jax.Array) -> AbstractSurrogate:
    """The surrogate between the bounds of its problem, where there are any and it is not yet."""
    match surrogate:
        case Bounded(room=room):
            always = room is None or not problem.bounds_are_cheap
            return surrogate if always else Bounded(surrogate.bounds, surrogate.surrogate)
    return surrogate if problem.bounds is None else held_between_bounds(surrogate, problem, key)


def main() -> None:
    """Renew the bundles named on the command line."""
    parser = argparse.ArgumentParser(prog="python -m neuralrates.bundles.renewal")
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--work", type=Path)
    for name, number in (("fit", 120_000), ("calibration", 20_000), ("samples", 20_000)):
        parser.add_argument(f"--{name}", type=int, default=number)
    asked = parser.parse_args()
    for folder in map(Path, asked.folders):
        work = None if asked.work is None else asked.work / folder.name
        made = renew(
            folder,
            num_fit=asked.fit,
            num_calibration=asked.calibration,
            num_samples=asked.samples,
            work=work,
        )
        print(made.certificate.summary(), flush=True)


if __name__ == "__main__":
    main()
