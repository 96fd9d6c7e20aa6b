"""Labels: points, values, differentials and how far the values can be trusted."""

from pathlib import Path
from typing import Any

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Array, Float

from neuralrates.core.archive import read_archive, write_archive
from neuralrates.core.checks import as_array, is_concrete, on_device
from neuralrates.core.doors import door
from neuralrates.core.errors import InputError
from neuralrates.core.types import ArrayLike, Key

KIND = "labels"


class Labels(eqx.Module):
    """What a surrogate learns from; raw units throughout.

    Args:
        x: points
        value: values at the points
        gradient: derivatives of every output to every input, or None
        error: standard error or numerical error of each value; zero where exact

    Example:
        >>> import neuralrates as nr
        >>> labels = nr.learning.Labels.from_arrays([[0.0], [1.0]], [0.0, 1.0], gradient=[[0.0], [2.0]])
        >>> labels.value.shape, labels.gradient.shape, len(labels)
        ((2, 1), (2, 1, 1), 2)
    """

    x: Float[Array, "samples inputs"]
    value: Float[Array, "samples outputs"]
    gradient: Float[Array, "samples outputs inputs"] | None
    error: Float[Array, "samples outputs"]

    @classmethod
    @door
    def from_arrays(
        cls,
        x: ArrayLike,
        value: ArrayLike,
        gradient: ArrayLike | None = None,
        error: ArrayLike | None = None,
    ) -> "Labels":
        """Labels from anyone's arrays.

        Args:
            x: points, shape (samples, inputs)
            value: values, shape (samples, outputs); (samples,) for one output
            gradient: derivatives, shape (samples, outputs, inputs); (samples, inputs) for one output
            error: errors of the values, shaped like them; zero when not given

        Returns:
            The labels in float64.

        Raises:
            ValueError: where shapes disagree or anything is not finite
        """
        points, values = as_array(x), _with_outputs(as_array(value), 2)
        given = np.zeros(values.shape) if error is None else error
        errors = _with_outputs(as_array(given), 2)
        slopes = None if gradient is None else _with_outputs(as_array(gradient), 3)
        _check("x", points, (None, None))
        samples, inputs = points.shape
        _check("value", values, (samples, None))
        _check("error", errors, values.shape)
        if slopes is not None:
            _check("gradient", slopes, (*values.shape, inputs))
        return cls(points, values, slopes, errors)

    @classmethod
    def concatenate(cls, parts: list["Labels"]) -> "Labels":
        """One set out of several of the same shape."""
        return jax.tree.map(lambda *arrays: on_device(np.concatenate(arrays)), *parts)

    def __len__(self) -> int:
        return self.x.shape[0]

    def take(self, chosen: Any) -> "Labels":
        """The samples at the given positions (an index array or a slice)."""
        if is_concrete(*jax.tree.leaves((self, chosen))):  # no program for every number of samples
            rows = chosen if isinstance(chosen, slice) else np.asarray(chosen)
            return jax.tree.map(lambda array: on_device(np.asarray(array)[rows]), self)
        return jax.tree.map(lambda array: array[chosen], self)

    def split(self, key: Key, fraction: float) -> tuple["Labels", "Labels"]:
        """Two disjoint random parts, neither empty, the second with about this fraction of the samples."""
        if not 0.0 < fraction < 1.0:
            raise ValueError(f"Argument `fraction` must lie between 0 and 1, but is {fraction}.")
        if len(self) < 2:
            raise ValueError(
                f"Labels of {len(self)} samples cannot be split in two; at least 2 are needed."
            )
        order = np.asarray(jax.random.permutation(key, len(self)))
        second = min(max(1, round(fraction * len(self))), len(self) - 1)
        return self.take(order[second:]), self.take(order[:second])

    def save(self, folder: str | Path) -> None:
        """Write to a folder, whole or not at all."""
        arrays = {"x": self.x, "value": self.value, "error": self.error}
        if self.gradient is not None:
            arrays["gradient"] = self.gradient
        record = {"kind": KIND, "samples": len(self)}
        write_archive(folder, {name: np.asarray(array) for name, array in arrays.items()}, record)

    @classmethod
    def load(cls, folder: str | Path) -> "Labels":
        """Read what `save` wrote; altered or cut files are refused."""
        arrays, _, _ = read_archive(folder, KIND)
        try:
            return cls.from_arrays(
                arrays["x"], arrays["value"], arrays.get("gradient"), arrays["error"]
            )
        except KeyError as error:
            raise InputError(f"expected an array {error} of labels", file=folder) from None
        except (TypeError, ValueError) as error:
            raise InputError(" ".join(str(error).split()), file=folder) from None


def _with_outputs(array: Array, rank: int) -> Array:
    """The array with an axis of one output put in after the samples where it has none."""
    return on_device(np.asarray(array)[:, None]) if array.ndim == rank - 1 else array


def _check(name: str, array: Array, shape: tuple[int | None, ...]) -> None:
    """Raise unless the shape fits (None fits any size) and every element is finite."""
    fits = array.ndim == len(shape) and all(
        wanted is None or size == wanted for size, wanted in zip(array.shape, shape, strict=True)
    )
    if not fits or 0 in array.shape:
        wanted = tuple("any" if size is None else size for size in shape)
        raise ValueError(
            f"Argument `{name}` must have shape {wanted} and no empty axis, but it has {array.shape}."
        )
    bad = ~np.isfinite(np.asarray(array)).reshape(array.shape[0], -1).all(axis=1)
    if bad.any():
        raise ValueError(
            f"Argument `{name}` must be finite, but it is not in {bad.sum()} of {bad.size} samples, "
            f"the first of them number {int(np.argmax(bad))}."
        )
