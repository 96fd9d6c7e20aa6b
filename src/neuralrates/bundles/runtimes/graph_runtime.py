"""A surrogate's graph at work: one row through buffers in place, many rows in parts that stay near the processor."""

import threading

import numpy as np

from neuralrates.bundles.runtimes.answers import Answers
from neuralrates.core.extras import extra

with extra("onnx"):
    import onnxruntime

_ROWS = 250
_TYPES = {"tensor(double)": np.float64, "tensor(bool)": np.bool_}


class GraphRuntime:
    """The graph in a bundle's file, in ONNX Runtime: as other languages run it.

    Args:
        graph: ONNX model with input `x` and outputs `value`, `jacobian` and `in_domain`
        num_threads: threads of one call
    """

    def __init__(self, graph: bytes, num_threads: int = 1) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = num_threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        providers = ["CPUExecutionProvider"]
        self._session = onnxruntime.InferenceSession(graph, options, providers=providers)
        self._lock = threading.Lock()
        self._row = np.zeros((1, self._session.get_inputs()[0].shape[1]))
        self._answers, self._binding = self._bound()

    def __call__(self, x: np.ndarray) -> Answers:
        """Value, derivatives and whether the point lies in the domain, of every row."""
        if len(x) == 1:
            return self._one(x)
        starts = range(0, max(len(x), 1), _ROWS)
        parts = [self._session.run(None, {"x": x[k : k + _ROWS]}) for k in starts]
        value, jacobian, inside = (
            parts[0] if len(parts) == 1 else map(np.concatenate, zip(*parts, strict=True))
        )
        return Answers(value[:, 0], jacobian[:, 0], inside)

    def _one(self, x: np.ndarray) -> Answers:
        """One row; other callers wait."""
        with self._lock:
            self._row[...] = x
            self._session.run_with_iobinding(self._binding)
            value, jacobian, inside = (answer.copy() for answer in self._answers)
        return Answers(value[0], jacobian[0], inside)

    def _bound(self) -> tuple[list[np.ndarray], "onnxruntime.IOBinding"]:
        """Buffers of one row's results, and the session bound to them."""
        binding, answers = self._session.io_binding(), []
        row = self._row
        binding.bind_input("x", "cpu", 0, np.float64, row.shape, row.ctypes.data)
        for output in self._session.get_outputs():
            buffer = np.zeros([1, *output.shape[1:]], _TYPES[output.type])
            answers.append(buffer)
            place = buffer.ctypes.data
            binding.bind_output(output.name, "cpu", 0, buffer.dtype.type, buffer.shape, place)
        return answers, binding
