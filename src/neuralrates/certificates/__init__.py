"""Floor 8: metrics, bounds and `certify`, the judge that does not know the trainer."""

from neuralrates.certificates.bounds import proportion_bound as proportion_bound
from neuralrates.certificates.bounds import tolerance_bound as tolerance_bound
from neuralrates.certificates.certificate import ArbitrageCheck as ArbitrageCheck
from neuralrates.certificates.certificate import Certificate as Certificate
from neuralrates.certificates.certificate import GreekErrors as GreekErrors
from neuralrates.certificates.certificate import OutputErrors as OutputErrors
from neuralrates.certificates.certify import certify as certify
from neuralrates.certificates.metrics import METRICS as METRICS
from neuralrates.certificates.metrics import all_metrics as all_metrics
