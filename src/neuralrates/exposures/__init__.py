"""Values at future dates: exposure profiles, collateral, CVA, DVA and FVA of a book.

One Gaussian model per currency, the same for all of its trades; exact values on every path, no regression.
"""

from typing import TYPE_CHECKING

from neuralrates._lazy import attach

if TYPE_CHECKING:
    from neuralrates.exposures.exposing import exposure as exposure
    from neuralrates.exposures.netting import Netting as Netting
    from neuralrates.exposures.netting import load_netting as load_netting
    from neuralrates.exposures.netting import netting_of as netting_of
    from neuralrates.exposures.results import Exposure as Exposure
    from neuralrates.exposures.stress import stressed as stressed
    from neuralrates.exposures.writers import write_exposure as write_exposure

_WHERE = {
    "Exposure": "exposures.results",
    "Netting": "exposures.netting",
    "exposure": "exposures.exposing",
    "load_netting": "exposures.netting",
    "netting_of": "exposures.netting",
    "stressed": "exposures.stress",
    "write_exposure": "exposures.writers",
}

__all__ = [*_WHERE]
if not TYPE_CHECKING:  # a checker that saw this would take any name for known
    __getattr__, __dir__ = attach(__name__, _WHERE)
