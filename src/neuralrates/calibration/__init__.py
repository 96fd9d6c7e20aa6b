"""Models fitted to quotes, one differentiable fit per model.

A fit reprices what it was given and reports the residual. Nothing here knows a trade or a file.
"""

from typing import TYPE_CHECKING

from neuralrates._lazy import attach

if TYPE_CHECKING:
    from neuralrates.calibration.coterminal import Coterminals as Coterminals
    from neuralrates.calibration.mean_reversion import MeanReversionFit as MeanReversionFit
    from neuralrates.calibration.mean_reversion import (
        calibrate_mean_reversion as calibrate_mean_reversion,
    )
    from neuralrates.calibration.scale_to_quote import volatility_scale as volatility_scale
    from neuralrates.calibration.two_factor import TwoFactorFit as TwoFactorFit
    from neuralrates.calibration.two_factor import fit_two_factor as fit_two_factor
    from neuralrates.calibration.volatility import calibrate as calibrate

_WHERE = {
    "Coterminals": "calibration.coterminal",
    "MeanReversionFit": "calibration.mean_reversion",
    "TwoFactorFit": "calibration.two_factor",
    "calibrate": "calibration.volatility",
    "calibrate_mean_reversion": "calibration.mean_reversion",
    "fit_two_factor": "calibration.two_factor",
    "volatility_scale": "calibration.scale_to_quote",
}

__all__ = [*_WHERE]
if not TYPE_CHECKING:  # a checker that saw this would take any name for known
    __getattr__, __dir__ = attach(__name__, _WHERE)
