"""Linear primitives on the host, at many points at once: to compile each shape of each would take minutes."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Parameters = Mapping[str, Any]
Map = Callable[..., Any]


def _slice(p: Parameters, x: np.ndarray) -> np.ndarray:
    strides = p["strides"] or (1,) * (x.ndim - 1)
    cuts = zip(p["start_indices"], p["limit_indices"], strides, strict=True)
    return x[(slice(None), *(slice(*cut) for cut in cuts))]


def _reshape(p: Parameters, x: np.ndarray) -> np.ndarray:
    """Into another shape, where `dimensions` says so from the axes in another order."""
    order = p.get("dimensions")
    turned = x if order is None else x.transpose(0, *(k + 1 for k in order))
    return turned.reshape(x.shape[0], *p["new_sizes"])


def _squeeze(p: Parameters, x: np.ndarray) -> np.ndarray:
    return x.squeeze(axis=tuple(k % (x.ndim - 1) + 1 for k in p["dimensions"]))


def _broadcast(p: Parameters, x: np.ndarray) -> np.ndarray:
    shape, places = p["shape"], p["broadcast_dimensions"]
    wide = [1] * len(shape)
    for k, place in enumerate(places):
        wide[place] = x.shape[k + 1]
    return np.broadcast_to(x.reshape(x.shape[0], *wide), (x.shape[0], *shape))


def _rev(p: Parameters, x: np.ndarray) -> np.ndarray:
    return np.flip(x, axis=tuple(k + 1 for k in p["dimensions"]))


def _transpose(p: Parameters, x: np.ndarray) -> np.ndarray:
    return x.transpose(0, *(k + 1 for k in p["permutation"]))


def _reduce_sum(p: Parameters, x: np.ndarray) -> np.ndarray:
    return x.sum(axis=tuple(k + 1 for k in p["axes"]))


def _cumsum(p: Parameters, x: np.ndarray) -> np.ndarray:
    axis = p["axis"] + 1
    if not p["reverse"]:
        return np.cumsum(x, axis=axis)
    return np.flip(np.cumsum(np.flip(x, axis), axis=axis), axis)


def _concatenate(p: Parameters, *x: np.ndarray) -> np.ndarray:
    return np.concatenate(x, axis=p["dimension"] + 1)


def _stack(p: Parameters, *x: np.ndarray) -> np.ndarray:
    return np.stack(x, axis=p.get("axis", 0) + 1)


def _pad(p: Parameters, x: np.ndarray, fill: np.ndarray) -> np.ndarray:
    sizes = [
        low + high + n + max(n - 1, 0) * within
        for n, (low, high, within) in zip(x.shape[1:], p["padding_config"], strict=True)
    ]
    ones = (1,) * len(sizes)
    padded = np.broadcast_to(fill.reshape(-1, *ones), (x.shape[0], *sizes)).copy()
    taken, put = [slice(None)], [slice(None)]
    for n, (low, _, within), size in zip(x.shape[1:], p["padding_config"], sizes, strict=True):
        places = low + np.arange(n) * (within + 1)
        inside = (places >= 0) & (places < size)
        if not inside.all() and not inside.any():
            return padded
        first, last = int(np.argmax(inside)), n - int(np.argmax(inside[::-1]))
        taken.append(slice(first, last))
        put.append(slice(int(places[first]), int(places[last - 1]) + 1, within + 1))
    padded[tuple(put)] = x[tuple(taken)]
    return padded


HOST_MAPS: Mapping[str, Map] = {
    "slice": _slice,
    "reshape": _reshape,
    "squeeze": _squeeze,
    "broadcast_in_dim": _broadcast,
    "rev": _rev,
    "transpose": _transpose,
    "reduce_sum": _reduce_sum,
    "cumsum": _cumsum,
    "concatenate": _concatenate,
    "stack": _stack,
    "pad": _pad,
}
