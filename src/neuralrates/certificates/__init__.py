"""The judge: metrics, statistical bounds, and the certificate of a surrogate.

It does not know how a surrogate was trained; this room and `learning` never import each other. A change of what is judged
needs new certificates for all bundles.
"""

from typing import TYPE_CHECKING

from neuralrates._lazy import attach

if TYPE_CHECKING:
    from neuralrates.certificates.bounds import proportion_bound as proportion_bound
    from neuralrates.certificates.bounds import tolerance_bound as tolerance_bound
    from neuralrates.certificates.certificate import ArbitrageCheck as ArbitrageCheck
    from neuralrates.certificates.certificate import Certificate as Certificate
    from neuralrates.certificates.certificate import GreekErrors as GreekErrors
    from neuralrates.certificates.certificate import OutputErrors as OutputErrors
    from neuralrates.certificates.certification import certify as certify
    from neuralrates.certificates.metrics import METRICS as METRICS
    from neuralrates.certificates.metrics import all_metrics as all_metrics
    from neuralrates.certificates.sequential import log_evidence as log_evidence

_WHERE = {
    "ArbitrageCheck": "certificates.certificate",
    "Certificate": "certificates.certificate",
    "GreekErrors": "certificates.certificate",
    "METRICS": "certificates.metrics",
    "OutputErrors": "certificates.certificate",
    "all_metrics": "certificates.metrics",
    "certify": "certificates.certification",
    "log_evidence": "certificates.sequential",
    "proportion_bound": "certificates.bounds",
    "tolerance_bound": "certificates.bounds",
}

__all__ = [*_WHERE]
if not TYPE_CHECKING:  # a checker that saw this would take any name for known
    __getattr__, __dir__ = attach(__name__, _WHERE)
