"""Types and shapes are held against annotations in tests, of private functions too: at the first call and at later ones."""

import numpy as np
import pytest
from jaxtyping import TypeCheckError

from neuralrates.calibration.two_factor_europeans import growths_between
from neuralrates.conventions.dates import schedule_dates


def test_what_is_not_of_its_type_is_refused() -> None:
    for _ in range(2):
        with pytest.raises(TypeCheckError, match="schedule_dates"):
            schedule_dates("yesterday", "today", "1Y", "calendar")


def test_what_is_not_of_its_shape_is_refused() -> None:
    for _ in range(2):
        with pytest.raises(TypeCheckError, match="growths_between"):
            growths_between(np.ones(4), np.zeros(3), np.ones(2))


def test_arguments_are_bound_as_python_binds_them() -> None:
    with pytest.raises(TypeError, match="missing a required argument"):
        schedule_dates()
    with pytest.raises(TypeError, match="unexpected keyword argument"):
        growths_between(np.ones(4), np.zeros(3), np.ones(3), nothing=1)
    with pytest.raises(TypeError, match="multiple values"):
        growths_between(np.ones(4), np.zeros(3), np.ones(3), parameters=np.ones(4))
