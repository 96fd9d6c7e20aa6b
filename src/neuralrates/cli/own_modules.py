"""Modules of a user's own that a command needs, named in the environment: only the user says what is imported."""

import importlib
import os
import re

VARIABLE = "NEURALRATES_MODULES"


def import_own_modules() -> None:
    """Import the modules that `NEURALRATES_MODULES` names between commas, which register problems, surrogates and engines.

    Raises:
        InputError: for one that cannot be imported
    """
    for name in filter(None, re.split(r"[,\s]+", os.environ.get(VARIABLE, ""))):
        try:
            importlib.import_module(name)
        except Exception as error:
            from neuralrates.core.errors import InputError

            reason = " ".join(str(error).split()) or "no reason given"
            message = f"expected modules that can be imported, found {name}: {type(error).__name__}, {reason}"
            raise InputError(message, column=VARIABLE) from error
