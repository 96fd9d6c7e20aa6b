"""Labels take anyone's arrays, refuse bad ones, and come back from disk as they were."""

import json

import jax
import numpy as np
import pytest

import neuralrates as nr
from neuralrates.core.errors import InputError

X = np.arange(12.0).reshape(4, 3)
Y = np.arange(4.0)
G = np.ones((4, 3))


def test_one_output_needs_no_axis_of_its_own():
    labels = nr.learning.Labels.from_arrays(X, Y, gradient=G, error=0.1 * Y)
    assert labels.value.shape == labels.error.shape == (4, 1)
    assert labels.gradient.shape == (4, 1, 3)
    joint = nr.learning.Labels.from_arrays(X, np.ones((4, 2)), gradient=np.ones((4, 2, 3)))
    assert joint.gradient.shape == (4, 2, 3)


@pytest.mark.parametrize(
    ("arrays", "name"),
    [
        ((Y, Y), "x"),
        ((X, Y[:3]), "value"),
        ((X, np.ones((4, 1, 1))), "value"),
        ((X, Y, G[:, :2]), "gradient"),
        ((X, np.ones((4, 2)), G), "gradient"),
        ((X, Y, G, Y[:2]), "error"),
        ((X[:0], Y[:0]), "x"),
    ],
)
def test_wrong_shapes_are_refused_by_name(arrays, name):
    with pytest.raises(ValueError, match=f"`{name}` must have shape"):
        nr.learning.Labels.from_arrays(*arrays)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_is_refused_with_its_place(bad):
    value = Y.copy()
    value[2] = bad
    with pytest.raises(ValueError, match="`value` must be finite.*1 of 4 samples.*number 2"):
        nr.learning.Labels.from_arrays(X, value)


def test_split_is_disjoint_and_complete():
    labels = nr.learning.Labels.from_arrays(X, Y)
    first, second = labels.split(jax.random.key(0), 0.25)
    assert len(second) == 1
    together = np.concatenate([first.value, second.value])[:, 0]
    np.testing.assert_array_equal(np.sort(together), Y)
    with pytest.raises(ValueError, match="`fraction`"):
        labels.split(jax.random.key(0), 1.0)
    few = labels.take(np.arange(2))
    assert [len(part) for part in few.split(jax.random.key(0), 0.9)] == [1, 1]
    with pytest.raises(ValueError, match="cannot be split in two"):
        labels.take(np.arange(1)).split(jax.random.key(0), 0.5)


@pytest.mark.parametrize("gradient", [None, G])
def test_disk_and_back(tmp_path, gradient):
    labels = nr.learning.Labels.from_arrays(X, Y, gradient)
    labels.save(tmp_path / "labels")
    labels.save(tmp_path / "labels")  # replaces, and leaves nothing else behind
    back = nr.learning.Labels.load(tmp_path / "labels")
    assert jax.tree.all(jax.tree.map(np.array_equal, labels, back))
    assert [path.name for path in tmp_path.iterdir()] == ["labels"]


def test_damaged_folders_are_refused(tmp_path):
    folder = tmp_path / "labels"
    labels = nr.learning.Labels.from_arrays(X, Y)
    labels.save(folder)
    arrays = folder / "arrays.safetensors"
    arrays.write_bytes(arrays.read_bytes()[:-8])
    with pytest.raises(InputError, match="altered or cut"):
        nr.learning.Labels.load(folder)
    labels.save(folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["record"]["samples"] = 5
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(InputError, match="manifest was altered"):
        nr.learning.Labels.load(folder)
    (folder / "manifest.json").write_text("{")
    with pytest.raises(InputError, match="damaged"):
        nr.learning.Labels.load(folder)
    with pytest.raises(InputError, match="cannot be read"):
        nr.learning.Labels.load(tmp_path / "nowhere")
