"""A bundle's graph at work, with the band and the guard of each point: in the kernel where it is compiled, else in NumPy."""

from functools import cached_property
from typing import NamedTuple

import numpy as np

from neuralrates.bundles.runtimes.answers import Answers
from neuralrates.bundles.runtimes.host.host_runtime import HostRuntime
from neuralrates.bundles.runtimes.host.onnx_file import read_model
from neuralrates.bundles.runtimes.machine.guard import guarded
from neuralrates.bundles.runtimes.machine.machine_runtime import MachineRuntime
from neuralrates.bundles.runtimes.machine.tracing import NotCompiledError
from neuralrates.certificates.served import Served
from neuralrates.core.native import kernel
from neuralrates.core.units import ROUNDING

_KERNEL = "neuralrates.bundles.runtimes.machine._kernel"


class Judged(NamedTuple):
    """What a graph says of many points, and what is served beside it.

    Args:
        value: of the target
        band: its half-width at 99 percent
        slopes: derivatives to every input
        inside: whether the point lies in the box and its constraints
        near: whether it lies near the distribution as well
    """

    value: np.ndarray
    band: np.ndarray
    slopes: np.ndarray
    inside: np.ndarray
    near: np.ndarray


class ServedGraph:
    """A surrogate's graph with band and guard; nothing else is needed, and nothing is started.

    Args:
        graph: ONNX model with input `x` and outputs `value`, `jacobian` and `in_domain`
        served: band and nearness of single points
        constant_band: where there is no local one

    Example:
        >>> import numpy as np
        >>> import neuralrates as nr
        >>> bundle = nr.bundles.load("bermudan")
        >>> judged = bundle.served.judged(np.array([bundle.certificate.outputs[0].worst_point]))
        >>> judged.slopes.shape, bool(judged.near[0])
        ((1, 10), True)
    """

    def __init__(self, graph: bytes, served: Served, constant_band: float) -> None:
        self._model = read_model(graph)
        self._served, self._constant_band = served, constant_band
        self._machine = self._in_the_kernel()

    def __call__(self, x: np.ndarray) -> Answers:
        """Value, derivatives and whether the point lies in the domain, of every row."""
        judged = self.judged(x)
        return Answers(judged.value, judged.slopes, judged.inside)

    def judged(self, x: np.ndarray) -> Judged:
        """All that is said of many points.

        Args:
            x: doubles, one row a point, contiguous
        """
        if self._machine is not None:
            try:
                return self._by_machine(self._machine, x)
            except NotCompiledError:
                self._machine = None
        return self._by_numpy(x)

    def _by_machine(self, machine: MachineRuntime, x: np.ndarray) -> Judged:
        rows = len(x)
        value, slopes, inside = np.empty(rows), np.empty(x.shape), np.empty(rows, np.bool_)
        near = inside
        outputs: tuple[np.ndarray, ...] = (value, slopes, inside)
        if self._served.nearness is not None:
            near = np.empty(rows, np.bool_)
            outputs += (near,)
        if self._served.band is None:
            band = np.full(rows, self._constant_band + ROUNDING)
        else:
            band = np.empty(rows)
            outputs += (band,)
        machine(x, outputs)
        return Judged(value, band, slopes, inside, near)

    def _by_numpy(self, x: np.ndarray) -> Judged:
        value, slopes, inside = self._host(x)
        near = inside & self._served.near(x)
        return Judged(value, self._served.bands(x, self._constant_band), slopes, inside, near)

    @cached_property
    def _host(self) -> HostRuntime:
        return HostRuntime(self._model)

    def _in_the_kernel(self) -> MachineRuntime | None:
        compiled = kernel(_KERNEL)
        if compiled is None or len(self._model.inputs) != 1:
            return None
        (inputs,) = self._model.inputs.values()
        model = guarded(self._model, self._served)
        return MachineRuntime(compiled, model, (1, inputs, 1, 1, 1)[: len(model.outputs)])
