"""Drawings are whole, say what they show, and survive what is odd."""

import xml.etree.ElementTree as tree

import numpy as np

from certificates.dossier.measured import measured
from neuralrates.certificates.dossier.curve_drawing import exceedance_drawing
from neuralrates.certificates.dossier.map_drawing import heat_map_drawing
from neuralrates.certificates.dossier.regions import heat_map


def points(drawn):
    line = next(part for part in tree.fromstring(drawn).iter() if part.tag == "polyline")
    return np.array([pair.split(",") for pair in line.get("points").split()], dtype=float)


def test_a_map_has_a_cell_for_each_pair_of_classes():
    x = np.random.default_rng(0).uniform(size=(1280, 2))
    made = heat_map(measured(x, x[:, 0], 1e-4 * x[:, 1]), "x0", "x1")
    drawn = tree.fromstring(heat_map_drawing(made))
    cells = [part for part in drawn if part.tag == "rect"]
    assert len(cells) == 64
    assert all("points, mean" in cell.find("title").text for cell in cells)
    assert {"across: x0", "up: x1"} <= {part.text for part in drawn if part.tag == "text"}


def test_an_error_of_zero_everywhere_is_drawn():
    x = np.random.default_rng(0).uniform(size=(64, 2))
    tree.fromstring(heat_map_drawing(heat_map(measured(x, x[:, 0], np.zeros(64)), "x0", "x1")))
    assert exceedance_drawing(np.zeros(64), [("band", 1e-4)]) == ""


def test_larger_errors_are_rarer():
    errors = 1e-4 * np.random.default_rng(0).exponential(size=5000)
    curve = points(exceedance_drawing(errors, [("band", 4.6e-4)]))
    assert np.all(np.diff(curve, axis=0) <= 0.0)  # from the worst to the left, and up the page
    assert len(curve) < 600


def test_names_are_escaped():
    x = np.random.default_rng(0).uniform(size=(64, 2))
    found = measured(x, x[:, 0], x[:, 1])
    odd = {"<b>": x[:, 0], "x1": x[:, 1]}
    object.__setattr__(found, "coordinates", odd)
    assert "<b>" not in heat_map_drawing(heat_map(found, "<b>", "x1"))
