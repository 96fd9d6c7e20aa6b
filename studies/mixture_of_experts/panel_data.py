"""Panels: priced rows of several instruments on several days, each with its regime."""

from pathlib import Path
from typing import Any, TypeAlias

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Array, Float, Int

from neuralrates.core.archive import read_archive, write_archive
from neuralrates.core.errors import InputError

KIND = "panel"
_ROWS = ("value", "baseline", "group", "regime", "day")

Anyone: TypeAlias = Array | np.ndarray


class Panel(eqx.Module):
    """What a network for many instruments learns from; raw units throughout.

    Args:
        x: points, one column per feature
        value: prices per unit notional, of options per unit of spot
        baseline: cheap analytic prices of the same rows
        gradient: derivatives of the value to every feature, zero where a feature does not act; or None
        group: number of each row's instrument
        regime: number of each row's regime
        day: days since 1970-01-01
        features: names of the columns
        groups: names of the instruments
        regimes: names of the regimes

    Example:
        >>> import numpy as np
        >>> from studies.mixture_of_experts.panel_data import Panel
        >>> one = np.zeros(2, dtype=np.int64)
        >>> panel = Panel(np.ones((2, 1)), np.ones(2), np.ones(2), None, one, one, one, ("rate",), ("bond",), ("calm",))
        >>> len(panel), len(panel.take([0])), panel.column("rate").tolist()
        (2, 1, [1.0, 1.0])
    """

    x: Float[Anyone, "samples inputs"]
    value: Float[Anyone, "samples"]
    baseline: Float[Anyone, "samples"]
    gradient: Float[Anyone, "samples inputs"] | None
    group: Int[Anyone, "samples"]
    regime: Int[Anyone, "samples"]
    day: Int[Anyone, "samples"]
    features: tuple[str, ...] = eqx.field(static=True)
    groups: tuple[str, ...] = eqx.field(static=True)
    regimes: tuple[str, ...] = eqx.field(static=True)

    def __check_init__(self) -> None:
        samples, inputs = self.x.shape
        if inputs != len(self.features):
            raise ValueError(
                f"Argument `features` must name {inputs} columns, but has {len(self.features)} names."
            )
        if self.gradient is not None and self.gradient.shape != (samples, inputs):
            raise ValueError(
                f"Argument `gradient` must have shape {(samples, inputs)}, but has {self.gradient.shape}."
            )
        for name in _ROWS:
            if getattr(self, name).shape != (samples,):
                raise ValueError(f"Argument `{name}` must have one element per row, {samples}.")

    def __len__(self) -> int:
        return self.x.shape[0]

    def take(self, rows: Any) -> "Panel":
        """The rows at the given positions (an index array, a list or a slice)."""
        chosen = np.asarray(rows) if isinstance(rows, list) else rows
        return jax.tree.map(lambda array: array[chosen], self)

    def column(self, feature: str) -> Anyone:
        """Values of one feature."""
        return self.x[:, self.features.index(feature)]

    @classmethod
    def concatenate(cls, parts: list["Panel"]) -> "Panel":
        """One panel out of several with the same names."""
        return jax.tree.map(lambda *arrays: np.concatenate(arrays), *parts)

    def check(self) -> "Panel":
        """This panel, if every number is finite and no regime and no instrument is empty.

        Raises:
            ValueError: naming the array, the regime or the instrument
        """
        for name in ("x", "value", "baseline", "gradient"):
            array = getattr(self, name)
            if array is not None and not np.isfinite(np.asarray(array)).all():
                raise ValueError(f"Argument `{name}` must be finite.")
        for names, numbers in ((self.regimes, self.regime), (self.groups, self.group)):
            empty = sorted(set(range(len(names))) - set(np.asarray(numbers).tolist()))
            if empty:
                raise ValueError(f"The panel has no row of {names[empty[0]]!r}.")
        return self

    def save(self, folder: str | Path) -> None:
        """Write to a folder, whole or not at all."""
        arrays = {name: getattr(self, name) for name in ("x", "gradient", *_ROWS)}
        names = {name: list(getattr(self, name)) for name in ("features", "groups", "regimes")}
        kept = {name: np.asarray(a) for name, a in arrays.items() if a is not None}
        write_archive(folder, kept, {"kind": KIND, "samples": len(self)} | names)

    @classmethod
    def load(cls, folder: str | Path) -> "Panel":
        """Read what `save` wrote; altered or cut files are refused."""
        arrays, record, _ = read_archive(folder, KIND)
        try:
            names = {name: tuple(record[name]) for name in ("features", "groups", "regimes")}
            return cls(gradient=arrays.pop("gradient", None), **arrays, **names)  # type: ignore[arg-type]
        except (KeyError, TypeError) as error:
            raise InputError(f"expected a panel, but {error}", file=folder) from None
