"""Floor 5: models fitted to quotes."""

from neuralrates.calibration.coterminal import Coterminals as Coterminals
from neuralrates.calibration.coterminal import calibrate as calibrate
