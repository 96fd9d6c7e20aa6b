"""Floor 5: models fitted to quotes."""

from neuralrates.calibration.coterminal import Coterminals as Coterminals
from neuralrates.calibration.mean_reversion import MeanReversionFit as MeanReversionFit
from neuralrates.calibration.mean_reversion import (
    calibrate_mean_reversion as calibrate_mean_reversion,
)
from neuralrates.calibration.scale_to_quote import volatility_scale as volatility_scale
from neuralrates.calibration.volatility import calibrate as calibrate
