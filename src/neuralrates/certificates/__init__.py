"""The judge: metrics, statistical bounds, and the certificate of a surrogate.

It does not know how a surrogate was trained; this room and `learning` never import each other. A change of what is judged
needs new certificates for all bundles.
"""

from typing import TYPE_CHECKING

from neuralrates._lazy import attach

if TYPE_CHECKING:
    from neuralrates.certificates.attacks import attack as attack
    from neuralrates.certificates.bounds import proportion_bound as proportion_bound
    from neuralrates.certificates.bounds import proportion_interval as proportion_interval
    from neuralrates.certificates.bounds import tolerance_bound as tolerance_bound
    from neuralrates.certificates.calibration import calibrate_band as calibrate_band
    from neuralrates.certificates.calibration import calibrate_nearness as calibrate_nearness
    from neuralrates.certificates.certificate import ArbitrageCheck as ArbitrageCheck
    from neuralrates.certificates.certificate import Certificate as Certificate
    from neuralrates.certificates.certificate import GreekErrors as GreekErrors
    from neuralrates.certificates.certificate import OutputErrors as OutputErrors
    from neuralrates.certificates.certification import certify as certify
    from neuralrates.certificates.evidence import Evidence as Evidence
    from neuralrates.certificates.local_band import LocalBand as LocalBand
    from neuralrates.certificates.metrics import METRICS as METRICS
    from neuralrates.certificates.metrics import all_metrics as all_metrics
    from neuralrates.certificates.nearness import Nearness as Nearness
    from neuralrates.certificates.repetition import Repeated as Repeated
    from neuralrates.certificates.repetition import repeat as repeat
    from neuralrates.certificates.sequential import log_evidence as log_evidence
    from neuralrates.certificates.served import Served as Served

_WHERE = {
    "ArbitrageCheck": "certificates.certificate",
    "Certificate": "certificates.certificate",
    "Evidence": "certificates.evidence",
    "GreekErrors": "certificates.certificate",
    "LocalBand": "certificates.local_band",
    "METRICS": "certificates.metrics",
    "Nearness": "certificates.nearness",
    "OutputErrors": "certificates.certificate",
    "Repeated": "certificates.repetition",
    "Served": "certificates.served",
    "attack": "certificates.attacks",
    "all_metrics": "certificates.metrics",
    "calibrate_band": "certificates.calibration",
    "calibrate_nearness": "certificates.calibration",
    "certify": "certificates.certification",
    "repeat": "certificates.repetition",
    "log_evidence": "certificates.sequential",
    "proportion_bound": "certificates.bounds",
    "proportion_interval": "certificates.bounds",
    "tolerance_bound": "certificates.bounds",
}

__all__ = [*_WHERE]
if not TYPE_CHECKING:  # a checker that saw this would take any name for known
    __getattr__, __dir__ = attach(__name__, _WHERE)
