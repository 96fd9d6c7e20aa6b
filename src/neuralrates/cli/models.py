"""The command `models`."""

import json
from dataclasses import asdict

from neuralrates.bundles.bundle import Bundle, load, shipped
from neuralrates.cli.outcome import Outcome
from neuralrates.cli.tables import console, new_table
from neuralrates.core.units import basis_point


def run(*, as_json: bool) -> Outcome:
    """List the shipped bundles with their certificates."""
    bundles = [load(name) for name in shipped()]
    if as_json:
        print(json.dumps([_entry(bundle) for bundle in bundles], indent=1))
        return Outcome.DONE
    if not bundles:
        print("No surrogate is shipped; every trade is priced by the reference.")
        return Outcome.DONE
    shown = new_table(
        "name", "problem", "inputs", "points", "mean error, bp", "99%, bp", "band, bp"
    )
    for bundle in bundles:
        certificate, errors = bundle.certificate, bundle.certificate.outputs[0]
        shown.add_row(
            bundle.name,
            bundle.problem.name,
            str(len(bundle.domain.names)),
            str(certificate.num_samples),
            f"{errors.mean / basis_point:.4f}",
            f"{errors.quantile_99 / basis_point:.4f}",
            f"{certificate.error_band / basis_point:.4f}",
        )
    console().print(shown)
    for bundle in bundles:
        print(f"{bundle.certificate.summary()}\n  domain: {_domain(bundle)}")
    return Outcome.DONE


def _entry(bundle: Bundle) -> dict[str, object]:
    domain = [asdict(axis) for axis in bundle.domain.axes]
    certificate = json.loads(bundle.certificate.to_json())
    return {"name": bundle.name, "domain": domain, "certificate": certificate}


def _domain(bundle: Bundle) -> str:
    return ", ".join(f"{axis.name} {axis.low:g} to {axis.high:g}" for axis in bundle.domain.axes)
